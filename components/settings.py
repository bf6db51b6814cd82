"""Reads and validates the stack's configuration.

`Pulumi.yaml` declares every key with its type, default and description. The field `order_retention_days` is the key
`orderRetentionDays`. An invalid value raises a one-line error with the key, the expected value and the actual value.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

from lambdas.cafe.opening import EXPECTED, parse_hours
from lambdas.invoices.currencies import CODES

from .blocks.names import camel_case
from .blocks.python_function import Architecture
from .static_site.args import PriceClass, ViewerProtocolPolicy

Inputs = TypeVar("Inputs")

LOG_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""Values that CloudWatch Logs accepts (API reference, PutRetentionPolicy)."""

GRADUAL_RELEASES = (
    *("Canary10Percent5Minutes", "Canary10Percent10Minutes", "Canary10Percent15Minutes", "Canary10Percent30Minutes"),
    *("Linear10PercentEvery1Minute", "Linear10PercentEvery2Minutes", "Linear10PercentEvery3Minutes"),
    "Linear10PercentEvery10Minutes",
)
"""CodeDeploy's configurations for Lambda except all-at-once, without the prefix `CodeDeployDefault.Lambda` (CodeDeploy
user guide, "Predefined deployment configurations for an AWS Lambda compute platform")."""

MAX_REQUESTS = 2_000_000_000
"""Maximum limit of a rate-based rule; the minimum is 10 (AWS WAF API reference, RateBasedStatement)."""

DOMAIN = r"|(?!.{65})([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
"""An empty string, or a host name of at most 64 characters, the limit of a certificate's first name (ACM API reference,
RequestCertificate)."""

EMAIL = r"|[^@\s]+@[^@\s]+\.[^@\s]+"
"""An empty string, or text that looks like an email address; SNS verifies it."""

WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+[^\s]*")

PORT = r"([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
"""1 to 65535."""


class Reader(NamedTuple):
    """Parses a setting; `read` raises `ValueError` unless the text is what `expected` describes."""

    expected: str
    read: Callable[[str], Any]


def text(pattern: str, expected: str) -> Reader:
    """Text that fully matches a pattern."""

    def read(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(value)
        return value

    return Reader(expected, read)


def choice(choices: Sequence[str]) -> Reader:
    """One of several values, which may include `""`."""
    named = ", ".join(filter(None, choices))
    return text(
        "|".join(map(re.escape, choices)), f"one of {named}, or an empty string" if "" in choices else f"one of {named}"
    )


def integer(least: int, most: int) -> Reader:
    """An integer in a range."""

    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,10}", value) or not least <= int(value) <= most:
            raise ValueError(value)
        return int(value)

    return Reader(f"an integer from {least} to {most}", read)


def boolean() -> Reader:
    """`true` or `false`."""
    one = choice(("true", "false"))
    return Reader(one.expected, lambda value: one.read(value) == "true")


def retention() -> Reader:
    """Log retention in days."""
    one = choice([str(days) for days in LOG_RETENTION_DAYS])
    return Reader(one.expected, lambda value: int(one.read(value)))


def web_addresses() -> Reader:
    """A list of HTTP or HTTPS URLs."""

    def read(value: str) -> list[str]:
        addresses = json.loads(value)
        if not isinstance(addresses, list) or not all(
            isinstance(a, str) and WEB_ADDRESS.fullmatch(a) for a in addresses
        ):
            raise ValueError(value)
        return addresses

    return Reader("a list of URLs that start with http:// or https://", read)


def hours() -> Reader:
    """Opening hours."""

    def read(value: str) -> str:
        parse_hours(value)
        return value

    return Reader(EXPECTED, read)


def time_zone() -> Reader:
    """An IANA time zone. To list them all would take longer than the rest of the program."""

    def read(value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, OSError):
            raise ValueError(value) from None
        return value

    return Reader("an IANA time zone such as Europe/Paris", read)


def domain() -> Reader:
    """A host name or an empty string."""
    return text(DOMAIN, "a lowercase host name of at most 64 characters, or an empty string")


def email() -> Reader:
    """An email address or an empty string."""
    return text(EMAIL, "an email address or an empty string")


def setting(reader: Reader) -> Any:
    """A field of `Settings` and the reader of its key."""
    return field(metadata={"reader": reader})


