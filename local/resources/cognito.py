"""Cognito user pools."""

from collections.abc import Set
from typing import Any

from ..emulator_client import Aws
from .provider import Created, Existing, Inputs, Provider, pascal, provides


@provides("aws:cognito/userPool:UserPool")
class UserPool(Provider):
    """A user pool with its password policy and MFA settings."""

    name = "name"
    replace_on = frozenset({"name", "usernameAttributes", "usernameConfiguration"})
    holds_data = True

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        fixed = {
            "UsernameAttributes": inputs.get("usernameAttributes"),
            "UsernameConfiguration": pascal(inputs.get("usernameConfiguration")),
        }
        pool = aws.client("cognito-idp").create_user_pool(
            PoolName=inputs["name"], **_without_none(fixed), **_pool_settings(inputs)
        )["UserPool"]
        endpoint = f"cognito-idp.{aws.region}.amazonaws.com/{pool['Id']}"
        return Created(pool["Id"], {"arn": pool["Arn"], "endpoint": endpoint})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        # Cognito resets what is not sent, also multi-factor authentication; the emulator keeps it.
        settings = {**POOL_DEFAULTS, **_pool_settings(inputs)}
        mfa = inputs.get("mfaConfiguration") or "OFF"
        aws.client("cognito-idp").update_user_pool(UserPoolId=existing.id, MfaConfiguration=mfa, **settings)
        return {}

    def configure(self, aws: Aws, id: str, inputs: Inputs) -> None:
        aws.client("cognito-idp").set_user_pool_mfa_config(
            UserPoolId=id,
            MfaConfiguration=inputs.get("mfaConfiguration") or "OFF",
            SoftwareTokenMfaConfiguration=pascal(inputs.get("softwareTokenMfaConfiguration") or {"enabled": False}),
        )

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("cognito-idp").delete_user_pool(UserPoolId=existing.id)

    def has_data(self, aws: Aws, existing: Existing) -> bool:
        return bool(aws.client("cognito-idp").list_users(UserPoolId=existing.id, Limit=1)["Users"])


POOL_DEFAULTS: dict[str, Any] = {
    "AutoVerifiedAttributes": [],
    "DeletionProtection": "INACTIVE",
    "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 8,
            "RequireUppercase": True,
            "RequireLowercase": True,
            "RequireNumbers": True,
            "RequireSymbols": True,
            "TemporaryPasswordValidityDays": 7,
        }
    },
    "UserPoolAddOns": {"AdvancedSecurityMode": "OFF"},
}
"""Settings of a pool that was created without them (Cognito API reference, CreateUserPool)."""


def _pool_settings(inputs: Inputs) -> dict[str, Any]:
    mail = inputs.get("emailConfiguration") or {}
    settings = {
        "AutoVerifiedAttributes": inputs.get("autoVerifiedAttributes"),
        "AccountRecoverySetting": pascal(inputs.get("accountRecoverySetting")),
        "AdminCreateUserConfig": pascal(inputs.get("adminCreateUserConfig")),
        "DeletionProtection": inputs.get("deletionProtection"),
        "EmailConfiguration": pascal({("from" if k == "fromEmailAddress" else k): v for k, v in mail.items()}) or None,
        "UserPoolAddOns": pascal(inputs.get("userPoolAddOns")),
        "UserPoolTier": inputs.get("userPoolTier"),
    }
    if policy := inputs.get("passwordPolicy"):
        settings["Policies"] = {"PasswordPolicy": pascal(policy)}
    return _without_none(settings)


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


