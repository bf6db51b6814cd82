"""The project's configuration: what is allowed, and what is said about the rest."""

import contextvars
import json
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.runtime.config import set_all_config

from components.settings import GRADUAL_RELEASES, LOG_RETENTION_DAYS, Settings, load_settings
from local.project import load_project
from tests.components.recorder import ROOT

DECLARED: dict[str, Any] = {
    key: declaration
    for key, declaration in yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"].items()
    if ":" not in key
}
DEFAULTS = {
    f"cafe:{key}": value if isinstance(value, str) else json.dumps(value)
    for key, declaration in DECLARED.items()
    for value in [declaration["default"]]
}

NOT_WHOLE = ["", " ", "many", "1.5", "-1", "0", "1e2", "0x10", "true", "null", "[]", "30 ", "9" * 30]
NOT_BOOLEAN = ["", "yes", "1", "True", "TRUE", "null", "[]", " true"]
WHOLE, BOOLEAN, ADDRESSES = "a whole number from", "one of true, false", "a list of addresses"

EMAIL = "nothing, or an e-mail address"
NOT_AN_EMAIL = [
    " ",
    "a",
    "a@b",
    "@example.com",
    "a@",
    "a b@example.com",
    "a@example.com,b@example.com",
    "a@example.com\n",
]

DOMAIN = "nothing, or a host name of at most 64 characters in lower case"
NOT_A_DOMAIN = [
    *(" ", "cafe", "Cafe.example.com", "cafe.example.com.", ".example.com", "-a.example.com", "a-.example.com"),
    *("https://cafe.example.com", "cafe.example.com/", "cafe.example.com:443", "*.example.com", "cafe_1.example.com"),
    *("cafe..example.com", "café.example.com", "cafe.example.com\n", "10.0.0.1", f"{'a' * 64}.com", f"{'a.' * 31}com"),
]

