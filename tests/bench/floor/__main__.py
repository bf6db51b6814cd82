"""The minimum cost of placing an order: simpler functions, each behind an API with the café's authorizer.

Runs on the café's emulator. `tests.bench.load` passes the authorizer, table and item as config.
"""

from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.blocks.python_function import FunctionAddress, PythonFunction
from components.orders_api import AUTHORIZER_TTL_SECONDS
from components.rest_api.rest_api import RestApi
from lambdas.orders.models import NewOrder

HERE = Path(__file__).parent
config = pulumi.Config()
authorizer: FunctionAddress = {"name": config.require("authorizer"), "invoke_arn": config.require("authorizerArn")}
code = pulumi.AssetArchive({path.name: pulumi.FileAsset(str(path)) for path in HERE.glob("*.py")})
for name in ("nothing", "one_put"):
    function = PythonFunction(
        name,
        {
            "platform": {"code": code, "log_retention_days": 1, "metrics_namespace": "floor"},
            "module": name,
            "description": "A benchmark baseline",
            "environment": {"ORDERS_TABLE": config.require("table"), "ITEM": config.require("item")},
            "grants": [{"actions": ["dynamodb:PutItem"], "resources": [config.require("tableArn")]}],
        },
    )
    api = RestApi(f"{name}-api")
    # The authorizer's policies allow this route.
    api.add_function_route(
        "POST",
        "/orders",
        function.address,
        body=NewOrder,
        authorizer_id=api.add_authorizer(authorizer, ttl_seconds=AUTHORIZER_TTL_SECONDS),
    )
    aws.apigateway.Stage(f"{name}-stage", rest_api=api.id, deployment=api.deployment().id, stage_name="dev")
    pulumi.export(name, api.id)
