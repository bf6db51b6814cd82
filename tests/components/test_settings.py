"""The project's configuration: accepted values, keys and error messages."""

import contextvars
import json
import re
from dataclasses import fields
from typing import Any, TypedDict

import pulumi
import pytest
import yaml
from pulumi.runtime.config import set_all_config

from components.blocks.names import camel_case
from components.settings import (
    LOG_RETENTION_DAYS,
    Reader,
    Settings,
    boolean,
    choice,
    domain,
    email,
    integer,
    load_settings,
    retention,
    web_addresses,
)
from local.project import load_project
from tests.components.recorder import ROOT

DECLARED: dict[str, Any] = {
    name: declaration
    for name, declaration in yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"].items()
    if ":" not in name
}
DEFAULTS = {
    f"cafe:{name}": value if isinstance(value, str) else json.dumps(value)
    for name, declaration in DECLARED.items()
    for value in [declaration["default"]]
}
READERS: dict[str, Reader] = {camel_case(it.name): it.metadata["reader"] for it in fields(Settings)}

ACCEPTED: list[tuple[Reader, dict[str, Any]]] = [
    (integer(2, 3650), {"2": 2, "3650": 3650}),
    (boolean(), {"true": True, "false": False}),
    (choice(("arm64", "x86_64")), {"arm64": "arm64", "x86_64": "x86_64"}),
    (choice(("", "Canary")), {"": "", "Canary": "Canary"}),
    (retention(), {str(days): days for days in LOG_RETENTION_DAYS}),
    (email(), {text: text for text in ("", "a@example.com", "café+x@xn--caf-dma.example")}),
    (domain(), {text: text for text in ("", "example.com", "xn--caf-dma.xn--p1ai", f"{'a' * 60}.com", "1.a.io")}),
    (
        web_addresses(),
        {"[]": [], '["http://localhost:5173/", "https://a/b"]': ["http://localhost:5173/", "https://a/b"]},
    ),
    (READERS["stageName"], {text: text for text in ("dev", "V2_beta", "x" * 64)}),
    (READERS["hostedZoneId"], {text: text for text in ("", "Z1", "Z0123456789ABCDEFGHIJ")}),
    (READERS["emulatorUrl"], {text: text for text in ("", "http://localhost:4566", "http://a-b.c:65535")}),
]

REJECTED: list[tuple[Reader, list[str]]] = [
    (
        integer(2, 10),
        ["", " ", "many", "1.5", "-1", "0", "1", "11", "1e2", "0x10", "true", "null", "[]", "3 ", "9" * 30],
    ),
    (boolean(), ["", "yes", "1", "True", "TRUE", "null", "[]", " true"]),
    (choice(("arm64", "x86_64")), ["", "arm", "ARM64", "arm64 ", "arm64\n", '["arm64"]', "arm64|x86_64", "."]),
    (retention(), ["", "0", "2", "10", "31", "366", "3654", "30.0", " 30"]),
    (
        email(),
        [" ", "a", "a@b", "@example.com", "a@", "a b@example.com", "a@example.com,b@example.com", "a@example.com\n"],
    ),
    (
        domain(),
        [
            *(" ", "cafe", "Cafe.example.com", "cafe.example.com.", ".example.com", "-a.example.com", "a-.example.com"),
            *(
                "https://cafe.example.com",
                "cafe.example.com/",
                "cafe.example.com:443",
                "*.example.com",
                "c_1.example.com",
            ),
            *(
                "cafe..example.com",
                "café.example.com",
                "a.example.com\n",
                "10.0.0.1",
                f"{'a' * 64}.com",
                f"{'a.' * 31}com",
            ),
        ],
    ),
    (
        web_addresses(),
        [
            *("", "https://cafe.example/", "7", "true", "null", "{}", '{"a": "https://cafe.example/"}', '[""]', "[1]"),
            *("[null]", '["cafe.example"]', '["ftp://cafe.example/"]', '["https://"]', '["https:///path"]'),
            *('["https://a/", 7]', '["https://a b/"]', '["https://a/\\n"]', '[["https://a/"]]', '["https://a/"'),
        ],
    ),
    (READERS["stageName"], ["", " ", "a b", "v1.0", "dev/1", "de-v", "dev\n", "\ndev", "café", "x" * 65, '["dev"]']),
    (READERS["hostedZoneId"], [" ", "Z", "/hostedzone/Z1", "z1", "example.com", "Z1 ", "Z1\n", "Z" * 33]),
    (
        READERS["emulatorUrl"],
        [
            *(
                " ",
                "localhost:4566",
                "http://localhost",
                "https://localhost:4566",
                "http://localhost:4566/",
                "http://:1",
            ),
            *("http://localhost:", "http://localhost:port", "http://localhost:1\n", "true", "4566"),
            *("http://localhost:65536", "http://localhost:0"),
        ],
    ),
]


def expected(case: Any) -> str:
    return case.expected[:40] if isinstance(case, Reader) else ""


def load(config: dict[str, str]) -> Settings:
    """The settings of a config, isolated from other tests."""

    def run() -> Settings:
        set_all_config(config)
        return load_settings(pulumi.Config("cafe"))

    return contextvars.copy_context().run(run)