WRONG: dict[str, tuple[str, list[str]]] = {
    "stageName": (
        "1 to 64 letters, digits or `_`",
        ["", " ", "a b", "v1.0", "dev/1", "de-v", "dev\n", "\ndev", "café", "x" * 65, '["dev"]'],
    ),
    "orderRetentionDays": (f"{WHOLE} 1 to 3650", [*NOT_WHOLE, "3651"]),
    "logRetentionDays": ("one of 1, 3, 5, 7, 14, 30,", [*NOT_WHOLE, "2", "10", "31", "366", "3654", "30.0"]),
    "viewerProtocolPolicy": (
        "one of redirect-to-https, allow-all",
        ["", "https-only", "Redirect-To-Https", "allow-all ", "true", "443", '["allow-all"]'],
    ),
    "throttlingRateLimit": (f"{WHOLE} 1 to 10000", [*NOT_WHOLE, "10001"]),
    "throttlingBurstLimit": (f"{WHOLE} 1 to 5000", [*NOT_WHOLE, "5001"]),
    "manageAccountLogRole": (BOOLEAN, NOT_BOOLEAN),
    "accessTokenMinutes": (f"{WHOLE} 5 to 1440", [*NOT_WHOLE, "4", "1441"]),
    "refreshTokenDays": (f"{WHOLE} 1 to 3650", [*NOT_WHOLE, "3651"]),
    "callbackUrls": (
        ADDRESSES,
        [
            *("", "https://cafe.example/", "7", "true", "null", "{}", '{"a": "https://cafe.example/"}', '[""]'),
            *("[1]", "[null]", '["cafe.example"]', '["ftp://cafe.example/"]', '["https://"]', '["https:///path"]'),
            *('["https://cafe.example/", 7]', '["https://a b/"]', '["https://cafe.example/\\n"]', '[["https://a/"]]'),
            '["https://cafe.example/"',
        ],
    ),
    "snapStart": (BOOLEAN, NOT_BOOLEAN),
    "provisionedConcurrency": (f"{WHOLE} 0 to 1000", [*(text for text in NOT_WHOLE if text != "0"), "1001"]),
    "reservedConcurrency": (f"{WHOLE} 0 to 1000", [*(text for text in NOT_WHOLE if text != "0"), "1001"]),
    "gradualRelease": (
        "nothing, or one of Canary10Percent5Minutes, ",
        [" ", "AllAtOnce", "canary10percent5minutes", "CodeDeployDefault.LambdaCanary10Percent5Minutes", "true", "10"],
    ),
    "queueConcurrency": (f"{WHOLE} 2 to 1000", [*NOT_WHOLE, "1", "1001"]),
    "streamParallelization": (f"{WHOLE} 1 to 10", [*NOT_WHOLE, "11"]),
    "notificationEmail": (EMAIL, NOT_AN_EMAIL),
    "operationsEmail": (EMAIL, NOT_AN_EMAIL),
    "workflow": (BOOLEAN, NOT_BOOLEAN),
    "mailFrom": (EMAIL, NOT_AN_EMAIL),
    "invoiceOrders": (BOOLEAN, NOT_BOOLEAN),
    "priceClass": (
        "one of PriceClass_100, PriceClass_200, PriceClass_All",
        ["", "100", "All", "priceclass_100", "PriceClass_300", "PriceClass_All "],
    ),
    "webFirewall": (BOOLEAN, NOT_BOOLEAN),
    "firewallRateLimit": (f"{WHOLE} 10 to 2000000000", [*NOT_WHOLE, "9", "2000000001"]),
    "siteDomain": (DOMAIN, NOT_A_DOMAIN),
    "apiDomain": (DOMAIN, NOT_A_DOMAIN),
    "hostedZoneId": (
        "nothing, or the id of a hosted zone: Z...",
        [" ", "Z", "/hostedzone/Z0123456789", "z0123456789", "example.com", "Z1 ", "Z1\n", "Z" * 33],
    ),
    "accessLogs": (BOOLEAN, NOT_BOOLEAN),
    "photoQuotaCount": (f"{WHOLE} 1 to 100000", [*NOT_WHOLE, "100001"]),
    "photoQuotaMegabytes": (f"{WHOLE} 1 to 1000000", [*NOT_WHOLE, "1000001"]),
    "advancedSecurity": ("one of OFF, AUDIT, ENFORCED", ["", "off", "ON", "true", "AUDIT ", '["AUDIT"]']),
    "protect": (BOOLEAN, NOT_BOOLEAN),
    "functionLayer": (BOOLEAN, NOT_BOOLEAN),
    "architecture": ("one of arm64, x86_64", ["", "arm", "aarch64", "ARM64", "x86_64 ", "amd64", '["arm64"]']),
    "emulatorUrl": (
        "nothing, or `http://HOST:PORT`",
        [
            *(" ", "localhost:4566", "http://localhost", "https://localhost:4566", "http://localhost:4566/"),
            *("http://:4566", "http://localhost:", "http://localhost:port", "http://localhost:4566\n", "true", "4566"),
            *("http://localhost:65536", "http://localhost:0"),
        ],
    ),
}

