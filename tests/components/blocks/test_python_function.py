"""Every function of the program: runtime, handler, log group and role."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.blocks.python_function import PythonFunction, PythonFunctionArgs
from lambdas.api.routes import ROUTES
from tests.components.policies import allowed, listed, statements
from tests.components.recorder import ACCOUNT, REGION, ROOT, Recorded, Recording, record, recorded_stack

POLLING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"}

PHOTO_WRITES = {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}

CREATES_ORDERS = {
    *("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
}
LEDGER_WRITES = {"dynamodb:GetItem", "dynamodb:PutItem"}
"""A transaction needs the actions of its parts: it puts an invoice, an entry and the head of the chain."""

# The actions that each module's code calls, apart from writing logs and traces.
ACTIONS = {
    "accept_order": {*POLLING, "dynamodb:UpdateItem"},
    "answer_kitchen": {*POLLING, "states:SendTaskSuccess"},
    "authenticate": set(),
    "authorize_live": {"dynamodb:GetItem", "kms:GetPublicKey"},
    "authorize": {"dynamodb:GetItem", "kms:GetPublicKey"},
    "create_guest": {"dynamodb:UpdateItem", "kms:GetPublicKey", "kms:Sign"},
    "manage_displays": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query"},
    "cancel_order": {"dynamodb:GetItem", "dynamodb:UpdateItem"},
    "check_order": {"dynamodb:GetItem"},
    "confirm_order": {"dynamodb:GetItem", "dynamodb:UpdateItem"},
    "create_order": CREATES_ORDERS,
    "create_queued_order": {*POLLING, *CREATES_ORDERS},
    "delete_order": {"dynamodb:DeleteItem"},
    "get_order": {"dynamodb:GetItem", "dynamodb:Query"},
    "get_orders": {"dynamodb:Query"},
    "publish_changes": {
        "appsync:EventPublish",
        *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
        *("sqs:SendMessage", "sns:Publish"),
        # Powertools' idempotency, on its own table.
        *("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
    },
    "create_photo": {*PHOTO_WRITES, "s3:PutObject", "s3:DeleteObjectVersion"},
    "delete_photo": {"dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "s3:DeleteObjectVersion"},
    "file_photo": {*POLLING, *PHOTO_WRITES, "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObjectVersion"},
    "anchor_ledger": {
        *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
        *("s3:PutObject", "sqs:SendMessage"),
    },
    "create_invoice": LEDGER_WRITES,
    "default_route": set(),
    "delete_invoice": {*LEDGER_WRITES, "dynamodb:UpdateItem", "dynamodb:DeleteItem"},
    "get_invoice": {"dynamodb:GetItem", "dynamodb:Query"},
    "get_invoices": {"dynamodb:Query"},
    "get_ledger": {"dynamodb:GetItem", "dynamodb:Query"},
    "get_payment": {"dynamodb:GetItem", "dynamodb:Query"},
    "invoice_order": {
        *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
        *(*LEDGER_WRITES, "dynamodb:Query", "dynamodb:DeleteItem", "sqs:SendMessage"),
    },
    "pay_invoice": {*LEDGER_WRITES, "dynamodb:Query", "dynamodb:UpdateItem"},
    "send_invoice": LEDGER_WRITES,
    "update_invoice": LEDGER_WRITES,
    "get_photo": {"dynamodb:GetItem", "s3:GetObjectVersion"},
    "get_photos": {"dynamodb:Query", "s3:GetObjectVersion"},
    "reserve_photo": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "s3:PutObject"},
    "refund_payment": {"dynamodb:PutItem", "dynamodb:UpdateItem"},
    "manage_cafe": {"appsync:EventPublish", "dynamodb:PutItem", "dynamodb:Query"},
    "manage_menu": {"appsync:EventPublish", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"},
    "replace_order": {"dynamodb:Query", "dynamodb:UpdateItem"},
    "start_workflow": {*POLLING, "states:StartExecution"},
    "take_payment": {"dynamodb:PutItem"},
    "update_order": {"dynamodb:GetItem", "dynamodb:UpdateItem"},
}


WORKFLOW_MODULES = {
    *("answer_kitchen", "cancel_order", "check_order", "confirm_order", "refund_payment", "start_workflow"),
    "take_payment",
}
"""The functions that exist only with the order workflow."""


def modules(cafe: Recording) -> set[str]:
    """The modules of a stack's functions."""
    workflow = cafe.project.config["cafe:workflow"] == "true"
    return ACTIONS.keys() - ({"accept_order"} if workflow else WORKFLOW_MODULES)


