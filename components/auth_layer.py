"""Sign-in: the user pool and its client, and the functions that issue and check tokens."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from lambdas.runtime.caller import DELETE_SCOPE, MAILERS, STAFF

from .blocks.account import Account
from .blocks.addresses import Addresses
from .blocks.mail_sender import PoolMail
from .blocks.python_function import FunctionAddress, FunctionPlatform, PythonFunction
from .functions import FunctionArgs, make_functions

if TYPE_CHECKING:
    from .blocks.iam import Grant


class AuthLayerArgs(TypedDict):
    """Inputs of `AuthLayer`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the functions."""

    prefix: str
    """Prefix of the hosted pages' domain, e.g. `cafe-dev`."""

    callback_urls: Sequence[pulumi.Input[str]]
    """URLs that the hosted pages redirect to after sign-in and sign-out."""

    access_token_minutes: int
    """Lifetime of access and ID tokens in minutes, 5 to 1,440."""

    refresh_token_days: int
    """Lifetime of refresh tokens in days, 1 to 3,650."""

    advanced_security: str
    """Whether Cognito records suspicious sign-ins: `AUDIT`, or `OFF`, which is free. `ENFORCED` would judge sign-ins
    through the API by the function's address, because a client without a secret cannot pass on the user's."""

    mail: NotRequired[PoolMail | None]
    """The sender of the pool's mail. Default: Cognito's own, which sends about 50 a day."""

    cafe_table_name: NotRequired[pulumi.Input[str]]
    """Name of the café's table, e.g. from `EventPipeline`, with the displays and the limits of guests. Default: none,
    without displays and guests."""

    cafe_table_arn: NotRequired[pulumi.Input[str]]
    """ARN of that table. Default: none."""

    guest_orders: NotRequired[bool]
    """Whether guests can order without an account, which requires the café's table. Default: false."""

    guest_minutes: NotRequired[int]
    """Lifetime of a guest's token in minutes, 30 to 1,440. Default: 720."""

    origin_key: NotRequired[pulumi.Input[str]]
    """Value of the header `x-origin-key` by which the API recognizes requests from a CDN, whose `X-Forwarded-For` has
    the client's address. Default: none; the address is that of the connection."""

    live_authorizer_name: NotRequired[pulumi.Input[str]]
    """Name of the function that authorizes subscribers of live updates. Default: none; there is no such function."""

    emulator_url: NotRequired[str]
    """URL of an emulator that replaces AWS, as `http://HOST:PORT`. Default: none (AWS)."""

    protect: NotRequired[bool]
    """Whether to protect the user pool, with all accounts, from deletion. Default: false."""