RIGHT: dict[str, dict[str, object]] = {
    "stageName": {"dev": "dev", "V2_beta": "V2_beta", "x" * 64: "x" * 64},
    "orderRetentionDays": {"1": 1, "3650": 3650},
    "logRetentionDays": {str(days): days for days in LOG_RETENTION_DAYS},
    "viewerProtocolPolicy": {name: name for name in ("redirect-to-https", "allow-all")},
    "throttlingRateLimit": {"1": 1, "10000": 10_000},
    "throttlingBurstLimit": {"1": 1, "5000": 5_000},
    "manageAccountLogRole": {"true": True, "false": False},
    "accessTokenMinutes": {"5": 5, "1440": 1440},
    "refreshTokenDays": {"1": 1, "3650": 3650},
    "callbackUrls": {
        "[]": [],
        '["http://localhost:5173/", "https://a.example/b"]': ["http://localhost:5173/", "https://a.example/b"],
    },
    "snapStart": {"true": True, "false": False},
    "provisionedConcurrency": {"0": 0, "1": 1, "1000": 1000},
    "reservedConcurrency": {"0": 0, "10": 10, "1000": 1000},
    "gradualRelease": {name: name for name in ("", *GRADUAL_RELEASES)},
    "queueConcurrency": {"2": 2, "1000": 1000},
    "streamParallelization": {"1": 1, "10": 10},
    "notificationEmail": {address: address for address in ("", "a@example.com", "café+x@xn--caf-dma.example")},
    "operationsEmail": {address: address for address in ("", "a@example.com")},
    "workflow": {"true": True, "false": False},
    "mailFrom": {address: address for address in ("", "cafe@example.com")},
    "invoiceOrders": {"true": True, "false": False},
    "priceClass": {name: name for name in ("PriceClass_100", "PriceClass_200", "PriceClass_All")},
    "webFirewall": {"true": True, "false": False},
    "firewallRateLimit": {"10": 10, "10000": 10_000, "2000000000": 2_000_000_000},
    "siteDomain": {"": ""},
    "apiDomain": {"": ""},
    "hostedZoneId": {zone: zone for zone in ("", "Z1", "Z0123456789ABCDEFGHIJ")},
    "accessLogs": {"true": True, "false": False},
    "photoQuotaCount": {"1": 1, "100000": 100_000},
    "photoQuotaMegabytes": {"1": 1, "1000000": 1_000_000},
    "advancedSecurity": {mode: mode for mode in ("OFF", "AUDIT", "ENFORCED")},
    "protect": {"true": True, "false": False},
    "functionLayer": {"true": True, "false": False},
    "architecture": {name: name for name in ("arm64", "x86_64")},
    "emulatorUrl": {url: url for url in ("", "http://localhost:4566", "http://127.0.0.1:1", "http://a-b.c:65535")},
}


class Reading(pulumi.Config):
    """Takes note of the keys that are read."""

    def __init__(self) -> None:
        super().__init__("cafe")
        self.keys: set[str] = set()

    def get(self, key: str, default: str | None = None) -> str | None:
        self.keys.add(key)
        return super().get(key, default)

    def require_object(self, key: str) -> Any:
        self.keys.add(key)
        return super().require_object(key)


def load(config: dict[str, str]) -> tuple[Settings, set[str]]:
    """The settings of a config that no other test sees, and the keys that were read for them."""

    def run() -> tuple[Settings, set[str]]:
        set_all_config(config)
        reading = Reading()
        return load_settings(reading), reading.keys

    return contextvars.copy_context().run(run)


def field(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)


def test_every_key_that_is_declared_is_read_and_the_other_way_round() -> None:
    _, keys = load(DEFAULTS)

    assert keys == DECLARED.keys() == WRONG.keys() == RIGHT.keys()


@pytest.mark.parametrize("key", DECLARED)
def test_every_key_is_declared_with_type_default_and_description(key: str) -> None:
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list}
    declaration = DECLARED[key]

    assert type(declaration["default"]) is kinds[declaration["type"]]
    assert declaration["description"].strip()
    assert declaration["type"] != "array" or declaration["items"] == {"type": "string"}


def test_defaults_pass() -> None:
    settings, _ = load(DEFAULTS)

    assert {key: getattr(settings, field(key)) for key in DECLARED} == {
        key: declaration["default"] for key, declaration in DECLARED.items()
    }


@pytest.mark.parametrize("stack", ["dev", "prod", "local"])
def test_every_stack_of_the_project_passes(stack: str) -> None:
    project = load_project(ROOT, stack)
    settings, _ = load(project.config)

    assert bool(settings.emulator_url) == (stack == "local")
    assert {key for key in project.config if key.startswith("cafe:")} == DEFAULTS.keys()


