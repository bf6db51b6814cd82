"""The café on AWS: reads the config, composes the components, exports the stack outputs."""

import pulumi
import pulumi_aws as aws

from components.access_logs import AccessLogs
from components.addresses import Addresses
from components.auth_layer import AuthLayer, AuthLayerArgs, hosted_domain
from components.custom_domain import CustomDomain
from components.event_pipeline import EventPipeline
from components.function_code import compiled_function_code, function_code
from components.gradual_release import GradualRelease
from components.invoice_ledger import InvoiceLedger, InvoiceLedgerArgs
from components.monitoring import Monitoring, MonitoringArgs
from components.orders_api import OrdersApi
from components.packages_layer import packages_layer
from components.photo_bucket import PhotoBucket
from components.photo_store import PhotoStore
from components.python_function import FunctionPlatform
from components.rest_api import RestApi
from components.settings import load_settings
from components.static_site import StaticSite, StaticSiteArgs
from components.web_firewall import CLOUDFRONT_REGION, WebFirewall

settings = load_settings(pulumi.Config())
# Set by `python -m local preview`, which promises to download nothing.
offline = pulumi.Config("local").get_bool("offline") or False
# Every name begins with this, so that stacks live side by side and the permissions boundary can tell what is ours.
prefix = f"{pulumi.get_project()}-{pulumi.get_stack()}".lower()
addresses = Addresses(aws.get_region_output().region, settings.emulator_url)
platform: FunctionPlatform = {
    "code": compiled_function_code() if settings.function_layer and not offline else function_code(),
    "layers": [packages_layer(f"{prefix}-packages", settings.architecture, build=not offline)]
    if settings.function_layer
    else [],
    "architecture": settings.architecture,
    "log_retention_days": settings.log_retention_days,
    "keep_logs": settings.protect,
    "metrics_namespace": prefix,
    "snap_start": settings.snap_start,
    "provisioned_concurrency": settings.provisioned_concurrency,
    "reserved_concurrency": settings.reserved_concurrency,
    "gradual_release": bool(settings.gradual_release),
}

# Where mail may be sent from, as policies have it.
mail_resource = addresses.mail_identity(aws.get_caller_identity_output().account_id, settings.mail_from)
api = RestApi(f"{prefix}-api")
photo_bucket = PhotoBucket(
    f"{prefix}-photos-bucket", {"tls_only": not settings.emulator_url, "protect": settings.protect}
)
hosted_pages = addresses.hosted_pages(hosted_domain(prefix))
api_origin = addresses.api_origin(api.id)
published: StaticSiteArgs = {
    "api": {"origin": api_origin, "path": f"/{settings.stage_name}/"},
    # One changes a code for tokens, the other makes the refresh token worthless at sign-out.
    "connect_origins": [hosted_pages, addresses.cognito()],
    "image_origins": [addresses.bucket_origin(photo_bucket.name)],
    "viewer_protocol_policy": settings.viewer_protocol_policy,
    "emulator_url": settings.emulator_url,
    "protect": settings.protect,
    "price_class": settings.price_class,
}
firewall = None
if settings.web_firewall:
    firewall = WebFirewall(
        f"{prefix}-firewall",
        {
            "api_path": f"/{settings.stage_name}/",
            "rate_limit": settings.firewall_rate_limit,
            "log_retention_days": settings.log_retention_days,
            "keep_logs": settings.protect,
        },
    )
    published["web_acl_arn"] = firewall.distribution_acl_arn
    api_origin["headers"] = firewall.origin_headers
site_domain = None
if settings.site_domain:
    site_domain = CustomDomain(
        f"{prefix}-site-domain",
        {
            "domain": settings.site_domain,
            "hosted_zone_id": settings.hosted_zone_id,
            "certificate_region": CLOUDFRONT_REGION,
        },
    )
    published["domain"] = {"name": site_domain.name, "certificate_arn": site_domain.certificate_arn}
site = StaticSite(f"{prefix}-site", published)
if site_domain:
    site_domain.lead_to(site.distribution_host, site.distribution_zone_id)
if settings.access_logs:
    AccessLogs(
        f"{prefix}-access-logs",
        {
            "distribution_arn": site.distribution_arn,
            "buckets": {"site": site.bucket_name, "photos": photo_bucket.name},
            "retention_days": settings.log_retention_days,
            "protect": settings.protect,
        },
    )
