"""The café on AWS: reads the config, composes the components, exports the stack outputs."""

import pulumi

from components.auth_layer import AuthLayer, AuthLayerArgs, hosted_domain
from components.context import make_context
from components.edge.edge import Edge
from components.event_pipeline.pipeline import EventPipeline, EventPipelineArgs
from components.invoice_ledger.ledger import InvoiceLedger, InvoiceLedgerArgs
from components.live_updates import LiveUpdates, LiveUpdatesArgs
from components.monitoring.gradual_release import GradualRelease, GradualReleaseArgs
from components.monitoring.monitoring import Monitoring, MonitoringArgs
from components.orders_api import OrdersApi, OrdersApiArgs
from components.photo_store.photo_bucket import PhotoBucket
from components.photo_store.store import PhotoStore, PhotoStoreArgs
from components.rest_api.rest_api import RestApi
from components.settings import load_settings
from components.static_site.args import StaticSiteArgs
from components.static_site.site import StaticSite
from lambdas.api.channels import NAMESPACE

settings = load_settings(pulumi.Config())
prefix, addresses, mail, platform = make_context(settings)

# One distribution serves the site and the API. It refers to both APIs and the photo bucket, so they are created first.
api = RestApi(f"{prefix}-api")
live = LiveUpdates(f"{prefix}-live", {**settings.inputs(LiveUpdatesArgs), "namespace": NAMESPACE})
api_path = f"/{settings.stage_name}/"
bucket = PhotoBucket(f"{prefix}-photos-bucket", {"tls_only": not settings.emulator_url, "protect": settings.protect})
hosted_pages = addresses.hosted_pages(hosted_domain(prefix))
photo_origin = addresses.bucket_origin(bucket.name)
edge = Edge(prefix, settings, api.origin_key)
site = StaticSite(
    f"{prefix}-site",
    {
        **settings.inputs(StaticSiteArgs),
        "api": {"origin": addresses.api_origin(api.id, edge.origin_headers), "path": api_path, "cached": ["menu"]},
        # They exchange a code for tokens, revoke the refresh token at sign-out, take uploads, and send live updates.
        "connect_origins": [hosted_pages, addresses.cognito(), photo_origin, live.realtime_origin],
        "image_origins": [photo_origin],
        "domain": edge.site_domain,
        "web_acl_arn": edge.web_acl_arn,
    },
)
bucket.allow_cors_from(site.url)
edge.attach_to_site(site, {"site": site.bucket_name, "photos": bucket.name})

# The order pipeline, and sign-in.
pipeline_args: EventPipelineArgs = {**settings.inputs(EventPipelineArgs), "platform": platform, "live": live.target}
pipeline = EventPipeline(f"{prefix}-pipeline", pipeline_args)
auth = AuthLayer(
    f"{prefix}-auth",
    {
        **settings.inputs(AuthLayerArgs),
        "platform": platform,
        "prefix": prefix,
        "callback_urls": [site.url, *settings.callback_urls],
        "mail": mail.for_pool if mail else None,
        **pipeline.for_auth,
        "origin_key": api.origin_key,
        "live_authorizer_name": live.authorizer_name,
    },
)
live.allow(auth.functions["authorize_live"])
site.write_settings(
    {
        "api": {"apiUrl": api_path},
        "auth": {"clientId": auth.client_id, "hostedPagesUrl": hosted_pages, "cognitoUrl": addresses.cognito()},
        "live": {"host": live.http_host, "url": live.realtime_url},
        **settings.for_web_app,
    }
)

# Photos, invoices, and the API that serves them.
photos = PhotoStore(
    f"{prefix}-photos",
    {**settings.inputs(PhotoStoreArgs), "platform": platform, "auth": auth, "addresses": addresses, "bucket": bucket},
)
invoices = InvoiceLedger(
    f"{prefix}-invoices",
    {
        **settings.inputs(InvoiceLedgerArgs),
        "platform": platform,
        "photos_table_name": photos.table_name,
        "photos_table_arn": photos.table_arn,
        "pay_url": pulumi.Output.concat(site.url, settings.stage_name, "/pay/"),
        "pay_page": pulumi.Output.concat(site.url, "pay.html"),
        "mail": mail,
        "orders_stream_arn": pipeline.stream_arn,
    },
)
others = {**auth.functions, **photos.functions, **invoices.functions}
orders = OrdersApi(
    f"{prefix}-orders",
    {
        **settings.inputs(OrdersApiArgs),
        "platform": platform,
        "authorizer": auth.authorize_address,
        "other_functions": {module: function.address for module, function in others.items()},
        **pipeline.for_api,
        "live": live.target,
    },
    api=api,
)
custom_api_url = edge.attach_to_api(api.id, orders.stage_arn, orders.stage_name)

# Operations.
functions = {**pipeline.functions, **orders.functions, **others}
monitoring = Monitoring(
    f"{prefix}-monitoring",
    {
        **settings.inputs(MonitoringArgs),
        "prefix": prefix,
        "api": api,
        "functions": functions,
        "queues": {**pipeline.queues, **photos.queues},
        "failures": {"stream": pipeline.stream_failures_name, **invoices.failures},
        "publish_changes": pipeline.publish_changes,
        "state_machine_arn": pipeline.state_machine_arn,
    },
)
if settings.gradual_release:
    inputs = settings.inputs(GradualReleaseArgs)
    release: GradualReleaseArgs = {**inputs, "platform": platform, "functions": functions, "api_name": api.name}
    pulumi.export("releaseApplication", GradualRelease(f"{prefix}-release", release).application_name)

pulumi.export("apiUrl", custom_api_url or orders.api_url)
for component in (site, live, auth, pipeline, photos, invoices, orders, monitoring):
    for name, value in component.outputs.items():
        pulumi.export(name, value)
