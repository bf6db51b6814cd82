"""The minimum cost of placing an order: simpler functions, each behind an API with the café's authorizer.

Runs on the café's emulator. `tests.bench.load` passes the authorizer, table and item as config.
"""

from pathlib import Path

import pulumi

from components.blocks.python_function import FunctionAddress, FunctionPlatform, PythonFunction
from components.orders_api import AUTHORIZER_TTL_SECONDS
from components.rest_api.rest_api import ApiRoute, RestApi
from lambdas.orders.models import NewOrder

HERE = Path(__file__).parent
config = pulumi.Config()
authorizer: FunctionAddress = {"name": config.require("authorizer"), "invoke_arn": config.require("authorizerArn")}
code = pulumi.AssetArchive({path.name: pulumi.FileAsset(str(path)) for path in HERE.glob("*.py")})
platform: FunctionPlatform = {"code": code, "log_retention_days": 1, "metrics_namespace": "floor"}
for name in ("nothing", "one_put"):
    function = PythonFunction(
        name,
        {
            "platform": platform,
            "module": name,
            "description": "A benchmark baseline",
            "environment": {"ORDERS_TABLE": config.require("table"), "ITEM": config.require("item")},
            "grants": [{"actions": ["dynamodb:PutItem"], "resources": [config.require("tableArn")]}],
        },
    )
    # The authorizer's policies allow this route.
    route = ApiRoute("POST", "/orders", function.address, body=NewOrder)
    api = RestApi(f"{name}-api")
    api.serve(
        {
            "routes": [route],
            "authorizer": authorizer,
            "authorizer_ttl_seconds": AUTHORIZER_TTL_SECONDS,
            "stage": {
                "name": "dev",
                "platform": platform,
                "throttling_rate_limit": 10_000,
                "throttling_burst_limit": 5_000,
                "manage_account_log_role": False,
            },
        }
    )
    pulumi.export(name, api.id)