@pytest.mark.parametrize(("key", "text"), [(key, text) for key, values in RIGHT.items() for text in values])
def test_what_is_allowed(key: str, text: str) -> None:
    settings, _ = load({**DEFAULTS, f"cafe:{key}": text})

    assert getattr(settings, field(key)) == RIGHT[key][text]


@pytest.mark.parametrize(("key", "text"), [(key, text) for key, (_, values) in WRONG.items() for text in values])
def test_what_is_not_allowed(key: str, text: str) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        load({**DEFAULTS, f"cafe:{key}": text})
    message = str(caught.value)

    assert len(message.splitlines()) == 1
    assert f"cafe:{key} " in message
    assert f"is {text!r};" in message
    assert WRONG[key][0] in message


@pytest.mark.parametrize("key", DECLARED)
def test_what_is_missing(key: str) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        load({name: value for name, value in DEFAULTS.items() if name != f"cafe:{key}"})
    message = str(caught.value)

    assert len(message.splitlines()) == 1
    assert f"cafe:{key} is missing" in message
    assert WRONG[key][0] in message


@pytest.mark.parametrize("key", DECLARED)
def test_the_description_says_what_the_message_says(key: str) -> None:
    limits = [word for word in WRONG[key][0].split() if word.isdigit()] if WHOLE in WRONG[key][0] else []

    assert [limit for limit in limits if limit not in DECLARED[key]["description"]] == []


def test_snapshots_and_provisioned_concurrency_exclude_each_other() -> None:
    with pytest.raises(pulumi.RunError) as caught:
        load({**DEFAULTS, "cafe:snapStart": "true", "cafe:provisionedConcurrency": "2"})
    message = str(caught.value)

    assert len(message.splitlines()) == 1
    assert "cafe:snapStart is true and cafe:provisionedConcurrency is 2;" in message


@pytest.mark.parametrize("other", ["queueConcurrency", "provisionedConcurrency"])
def test_no_less_is_reserved_than_what_a_queue_or_what_is_kept_started_takes(other: str) -> None:
    config = {**DEFAULTS, "cafe:queueConcurrency": "2", f"cafe:{other}": "20"}

    load({**config, "cafe:reservedConcurrency": "0"})
    load({**config, "cafe:reservedConcurrency": "20"})
    with pytest.raises(pulumi.RunError) as caught:
        load({**config, "cafe:reservedConcurrency": "19"})

    assert str(caught.value) == (
        f"config cafe:reservedConcurrency is 19; allowed is 0, or as many as cafe:{other} at least, which is 20"
    )


@pytest.mark.parametrize(
    "domain", ["example.com", "cafe.example.com", "xn--caf-dma.xn--p1ai", f"{'a' * 60}.com", "1.a.io"]
)
@pytest.mark.parametrize("key", ["siteDomain", "apiDomain"])
def test_a_domain_goes_with_its_zone(key: str, domain: str) -> None:
    settings, _ = load({**DEFAULTS, f"cafe:{key}": domain, "cafe:hostedZoneId": "Z1"})

    assert (getattr(settings, field(key)), settings.hosted_zone_id) == (domain, "Z1")


@pytest.mark.parametrize("key", ["siteDomain", "apiDomain"])
def test_a_domain_without_a_zone_is_refused(key: str) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        load({**DEFAULTS, f"cafe:{key}": "cafe.example.com"})
    message = str(caught.value)

    assert len(message.splitlines()) == 1
    assert f"cafe:{key} is 'cafe.example.com' and cafe:hostedZoneId is '';" in message


def test_site_and_api_need_different_names() -> None:
    same = dict.fromkeys(["cafe:siteDomain", "cafe:apiDomain"], "cafe.example.com")
    with pytest.raises(pulumi.RunError) as caught:
        load({**DEFAULTS, **same, "cafe:hostedZoneId": "Z1"})
    message = str(caught.value)

    assert len(message.splitlines()) == 1
    assert "cafe:siteDomain and cafe:apiDomain are both 'cafe.example.com';" in message
