"""Sign-in: the user pool and its client, the functions that issue and check tokens, and the permissions boundary."""

import hashlib
from collections.abc import Sequence
from typing import TypedDict

import pulumi
import pulumi_aws as aws

from components.addresses import Addresses
from components.permissions_boundary import PermissionsBoundary
from components.python_function import FunctionPlatform, PythonFunction
from lambdas.orders.access import DELETE_SCOPE, STAFF


class AuthLayerArgs(TypedDict):
    """Inputs of `AuthLayer`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the functions."""

    addresses: Addresses
    """Where the pool's keys are found."""

    prefix: str
    """What the names of everything in this stack begin with: the boundary goes by it."""

    callback_urls: Sequence[pulumi.Input[str]]
    """Where the hosted pages send the user back to, after signing in and after signing out."""

    access_token_minutes: int
    """Life of access and id tokens, 5 to 1,440."""

    refresh_token_days: int
    """Life of refresh tokens, 1 to 3,650."""


class AuthLayer(pulumi.ComponentResource):
    """Who people are, and the most that any role may do."""

    boundary_arn: pulumi.Output[str]
    """ARN of the permissions boundary that stands on every role."""
    user_pool_id: pulumi.Output[str]
    client_id: pulumi.Output[str]
    """Id of the app client; it has no secret."""
    domain: pulumi.Output[str]
    """Prefix of the hosted pages' domain."""
    authenticate: PythonFunction
    authorize: PythonFunction

    def __init__(self, name: str, args: AuthLayerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:aws:AuthLayer", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        self.boundary_arn = PermissionsBoundary(f"{name}-boundary", {"prefix": args["prefix"]}, self._child).arn
        pool = user_pool(f"{name}-users", self._child)
        self.user_pool_id = pool.id
        client = self._client(pool)
        self.client_id = client.id
        self.domain = self._domain(pool)
        aws.cognito.UserGroup(
            f"{name}-staff", name=STAFF, user_pool_id=pool.id, description="Works here", opts=self._child
        )
        self.authenticate = self._function("authenticate", "Signs a user in", {"USER_POOL_CLIENT_ID": client.id})
        self.authorize = self._function(
            "authorize",
            "Checks a token and says what it opens",
            {
                "USER_POOL_CLIENT_ID": client.id,
                "TOKEN_ISSUER": pulumi.Output.concat("https://", pool.endpoint),
                "JWKS_URL": args["addresses"].key_set(pool.endpoint),
            },
        )
        self.register_outputs({"user_pool_id": self.user_pool_id, "client_id": self.client_id})

    def _client(self, pool: aws.cognito.UserPool) -> aws.cognito.UserPoolClient:
        args = self._args
        identifier, _, scope = DELETE_SCOPE.partition("/")
        server = aws.cognito.ResourceServer(
            f"{self._name}-order-api",
            identifier=identifier,
            name="Orders API",
            user_pool_id=pool.id,
            scopes=[{"scope_name": scope, "scope_description": "Delete orders"}],
            opts=self._child,
        )
        return aws.cognito.UserPoolClient(
            f"{self._name}-web",
            user_pool_id=pool.id,
            generate_secret=False,
            explicit_auth_flows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            supported_identity_providers=["COGNITO"],
            allowed_oauth_flows_user_pool_client=True,
            allowed_oauth_flows=["code"],
            allowed_oauth_scopes=["openid", "email", "profile", DELETE_SCOPE],
            callback_urls=list(args["callback_urls"]),
            logout_urls=list(args["callback_urls"]),
            access_token_validity=args["access_token_minutes"],
            id_token_validity=args["access_token_minutes"],
            refresh_token_validity=args["refresh_token_days"],
            token_validity_units={"access_token": "minutes", "id_token": "minutes", "refresh_token": "days"},
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            # The scope has to be there before a client may ask for it.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[server]),
        )

    def _domain(self, pool: aws.cognito.UserPool) -> pulumi.Output[str]:
        """A prefix that nobody else in the region has: a digest of the account makes it so, and does not tell it."""
        account = aws.get_caller_identity_output().account_id
        suffix = account.apply(lambda number: hashlib.sha256(number.encode()).hexdigest()[:8])
        domain = aws.cognito.UserPoolDomain(
            f"{self._name}-domain",
            domain=pulumi.Output.concat(self._args["prefix"], "-", suffix),
            user_pool_id=pool.id,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        return domain.domain

    def _function(self, module: str, description: str, environment: dict[str, pulumi.Input[str]]) -> PythonFunction:
        return PythonFunction(
            f"{self._name}-{module}",
            {
                "platform": self._args["platform"],
                "boundary_arn": self.boundary_arn,
                "module": module,
                "description": description,
                "environment": environment,
            },
            self._child,
        )


def user_pool(name: str, opts: pulumi.ResourceOptions) -> aws.cognito.UserPool:
    """People who sign in with their verified e-mail address, and with a second factor if they like."""
    return aws.cognito.UserPool(
        name,
        username_attributes=["email"],
        auto_verified_attributes=["email"],
        username_configuration={"case_sensitive": False},
        password_policy={
            "minimum_length": 12,
            "require_lowercase": True,
            "require_uppercase": True,
            "require_numbers": True,
            "require_symbols": True,
            "temporary_password_validity_days": 7,
        },
        mfa_configuration="OPTIONAL",
        software_token_mfa_configuration={"enabled": True},
        account_recovery_setting={"recovery_mechanisms": [{"name": "verified_email", "priority": 1}]},
        opts=opts,
    )
