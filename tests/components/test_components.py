"""Each component in a program that contains only what the component needs."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest

import components
from components.auth_layer import AuthLayer
from components.blocks.addresses import Addresses
from components.blocks.durable_queue import DurableQueue
from components.blocks.mail_sender import MailSender
from components.blocks.permissions_boundary import PermissionsBoundary
from components.blocks.python_function import FunctionPlatform, PythonFunction
from components.edge.access_logs import AccessLogs
from components.edge.custom_domain import CustomDomain
from components.edge.web_firewall import WebFirewall
from components.event_pipeline.order_workflow import OrderWorkflow
from components.event_pipeline.pipeline import EventPipeline
from components.invoice_ledger.ledger import InvoiceLedger
from components.invoice_ledger.ledger_anchor import LedgerAnchor
from components.live_updates import LiveUpdates
from components.monitoring.gradual_release import GradualRelease
from components.monitoring.monitoring import Monitoring
from components.orders_api import OrdersApi
from components.packaging.packages_layer import packages_layer
from components.photo_store.photo_bucket import PhotoBucket
from components.photo_store.photo_identities import PhotoIdentities
from components.photo_store.store import PhotoStore
from components.rest_api.rest_api import ApiRoute, RestApi
from components.static_site.site import StaticSite
from tests.components.recorder import ACCOUNT, REGION, ROOT, STACK_TYPE, Recording, fixed_account, record

ARN = f"arn:aws:iam::{ACCOUNT}:policy/boundary"


def a_platform() -> FunctionPlatform:
    return {"boundary_arn": ARN, "log_retention_days": 30, "metrics_namespace": "cafe-dev"}


def a_site() -> StaticSite:
    site = StaticSite(
        "it",
        {
            "api": {"origin": Addresses(fixed_account()).api_origin("abc"), "path": "/dev/"},
            "connect_origins": ["https://pages.example"],
            "image_origins": ["https://pictures.example"],
        },
    )
    site.write_settings({"api": {"apiUrl": "/dev/"}})
    return site


def an_auth_layer(name: str = "it") -> AuthLayer:
    return AuthLayer(
        name,
        {
            "platform": a_platform(),
            "prefix": "cafe-dev",
            "callback_urls": ["https://cafe.example/"],
            "access_token_minutes": 60,
            "refresh_token_days": 30,
            "advanced_security": "OFF",
        },
    )


def a_pipeline(name: str = "it") -> EventPipeline:
    return EventPipeline(
        name,
        {
            "platform": a_platform(),
            "order_retention_days": 30,
            "queue_concurrency": 2,
            "stream_parallelization": 1,
        },
    )


def a_workflow() -> OrderWorkflow:
    return OrderWorkflow(
        "it",
        {
            "platform": a_platform(),
            "orders_table_arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders",
            "orders_environment": {"ORDERS_TABLE": "orders"},
            "queue_concurrency": 2,
            "protect": False,
        },
    )


def a_photo_store(name: str = "it") -> PhotoStore:
    return PhotoStore(
        name,
        {
            "platform": a_platform(),
            "auth": an_auth_layer(f"{name}s-auth"),
            "addresses": Addresses(fixed_account()),
            "bucket": PhotoBucket(f"{name}s-bucket", {"tls_only": True, "protect": False}),
            "photo_quota_count": 5,
            "photo_quota_megabytes": 50,
            "queue_concurrency": 2,
            "protect": False,
        },
    )


def some_identities() -> PhotoIdentities:
    return PhotoIdentities(
        "it", {"auth": an_auth_layer("its-auth"), "bucket_arn": "arn:aws:s3:::photos", "boundary_arn": ARN}
    )


def an_invoice_ledger(name: str = "it") -> InvoiceLedger:
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/it"
    return InvoiceLedger(
        name,
        {
            "platform": a_platform(),
            "photos_table_name": "photos",
            "photos_table_arn": table,
            "pay_url": "https://cafe.example/dev/pay/",
            "pay_page": "https://cafe.example/pay.html",
            "mail": MailSender(f"{name}-mail", Addresses(fixed_account()), "cafe@example.com"),
            "orders_stream_arn": f"{table}/stream/1",
            "invoice_orders": True,
            "protect": False,
        },
    )


def an_orders_api() -> OrdersApi:
    return OrdersApi(
        "it",
        {
            "platform": a_platform(),
            "authorizer": {"name": "authorize", "invoke_arn": f"arn:aws:apigateway:{REGION}:lambda:path/authorize"},
            "orders_table_name": "orders",
            "orders_table_arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders",
            "cafe_table_name": "cafe",
            "cafe_table_arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/cafe",
            "order_retention_days": 30,
            "intake_queue_name": "intake",
            "intake_queue_arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:intake",
            "stage_name": "dev",
            "throttling_rate_limit": 1,
            "throttling_burst_limit": 1,
            "manage_account_log_role": True,
        },
    )


def a_monitoring() -> Monitoring:
    pipeline = a_pipeline("its-pipeline")
    return Monitoring(
        "it",
        {
            "prefix": "it",
            "api": RestApi("its-api"),
            "stage_name": "dev",
            "functions": pipeline.functions,
            "queues": pipeline.queues,
            "failures": {"stream": pipeline.stream_failures_name},
            "publish_changes": pipeline.publish_changes,
            "operations_email": "",
        },
    )


def a_firewall() -> WebFirewall:
    firewall = WebFirewall(
        "it", {"api_path": "/dev/", "origin_key": "k", "firewall_rate_limit": 100, "log_retention_days": 30}
    )
    firewall.attach_to(f"arn:aws:apigateway:{REGION}::/restapis/abc/stages/dev")
    return firewall


def a_domain() -> CustomDomain:
    domain = CustomDomain("it", {"domain": "api.example.com", "hosted_zone_id": "Z1"})
    domain.point_at_api("abc", "dev")
    return domain


def some_access_logs() -> AccessLogs:
    distribution_arn = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"
    return AccessLogs(
        "it",
        {"distribution_arn": distribution_arn, "buckets": {"site": "web"}, "log_retention_days": 30, "protect": False},
    )


def a_function(name: str = "it", *, gradual: bool = False) -> PythonFunction:
    platform: FunctionPlatform = {**a_platform(), "gradual_release": "Canary10Percent5Minutes" if gradual else ""}
    return PythonFunction(
        name, {"platform": platform, "module": "lambdas.get_order", "description": "Gets an order", "synchronous": True}
    )


def a_gradual_release() -> GradualRelease:
    return GradualRelease(
        "it",
        {
            "gradual_release": "Canary10Percent5Minutes",
            "platform": a_platform(),
            "functions": {"get_order": a_function("its-function", gradual=True)},
            "api_name": "its-api",
            "stage_name": "dev",
        },
    )


def a_rest_api() -> RestApi:
    api = RestApi("it")
    api.serve(
        {
            "routes": [ApiRoute("GET", "/it", {"name": "it", "invoke_arn": "arn"}, private=False)],
            "stage": {
                "name": "dev",
                "platform": a_platform(),
                "throttling_rate_limit": 1,
                "throttling_burst_limit": 1,
                "manage_account_log_role": True,
            },
        }
    )
    return api


COMPONENTS: dict[str, Callable[[], object]] = {
    "AccessLogs": some_access_logs,
    "AuthLayer": an_auth_layer,
    "CustomDomain": a_domain,
    "DurableQueue": lambda: DurableQueue("it", {"visibility_timeout_seconds": 60, "max_message_bytes": 65536}),
    "EventPipeline": a_pipeline,
    "GradualRelease": a_gradual_release,
    "InvoiceLedger": an_invoice_ledger,
    "LedgerAnchor": lambda: LedgerAnchor(
        "it", {"platform": a_platform(), "stream_arn": ARN, "tls_only": True, "protect": True}
    ),
    "MailSender": lambda: MailSender("it", Addresses(fixed_account()), "cafe@example.com"),
    "Monitoring": a_monitoring,
    "OrderWorkflow": a_workflow,
    "LiveUpdates": lambda: LiveUpdates("it", {"namespace": "orders"}),
    "OrdersApi": an_orders_api,
    "PermissionsBoundary": lambda: PermissionsBoundary("it", {"prefix": "cafe-dev"}),
    "PhotoBucket": lambda: PhotoBucket("it", {"tls_only": True, "protect": False}),
    "PhotoIdentities": some_identities,
    "PhotoStore": a_photo_store,
    "PythonFunction": a_function,
    "RestApi": a_rest_api,
    "StaticSite": a_site,
    "WebFirewall": a_firewall,
}


@cache
def recorded_component(component: str) -> Recording:
    """The update of a program with a component and what it needs, run once."""
    return record(COMPONENTS[component])


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_by_itself(component: str) -> None:
    preview = record(COMPONENTS[component], preview=True)
    update = recorded_component(component)

    (it,) = [r for r in preview.components if r.type == f"cafe:index:{component}" and r.name == "it"]
    assert [r for r in preview.custom if r.parent == it.urn], "the component has no resources"
    assert {str(r) for r in preview.custom if r.parent == preview.resources[0].urn} == set()
    assert it.urn in preview.component_outputs
    assert {r.urn: r.inputs.keys() for r in preview.resources} == {r.urn: r.inputs.keys() for r in update.resources}


@pytest.mark.parametrize("component", COMPONENTS)
def test_resource_names_start_with_the_components_name(component: str) -> None:
    recording = recorded_component(component)

    assert [r.name for r in recording.resources if r.type != STACK_TYPE and not r.name.startswith("it")] == []


def test_the_tests_cover_every_component() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(components.__path__[0]).rglob("*.py"))

    assert sources.count("(pulumi.ComponentResource)") == len(COMPONENTS)
    assert [name for name in COMPONENTS if f'"cafe:index:{name}"' not in sources] == []


@pytest.mark.parametrize("preview", [True, False])
def test_the_layer_by_itself(preview: bool) -> None:
    recording = record(lambda: pulumi.export("arn", packages_layer("it", "arm64", build=False)), preview=preview)

    assert [r.name for r in recording.custom] == ["it"]
    assert recording.one(aws.lambda_.LayerVersion)["code"].path.startswith(str(ROOT / ".build"))
