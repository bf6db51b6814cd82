"""Every function of the program: its runtime, its handler, its log, its role."""

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
from tests.components.recorder import REGION, ROOT, Recorded, Recording, record, recorded_stack

POLLING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"}

PHOTO_WRITES = {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}

LEDGER_WRITES = {"dynamodb:GetItem", "dynamodb:PutItem"}
"""A transaction takes the actions of its parts: an invoice, an entry and the end of the chain are all put."""

# Beside writing its log and its traces: what each module's code calls, and nothing more.
ACTIONS = {
    "accept_order": {*POLLING, "dynamodb:UpdateItem"},
    "answer_kitchen": {*POLLING, "states:SendTaskSuccess"},
    "authenticate": set(),
    "authorize": set(),
    "cancel_order": {"dynamodb:GetItem", "dynamodb:UpdateItem"},
    "check_order": {"dynamodb:GetItem"},
    "confirm_order": {"dynamodb:GetItem", "dynamodb:UpdateItem"},
    "create_order": {"dynamodb:PutItem"},
    "create_queued_order": {*POLLING, "dynamodb:PutItem"},
    "delete_order": {"dynamodb:DeleteItem"},
    "get_order": {"dynamodb:GetItem"},
    "get_orders": {"dynamodb:Query"},
    "publish_changes": {
        *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
        *("sqs:SendMessage", "sns:Publish"),
        # Powertools' idempotency, on a table of its own.
        *("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
    },
    "create_photo": {*PHOTO_WRITES, "s3:PutObject", "s3:DeleteObjectVersion"},
    "delete_photo": {"dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "s3:DeleteObjectVersion"},
    "file_photo": {*POLLING, *PHOTO_WRITES, "s3:GetObjectVersion", "s3:DeleteObjectVersion"},
    "create_invoice": LEDGER_WRITES,
    "delete_invoice": {*LEDGER_WRITES, "dynamodb:UpdateItem", "dynamodb:DeleteItem"},
    "get_invoice": {"dynamodb:GetItem", "dynamodb:Query"},
    "get_invoices": {"dynamodb:Query"},
    "get_ledger": {"dynamodb:GetItem", "dynamodb:Query"},
    "get_payment": {"dynamodb:GetItem", "dynamodb:Query"},
    "invoice_order": {
        *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
        *(*LEDGER_WRITES, "dynamodb:Query", "sqs:SendMessage"),
    },
    "pay_invoice": {*LEDGER_WRITES, "dynamodb:Query", "dynamodb:UpdateItem"},
    "send_invoice": LEDGER_WRITES,
    "update_invoice": LEDGER_WRITES,
    "get_photo": {"dynamodb:GetItem", "s3:GetObjectVersion"},
    "get_photos": {"dynamodb:Query", "s3:GetObjectVersion"},
    "reserve_photo": {"dynamodb:GetItem", "dynamodb:PutItem", "s3:PutObject"},
    "refund_payment": {"dynamodb:PutItem", "dynamodb:UpdateItem"},
    "replace_order": {"dynamodb:UpdateItem"},
    "start_workflow": {*POLLING, "states:StartExecution"},
    "take_payment": {"dynamodb:PutItem"},
    "update_order": {"dynamodb:UpdateItem"},
}


OF_WORKFLOW = {
    *("answer_kitchen", "cancel_order", "check_order", "confirm_order", "refund_payment", "start_workflow"),
    "take_payment",
}
"""The functions that are there only where the order workflow is on."""


def modules(cafe: Recording) -> set[str]:
    """The functions that a stack has."""
    workflow = cafe.project.config["cafe:workflow"] == "true"
    return ACTIONS.keys() - ({"accept_order"} if workflow else OF_WORKFLOW)


def module(function: Recorded) -> str:
    package, name, attribute = function["handler"].split(".")
    assert (package, attribute) == ("lambdas", "handler")
    return str(name)


def role_statements(cafe: Recording, function: Recorded) -> list[dict[str, Any]]:
    """What a function's role allows, from all the policies that hang on it."""
    role = cafe.by(aws.iam.Role, "arn")[function["role"]]
    policies = [policy for policy in cafe.of(aws.iam.RolePolicy) if policy["role"] == role.id]
    return [statement for policy in policies for statement in allowed(statements(policy))]


def test_runtime_and_architecture(cafe: Recording) -> None:
    functions = cafe.of(aws.lambda_.Function)

    assert {(function["runtime"], *function["architectures"]) for function in functions} == {("python3.13", "arm64")}


def test_each_module_with_a_handler_is_one_function(cafe: Recording) -> None:
    assert sorted(map(module, cafe.of(aws.lambda_.Function))) == sorted(modules(cafe))


def test_no_module_with_a_handler_is_left_out() -> None:
    with_handler = {
        path.stem
        for path in (ROOT / "lambdas").glob("*.py")
        if any(getattr(node, "name", "") == "handler" for node in ast.parse(path.read_text(encoding="utf-8")).body)
    }

    assert with_handler == ACTIONS.keys()


def test_a_function_has_its_own_archive_with_its_handler(cafe: Recording) -> None:
    archives = {module(function): list(function["code"].assets) for function in cafe.of(aws.lambda_.Function)}

    assert [name for name, files in archives.items() if f"lambdas/{name}.py" not in files] == []
    others = {path.name for path in (ROOT / "lambdas").glob("[!_]*.py")}
    assert {name: found for name, files in archives.items() if (found := others & set(files) - {f"{name}.py"})} == {}


def test_an_archive_that_the_program_gives_is_kept() -> None:
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
    # All of its modules: what is imported inside functions only has to be there as well.
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

    # An empty environment: nothing may be read from it at import. Python's own files are found without one.
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, *handlers],
        cwd=tmp_path,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
    )

    assert (done.stderr, done.stdout.split()) == ("", handlers)