signing_in: AuthLayerArgs = {
    "platform": platform,
    "prefix": prefix,
    "callback_urls": [site.url, *settings.callback_urls],
    "access_token_minutes": settings.access_token_minutes,
    "refresh_token_days": settings.refresh_token_days,
    "advanced_security": settings.advanced_security,
    "emulator_url": settings.emulator_url,
    "boundary_stays": settings.manage_account_log_role,
    "protect": settings.protect,
}
if settings.mail_from:
    signing_in["mail_resource"] = mail_resource
auth = AuthLayer(f"{prefix}-auth", signing_in)
photo_bucket.let_pages_use(site.url)
pipeline = EventPipeline(
    f"{prefix}-pipeline",
    {
        "platform": platform,
        "boundary_arn": auth.boundary_arn,
        "order_retention_days": settings.order_retention_days,
        "queue_concurrency": settings.queue_concurrency,
        "stream_parallelization": settings.stream_parallelization,
        "notification_email": settings.notification_email,
        "workflow": settings.workflow,
        "protect": settings.protect,
    },
)
photos = PhotoStore(
    f"{prefix}-photos",
    {
        "platform": platform,
        "auth": auth,
        "addresses": addresses,
        "bucket": photo_bucket,
        "quota_count": settings.photo_quota_count,
        "quota_megabytes": settings.photo_quota_megabytes,
        "queue_concurrency": settings.queue_concurrency,
        "protect": settings.protect,
    },
)
invoiced: InvoiceLedgerArgs = {
    "platform": platform,
    "boundary_arn": auth.boundary_arn,
    "photos_table_name": photos.table_name,
    "photos_table_arn": photos.table_arn,
    # The site's own origin: the CDN sends these paths on to the API.
    "pay_url": pulumi.Output.concat(site.url, settings.stage_name, "/pay/"),
    "pay_page": pulumi.Output.concat(site.url, "pay.html"),
    "mail_from": settings.mail_from,
    "mail_resource": mail_resource,
    "orders_table_arn": pipeline.table_arn,
    "protect": settings.protect,
}
if settings.invoice_orders:
    invoiced["orders_stream_arn"] = pipeline.stream_arn
invoices = InvoiceLedger(f"{prefix}-invoices", invoiced)
orders = OrdersApi(
    f"{prefix}-orders",
    {
        "platform": platform,
        "boundary_arn": auth.boundary_arn,
        "authorizer": auth.authorize_address,
        "other_functions": {
            "authenticate": auth.authenticate_address,
            **{module: function.address for module, function in (photos.functions | invoices.functions).items()},
        },
        "orders_table_name": pipeline.table_name,
        "orders_table_arn": pipeline.table_arn,
        "order_retention_days": settings.order_retention_days,
        "intake_queue_name": pipeline.intake_queue_name,
        "intake_queue_arn": pipeline.intake_queue_arn,
        "stage_name": settings.stage_name,
        "throttling_rate_limit": settings.throttling_rate_limit,
        "throttling_burst_limit": settings.throttling_burst_limit,
        "manage_account_log_role": settings.manage_account_log_role,
        "emulator_url": settings.emulator_url,
    },
    api=api,
)
if firewall:
    firewall.guard_stage(orders.stage_arn)
api_url = orders.api_url
if settings.api_domain:
    api_domain = CustomDomain(
        f"{prefix}-api-domain", {"domain": settings.api_domain, "hosted_zone_id": settings.hosted_zone_id}
    )
    api_domain.lead_to_api(api.id, orders.stage_name)
    api_url = pulumi.Output.from_input(f"https://{settings.api_domain}/{settings.stage_name}/")
watched: MonitoringArgs = {
    "prefix": prefix,
    "api": api,
    "stage_name": settings.stage_name,
    "functions": {
        **auth.functions,
        **pipeline.functions,
        **orders.functions,
        **photos.functions,
        **invoices.functions,
    },
    "queues": {**pipeline.queues, **photos.queues},
    "stream_failures_name": pipeline.stream_failures_name,
    "stream_handler": pipeline.stream_handler,
    "operations_email": settings.operations_email,
}
if invoices.order_failures:
    watched["invoice_failures_name"] = invoices.order_failures.name
if pipeline.workflow:
    watched["state_machine_arn"] = pipeline.workflow.state_machine_arn
