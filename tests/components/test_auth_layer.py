"""Sign-in: the user pool, its client and its domain."""

import re

import pulumi_aws as aws
import pytest

from lambdas.runtime.caller import DELETE_SCOPE, MAILERS, STAFF
from tests.components.recorder import ACCOUNT, Recorded, Recording, record_stack, recorded_stack


def test_passwords(cafe: Recording) -> None:
    policy = cafe.one(aws.cognito.UserPool)["passwordPolicy"]

    assert policy["minimumLength"] == 12
    assert [policy[f"require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols")] == [True] * 4


def test_users_sign_in_with_a_verified_email_address(cafe: Recording) -> None:
    pool = cafe.one(aws.cognito.UserPool)

    assert (pool["usernameAttributes"], pool["autoVerifiedAttributes"]) == (["email"], ["email"])
    # Ann@example.com and ann@example.com are the same user.
    assert pool["usernameConfiguration"] == {"caseSensitive": False}


def test_mfa_is_optional_and_does_not_use_text_messages(cafe: Recording) -> None:
    pool = cafe.one(aws.cognito.UserPool)

    assert pool["mfaConfiguration"] == "OPTIONAL"
    assert pool["softwareTokenMfaConfiguration"] == {"enabled": True}
    assert "smsConfiguration" not in pool.inputs


def test_staff_and_those_they_approve_are_groups(cafe: Recording) -> None:
    groups = cafe.of(aws.cognito.UserGroup)

    assert {group["name"] for group in groups} == {STAFF, MAILERS}
    assert {group["userPoolId"] for group in groups} == {cafe.one(aws.cognito.UserPool).id}


def test_the_pool_mails_from_the_configured_address(configured: Recording, dev: Recording) -> None:
    """Cognito's own address would stop at about 50 emails a day."""
    identity = configured.one(aws.sesv2.EmailIdentity)

    assert configured.one(aws.cognito.UserPool)["emailConfiguration"] == {
        "emailSendingAccount": "DEVELOPER",
        "fromEmailAddress": identity["emailIdentity"],
        "sourceArn": identity.arn,
    }
    assert "emailConfiguration" not in dev.one(aws.cognito.UserPool).inputs