def module(function: Recorded) -> str:
    package, name, attribute = function["handler"].split(".")
    assert (package, attribute) == ("lambdas", "handler")
    return str(name)


def role_statements(cafe: Recording, function: Recorded) -> list[dict[str, Any]]:
    """The statements that allow something, from all policies of a function's role."""
    role = cafe.by(aws.iam.Role, "arn")[function["role"]]
    policies = [policy for policy in cafe.of(aws.iam.RolePolicy) if policy["role"] == role.id]
    return [statement for policy in policies for statement in allowed(statements(policy))]


def test_runtime_and_architecture(cafe: Recording) -> None:
    functions = cafe.of(aws.lambda_.Function)

    assert {(function["runtime"], *function["architectures"]) for function in functions} == {("python3.13", "arm64")}


def test_each_handler_has_one_function(dev: Recording, workflow: Recording) -> None:
    handlers = {
        path.stem
        for path in (ROOT / "lambdas").glob("*.py")
        if any(getattr(node, "name", "") == "handler" for node in ast.parse(path.read_text(encoding="utf-8")).body)
    }
    plain, more = ([module(function) for function in stack.of(aws.lambda_.Function)] for stack in (dev, workflow))

    assert {*plain, *more} == handlers
    assert (len(plain), len(more)) == (len({*plain}), len({*more}))


def test_an_archive_contains_its_own_handler_and_no_other(cafe: Recording) -> None:
    archives = {module(function): list(function["code"].assets) for function in cafe.of(aws.lambda_.Function)}

    assert [name for name, files in archives.items() if f"lambdas/{name}.py" not in files] == []
    others = {path.name for path in (ROOT / "lambdas").glob("[!_]*.py")}
    assert {name: found for name, files in archives.items() if (found := others & set(files) - {f"{name}.py"})} == {}


def test_an_archive_passed_as_code_is_used() -> None:
    given = pulumi.AssetArchive({"it.py": pulumi.StringAsset("handler = print")})

    assert list(one_function(code=given)["code"].assets) == ["it.py"]


def test_every_handler_can_be_imported_from_the_archive_alone(dev: Recording, tmp_path: Path) -> None:
    functions = dev.of(aws.lambda_.Function)
    for function in functions:
        for name, asset in function["code"].assets.items():
            target = tmp_path / function["handler"] / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(asset.path, target)
    handlers = [function["handler"] for function in functions]
    # Import every module: some are imported only inside functions.
    program = (
        "import importlib, pathlib, sys\n"
        "for handler in sys.argv[1:]:\n"
        "    for name in [name for name in sys.modules if name.partition('.')[0] == 'lambdas']:\n"
        "        del sys.modules[name]\n"
        "    sys.path[0] = str(pathlib.Path(handler).resolve())\n"
        "    importlib.invalidate_caches()\n"
        "    for path in sorted(pathlib.Path(sys.path[0]).rglob('*.py')):\n"
        "        name = '.'.join(path.relative_to(sys.path[0]).with_suffix('').parts).removesuffix('.__init__')\n"
        "        module = importlib.import_module(name)\n"
        "        assert module.__file__ == str(path), module.__file__\n"
        "    module, _, attribute = handler.rpartition('.')\n"
        "    assert callable(getattr(sys.modules[module], attribute))\n"
        "    print(handler)\n"
    )

    # An empty environment: no module may read it at import.
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, *handlers],
        cwd=tmp_path,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
    )

    assert (done.stderr, done.stdout.split()) == ("", handlers)