monitoring = Monitoring(f"{prefix}-monitoring", watched)
if settings.gradual_release:
    release = GradualRelease(
        f"{prefix}-release",
        {
            "configuration": settings.gradual_release,
            "boundary_arn": auth.boundary_arn,
            "functions": watched["functions"],
            "metrics_namespace": prefix,
            "api_name": api.name,
            "stage_name": settings.stage_name,
        },
    )
    pulumi.export("releaseApplication", release.application_name)
site.write_settings(
    {
        # The site's own origin: the CDN sends these paths on to the API.
        "api": {"apiUrl": f"/{settings.stage_name}/"},
        "auth": {
            "clientId": auth.client_id,
            "hostedPagesUrl": hosted_pages,
            "cognitoUrl": addresses.cognito(),
        },
    }
)

pulumi.export("webappBucketName", site.bucket_name)
pulumi.export("webappDnsUrl", site.host)
pulumi.export("webappUrl", site.url)
pulumi.export("distributionId", site.distribution_id)
pulumi.export("apiUrl", api_url)
pulumi.export("ordersTableName", pipeline.table_name)
pulumi.export("ordersTableArn", pipeline.table_arn)
pulumi.export("ordersQueueUrl", pipeline.orders_queue.url)
pulumi.export("ordersDlqUrl", pipeline.orders_queue.dead_letters_url)
pulumi.export("intakeQueueUrl", pipeline.intake_queue.url)
pulumi.export("intakeDlqUrl", pipeline.intake_queue.dead_letters_url)
pulumi.export("streamFailuresUrl", pipeline.stream_failures_url)
if pipeline.workflow:
    pulumi.export("kitchenQueueUrl", pipeline.workflow.kitchen_queue.url)
    pulumi.export("kitchenDlqUrl", pipeline.workflow.kitchen_queue.dead_letters_url)
    pulumi.export("kitchenLambda", pipeline.workflow.kitchen.name)
    pulumi.export("stateMachineArn", pipeline.workflow.state_machine_arn)
pulumi.export("userNotificationTopicArn", pipeline.topic_arn)
pulumi.export("operationsTopicArn", monitoring.topic_arn)
pulumi.export("dashboardName", monitoring.dashboard_name)
pulumi.export("userPoolId", auth.user_pool_id)
pulumi.export("userPoolClientId", auth.client_id)
pulumi.export("userPoolDomain", auth.domain)
pulumi.export("hostedPagesUrl", hosted_pages)
pulumi.export("identityPoolId", photos.identity_pool_id)
pulumi.export("photosBucketName", photo_bucket.name)
pulumi.export("photosTableName", photos.table_name)
pulumi.export("photosQueueUrl", photos.arrivals_queue.url)
pulumi.export("photosDlqUrl", photos.arrivals_queue.dead_letters_url)
pulumi.export("createPhotoLambda", photos.functions["create_photo"].name)
pulumi.export("reservePhotoLambda", photos.functions["reserve_photo"].name)
pulumi.export("getPhotosLambda", photos.functions["get_photos"].name)
pulumi.export("getPhotoLambda", photos.functions["get_photo"].name)
pulumi.export("deletePhotoLambda", photos.functions["delete_photo"].name)
pulumi.export("filePhotoLambda", photos.functions["file_photo"].name)
pulumi.export("invoicesTableName", invoices.invoices_table_name)
pulumi.export("ledgerTableName", invoices.ledger_table_name)
pulumi.export("ledgerHeadsTableName", invoices.heads_table_name)
if invoices.order_failures:
    pulumi.export("invoiceFailuresUrl", invoices.order_failures.url)
    pulumi.export("invoiceOrderLambda", invoices.functions["invoice_order"].name)
pulumi.export("getOrdersLambda", orders.functions["get_orders"].name)
pulumi.export("getOrderLambda", orders.functions["get_order"].name)
pulumi.export("createOrderLambda", orders.functions["create_order"].name)
pulumi.export("updateOrderLambda", orders.functions["update_order"].name)
pulumi.export("replaceOrderLambda", orders.functions["replace_order"].name)
pulumi.export("deleteOrderLambda", orders.functions["delete_order"].name)
pulumi.export("queuedOrderLambda", pipeline.queued_order_handler.name)
pulumi.export("dynamoLambda", pipeline.stream_handler.name)
pulumi.export("sqsLambda", pipeline.queue_handler.name)
pulumi.export("authenticateLambda", auth.authenticate.name)
pulumi.export("authorizerLambda", auth.authorize.name)