def test_the_client_has_no_secret_and_uses_the_code_flow(cafe: Recording) -> None:
    client = cafe.one(aws.cognito.UserPoolClient)

    assert client["generateSecret"] is False
    assert client["allowedOauthFlows"] == ["code"]
    assert client["allowedOauthFlowsUserPoolClient"] is True
    assert set(client["explicitAuthFlows"]) == {"ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
    assert client["userPoolId"] == cafe.one(aws.cognito.UserPool).id


def test_the_client_does_not_reveal_who_has_an_account(cafe: Recording) -> None:
    client = cafe.one(aws.cognito.UserPoolClient)

    assert client["preventUserExistenceErrors"] == "ENABLED"
    assert client["enableTokenRevocation"] is True


def test_the_scope_for_deleting(cafe: Recording) -> None:
    server = cafe.one(aws.cognito.ResourceServer)
    client = cafe.one(aws.cognito.UserPoolClient)
    (scope,) = server["scopes"]

    assert f"{server['identifier']}/{scope['scopeName']}" == DELETE_SCOPE == "order-api/delete_order"
    assert DELETE_SCOPE in client["allowedOauthScopes"]
    # Cognito rejects a client with a scope that does not exist yet.
    assert server in list(cafe.dependencies_of(client))


def test_the_client_cannot_manage_accounts(cafe: Recording) -> None:
    assert "aws.cognito.signin.user.admin" not in cafe.one(aws.cognito.UserPoolClient)["allowedOauthScopes"]


def test_the_hosted_pages_redirect_to_the_site(cafe: Recording) -> None:
    client = cafe.one(aws.cognito.UserPoolClient)

    assert client["callbackUrls"] == client["logoutUrls"] == [cafe.outputs["webappUrl"]]


def test_callback_urls_come_from_the_config(configured: Recording) -> None:
    urls = configured.one(aws.cognito.UserPoolClient)["callbackUrls"]

    assert urls == [configured.outputs["webappUrl"], "http://localhost:5173/", "https://cafe.example/"]


def test_token_lifetimes(dev: Recording) -> None:
    client = dev.one(aws.cognito.UserPoolClient)

    assert client["tokenValidityUnits"] == {"accessToken": "minutes", "idToken": "minutes", "refreshToken": "days"}
    lifetimes = [client[f"{token}TokenValidity"] for token in ("access", "id", "refresh")]
    assert lifetimes == [60, 60, 30]


def test_token_lifetimes_come_from_the_config(configured: Recording) -> None:
    client = configured.one(aws.cognito.UserPoolClient)

    assert [client[f"{token}TokenValidity"] for token in ("access", "id", "refresh")] == [5, 5, 1]


def test_the_domain_is_valid_and_does_not_reveal_the_account(cafe: Recording) -> None:
    domain = cafe.one(aws.cognito.UserPoolDomain)["domain"]

    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", domain)
    assert not [word for word in ("aws", "amazon", "cognito", ACCOUNT) if word in domain]


def test_two_stacks_have_two_domains(dev: Recording, local: Recording) -> None:
    assert dev.outputs["userPoolDomain"] != local.outputs["userPoolDomain"]


def test_anyone_can_sign_up_and_verifies_the_address(cafe: Recording) -> None:
    pool = cafe.one(aws.cognito.UserPool)

    assert pool["adminCreateUserConfig"] == {"allowAdminCreateUserOnly": False}
    assert pool["autoVerifiedAttributes"] == ["email"]


def test_a_lost_password_is_recovered_by_mail_only(cafe: Recording) -> None:
    recovery = cafe.one(aws.cognito.UserPool)["accountRecoverySetting"]

    assert recovery == {"recoveryMechanisms": [{"name": "verified_email", "priority": 1}]}


@pytest.mark.parametrize(("stack", "protected"), [("dev", False), ("local", False), ("prod", True)])
def test_production_protects_the_accounts(stack: str, protected: bool) -> None:
    pool = recorded_stack(stack).one(aws.cognito.UserPool)

    assert (pool.protect, pool["deletionProtection"]) == (protected, "ACTIVE" if protected else "INACTIVE")


def test_advanced_security_selects_the_required_tier(dev: Recording, configured: Recording) -> None:
    pools = [cafe.one(aws.cognito.UserPool) for cafe in (dev, configured)]

    assert [(pool["userPoolAddOns"], pool["userPoolTier"]) for pool in pools] == [
        ({"advancedSecurityMode": "OFF"}, "ESSENTIALS"),
        ({"advancedSecurityMode": "AUDIT"}, "PLUS"),
    ]


def function(cafe: Recording, module: str) -> Recorded:
    (found,) = [each for each in cafe.of(aws.lambda_.Function) if each["handler"] == f"lambdas.{module}.handler"]
    return found


def test_a_key_pair_of_the_stacks_own_signs_guests_tokens(cafe: Recording) -> None:
    (key,) = [each for each in cafe.of(aws.kms.Key) if each.name.endswith("-guests")]
    environment = function(cafe, "create_guest")["environment"]["variables"]

    assert (key["keyUsage"], key["customerMasterKeySpec"]) == ("SIGN_VERIFY", "ECC_NIST_P256")
    assert environment["GUEST_KEY"] == key.outputs["keyId"]
    for module in ("authorize", "authorize_live"):
        assert function(cafe, module)["environment"]["variables"]["GUEST_KEY"] == key.outputs["keyId"]


def test_only_the_function_that_issues_tokens_may_sign(cafe: Recording) -> None:
    policies = {each.name: each["policy"] for each in cafe.of(aws.iam.RolePolicy)}

    assert [name for name, policy in policies.items() if "kms:Sign" in policy] == [
        f"cafe-{cafe.project.stack}-auth-create-guest-policy"
    ]


def test_a_sessions_lifetime_comes_from_the_config(dev: Recording, configured: Recording) -> None:
    minutes = [
        function(cafe, "create_guest")["environment"]["variables"]["GUEST_MINUTES"] for cafe in (dev, configured)
    ]

    assert minutes == ["720", "60"]


def test_without_guests_there_is_no_key() -> None:
    cafe = record_stack("dev", config={"cafe:guestOrders": "false"})

    assert [each for each in cafe.of(aws.kms.Key) if each.name.endswith("-guests")] == []
    assert "GUEST_KEY" not in function(cafe, "create_guest")["environment"]["variables"]
    assert "GUEST_KEY" not in function(cafe, "authorize")["environment"]["variables"]
