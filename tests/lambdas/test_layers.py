"""Allowed dependencies between modules, checked in a fresh interpreter."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOMAIN = [
    "lambdas.runtime.errors",
    "lambdas.identity.models",
    "lambdas.identity.policy",
    "lambdas.identity.tokens",
    "lambdas.api.routes",
    "lambdas.cafe.menu",
    "lambdas.cafe.models",
    "lambdas.cafe.cafe",
    "lambdas.cafe.opening",
    "lambdas.cafe.waiting",
    "lambdas.runtime.paging",
    "lambdas.runtime.ids",
    "lambdas.runtime.tables",
    *(
        f"lambdas.photos.{module}"
        for module in ("arrivals", "filing", "formats", "forms", "keys", "models", "pictures", "quota")
    ),
    *(f"lambdas.photos.{module}" for module in ("service", "store")),
    *(
        f"lambdas.orders.{module}"
        for module in (
            "access",
            "events",
            "html",
            "keys",
            "lifecycle",
            "models",
            "pricing",
            "progress",
            "service",
            "store",
            "workflow",
        )
    ),
    *(
        f"lambdas.invoices.{module}"
        for module in (
            "currencies",
            "keys",
            "ledger",
            "links",
            "mail",
            "models",
            "paying",
            "sending",
            "service",
            "store",
            "writing",
        )
    ),
]
EVERYTHING = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in (ROOT / "lambdas").rglob("[!_]*.py")
)


def imported_by(*modules: str) -> set[str]:
    """All modules that importing the given ones loads, in an empty environment."""
    imports = "\n".join(f"import {module}" for module in modules)
    source = f"import json, sys\n{imports}\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", source], cwd=ROOT, env={}, check=True, capture_output=True)
    return set(json.loads(done.stdout))


@pytest.fixture(scope="module")
def loaded_by_the_domain():
    return imported_by(*DOMAIN)


@pytest.mark.parametrize("package", ["boto3", "botocore", "pulumi", "aws_lambda_powertools"])
def test_the_domain_does_not_depend_on_the_platform(loaded_by_the_domain, package):
    assert {"lambdas.orders.service", "msgspec"} <= loaded_by_the_domain
    assert package not in loaded_by_the_domain


def test_the_runtime_imports_no_domain():
    loaded = imported_by(*(module for module in EVERYTHING if module.startswith("lambdas.runtime.")))

    assert not [name for name in loaded if name.startswith(tuple(f"lambdas.{domain}" for domain in DOMAINS))]


def test_no_module_reads_the_environment_on_import():
    modules = imported_by(*EVERYTHING)

    assert set(EVERYTHING) <= modules
    assert not {"pulumi", "components", "local"} & modules


def test_the_authorizer_loads_no_aws_client_and_no_body_types():
    assert not {"boto3", "botocore.session", "msgspec", "lambdas.api.bodies"} & imported_by("lambdas.authorize")


IDEMPOTENCY = "aws_lambda_powertools.utilities.idempotency"
BATCH = "aws_lambda_powertools.utilities.batch"


def test_only_notifications_load_boto3():
    """Other modules use only botocore, the basis of boto3."""
    loaded = imported_by(*(module for module in EVERYTHING if module != "lambdas.orders.notifications"))

    assert {"botocore", "lambdas.orders.table", "lambdas.accept_order"} <= loaded
    assert "boto3" not in loaded


DOMAINS = ("identity", "invoices", "orders", "payments", "photos")


def test_services_load_nothing_until_called():
    loaded = imported_by(*(f"lambdas.{domain}.services" for domain in DOMAINS))

    allowed = {name for domain in DOMAINS for name in (f"lambdas.{domain}", f"lambdas.{domain}.services")}
    assert {name for name in loaded if name.startswith("lambdas.")} == allowed
    assert not {"boto3", "botocore", "msgspec", "aws_lambda_powertools"} & loaded


@pytest.mark.parametrize(
    ("handler", "unused"),
    [
        ("get_orders", [IDEMPOTENCY, BATCH, "botocore.session", "lambdas.orders.workflow", "lambdas.identity"]),
        ("create_order", [IDEMPOTENCY, BATCH, "botocore.session", "lambdas.orders.workflow", "lambdas.identity"]),
        (
            "publish_changes",
            [
                IDEMPOTENCY,
                "lambdas.orders.notifications",
                "lambdas.orders.service",
                "lambdas.payments",
                "lambdas.identity",
            ],
        ),
        ("accept_order", [IDEMPOTENCY, "botocore.session", "lambdas.orders.service", "lambdas.payments"]),
        ("take_payment", [IDEMPOTENCY, BATCH, "botocore.session", "lambdas.payments"]),
        (
            "get_invoices",
            [IDEMPOTENCY, BATCH, "botocore.session", "lambdas.orders.workflow", "lambdas.payments", "PIL"],
        ),
        ("pay_invoice", [IDEMPOTENCY, BATCH, "botocore.session", "lambdas.orders.workflow", "lambdas.payments", "PIL"]),
        ("invoice_order", [IDEMPOTENCY, "lambdas.payments", "lambdas.identity"]),
        (
            "get_photos",
            [IDEMPOTENCY, BATCH, "botocore.session", "PIL", "lambdas.photos.filing", "lambdas.orders.workflow"],
        ),
        ("reserve_photo", [IDEMPOTENCY, BATCH, "botocore.session", "PIL", "lambdas.photos.filing"]),
        ("create_photo", [IDEMPOTENCY, BATCH, "botocore.session", "lambdas.payments"]),
        ("file_photo", [IDEMPOTENCY, "botocore.session", "lambdas.payments"]),
        ("start_workflow", [IDEMPOTENCY, "botocore.session", "lambdas.orders.state_machine", "lambdas.payments"]),
    ],
)
def test_a_function_does_not_load_what_it_does_not_use(handler, unused):
    loaded = imported_by(f"lambdas.{handler}")

    assert f"lambdas.{handler}" in loaded
    assert [module for module in unused if module in loaded] == []