def test_a_function_knows_all_that_its_handler_asks_the_environment_for(cafe: Recording) -> None:
    missing = {
        module(function): asked - function["environment"]["variables"].keys()
        for function in cafe.of(aws.lambda_.Function)
        if (asked := environment_asked_for(module(function))) - function["environment"]["variables"].keys()
    }

    assert missing == {}
    assert environment_asked_for("publish_changes") == {
        *("ORDERS_QUEUE_URL", "USER_NOTIFICATION_TOPIC_ARN", "NOTIFICATIONS_TABLE"),
    }
    assert environment_asked_for("take_payment") >= {"ORDERS_TABLE", "PAYMENTS_TABLE", "PAYMENT_ANSWER"}


def environment_asked_for(name: str) -> set[str]:
    """The keys of `os.environ` in a handler's module, and in the services that it calls."""
    tree = ast.parse((ROOT / "lambdas" / f"{name}.py").read_text(encoding="utf-8"))
    services = {
        (path.parent.name, node.name): node
        for path in (ROOT / "lambdas").glob("*/services.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    parts: list[ast.AST] = [tree]
    seen: set[tuple[str, str]] = set()
    for part in parts:
        # A service may call another: of its own module, or one that it imports.
        domain = next((key[0] for key, node in services.items() if node is part), "")
        called = {(domain, node.id) for node in ast.walk(part) if isinstance(node, ast.Name)}
        called |= {
            (node.module.split(".")[1], alias.name)
            for node in ast.walk(part)
            if isinstance(node, ast.ImportFrom) and node.module and node.module.endswith(".services")
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


def test_environment_holds_what_it_says(dev: Recording) -> None:
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


def test_on_the_emulator_keys_come_from_the_emulator(local: Recording) -> None:
    (authorize,) = [f for f in local.of(aws.lambda_.Function) if module(f) == "authorize"]
    pool = local.one(aws.cognito.UserPool)
    variables = authorize["environment"]["variables"]

    assert variables["JWKS_URL"] == f"http://localhost:4566/{pool.id}/.well-known/jwks.json"
    # Tokens name the real host even there.
    assert variables["TOKEN_ISSUER"] == f"https://cognito-idp.{REGION}.amazonaws.com/{pool.id}"


@pytest.mark.parametrize(("stack", "days"), [("dev", 7), ("local", 30)])
def test_every_log_group_forgets(stack: str, days: int) -> None:
    groups = recorded_stack(stack).of(aws.cloudwatch.LogGroup)

    assert {group["retentionInDays"] for group in groups} == {days}


def test_a_role_may_write_its_functions_log_and_no_other(cafe: Recording) -> None:
    groups = cafe.by(aws.cloudwatch.LogGroup, "name")
    for function in cafe.of(aws.lambda_.Function):
        group = groups[function["loggingConfig"]["logGroup"]]
        logging = [s for s in role_statements(cafe, function) if any(a.startswith("logs:") for a in s["Action"])]

        (statement,) = logging
        assert set(statement["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}, str(function)
        assert listed(statement["Resource"]) == [f"{group.arn}:*"], str(function)


def test_a_role_is_one_functions_and_no_one_elses(cafe: Recording) -> None:
    used = [
        *(function["role"] for function in cafe.of(aws.lambda_.Function)),
        *re.findall(r'"credentials": "([^"]+)"', cafe.one(aws.apigateway.RestApiPut)["body"]),
        *(each["cloudwatchRoleArn"] for each in cafe.of(aws.apigateway.Account)),
        *(each["roleArn"] for each in cafe.resources if each.type == aws.sfn.StateMachine.pulumi_type),
        *(role for each in cafe.of(aws.cognito.IdentityPoolRoleAttachment) for role in each["roles"].values()),
    ]

    assert sorted(used) == sorted(role.arn for role in cafe.of(aws.iam.Role))


def test_every_policy_hangs_on_a_role_of_the_program(cafe: Recording) -> None:
    roles = cafe.by(aws.iam.Role, "id")
    hanging = [*cafe.of(aws.iam.RolePolicy), *cafe.of(aws.iam.RolePolicyAttachment)]

    assert {policy["role"] for policy in hanging} == roles.keys()


def test_a_role_is_assumed_by_the_one_service_that_uses_it(cafe: Recording) -> None:
    of_functions = {function["role"] for function in cafe.of(aws.lambda_.Function)}
    of_users = {role for each in cafe.of(aws.cognito.IdentityPoolRoleAttachment) for role in each["roles"].values()}
    for role in cafe.of(aws.iam.Role):
        if role.arn in of_users:
            continue  # the photo store's tests have it
        (statement,) = statements(role, "assumeRolePolicy")
        of_workflow = role.name.endswith("-pipeline-workflow-role")
        service = "lambda" if role.arn in of_functions else "states" if of_workflow else "apigateway"

        assert statement == {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }, str(role)


def test_a_role_may_do_what_its_code_does_and_nothing_more(cafe: Recording) -> None:
    granted = {
        module(function): {
            action
            for statement in role_statements(cafe, function)
            for action in statement["Action"]
            if not action.startswith(("logs:", "xray:"))
        }
        for function in cafe.of(aws.lambda_.Function)
    }

    mails = {"send_invoice": {"ses:SendEmail"}} if cafe.project.config["cafe:mailFrom"] else {}
    assert granted == {name: ACTIONS[name] | mails.get(name, set()) for name in modules(cafe)}


def test_a_grant_names_resources_of_the_program(cafe: Recording) -> None:
    ours = {r.outputs[key] for r in cafe.custom for key in ("arn", "streamArn") if r.outputs.get(key)}
    for function in cafe.of(aws.lambda_.Function):
        for statement in role_statements(cafe, function):
            # The boundary's test says for which actions there is no resource to name.
            for resource in listed(statement["Resource"] if statement["Resource"] != ["*"] else []):
                base = resource.removesuffix(":*").removesuffix("/index/*").removesuffix("/stream/*")
                base = base.removesuffix("/uploads/*").removesuffix("/identities/*")
                assert base in ours, f"{function}: {resource}"


def test_every_function_may_write_traces(cafe: Recording) -> None:
    for function in cafe.of(aws.lambda_.Function):
        actions = {action for statement in role_statements(cafe, function) for action in statement["Action"]}
        assert actions >= {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}, str(function)


def test_metrics_of_two_stacks_stay_apart(dev: Recording, local: Recording) -> None:
    assert {metrics_namespace(f) for f in dev.of(aws.lambda_.Function)} == {"cafe-dev"}
    assert {metrics_namespace(f) for f in local.of(aws.lambda_.Function)} == {"cafe-local"}


def metrics_namespace(function: Recorded) -> str:
    return str(function["environment"]["variables"]["POWERTOOLS_METRICS_NAMESPACE"])


def waited_for() -> set[str]:
    """The modules that the API calls: each row's, and before it the authorizer's."""
    return {route.function for route in ROUTES if route.function} | {"authorize"}


def test_what_people_wait_for_is_published_under_an_alias_and_nothing_else_is(ready: Recording) -> None:
    functions = {function.id: function for function in ready.of(aws.lambda_.Function)}
    published = {name for name, function in functions.items() if function.get("publish")}
    aliases = ready.of(aws.lambda_.Alias)

    assert {module(functions[name]) for name in published} == waited_for()
    assert sorted(alias["functionName"] for alias in aliases) == sorted(published)
    assert {alias["name"] for alias in aliases} == {"live"}


def test_an_alias_goes_to_the_newest_version(ready: Recording) -> None:
    versions = {function.id: function.outputs["version"] for function in ready.of(aws.lambda_.Function)}
    aliases = ready.of(aws.lambda_.Alias)

    assert [str(alias) for alias in aliases if alias["functionVersion"] != versions[alias["functionName"]]] == []


def test_queues_and_streams_call_the_functions_themselves(ready: Recording) -> None:
    functions = ready.of(aws.lambda_.Function)
    called = {source["functionName"] for source in ready.of(aws.lambda_.EventSourceMapping)}

    assert called <= {name for function in functions for name in (function.id, function.arn)}


def test_outputs_name_functions_and_not_aliases(ready: Recording, dev: Recording) -> None:
    assert ready.outputs == dev.outputs


def test_snapshots_are_made_of_published_versions_only(snapshots: Recording) -> None:
    functions = snapshots.of(aws.lambda_.Function)

    assert {module(f): f["snapStart"]["applyOn"] for f in functions if f.get("snapStart")} == dict.fromkeys(
        waited_for(), "PublishedVersions"
    )
    assert aws.lambda_.ProvisionedConcurrencyConfig.pulumi_type not in {r.type for r in snapshots.resources}


def test_as_many_environments_of_each_alias_are_kept_started_as_configured(kept_started: Recording) -> None:
    kept = kept_started.of(aws.lambda_.ProvisionedConcurrencyConfig)
    aliases = {(alias["functionName"], alias["name"]) for alias in kept_started.of(aws.lambda_.Alias)}

    assert {(each["functionName"], each["qualifier"]) for each in kept} == aliases
    assert {each["provisionedConcurrentExecutions"] for each in kept} == {3}
    assert [str(f) for f in kept_started.of(aws.lambda_.Function) if f.get("snapStart")] == []


def test_with_neither_nothing_is_published(cafe: Recording) -> None:
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


def test_what_is_given_goes_before_the_defaults() -> None:
    function = one_function(timeout_seconds=3, memory_mb=1024, environment={"A": "1", "POWERTOOLS_SERVICE_NAME": "x"})

    assert (function["timeout"], function["memorySize"]) == (3, 1024)
    assert function["environment"]["variables"].items() >= {"A": "1", "POWERTOOLS_SERVICE_NAME": "x"}.items()


def test_every_function_has_its_share_of_the_account_where_it_is_reserved(
    configured: Recording, cafe: Recording
) -> None:
    reserved = {function.get("reservedConcurrentExecutions") for function in configured.of(aws.lambda_.Function)}

    assert reserved == {9}
    # To Lambda, 0 would be a function that never runs.
    assert [str(f) for f in cafe.of(aws.lambda_.Function) if "reservedConcurrentExecutions" in f.inputs] == []


@pytest.mark.parametrize("workflow", [False, True])
def test_prod_leaves_the_account_what_lambda_insists_on(workflow: bool) -> None:
    functions = recorded_stack("prod", workflow=workflow).of(aws.lambda_.Function)
    reserved = [function["reservedConcurrentExecutions"] for function in functions]

    # Of the usual quota of 1,000, 100 are for functions that reserve nothing (Lambda developer guide, "Configuring
    # reserved concurrency").
    assert 0 < sum(reserved) <= 900


def test_logs_outlive_a_stack_that_is_protected_and_no_other(cafe: Recording) -> None:
    kept = {group.name: group.get("skipDestroy") for group in recorded_stack("prod").of(aws.cloudwatch.LogGroup)}

    assert set(kept.values()) == {True}
    assert [str(group) for group in cafe.of(aws.cloudwatch.LogGroup) if "skipDestroy" in group.inputs] == []