class AuthLayer(pulumi.ComponentResource):
    """User pool, app client, hosted pages, and the functions that issue and check tokens."""

    user_pool_id: pulumi.Output[str]
    """ID of the user pool, `<region>_<letters>`."""
    user_pool_endpoint: pulumi.Output[str]
    """Token issuer of the user pool, without `https://`."""
    client_id: pulumi.Output[str]
    """ID of the app client, which has no secret."""
    domain: pulumi.Output[str]
    """Prefix of the hosted pages' domain."""
    authenticate_address: FunctionAddress
    """The function for `POST /authenticate`, as an input for `OrdersApi`."""
    authorize_address: FunctionAddress
    """The TOKEN authorizer, as an input for `OrdersApi`."""

    def __init__(self, name: str, args: AuthLayerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:AuthLayer", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        pool = self._user_pool()
        self.user_pool_id, self.user_pool_endpoint = pool.id, pool.endpoint
        client = self._client(pool)
        self.client_id = client.id
        domain = aws.cognito.UserPoolDomain(
            f"{name}-domain",
            domain=hosted_domain(args["prefix"], self),
            user_pool_id=pool.id,
            # A user pool can have only one domain prefix.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.domain = domain.domain
        for group, description in {STAFF: "Staff", MAILERS: "Users whose invoices the cafe mails"}.items():
            aws.cognito.UserGroup(
                f"{name}-{group}", name=group, user_pool_id=pool.id, description=description, opts=self._child
            )
        addresses = Addresses(Account(self), args.get("emulator_url", ""))
        self.functions: dict[str, PythonFunction] = make_functions(
            name, args["platform"], self._function_args(pool, client, addresses), self._child
        )
        """All functions, by module."""
        self.authenticate_address = self.functions["authenticate"].address
        self.authorize_address = self.functions["authorize"].address
        self.outputs: dict[str, pulumi.Output[str]] = {
            "userPoolId": self.user_pool_id,
            "userPoolClientId": self.client_id,
            "userPoolDomain": self.domain,
            "hostedPagesUrl": addresses.hosted_pages(domain.domain),
            "authenticateLambda": self.functions["authenticate"].name,
            "authorizerLambda": self.functions["authorize"].name,
        }
        """Stack outputs."""
        self.register_outputs({"user_pool_id": self.user_pool_id, "client_id": self.client_id})

    def _function_args(
        self, pool: aws.cognito.UserPool, client: aws.cognito.UserPoolClient, addresses: Addresses
    ) -> dict[str, FunctionArgs]:
        verifies: dict[str, pulumi.Input[str]] = {
            "USER_POOL_CLIENT_ID": client.id,
            "TOKEN_ISSUER": pulumi.Output.concat("https://", pool.endpoint),
            "JWKS_URL": addresses.key_set(pool.endpoint),
        }
        grants: list[Grant] = []
        guests: FunctionArgs = {"description": "Issues tokens to guests", "synchronous": True}
        if "cafe_table_name" in self._args and "cafe_table_arn" in self._args:
            verifies["CAFE_TABLE"] = self._args["cafe_table_name"]
            grants.append({"actions": ["dynamodb:GetItem"], "resources": [self._args["cafe_table_arn"]]})
            if self._args.get("guest_orders"):
                key = self._guest_key()
                verifies["GUEST_KEY"] = key.key_id
                grants.append({"actions": ["kms:GetPublicKey"], "resources": [key.arn]})
                guests = self._guests(guests, key)
        functions: dict[str, FunctionArgs] = {
            "authenticate": {
                "description": "Signs a user in",
                "environment": {"USER_POOL_CLIENT_ID": client.id},
                "synchronous": True,
            },
            "authorize": {
                "description": "Checks a token and returns its policy",
                "environment": verifies,
                "grants": grants,
                "synchronous": True,
            },
            "create_guest": guests,
        }
        if live := self._args.get("live_authorizer_name"):
            # Not synchronous: no page waits for it, so no capacity is provisioned.
            functions["authorize_live"] = {
                "description": "Checks who may subscribe to live updates",
                "function_name": live,
                "environment": verifies,
                "grants": grants,
            }
        return functions

    def _guest_key(self) -> aws.kms.Key:
        """The key pair of the guests' tokens. Its ID is the tokens' key ID."""
        return aws.kms.Key(
            f"{self._name}-guests",
            description="Signs the tokens of guests",
            key_usage="SIGN_VERIFY",
            customer_master_key_spec="ECC_NIST_P256",
            opts=self._child,
        )

    def _guests(self, function: FunctionArgs, key: aws.kms.Key) -> FunctionArgs:
        """The function that issues tokens, with the only permission to sign with this key."""
        args = self._args
        key_of_cdn = args.get("origin_key", "")
        return {
            **function,
            "environment": {
                "GUEST_KEY": key.key_id,
                "GUEST_MINUTES": str(int(args.get("guest_minutes", 720))),
                "CAFE_TABLE": args["cafe_table_name"],
                # Its digest: the function's settings reveal nothing.
                "ORIGIN_KEY_SHA256": pulumi.Output.unsecret(pulumi.Output.from_input(key_of_cdn).apply(_sha256)),
            },
            "grants": [
                {"actions": ["kms:Sign", "kms:GetPublicKey"], "resources": [key.arn]},
                {"actions": ["dynamodb:UpdateItem"], "resources": [args["cafe_table_arn"]]},
            ],
        }

    def _user_pool(self) -> aws.cognito.UserPool:
        """A pool of users who sign in with a verified email address and an optional second factor."""
        args = self._args
        protect = args.get("protect", False)
        return aws.cognito.UserPool(
            f"{self._name}-users",
            username_attributes=["email"],
            auto_verified_attributes=["email"],
            username_configuration={"case_sensitive": False},
            # Anyone may sign up; an administrator adds staff to the group.
            admin_create_user_config={"allow_admin_create_user_only": False},
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
            # Only the more expensive tier has advanced security.
            user_pool_tier="ESSENTIALS" if args["advanced_security"] == "OFF" else "PLUS",
            user_pool_add_ons={"advanced_security_mode": args["advanced_security"]},
            email_configuration=self._mail(),
            deletion_protection="ACTIVE" if protect else "INACTIVE",
            opts=pulumi.ResourceOptions(parent=self, protect=protect),
        )

    def _mail(self) -> aws.cognito.UserPoolEmailConfigurationArgsDict | None:
        """The sender of verification and recovery mail. Cognito's own address would let anyone exhaust the few emails
        a day (Cognito developer guide, "Email settings for Amazon Cognito user pools")."""
        args = self._args
        mail = args.get("mail")
        if mail is None:
            return None
        return {
            "email_sending_account": "DEVELOPER",
            "from_email_address": mail["address"],
            "source_arn": mail["identity_arn"],
        }

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
            # The scope must exist before a client can request it.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[server]),
        )


def hosted_domain(prefix: str, parent: pulumi.Resource | None = None) -> pulumi.Output[str]:
    """A unique prefix for the hosted pages' domain, with a digest of the account ID that does not reveal it."""
    return Account(parent).id.apply(lambda number: f"{prefix}-{_sha256(number)[:8]}")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
