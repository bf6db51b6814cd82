"""A site, an API with two functions, a queue whose messages a function takes, and live updates."""

import pulumi
from cafe_components import ApiRoute, DurableQueue, FunctionPlatform, LiveUpdates, PythonFunction, RestApi, StaticSite

platform: FunctionPlatform = {"log_retention_days": 7, "metrics_namespace": "shop"}

site = StaticSite("site", {"folder": "site", "not_found": "404.html"})

live = LiveUpdates("live", {"namespace": "orders"})
live.allow(
    PythonFunction(
        "subscribe",
        {
            "platform": platform,
            "module": "functions.subscribe",
            "description": "Decides who may subscribe",
            "function_name": live.authorizer_name,
        },
    )
)

orders = DurableQueue("orders", {"visibility_timeout_seconds": 60, "max_message_bytes": 65_536})
orders.subscribe(
    "make",
    {
        "platform": platform,
        "module": "functions.make",
        "description": "Takes orders, and tells when they are made",
        "links": [live.link()],
    },
)

menu = PythonFunction("menu", {"platform": platform, "module": "functions.menu", "description": "Shows what there is"})
order = PythonFunction(
    "order",
    {
        "platform": platform,
        "module": "functions.order",
        "description": "Takes an order",
        "links": [orders.link()],
    },
)
api = RestApi("api")
stage = api.serve(
    {
        "routes": [
            ApiRoute("GET", "/menu", menu.address, private=False),
            ApiRoute("POST", "/orders", order.address, private=False),
        ],
        "stage": {"name": "v1", "platform": platform},
    }
)

pulumi.export("site", site.url)
pulumi.export("api", stage.invoke_url)
pulumi.export("live", live.realtime_url)
pulumi.export("http", live.http_url)