@provides("aws:cognito/userPoolClient:UserPoolClient")
class UserPoolClient(Provider):
    """An app client of a user pool."""

    name = "name"
    replace_on = frozenset({"userPoolId", "generateSecret"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        client = aws.client("cognito-idp").create_user_pool_client(
            UserPoolId=inputs["userPoolId"], **inputs.only(generateSecret="GenerateSecret"), **_client_settings(inputs)
        )["UserPoolClient"]
        return Created(client["ClientId"], {"clientSecret": client.get("ClientSecret", "")})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        # Cognito resets what is not sent; the emulator keeps it.
        settings = {**CLIENT_DEFAULTS, **_client_settings(inputs)}
        aws.client("cognito-idp").update_user_pool_client(
            UserPoolId=inputs["userPoolId"], ClientId=existing.id, **settings
        )
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("cognito-idp").delete_user_pool_client(
            UserPoolId=existing.inputs["userPoolId"], ClientId=existing.id
        )


CLIENT_DEFAULTS: dict[str, Any] = {
    "ExplicitAuthFlows": [],
    "SupportedIdentityProviders": [],
    "AllowedOAuthFlowsUserPoolClient": False,
    "AllowedOAuthFlows": [],
    "AllowedOAuthScopes": [],
    "CallbackURLs": [],
    "LogoutURLs": [],
    "RefreshTokenValidity": 30,
}
"""Settings of a client that was created without them (Cognito API reference, CreateUserPoolClient)."""


def _client_settings(inputs: Inputs) -> dict[str, Any]:
    settings = inputs.only(
        name="ClientName",
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
        settings["TokenValidityUnits"] = pascal(units)
    return settings


@provides("aws:cognito/userPoolDomain:UserPoolDomain")
class UserPoolDomain(Provider):
    """The domain of the hosted sign-in pages."""

    immutable = True

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        domain = inputs["domain"]
        aws.client("cognito-idp").create_user_pool_domain(Domain=domain, UserPoolId=inputs["userPoolId"])
        return Created(domain, {})

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("cognito-idp").delete_user_pool_domain(Domain=existing.id, UserPoolId=existing.inputs["userPoolId"])


@provides("aws:cognito/resourceServer:ResourceServer")
class ResourceServer(Provider):
    """A resource server: an API and its scopes."""

    name = "name"
    replace_on = frozenset({"userPoolId", "identifier"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        aws.client("cognito-idp").create_resource_server(**_server(inputs))
        return Created(f"{inputs['userPoolId']}|{inputs['identifier']}", _scopes(inputs))

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        aws.client("cognito-idp").update_resource_server(**_server(inputs))
        return _scopes(inputs)

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("cognito-idp").delete_resource_server(
            UserPoolId=existing.inputs["userPoolId"], Identifier=existing.inputs["identifier"]
        )

    def outputs_changed_by(self, inputs: Set[str]) -> Set[str]:
        return {"scopeIdentifiers"} if "scopes" in inputs else frozenset()


def _server(inputs: Inputs) -> dict[str, Any]:
    return {
        "UserPoolId": inputs["userPoolId"],
        "Identifier": inputs["identifier"],
        "Name": inputs["name"],
        "Scopes": pascal(inputs.get("scopes", [])),
    }


def _scopes(inputs: Inputs) -> dict[str, Any]:
    scopes = inputs.get("scopes", [])
    return {"scopeIdentifiers": [f"{inputs['identifier']}/{scope['scopeName']}" for scope in scopes]}


@provides("aws:cognito/userGroup:UserGroup")
class UserGroup(Provider):
    """A user group."""

    name = "name"
    replace_on = frozenset({"name", "userPoolId"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        aws.client("cognito-idp").create_group(**_group(inputs))
        return Created(f"{inputs['userPoolId']}/{inputs['name']}", {})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        aws.client("cognito-idp").update_group(**_group(inputs))
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("cognito-idp").delete_group(
            GroupName=existing.inputs["name"], UserPoolId=existing.inputs["userPoolId"]
        )


def _group(inputs: Inputs) -> dict[str, Any]:
    return {
        "GroupName": inputs["name"],
        "UserPoolId": inputs["userPoolId"],
        "Description": inputs.get("description") or "",
    }