def message_for(config: dict[str, str]) -> str:
    """The error message for a config, which must be one line."""
    with pytest.raises(pulumi.RunError) as caught:
        load({**DEFAULTS, **{f"cafe:{name}": value for name, value in config.items()}})
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.mark.parametrize(("reader", "values"), ACCEPTED, ids=expected)
def test_readers_accept_valid_values(reader: Reader, values: dict[str, Any]) -> None:
    assert {text: reader.read(text) for text in values} == values


@pytest.mark.parametrize(("reader", "texts"), REJECTED, ids=expected)
def test_readers_reject_invalid_values(reader: Reader, texts: list[str]) -> None:
    def accepts(text: str) -> bool:
        try:
            reader.read(text)
        except ValueError:
            return False
        return True

    assert [text for text in texts if accepts(text)] == []


def test_declared_keys_and_read_keys_are_the_same() -> None:
    assert READERS.keys() == DECLARED.keys()


def test_every_key_is_declared_with_type_default_and_description() -> None:
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list}

    assert [
        name
        for name, it in DECLARED.items()
        if type(it["default"]) is not kinds[it["type"]] or not it["description"].strip()
    ] == []
    assert [it["items"] for it in DECLARED.values() if it["type"] == "array"] == [{"type": "string"}]


def test_descriptions_and_messages_name_the_same_range() -> None:
    ranges = {name: re.findall(r"from (\d+) to (\d+)", reader.expected) for name, reader in READERS.items()}

    assert sum(map(bool, ranges.values())) > 10
    assert [
        name
        for name, found in ranges.items()
        for least, most in found
        if not {least, most} <= set(re.findall(r"\d+", DECLARED[name]["description"]))
    ] == []


def test_defaults_are_valid() -> None:
    settings = load(DEFAULTS)

    assert {camel_case(it.name): getattr(settings, it.name) for it in fields(Settings)} == {
        name: declaration["default"] for name, declaration in DECLARED.items()
    }


@pytest.mark.parametrize("stack", ["dev", "prod", "local"])
def test_every_stacks_config_is_valid(stack: str) -> None:
    project = load_project(ROOT, stack)

    assert bool(load(project.config).emulator_url) == (stack == "local")
    assert {name for name in project.config if name.startswith("cafe:")} == DEFAULTS.keys()


def test_the_message_names_the_key_and_the_expected_value() -> None:
    assert (
        message_for({"orderRetentionDays": "0"})
        == "cafe:orderRetentionDays: expected an integer from 1 to 3650, got '0'"
    )
    wrong = {name: message_for({name: "\0"}) for name in DECLARED}

    assert {name: text for name, text in wrong.items() if not text.startswith(f"cafe:{name}: expected ")} == {}
    assert {name: text for name, text in wrong.items() if not text.endswith(", got '\\x00'")} == {}


def test_a_missing_key_is_an_error() -> None:
    for name in DECLARED:
        with pytest.raises(pulumi.RunError, match=rf"^cafe:{name}: expected .*, got nothing$"):
            load({each: value for each, value in DEFAULTS.items() if each != f"cafe:{name}"})


def test_an_unknown_key_is_refused_with_the_closest_one() -> None:
    assert message_for({"orderRetentionDay": "30"}) == (
        "cafe:orderRetentionDay: expected a key that Pulumi.yaml declares, such as cafe:orderRetentionDays, "
        "got an unknown key with the value '30'"
    )


def test_keys_of_providers_are_not_ours_to_check() -> None:
    assert load({**DEFAULTS, "aws:region": "eu-west-1", "cafes:key": "other"}) == load(DEFAULTS)


def test_snap_start_and_provisioned_concurrency_are_mutually_exclusive() -> None:
    assert message_for({"snapStart": "true", "provisionedConcurrency": "2"}) == (
        "cafe:provisionedConcurrency: expected 0 while cafe:snapStart is true, got 2"
    )


@pytest.mark.parametrize("other", ["queueConcurrency", "provisionedConcurrency"])
def test_reserved_concurrency_covers_queue_and_provisioned_concurrency(other: str) -> None:
    config = {"queueConcurrency": "2", other: "20"}

    for enough in ("0", "20"):
        load({**DEFAULTS, **{f"cafe:{name}": it for name, it in {**config, "reservedConcurrency": enough}.items()}})
    assert message_for({**config, "reservedConcurrency": "19"}) == (
        f"cafe:reservedConcurrency: expected 0 or at least 20 (cafe:{other}), got 19"
    )


@pytest.mark.parametrize("name", ["siteDomain", "apiDomain"])
def test_a_domain_requires_its_hosted_zone(name: str) -> None:
    settings = load({**DEFAULTS, f"cafe:{name}": "cafe.example.com", "cafe:hostedZoneId": "Z1"})

    assert "cafe.example.com" in (settings.site_domain, settings.api_domain)
    assert message_for({name: "cafe.example.com"}) == (
        f"cafe:hostedZoneId: expected the ID of the Route 53 hosted zone of cafe:{name} ('cafe.example.com'), got ''"
    )


def test_site_and_api_require_different_domains() -> None:
    same = {**dict.fromkeys(["siteDomain", "apiDomain"], "cafe.example.com"), "hostedZoneId": "Z1"}

    assert message_for(same) == "cafe:apiDomain: expected a name other than cafe:siteDomain, got 'cafe.example.com'"


def test_settings_are_filtered_by_a_components_inputs() -> None:
    class Args(TypedDict):
        stage_name: str
        protect: bool
        name: str

    assert load(DEFAULTS).inputs(Args) == {"stage_name": "dev", "protect": False}