def test_a_function_sets_every_variable_that_its_handler_reads(cafe: Recording) -> None:
    missing = {
        module(function): read - function["environment"]["variables"].keys()
        for function in cafe.of(aws.lambda_.Function)
        if (read := environment_keys(module(function))) - function["environment"]["variables"].keys()
    }

    assert missing == {}
    assert environment_keys("publish_changes") == {
        *("ORDERS_QUEUE_URL", "USER_NOTIFICATION_TOPIC_ARN", "NOTIFICATIONS_TABLE", "LIVE_HOST", "LIVE_URL"),
        "CAFE_TABLE",
    }
    pool = {"TOKEN_ISSUER", "USER_POOL_CLIENT_ID", "JWKS_URL"}
    assert environment_keys("authorize_live") == {*pool, "GUEST_KEY", "CAFE_TABLE"}
    assert environment_keys("take_payment") >= {"ORDERS_TABLE", "PAYMENTS_TABLE", "PAYMENT_ANSWER"}


def environment_keys(name: str) -> set[str]:
    """The keys of `os.environ` that a handler's module and the services that it calls read."""
    tree = ast.parse((ROOT / "lambdas" / f"{name}.py").read_text(encoding="utf-8"))
    services = {
        (path.parent.name, node.name): node
        for path in (ROOT / "lambdas").glob("*/*services.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    parts: list[ast.AST] = [tree]
    seen: set[tuple[str, str]] = set()
    for part in parts:
        # A service may call another one, from its own module or an imported one.
        domain = next((key[0] for key, node in services.items() if node is part), "")
        called = {(domain, node.id) for node in ast.walk(part) if isinstance(node, ast.Name)}
        called |= {
            (node.module.split(".")[1], alias.name)
            for node in ast.walk(part)
            if isinstance(node, ast.ImportFrom) and node.module and node.module.endswith("services")
            for alias in node.names
        }
        found = called & services.keys() - seen
        seen |= found
        parts += [services[key] for key in found]
    return {
        node.slice.value
        for part in parts
        for node in ast.walk(part)
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ"
        if isinstance(node.slice, ast.Constant)
    }


def test_environment_values(dev: Recording) -> None:
    variables = {module(f): f["environment"]["variables"] for f in dev.of(aws.lambda_.Function)}
    pool, client = dev.one(aws.cognito.UserPool), dev.one(aws.cognito.UserPoolClient)
    endpoint = pool.outputs["endpoint"]

    for name in ("get_orders", "get_order", "create_order", "accept_order", "create_queued_order"):
        assert variables[name]["ORDERS_TABLE"] == dev.outputs["ordersTableName"]
        assert variables[name]["ORDER_RETENTION_DAYS"] == "30"
    assert variables["publish_changes"]["ORDERS_QUEUE_URL"] == dev.outputs["ordersQueueUrl"]
    assert variables["publish_changes"]["USER_NOTIFICATION_TOPIC_ARN"] == dev.outputs["userNotificationTopicArn"]
    assert variables["authenticate"]["USER_POOL_CLIENT_ID"] == client.id
    assert variables["authorize"]["USER_POOL_CLIENT_ID"] == client.id
    assert variables["authorize"]["TOKEN_ISSUER"] == f"https://{endpoint}"
    assert variables["authorize"]["JWKS_URL"] == f"https://{endpoint}/.well-known/jwks.json"


def test_on_the_emulator_the_key_set_comes_from_the_emulator(local: Recording) -> None:
    (authorize,) = [f for f in local.of(aws.lambda_.Function) if module(f) == "authorize"]
    pool = local.one(aws.cognito.UserPool)
    variables = authorize["environment"]["variables"]

    assert variables["JWKS_URL"] == f"http://localhost:4566/{pool.id}/.well-known/jwks.json"
    # Tokens name the real host even on the emulator.
    assert variables["TOKEN_ISSUER"] == f"https://cognito-idp.{REGION}.amazonaws.com/{pool.id}"


@pytest.mark.parametrize(("stack", "days"), [("dev", 7), ("local", 30)])
def test_log_groups_expire(stack: str, days: int) -> None:
    groups = recorded_stack(stack).of(aws.cloudwatch.LogGroup)

    assert {group["retentionInDays"] for group in groups} == {days}


def test_a_role_can_write_only_its_functions_log(cafe: Recording) -> None:
    groups = cafe.by(aws.cloudwatch.LogGroup, "name")
    for function in cafe.of(aws.lambda_.Function):
        group = groups[function["loggingConfig"]["logGroup"]]
        logging = [s for s in role_statements(cafe, function) if any(a.startswith("logs:") for a in s["Action"])]

        (statement,) = logging
        assert set(statement["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}, str(function)
        assert listed(statement["Resource"]) == [f"{group.arn}:*"], str(function)


def test_every_role_is_used_exactly_once(cafe: Recording) -> None:
    used = [
        *(function["role"] for function in cafe.of(aws.lambda_.Function)),
        *re.findall(r'"credentials": "([^"]+)"', cafe.one(aws.apigateway.RestApiPut)["body"]),
        *(each["cloudwatchRoleArn"] for each in cafe.of(aws.apigateway.Account)),
        *(each["roleArn"] for each in cafe.resources if each.type == aws.sfn.StateMachine.pulumi_type),
        *(role for each in cafe.of(aws.cognito.IdentityPoolRoleAttachment) for role in each["roles"].values()),
    ]

    assert sorted(used) == sorted(role.arn for role in cafe.of(aws.iam.Role))


def test_every_policy_is_attached_to_a_role_of_the_program(cafe: Recording) -> None:
    roles = cafe.by(aws.iam.Role, "id")
    attached = [*cafe.of(aws.iam.RolePolicy), *cafe.of(aws.iam.RolePolicyAttachment)]

    assert {policy["role"] for policy in attached} == roles.keys()


def test_only_the_service_that_uses_a_role_can_assume_it(cafe: Recording) -> None:
    function_roles = {function["role"] for function in cafe.of(aws.lambda_.Function)}
    user_roles = {role for each in cafe.of(aws.cognito.IdentityPoolRoleAttachment) for role in each["roles"].values()}
    for role in cafe.of(aws.iam.Role):
        if role.arn in user_roles:
            continue  # covered by the photo store's tests
        (statement,) = statements(role, "assumeRolePolicy")
        is_workflow = role.name.endswith("-pipeline-workflow-role")
        service = "lambda" if role.arn in function_roles else "states" if is_workflow else "apigateway"

        # API Gateway does not say for which account it assumes a role.
        condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT}} if service != "apigateway" else None
        assert statement.pop("Condition", None) == condition, str(role)
        assert statement == {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }, str(role)


def test_a_role_allows_exactly_what_its_code_calls(cafe: Recording) -> None:
    granted = {
        module(function): {
            action
            for statement in role_statements(cafe, function)
            for action in statement["Action"]
            if not action.startswith(("logs:", "xray:"))
        }
        for function in cafe.of(aws.lambda_.Function)
    }

    mail = {"send_invoice": {"ses:SendEmail", "dynamodb:UpdateItem"}} if cafe.project.config["cafe:mailFrom"] else {}
    assert granted == {name: ACTIONS[name] | mail.get(name, set()) for name in modules(cafe)}


def test_grants_name_resources_of_the_program(cafe: Recording) -> None:
    ours = {
        r.outputs[key] for r in cafe.custom for key in ("arn", "streamArn", "channelNamespaceArn") if r.outputs.get(key)
    }
    for function in cafe.of(aws.lambda_.Function):
        for statement in role_statements(cafe, function):
            # `test_permissions_boundary.py` covers the actions that support no resource.
            for resource in listed(statement["Resource"] if statement["Resource"] != ["*"] else []):
                base = resource.removesuffix(":*").removesuffix("/index/*").removesuffix("/stream/*")
                base = base.removesuffix("/uploads/*").removesuffix("/identities/*").removesuffix("/*")
                assert base in ours, f"{function}: {resource}"


def test_every_function_can_write_traces(cafe: Recording) -> None:
    for function in cafe.of(aws.lambda_.Function):
        actions = {action for statement in role_statements(cafe, function) for action in statement["Action"]}
        assert actions >= {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}, str(function)


def test_each_stack_has_its_own_metrics_namespace(dev: Recording, local: Recording) -> None:
    assert {metrics_namespace(f) for f in dev.of(aws.lambda_.Function)} == {"cafe-dev"}
    assert {metrics_namespace(f) for f in local.of(aws.lambda_.Function)} == {"cafe-local"}


def metrics_namespace(function: Recorded) -> str:
    return str(function["environment"]["variables"]["POWERTOOLS_METRICS_NAMESPACE"])


def synchronous_modules() -> set[str]:
    """The modules that API Gateway calls: those of the routes, the default route's, and the authorizer."""
    return {route.function for route in ROUTES if route.function} | {"authorize", "default_route"}


def test_only_synchronous_functions_have_an_alias(ready: Recording) -> None:
    functions = {function.id: function for function in ready.of(aws.lambda_.Function)}
    published = {name for name, function in functions.items() if function.get("publish")}
    aliases = ready.of(aws.lambda_.Alias)

    assert {module(functions[name]) for name in published} == synchronous_modules()
    assert sorted(alias["functionName"] for alias in aliases) == sorted(published)
    assert {alias["name"] for alias in aliases} == {"live"}


def test_an_alias_points_to_the_newest_version(ready: Recording) -> None:
    versions = {function.id: function.outputs["version"] for function in ready.of(aws.lambda_.Function)}
    aliases = ready.of(aws.lambda_.Alias)

    assert [str(alias) for alias in aliases if alias["functionVersion"] != versions[alias["functionName"]]] == []


def test_queues_and_streams_call_unqualified_functions(ready: Recording) -> None:
    functions = ready.of(aws.lambda_.Function)
    called = {source["functionName"] for source in ready.of(aws.lambda_.EventSourceMapping)}

    assert called <= {name for function in functions for name in (function.id, function.arn)}


def test_outputs_name_functions_not_aliases(ready: Recording, dev: Recording) -> None:
    assert ready.outputs == dev.outputs


def test_snap_start_applies_to_published_versions(snapshots: Recording) -> None:
    functions = snapshots.of(aws.lambda_.Function)

    assert {module(f): f["snapStart"]["applyOn"] for f in functions if f.get("snapStart")} == dict.fromkeys(
        synchronous_modules(), "PublishedVersions"
    )
    assert aws.lambda_.ProvisionedConcurrencyConfig.pulumi_type not in {r.type for r in snapshots.resources}


def test_each_alias_has_the_configured_provisioned_concurrency(provisioned: Recording) -> None:
    kept = provisioned.of(aws.lambda_.ProvisionedConcurrencyConfig)
    aliases = {(alias["functionName"], alias["name"]) for alias in provisioned.of(aws.lambda_.Alias)}

    assert {(each["functionName"], each["qualifier"]) for each in kept} == aliases
    assert {each["provisionedConcurrentExecutions"] for each in kept} == {3}
    assert [str(f) for f in provisioned.of(aws.lambda_.Function) if f.get("snapStart")] == []


def test_by_default_nothing_is_published(cafe: Recording) -> None:
    kinds = {resource.type for resource in cafe.resources}
    functions = cafe.of(aws.lambda_.Function)

    assert kinds & {kind.pulumi_type for kind in (aws.lambda_.Alias, aws.lambda_.ProvisionedConcurrencyConfig)} == set()
    assert [str(f) for f in functions if {"publish", "snapStart"} & f.inputs.keys()] == []


def one_function(**args: Any) -> Recorded:
    given: PythonFunctionArgs = {
        "platform": {
            "code": args.pop("code", None),
            "layers": ["arn:aws:lambda:layer:1"],
            "log_retention_days": 14,
            "metrics_namespace": "n",
        },
        "module": "lambdas.get_order",
        "description": "Gets an order",
        **args,
    }
    return record(lambda: PythonFunction("it", given)).one(aws.lambda_.Function)


def test_defaults() -> None:
    function = one_function()

    assert (function["timeout"], function["memorySize"], function["handler"]) == (10, 512, "lambdas.get_order.handler")
    assert function["layers"] == ["arn:aws:lambda:layer:1"]
    assert function["architectures"] == ["arm64"]


def test_arguments_override_the_defaults() -> None:
    function = one_function(timeout_seconds=3, memory_mb=1024, environment={"A": "1", "POWERTOOLS_SERVICE_NAME": "x"})

    assert (function["timeout"], function["memorySize"]) == (3, 1024)
    assert function["environment"]["variables"].items() >= {"A": "1", "POWERTOOLS_SERVICE_NAME": "x"}.items()


def test_reserved_concurrency_applies_to_every_function(configured: Recording, cafe: Recording) -> None:
    reserved = {function.get("reservedConcurrentExecutions") for function in configured.of(aws.lambda_.Function)}

    assert reserved == {9}
    # With 0, Lambda would never run the function.
    assert [str(f) for f in cafe.of(aws.lambda_.Function) if "reservedConcurrentExecutions" in f.inputs] == []


@pytest.mark.parametrize("workflow", [False, True])
def test_prod_leaves_enough_unreserved_concurrency(workflow: bool) -> None:
    functions = recorded_stack("prod", workflow=workflow).of(aws.lambda_.Function)
    reserved = [function["reservedConcurrentExecutions"] for function in functions]

    # Lambda keeps 100 of the default quota of 1,000 for functions without reserved concurrency (Lambda developer guide,
    # "Configuring reserved concurrency").
    assert 0 < sum(reserved) <= 900


def test_only_a_protected_stacks_logs_are_retained(cafe: Recording) -> None:
    kept = {group.name: group.get("skipDestroy") for group in recorded_stack("prod").of(aws.cloudwatch.LogGroup)}

    assert set(kept.values()) == {True}
    assert [str(group) for group in cafe.of(aws.cloudwatch.LogGroup) if "skipDestroy" in group.inputs] == []


@pytest.mark.parametrize(
    ("platform", "more", "message"),
    [
        ({"snap_start": True}, {}, "it: snap_start applies to synchronous functions only"),
        ({"gradual_release": "AllAtOnce"}, {}, "it: gradual_release applies to synchronous functions only"),
        (
            {"snap_start": True, "provisioned_concurrency": 1},
            {"synchronous": True},
            "snap_start and provisioned_concurrency exclude",
        ),
        ({"architecture": "arm"}, {}, "it: architecture is 'arm'; allowed: arm64, x86_64"),
        ({"bytecode": True}, {"runtime": "python3.12"}, "bytecode is made for python3.13"),
        ({"boundary_prefix": "shop-dev-"}, {}, "it: the permissions boundary allows only names that begin with 'shop-"),
    ],
)
def test_inputs_that_would_have_no_effect_are_refused(
    platform: dict[str, Any], more: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        one_function(platform={"log_retention_days": 14, "metrics_namespace": "n", **platform}, **more)


def test_another_runtime() -> None:
    assert one_function(runtime="python3.12")["runtime"] == "python3.12"
