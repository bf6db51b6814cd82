"""Cognito user pools and identity pools."""

from ops.emulator_client import Aws

from .registry import Created, Planned, creates, pascal


@creates("aws:cognito/userPool:UserPool")
def user_pool(aws: Aws, planned: Planned) -> Created:
    """Create a user pool with its password policy and MFA settings."""
    inputs, client = planned.inputs, aws.client("cognito-idp")
    name = planned.physical_name()
    settings = {
        "UsernameAttributes": inputs.get("usernameAttributes"),
        "AutoVerifiedAttributes": inputs.get("autoVerifiedAttributes"),
        "UsernameConfiguration": pascal(inputs.get("usernameConfiguration")),
        "AccountRecoverySetting": pascal(inputs.get("accountRecoverySetting")),
        "AdminCreateUserConfig": pascal(inputs.get("adminCreateUserConfig")),
        "DeletionProtection": inputs.get("deletionProtection"),
        "UserPoolAddOns": pascal(inputs.get("userPoolAddOns")),
        "UserPoolTier": inputs.get("userPoolTier"),
    }
    if policy := inputs.get("passwordPolicy"):
        settings["Policies"] = {"PasswordPolicy": pascal(policy)}
    pool = client.create_user_pool(
        PoolName=name, **{key: value for key, value in settings.items() if value is not None}
    )["UserPool"]
    if mfa := inputs.get("mfaConfiguration"):
        token = pascal(inputs.get("softwareTokenMfaConfiguration") or {"enabled": False})
        client.set_user_pool_mfa_config(
            UserPoolId=pool["Id"], MfaConfiguration=mfa, SoftwareTokenMfaConfiguration=token
        )
    endpoint = f"cognito-idp.{aws.region}.amazonaws.com/{pool['Id']}"
    return Created(pool["Id"], {"name": name, "arn": pool["Arn"], "endpoint": endpoint})


@creates("aws:cognito/userPoolClient:UserPoolClient")
def user_pool_client(aws: Aws, planned: Planned) -> Created:
    """Create an app client of a user pool."""
    inputs = planned.inputs
    name = planned.physical_name()
    optional = inputs.only(
        generateSecret="GenerateSecret",
        explicitAuthFlows="ExplicitAuthFlows",
        supportedIdentityProviders="SupportedIdentityProviders",
        allowedOauthFlowsUserPoolClient="AllowedOAuthFlowsUserPoolClient",
        allowedOauthFlows="AllowedOAuthFlows",
        allowedOauthScopes="AllowedOAuthScopes",
        callbackUrls="CallbackURLs",
        logoutUrls="LogoutURLs",
        accessTokenValidity="AccessTokenValidity",
        idTokenValidity="IdTokenValidity",
        refreshTokenValidity="RefreshTokenValidity",
        preventUserExistenceErrors="PreventUserExistenceErrors",
        enableTokenRevocation="EnableTokenRevocation",
    )
    if units := inputs.get("tokenValidityUnits"):
        optional["TokenValidityUnits"] = pascal(units)
    client = aws.client("cognito-idp").create_user_pool_client(
        UserPoolId=inputs["userPoolId"], ClientName=name, **optional
    )["UserPoolClient"]
    return Created(client["ClientId"], {"name": name, "clientSecret": client.get("ClientSecret", "")})


@creates("aws:cognito/userPoolDomain:UserPoolDomain")
def user_pool_domain(aws: Aws, planned: Planned) -> Created:
    """Create the domain of the hosted sign-in pages."""
    domain = planned.inputs["domain"]
    aws.client("cognito-idp").create_user_pool_domain(Domain=domain, UserPoolId=planned.inputs["userPoolId"])
    return Created(domain, {})


@creates("aws:cognito/resourceServer:ResourceServer")
def resource_server(aws: Aws, planned: Planned) -> Created:
    """Create a resource server: an API and its scopes."""
    inputs = planned.inputs
    aws.client("cognito-idp").create_resource_server(
        UserPoolId=inputs["userPoolId"],
        Identifier=inputs["identifier"],
        Name=planned.physical_name(),
        Scopes=pascal(inputs.get("scopes", [])),
    )
    identifiers = [f"{inputs['identifier']}/{scope['scopeName']}" for scope in inputs.get("scopes", [])]
    return Created(f"{inputs['userPoolId']}|{inputs['identifier']}", {"scopeIdentifiers": identifiers})


@creates("aws:cognito/userGroup:UserGroup")
def user_group(aws: Aws, planned: Planned) -> Created:
    """Create a user group."""
    name, pool = planned.physical_name(), planned.inputs["userPoolId"]
    aws.client("cognito-idp").create_group(
        GroupName=name, UserPoolId=pool, **planned.inputs.only(description="Description")
    )
    return Created(f"{pool}/{name}", {"name": name})


@creates("aws:cognito/identityPool:IdentityPool")
def identity_pool(aws: Aws, planned: Planned) -> Created:
    """Create an identity pool with its identity providers."""
    inputs = planned.inputs
    pool = aws.client("cognito-identity").create_identity_pool(
        IdentityPoolName=inputs["identityPoolName"],
        AllowUnauthenticatedIdentities=inputs.get("allowUnauthenticatedIdentities", False),
        CognitoIdentityProviders=pascal(inputs.get("cognitoIdentityProviders", [])),
    )
    return Created(
        pool["IdentityPoolId"], {"arn": aws.arn("cognito-identity", f"identitypool/{pool['IdentityPoolId']}")}
    )


@creates("aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment")
def identity_pool_roles(aws: Aws, planned: Planned) -> Created:
    """Set the roles of an identity pool's users."""
    pool = planned.inputs["identityPoolId"]
    aws.client("cognito-identity").set_identity_pool_roles(IdentityPoolId=pool, Roles=planned.inputs["roles"])
    return Created(pool, {})
