"""The stack's configuration, read and checked once.

`Pulumi.yaml` declares every key with its type, default and description. A value that will not do is refused in one
line that names the key, what was given and what is allowed.
"""

import json
import re
from dataclasses import dataclass

import pulumi

from components.python_function import ARCHITECTURES

LOG_RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""What CloudWatch Logs allows (API reference, PutRetentionPolicy)."""

GRADUAL_RELEASES = (
    *("Canary10Percent5Minutes", "Canary10Percent10Minutes", "Canary10Percent15Minutes", "Canary10Percent30Minutes"),
    *("Linear10PercentEvery1Minute", "Linear10PercentEvery2Minutes", "Linear10PercentEvery3Minutes"),
    "Linear10PercentEvery10Minutes",
)
"""What CodeDeploy has ready for Lambda, but for all at once; the names begin with `CodeDeployDefault.Lambda`, which is
left out (CodeDeploy user guide, "Predefined deployment configurations for an AWS Lambda compute platform")."""
PRICE_CLASSES = ("PriceClass_100", "PriceClass_200", "PriceClass_All")

MOST_REQUESTS = 2_000_000_000
"""The highest limit of a rate-based rule; the lowest is 10 (AWS WAF's API reference, RateBasedStatement)."""

MAYBE_DOMAIN = r"|(?!.{65})([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
"""Nothing, or a host name; of at most 64 characters, as a certificate's first name may have no more (ACM's API
reference, RequestCertificate)."""

MAYBE_DOMAIN_ALLOWED = "nothing, or a host name of at most 64 characters in lower case"

ADVANCED_SECURITY = ("OFF", "AUDIT", "ENFORCED")

VIEWER_PROTOCOLS = ("redirect-to-https", "allow-all")

WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+[^\s]*")

MAYBE_EMAIL = r"|[^@\s]+@[^@\s]+\.[^@\s]+"
"""Nothing, or what looks like an e-mail address; whether it is one, SNS finds out."""

PORT = r"([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
"""1 to 65535."""


@dataclass(frozen=True)
class Settings:
    """The project's own configuration; `Pulumi.yaml` says what each key is for."""

    stage_name: str
    order_retention_days: int
    log_retention_days: int
    viewer_protocol_policy: str
    throttling_rate_limit: int
    throttling_burst_limit: int
    manage_account_log_role: bool
    access_token_minutes: int
    refresh_token_days: int
    callback_urls: list[str]
    advanced_security: str
    protect: bool
    function_layer: bool
    architecture: str
    snap_start: bool
    provisioned_concurrency: int
    reserved_concurrency: int
    gradual_release: str
    queue_concurrency: int
    stream_parallelization: int
    notification_email: str
    operations_email: str
    workflow: bool
    photo_quota_count: int
    photo_quota_megabytes: int
    mail_from: str
    invoice_orders: bool
    price_class: str
    web_firewall: bool
    firewall_rate_limit: int
    site_domain: str
    api_domain: str
    hosted_zone_id: str
    access_logs: bool
    emulator_url: str


def load_settings(config: pulumi.Config) -> Settings:
    """Read every key. Raises `pulumi.RunError`, which Pulumi shows as it is and without a traceback."""
    reader = _Reader(config)
    settings = Settings(
        stage_name=reader.text("stageName", r"[A-Za-z0-9_]{1,64}", "1 to 64 letters, digits or `_`"),
        order_retention_days=reader.integer("orderRetentionDays", 1, 3650),
        log_retention_days=int(reader.choice("logRetentionDays", list(map(str, LOG_RETENTION_DAYS)))),
        viewer_protocol_policy=reader.choice("viewerProtocolPolicy", VIEWER_PROTOCOLS),
        throttling_rate_limit=reader.integer("throttlingRateLimit", 1, 10_000),
        throttling_burst_limit=reader.integer("throttlingBurstLimit", 1, 5_000),
        manage_account_log_role=reader.boolean("manageAccountLogRole"),
        access_token_minutes=reader.integer("accessTokenMinutes", 5, 1440),
        refresh_token_days=reader.integer("refreshTokenDays", 1, 3650),
        callback_urls=reader.addresses("callbackUrls"),
        advanced_security=reader.choice("advancedSecurity", ADVANCED_SECURITY),
        protect=reader.boolean("protect"),
        function_layer=reader.boolean("functionLayer"),
        architecture=reader.choice("architecture", ARCHITECTURES),
        snap_start=reader.boolean("snapStart"),
        provisioned_concurrency=reader.integer("provisionedConcurrency", 0, 1000),
        reserved_concurrency=reader.integer("reservedConcurrency", 0, 1000),
        gradual_release=reader.text(
            "gradualRelease", "|".join(["", *GRADUAL_RELEASES]), f"nothing, or one of {', '.join(GRADUAL_RELEASES)}"
        ),
        queue_concurrency=reader.integer("queueConcurrency", 2, 1000),
        stream_parallelization=reader.integer("streamParallelization", 1, 10),
        notification_email=reader.text("notificationEmail", MAYBE_EMAIL, "nothing, or an e-mail address"),
        operations_email=reader.text("operationsEmail", MAYBE_EMAIL, "nothing, or an e-mail address"),
        workflow=reader.boolean("workflow"),
        photo_quota_count=reader.integer("photoQuotaCount", 1, 100_000),
        photo_quota_megabytes=reader.integer("photoQuotaMegabytes", 1, 1_000_000),
        mail_from=reader.text("mailFrom", MAYBE_EMAIL, "nothing, or an e-mail address"),
        invoice_orders=reader.boolean("invoiceOrders"),
        price_class=reader.choice("priceClass", PRICE_CLASSES),
        web_firewall=reader.boolean("webFirewall"),
        firewall_rate_limit=reader.integer("firewallRateLimit", 10, MOST_REQUESTS),
        site_domain=reader.text("siteDomain", MAYBE_DOMAIN, MAYBE_DOMAIN_ALLOWED),
        api_domain=reader.text("apiDomain", MAYBE_DOMAIN, MAYBE_DOMAIN_ALLOWED),
        hosted_zone_id=reader.text("hostedZoneId", r"|Z[A-Z0-9]{1,31}", "nothing, or the id of a hosted zone: Z..."),
        access_logs=reader.boolean("accessLogs"),
        emulator_url=reader.text("emulatorUrl", rf"|http://[A-Za-z0-9.-]+:{PORT}", "nothing, or `http://HOST:PORT`"),
    )
    # One version cannot have both (Lambda developer guide, SnapStart, "Supported features and limitations").
    if settings.snap_start and settings.provisioned_concurrency:
        raise pulumi.RunError(
            f"config {config.full_key('snapStart')} is true and {config.full_key('provisionedConcurrency')} is "
            f"{settings.provisioned_concurrency}; allowed is one of the two, as no version of a function can have both"
        )
    _check_reserved(config, settings)
    _check_domains(config, settings)
    return settings


def _check_reserved(config: pulumi.Config, settings: Settings) -> None:
    """A queue that is read faster than its function may run has messages set aside that nothing is wrong with, and what
    is kept started is part of what is reserved (Lambda developer guide, "Using Lambda with Amazon SQS" and "Configuring
    provisioned concurrency")."""
    at_least = {
        "queueConcurrency": settings.queue_concurrency,
        "provisionedConcurrency": settings.provisioned_concurrency,
    }
    for key, least in at_least.items():
        if 0 < settings.reserved_concurrency < least:
            raise pulumi.RunError(
                f"config {config.full_key('reservedConcurrency')} is {settings.reserved_concurrency}; allowed is 0, or "
                f"as many as {config.full_key(key)} at least, which is {least}"
            )


def _check_domains(config: pulumi.Config, settings: Settings) -> None:
    """Whether the domains fit together, and can be proved to be ours."""
    domains = {"siteDomain": settings.site_domain, "apiDomain": settings.api_domain}
    for key, domain in domains.items():
        if domain and not settings.hosted_zone_id:
            raise pulumi.RunError(
                f"config {config.full_key(key)} is {domain!r} and {config.full_key('hostedZoneId')} is ''; a domain "
                "needs the id of the Route 53 zone in which its records are made"
            )
    if settings.site_domain and settings.site_domain == settings.api_domain:
        raise pulumi.RunError(
            f"config {config.full_key('siteDomain')} and {config.full_key('apiDomain')} are both "
            f"{settings.site_domain!r}; allowed are two different names"
        )


class _Reader:
    """Reads single keys, and refuses what is not allowed."""

    def __init__(self, config: pulumi.Config) -> None:
        self._config = config

    def text(self, key: str, pattern: str, allowed: str) -> str:
        """Text that matches a pattern as a whole."""
        value = self._value(key, allowed)
        if not re.fullmatch(pattern, value):
            raise self._refused(key, value, allowed)
        return value

    def integer(self, key: str, least: int, most: int) -> int:
        """A whole number in a range."""
        allowed = f"a whole number from {least} to {most}"
        value = self._value(key, allowed)
        if not re.fullmatch(r"[0-9]{1,10}", value) or not least <= int(value) <= most:
            raise self._refused(key, value, allowed)
        return int(value)

    def choice(self, key: str, choices: list[str] | tuple[str, ...]) -> str:
        """One of a few values."""
        allowed = f"one of {', '.join(choices)}"
        value = self._value(key, allowed)
        if value not in choices:
            raise self._refused(key, value, allowed)
        return value

    def boolean(self, key: str) -> bool:
        """`true` or `false`."""
        return self.choice(key, ("true", "false")) == "true"

    def addresses(self, key: str) -> list[str]:
        """A list of web addresses."""
        allowed = "a list of addresses that begin with http:// or https://"
        value = self._value(key, allowed)
        try:
            addresses = json.loads(value)
        except ValueError:
            raise self._refused(key, value, allowed) from None
        if not isinstance(addresses, list) or not all(
            isinstance(a, str) and WEB_ADDRESS.fullmatch(a) for a in addresses
        ):
            raise self._refused(key, value, allowed)
        return addresses

    def _value(self, key: str, allowed: str) -> str:
        value = self._config.get(key)
        if value is None:
            raise pulumi.RunError(f"config {self._config.full_key(key)} is missing; allowed is {allowed}")
        return value

    def _refused(self, key: str, value: str, allowed: str) -> pulumi.RunError:
        return pulumi.RunError(f"config {self._config.full_key(key)} is {value!r}; allowed is {allowed}")
