"""What a change of each setting would do to a stack that exists."""

import pytest
import yaml
from pulumi.automation.errors import CommandError

from tests.engine.conftest import OPTIONAL_PARTS
from tests.local.conftest import ROOT
from tests.local.inventory import inventory

pytestmark = pytest.mark.long

KEYS = [key for key in yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"] if ":" not in key]

DOMAINS = {key: OPTIONAL_PARTS[key] for key in ("siteDomain", "apiDomain", "hostedZoneId")}

OTHER = {
    "stageName": "v2",
    "orderRetentionDays": 90,
    "logRetentionDays": 90,
    "viewerProtocolPolicy": "allow-all",
    "openOrders": 10,
    "menuOnly": False,
    "currency": "CHF",
    "taxPercent": "8.1",
    "openingHours": "Mon-Fri 07:00-18:00",
    "timeZone": "Europe/Zurich",
    "autoAccept": False,
    "guestOrders": False,
    "guestMinutes": 60,
    "lateMinutes": 20,
    "throttlingRateLimit": 100,
    "throttlingBurstLimit": 100,
    "manageAccountLogRole": False,
    "accessTokenMinutes": 30,
    "refreshTokenDays": 7,
    "callbackUrls": ["http://localhost:5173/"],
    "functionLayer": True,
    "architecture": "x86_64",
    "provisionedConcurrency": 2,
    "queueConcurrency": 20,
    "streamParallelization": 2,
    "invoiceOrders": False,
    "photoQuotaCount": 10,
    "photoQuotaMegabytes": 10,
    "priceClass": "PriceClass_All",
    "firewallRateLimit": 100,
    "emulatorUrl": "http://localhost:4566",
}
"""Another allowed value of each key that is not in `OPTIONAL_PARTS`."""

NEEDS = {"firewallRateLimit": {"webFirewall": True}, **dict.fromkeys(DOMAINS, DOMAINS)}
"""The settings that a key needs."""

STATEFUL = {
    "aws:cognito/identityPool:IdentityPool",
    "aws:cognito/userPool:UserPool",
    "aws:dynamodb/table:Table",
    "aws:kms/key:Key",
    "aws:s3/bucket:Bucket",
}
"""What must survive every change."""

MAY_CHANGE = {
    ("mailFrom", "aws:cognito/userPool:UserPool", "emailConfiguration"),
    ("protect", "aws:dynamodb/table:Table", "deletionProtectionEnabled"),
    ("protect", "aws:cognito/userPool:UserPool", "deletionProtection"),
    ("protect", "aws:s3/bucket:Bucket", "forceDestroy"),
    ("advancedSecurity", "aws:cognito/userPool:UserPool", "userPoolAddOns"),
    ("advancedSecurity", "aws:cognito/userPool:UserPool", "userPoolTier"),
}
"""The inputs of what must survive that a key may change: protection, and features that are switched on in place."""

MAY_GO = {("delete", "guestOrders", "aws:kms/key:Key", "")}
"""What a key may delete: guests' sessions end with the guests."""


@pytest.fixture(scope="module")
def deployed(dev):
    dev.up()
    return dev


@pytest.fixture
def changed(deployed):
    """Changes settings of the deployed stack's file for one test."""
    before = deployed.file.read_text()

    def change(**settings):
        deployed.configure({f"cafe:{key}": value for key, value in settings.items()})
        return deployed

    yield change
    deployed.file.write_text(before)


@pytest.mark.parametrize("key", KEYS)
def test_another_value_replaces_nothing_that_holds_data(changed, key):
    value = {**OPTIONAL_PARTS, **OTHER}[key]

    run = changed(**{key: value, **NEEDS.get(key, {})}).preview()

    assert run.messages == []
    assert run.changes, "the setting has no effect"
    touched = {
        (change.operation, key, change.type, name)
        for change in run.changes
        if change.type in STATEFUL and change.operation != "create"
        for name in change.properties or ("",)
    }
    allowed = {("update", *each) for each in MAY_CHANGE} | MAY_GO
    assert touched == {each for each in allowed if each[1] == key}


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("orderRetentionDays", 0, "cafe:orderRetentionDays: expected an integer from 1 to 3650, got '0'"),
        ("logRetentionDays", 2, "cafe:logRetentionDays: expected one of 1, 3, 5, "),
        ("advancedSecurity", "ENFORCED", "cafe:advancedSecurity: expected one of OFF, AUDIT, got 'ENFORCED'"),
        ("siteDomain", "cafe.example.com", "cafe:hostedZoneId: expected the ID of the Route 53 hosted zone of "),
        ("orderRetention", 7, "cafe:orderRetention: expected a key that Pulumi.yaml declares, such as "),
    ],
)
@pytest.mark.parametrize("command", ["preview", "up"])
def test_an_invalid_setting_is_one_line_and_makes_nothing(changed, engine_aws, key, value, message, command):
    before = inventory(engine_aws)
    stack = changed(**{key: value})

    with pytest.raises(CommandError):
        getattr(stack, command)()

    # The engine repeats the error of an inline program.
    [said] = {message.removeprefix("an unhandled error occurred: ") for message in stack.last.messages}
    assert said.startswith(message)
    assert len(said.splitlines()) == 1
    assert stack.last.changes == []
    assert inventory(engine_aws) == before