@dataclass(frozen=True)
class Settings:
    """The project's configuration; `Pulumi.yaml` describes each key."""

    stage_name: str = setting(text(r"[A-Za-z0-9_]{1,64}", "1 to 64 letters, digits or `_`"))
    order_retention_days: int = setting(integer(1, 3650))
    open_orders: int = setting(integer(0, 100))
    menu_only: bool = setting(boolean())
    currency: str = setting(choice(sorted(CODES)))
    tax_percent: str = setting(
        text(r"100|[1-9]?[0-9](\.[0-9]{1,2})?", "a number from 0 to 100 with up to two decimals")
    )
    opening_hours: str = setting(hours())
    time_zone: str = setting(time_zone())
    auto_accept: bool = setting(boolean())
    guest_orders: bool = setting(boolean())
    guest_minutes: int = setting(integer(30, 1440))
    late_minutes: int = setting(integer(1, 240))
    log_retention_days: int = setting(retention())
    viewer_protocol_policy: str = setting(choice(tuple(ViewerProtocolPolicy)))
    throttling_rate_limit: int = setting(integer(1, 10_000))
    throttling_burst_limit: int = setting(integer(1, 5_000))
    manage_account_log_role: bool = setting(boolean())
    access_token_minutes: int = setting(integer(5, 1440))
    refresh_token_days: int = setting(integer(1, 3650))
    callback_urls: list[str] = setting(web_addresses())
    advanced_security: str = setting(choice(("OFF", "AUDIT")))
    protect: bool = setting(boolean())
    function_layer: bool = setting(boolean())
    architecture: str = setting(choice(tuple(Architecture)))
    snap_start: bool = setting(boolean())
    provisioned_concurrency: int = setting(integer(0, 1000))
    reserved_concurrency: int = setting(integer(0, 1000))
    gradual_release: str = setting(choice(("", *GRADUAL_RELEASES)))
    queue_concurrency: int = setting(integer(2, 1000))
    stream_parallelization: int = setting(integer(1, 10))
    notification_email: str = setting(email())
    operations_email: str = setting(email())
    workflow: bool = setting(boolean())
    photo_quota_count: int = setting(integer(1, 100_000))
    photo_quota_megabytes: int = setting(integer(1, 1_000_000))
    mail_from: str = setting(email())
    invoice_orders: bool = setting(boolean())
    price_class: str = setting(choice(tuple(PriceClass)))
    web_firewall: bool = setting(boolean())
    firewall_rate_limit: int = setting(integer(10, MAX_REQUESTS))
    site_domain: str = setting(domain())
    api_domain: str = setting(domain())
    hosted_zone_id: str = setting(text(r"|Z[A-Z0-9]{1,31}", "a hosted zone ID (Z...) or an empty string"))
    access_logs: bool = setting(boolean())
    emulator_url: str = setting(text(rf"|http://[A-Za-z0-9.-]+:{PORT}", "`http://HOST:PORT` or an empty string"))

    @property
    def for_web_app(self) -> dict[str, object]:
        """What the web app's pages need to know."""
        return {"guests": self.guest_orders, "menuOnly": self.menu_only, "lateMinutes": self.late_minutes}

    def inputs(self, args: type[Inputs]) -> Inputs:
        """The settings whose names are keys of `args`, the `TypedDict` of a component's inputs."""
        names: frozenset[str] = args.__required_keys__ | args.__optional_keys__  # type: ignore[attr-defined]
        return cast("Inputs", {it.name: getattr(self, it.name) for it in fields(self) if it.name in names})


def load_settings(config: pulumi.Config) -> Settings:
    """Read every key. Raises `pulumi.RunError`, which Pulumi shows without a traceback."""
    _check_keys(config)
    settings = Settings(
        **{it.name: _read(config, camel_case(it.name), it.metadata["reader"]) for it in fields(Settings)}
    )
    _check_concurrency(config, settings)
    _check_domains(config, settings)
    return settings


def _read(config: pulumi.Config, key: str, reader: Reader) -> Any:
    value = config.get(key)
    if value is None:
        raise pulumi.RunError(f"{config.full_key(key)}: expected {reader.expected}, got nothing")
    try:
        return reader.read(value)
    except ValueError:
        raise pulumi.RunError(f"{config.full_key(key)}: expected {reader.expected}, got {value!r}") from None


def _check_keys(config: pulumi.Config) -> None:
    """Refuse keys that no field reads: most are misspelled, and the default would silently take their place."""
    known = [config.full_key(camel_case(it.name)) for it in fields(Settings)]
    for key, value in {**get_config_env(), **CONFIG.get()}.items():
        if key.startswith(config.full_key("")) and key not in known:
            similar = get_close_matches(key, known, n=1) or known
            raise pulumi.RunError(
                f"{key}: expected a key that Pulumi.yaml declares, such as {similar[0]}, got an unknown key with the "
                f"value {value!r}"
            )


def _check_concurrency(config: pulumi.Config, settings: Settings) -> None:
    """A version can use either SnapStart or provisioned concurrency (Lambda developer guide, SnapStart, "Supported
    features and limitations").

    Provisioned concurrency counts toward reserved concurrency. If a queue is polled faster than its function may run,
    valid messages move to the dead-letter queue (Lambda developer guide, "Configuring provisioned concurrency" and
    "Using Lambda with Amazon SQS").
    """
    provisioned, reserved = settings.provisioned_concurrency, settings.reserved_concurrency
    if settings.snap_start and provisioned:
        raise pulumi.RunError(
            f"{config.full_key('provisionedConcurrency')}: expected 0 while {config.full_key('snapStart')} is true, "
            f"got {provisioned}"
        )
    for key, least in {"queueConcurrency": settings.queue_concurrency, "provisionedConcurrency": provisioned}.items():
        if 0 < reserved < least:
            raise pulumi.RunError(
                f"{config.full_key('reservedConcurrency')}: expected 0 or at least {least} "
                f"({config.full_key(key)}), got {reserved}"
            )


def _check_domains(config: pulumi.Config, settings: Settings) -> None:
    for key, domain in {"siteDomain": settings.site_domain, "apiDomain": settings.api_domain}.items():
        if domain and not settings.hosted_zone_id:
            raise pulumi.RunError(
                f"{config.full_key('hostedZoneId')}: expected the ID of the Route 53 hosted zone of "
                f"{config.full_key(key)} ({domain!r}), got ''"
            )
    if settings.site_domain and settings.site_domain == settings.api_domain:
        raise pulumi.RunError(
            f"{config.full_key('apiDomain')}: expected a name other than {config.full_key('siteDomain')}, "
            f"got {settings.api_domain!r}"
        )
