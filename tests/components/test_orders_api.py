"""The API that the program makes: every row of the contract, every preflight, every answer of the gateway's own."""

import json
import re

import pulumi_aws as aws
import pytest

from lambdas.routes import ROUTES, Route
from tests.components.draft4 import check_schema
from tests.components.policies import permits, statements
from tests.components.recorder import ACCOUNT, REGION, Recorded, Recording

PRIVATE = [route for route in ROUTES if route.access != "anyone"]
OPEN = [route for route in ROUTES if route.access == "anyone"]
CALLED = [route for route in ROUTES if route.function is not None]
QUEUED = [route for route in ROUTES if route.function is None]


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def paths(cafe: Recording) -> dict[str, str]:
    """Every path of the API by the id of its resource."""
    found = {cafe.one(aws.apigateway.RestApi).outputs["rootResourceId"]: "/"}
    waiting = cafe.of(aws.apigateway.Resource)
    while waiting:
        ready = [resource for resource in waiting if resource["parentId"] in found]
        assert ready, f"no parent: {[str(resource) for resource in waiting]}"
        for resource in ready:
            found[resource.id] = f"{found[resource['parentId']].rstrip('/')}/{resource['pathPart']}"
        waiting = [resource for resource in waiting if resource not in ready]
    return found


def at(cafe: Recording, kind: type, method: str, path: str) -> Recorded:
    """The part of the API that belongs to a method on a path."""
    where = paths(cafe)
    (found,) = [r for r in cafe.of(kind) if (r["httpMethod"], where[r["resourceId"]]) == (method, path)]
    return found


def headers(response: Recorded) -> dict[str, str]:
    """The headers of an answer that the gateway gives, without the quotes that make them constants."""
    found = {}
    for parameter, value in response["responseParameters"].items():
        assert re.fullmatch(r"'[^']*'", value), f"{response}: {parameter} is no constant: {value}"
        found[parameter.split(".header.")[1]] = value[1:-1]
    return found


def test_there_is_one_api_and_everything_belongs_to_it(cafe: Recording) -> None:
    api = cafe.one(aws.apigateway.RestApi)
    parts = [r for r in cafe.custom if r.type.startswith("aws:apigateway/")]
    global_or_itself = {aws.apigateway.Account.pulumi_type, aws.apigateway.RestApi.pulumi_type}

    assert len(parts) > len(ROUTES)
    assert [
        str(r) for r in parts if r.type not in global_or_itself and api.id not in (r.get("restApi"), r.get("restApiId"))
    ] == []


def test_methods_are_the_contract_and_preflights(cafe: Recording) -> None:
    where = paths(cafe)
    methods = sorted((method["httpMethod"], where[method["resourceId"]]) for method in cafe.of(aws.apigateway.Method))

    preflights = [("OPTIONS", path) for path in where.values()]
    refused = [("ANY", path) for path in {route.path for route in ROUTES}]
    assert methods == sorted([*((route.method, route.path) for route in ROUTES), *preflights, *refused])


@pytest.mark.parametrize("path", sorted({route.path for route in ROUTES}))
def test_another_method_on_a_known_path_is_a_405_that_names_those_there_are(cafe: Recording, path: str) -> None:
    integration = at(cafe, aws.apigateway.Integration, "ANY", path)
    answer = at(cafe, aws.apigateway.IntegrationResponse, "ANY", path)
    headers = {name.rpartition(".")[2]: value for name, value in answer["responseParameters"].items()}
    there = {route.method for route in ROUTES if route.path == path} | {"OPTIONS"}

    assert (integration["type"], answer["statusCode"]) == ("MOCK", "405")
    assert json.loads(integration["requestTemplates"]["application/json"]) == {"statusCode": 405}
    assert set(headers["Allow"].strip("'").split(", ")) == there
    assert headers["Content-Type"] == "'application/problem+json'"
    assert json.loads(answer["responseTemplates"]["application/json"])["status"] == 405


@pytest.mark.parametrize("route", PRIVATE, ids=name)
def test_a_private_route_asks_the_authorizer(cafe: Recording, route: Route) -> None:
    method = at(cafe, aws.apigateway.Method, route.method, route.path)

    assert method["authorization"] == "CUSTOM"
    assert method["authorizerId"] == cafe.one(aws.apigateway.Authorizer).id


@pytest.mark.parametrize("route", OPEN, ids=name)
def test_an_open_route_asks_nobody(cafe: Recording, route: Route) -> None:
    method = at(cafe, aws.apigateway.Method, route.method, route.path)

    assert (method["authorization"], method.get("authorizerId")) == ("NONE", None)


@pytest.mark.parametrize("route", CALLED, ids=name)
def test_a_route_is_answered_by_its_function(cafe: Recording, route: Route) -> None:
    integration = at(cafe, aws.apigateway.Integration, route.method, route.path)
    function = cafe.by(aws.lambda_.Function, "invokeArn")[integration["uri"]]

    assert function["handler"] == f"lambdas.{route.function}.handler"
    # Lambda is called by POST, whatever the method of the route.
    assert (integration["type"], integration["integrationHttpMethod"]) == ("AWS_PROXY", "POST")


@pytest.mark.parametrize("route", CALLED, ids=name)
def test_the_gateway_may_call_a_function_for_its_route_only(cafe: Recording, route: Route) -> None:
    function = cafe.by(aws.lambda_.Function, "invokeArn")[
        at(cafe, aws.apigateway.Integration, route.method, route.path)["uri"]
    ]
    pattern = re.sub(r"\{\w+\}", "*", route.path)
    api = cafe.one(aws.apigateway.RestApi).outputs["executionArn"]
    permissions = {
        p["sourceArn"]: p for p in cafe.of(aws.lambda_.Permission) if p["function"] in (function.id, function.arn)
    }
    routes = {r.method for r in ROUTES if r.function == route.function}

    assert permissions.keys() == {f"{api}/*/{method}{pattern}" for method in routes}
    permission = permissions[f"{api}/*/{route.method}{pattern}"]
    assert permission["principal"] == "apigateway.amazonaws.com"
    assert permission["action"] == "lambda:InvokeFunction"


def test_the_gateway_may_call_nothing_else_but_the_authorizer(cafe: Recording) -> None:
    api = cafe.one(aws.apigateway.RestApi).outputs["executionArn"]
    permissions = cafe.of(aws.lambda_.Permission)
    authorizer = cafe.one(aws.apigateway.Authorizer)
    function = cafe.by(aws.lambda_.Function, "invokeArn")[authorizer["authorizerUri"]]
    (permission,) = [p for p in permissions if p["function"] in (function.id, function.arn)]

    assert len(permissions) == len(CALLED) + 1
    assert permission["sourceArn"] in (f"{api}/authorizers/*", f"{api}/authorizers/{authorizer.id}")


def test_the_gateway_calls_aliases_where_functions_have_them(ready: Recording) -> None:
    aliases = ready.by(aws.lambda_.Alias, "invokeArn")
    handlers = {function.id: function["handler"] for function in ready.of(aws.lambda_.Function)}
    called = {route: at(ready, aws.apigateway.Integration, route.method, route.path)["uri"] for route in CALLED}
    authorizer = aliases[ready.one(aws.apigateway.Authorizer)["authorizerUri"]]

    assert {route: handlers[aliases[uri]["functionName"]] for route, uri in called.items()} == {
        route: f"lambdas.{route.function}.handler" for route in CALLED
    }
    assert handlers[authorizer["functionName"]] == "lambdas.authorize.handler"


def test_the_gateway_may_call_the_aliases_and_not_the_functions_behind_them(ready: Recording) -> None:
    permissions = ready.of(aws.lambda_.Permission)
    aliases = {(alias["functionName"], alias["name"]) for alias in ready.of(aws.lambda_.Alias)}

    assert {(permission["function"], permission.get("qualifier")) for permission in permissions} == aliases
    assert len(permissions) == len(CALLED) + 1


def test_without_aliases_a_permission_is_the_functions(dev: Recording) -> None:
    assert {permission.get("qualifier") for permission in dev.of(aws.lambda_.Permission)} == {None}


def test_the_authorizer_takes_the_token_from_its_header(cafe: Recording) -> None:
    authorizer = cafe.one(aws.apigateway.Authorizer)
    function = cafe.by(aws.lambda_.Function, "invokeArn")[authorizer["authorizerUri"]]

    assert (authorizer["type"], authorizer["identitySource"]) == ("TOKEN", "method.request.header.Authorization")
    assert function["handler"] == "lambdas.authorize.handler"
    assert 0 <= authorizer["authorizerResultTtlInSeconds"] <= 3600


@pytest.mark.parametrize("route", [route for route in ROUTES if route.body], ids=name)
def test_a_body_is_validated_against_its_model(cafe: Recording, route: Route) -> None:
    assert route.body is not None
    method = at(cafe, aws.apigateway.Method, route.method, route.path)
    (validator,) = cafe.of(aws.apigateway.RequestValidator)
    models = {model["name"]: model for model in cafe.of(aws.apigateway.Model)}

    assert method["requestValidatorId"] == validator.id
    assert validator["validateRequestBody"] is True
    assert method["requestModels"] == {"application/json": route.body.__name__}
    assert models[route.body.__name__]["contentType"] == "application/json"


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.body], ids=name)
def test_a_route_without_a_body_validates_none(cafe: Recording, route: Route) -> None:
    assert "requestModels" not in at(cafe, aws.apigateway.Method, route.method, route.path).inputs


def test_models_are_schemas_in_draft_4(cafe: Recording) -> None:
    for model in cafe.of(aws.apigateway.Model):
        schema = json.loads(model["schema"])

        check_schema(schema)
        assert schema["$schema"] == "http://json-schema.org/draft-04/schema#"
        # API Gateway takes letters and digits only.
        assert model["name"].isalnum()


@pytest.mark.parametrize("route", QUEUED, ids=name)
def test_a_queued_body_goes_straight_into_the_intake_queue(cafe: Recording, route: Route) -> None:
    integration = at(cafe, aws.apigateway.Integration, route.method, route.path)
    role = cafe.by(aws.iam.Role, "arn")[integration["credentials"]]
    (policy,) = [policy for policy in cafe.of(aws.iam.RolePolicy) if policy["role"] == role.id]
    head, _, queue_name = integration["uri"].rpartition("/")
    queue = cafe.by(aws.sqs.Queue, "id")[queue_name]
    (source,) = [s for s in cafe.of(aws.lambda_.EventSourceMapping) if s["eventSourceArn"] == queue.arn]

    assert head == f"arn:aws:apigateway:{REGION}:sqs:path/{ACCOUNT}"
    assert (integration["type"], integration["integrationHttpMethod"]) == ("AWS", "POST")
    handler = cafe.by(aws.lambda_.Function, "arn")[source["functionName"]]["handler"]
    assert handler == "lambdas.create_queued_order.handler"
    (statement,) = statements(policy)
    assert (statement["Action"], statement["Resource"]) == (["sqs:SendMessage"], [queue.arn])
    assert permits(statements(policy), "sqs:SendMessage", queue.arn)
    assert policy in list(cafe.below(integration))


@pytest.mark.parametrize("route", QUEUED, ids=name)
def test_what_a_queued_message_says(cafe: Recording, route: Route) -> None:
    integration = at(cafe, aws.apigateway.Integration, route.method, route.path)
    template = dict(part.split("=", 1) for part in integration["requestTemplates"]["application/json"].split("&"))

    assert template["Action"] == "SendMessage"
    # Encoded, or a `&` in an order would start a parameter of SQS's.
    assert template["MessageBody"] == "$util.urlEncode($input.body)"
    assert template["MessageAttribute.1.Name"] == "customer"
    assert template["MessageAttribute.1.Value.StringValue"] == "$util.urlEncode($context.authorizer.customer)"
    assert template["MessageAttribute.2.Name"] == "correlationId"
    assert template["MessageAttribute.2.Value.StringValue"] == "$context.requestId"
    assert integration["requestTemplates"].keys() == {"application/json"}
    assert integration["passthroughBehavior"] == "NEVER"
    assert integration["requestParameters"] == {
        "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"
    }


def answers(cafe: Recording, route: Route) -> dict[str, Recorded]:
    """The answers of a route that no function gives, by the pattern of the service's status."""
    where = paths(cafe)
    return {
        response.get("selectionPattern", ""): response
        for response in cafe.of(aws.apigateway.IntegrationResponse)
        if (response["httpMethod"], where[response["resourceId"]]) == (route.method, route.path)
    }


@pytest.mark.parametrize("route", QUEUED, ids=name)
def test_a_queued_body_is_answered_with_202_and_what_sqs_said(cafe: Recording, route: Route) -> None:
    accepted = [answer for answer in answers(cafe, route).values() if answer["statusCode"] == "202"]

    assert len(accepted) == 1
    assert headers(accepted[0])["Access-Control-Allow-Origin"] == "*"
    assert "responseTemplates" not in accepted[0].inputs


@pytest.mark.parametrize("route", QUEUED, ids=name)
def test_a_body_that_the_queue_did_not_take_is_not_called_accepted(cafe: Recording, route: Route) -> None:
    # The answer without a pattern is the one for every status that no pattern matches, errors as well.
    chosen = {
        status: next((a for pattern, a in found.items() if pattern and re.fullmatch(pattern, status)), found.get(""))
        for found in [answers(cafe, route)]
        for status in ("200", "400", "403", "500", "503")
    }
    statuses = {status: answer["statusCode"] if answer else None for status, answer in chosen.items()}

    assert statuses.pop("200") == "202"
    assert "202" not in statuses.values(), "an order is lost and its customer is told that it was accepted"


@pytest.mark.parametrize("route", QUEUED, ids=name)
def test_what_the_queue_did_not_take_is_answered_with_a_problem_document(cafe: Recording, route: Route) -> None:
    refusals = [answer for answer in answers(cafe, route).values() if answer["statusCode"] != "202"]

    assert {answer["statusCode"][0] for answer in refusals} == {"4", "5"}
    for answer in refusals:
        problem = json.loads(answer["responseTemplates"]["application/json"])
        assert problem.keys() >= {"type", "title", "status", "detail"}
        assert str(problem["status"]) == answer["statusCode"]
        assert headers(answer)["Content-Type"] == "application/problem+json"
        assert headers(answer)["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("route", QUEUED, ids=name)
def test_the_intake_queue_takes_no_body_over_64_kib(cafe: Recording, route: Route) -> None:
    _, _, queue_name = at(cafe, aws.apigateway.Integration, route.method, route.path)["uri"].rpartition("/")

    # No function stands before it that could look.
    assert cafe.by(aws.sqs.Queue, "id")[queue_name]["maxMessageSize"] <= 64 * 1024


def test_every_path_has_a_preflight(cafe: Recording) -> None:
    found = set(paths(cafe).values())

    # Paths that nobody knows as well: a browser should see a 404, and no CORS error.
    assert found >= {"/", "/{proxy+}", *(route.path for route in ROUTES)}
    for path in found:
        method = at(cafe, aws.apigateway.Method, "OPTIONS", path)
        integration = at(cafe, aws.apigateway.Integration, "OPTIONS", path)
        assert (method["authorization"], integration["type"]) == ("NONE", "MOCK"), path
        assert json.loads(integration["requestTemplates"]["application/json"]) == {"statusCode": 204}, path


def test_a_preflight_answers_204_and_what_is_allowed(cafe: Recording) -> None:
    for path in paths(cafe).values():
        response = at(cafe, aws.apigateway.IntegrationResponse, "OPTIONS", path)
        said = headers(response)
        methods = said["Access-Control-Allow-Methods"].split(", ")

        assert response["statusCode"] == "204", path
        assert said["Access-Control-Allow-Origin"] == "*", path
        assert {"Authorization", "Content-Type"} <= set(said["Access-Control-Allow-Headers"].split(", ")), path
        assert {"OPTIONS", *(route.method for route in ROUTES if route.path == path)} <= set(methods), path


def test_a_preflight_of_a_route_allows_no_more_than_there_is(cafe: Recording) -> None:
    for path in {route.path for route in ROUTES}:
        allowed = headers(at(cafe, aws.apigateway.IntegrationResponse, "OPTIONS", path))["Access-Control-Allow-Methods"]

        assert sorted(allowed.split(", ")) == sorted({"OPTIONS", *(r.method for r in ROUTES if r.path == path)})


def test_every_header_of_an_answer_is_declared_by_its_method(cafe: Recording) -> None:
    declared = {
        (r["resourceId"], r["httpMethod"], r["statusCode"]): r["responseParameters"]
        for r in cafe.of(aws.apigateway.MethodResponse)
    }
    for response in cafe.of(aws.apigateway.IntegrationResponse):
        key = (response["resourceId"], response["httpMethod"], response["statusCode"])

        assert response["responseParameters"].keys() <= declared[key].keys(), str(response)


def test_an_answer_is_made_after_its_integration_and_that_after_its_method(cafe: Recording) -> None:
    where = paths(cafe)
    for response in cafe.of(aws.apigateway.IntegrationResponse):
        method, path = response["httpMethod"], where[response["resourceId"]]
        before = {resource.urn for resource in cafe.below(response)}

        assert at(cafe, aws.apigateway.Integration, method, path).urn in before, str(response)
        assert at(cafe, aws.apigateway.Method, method, path).urn in before, str(response)


def test_the_gateways_own_answers_are_problem_documents_with_cors(cafe: Recording) -> None:
    responses = cafe.of(aws.apigateway.Response)

    assert {response["responseType"] for response in responses} >= {"DEFAULT_4XX", "DEFAULT_5XX", "UNAUTHORIZED"}
    for response in responses:
        assert response["responseTemplates"].keys() == {"application/json"}
        problem = json.loads(response["responseTemplates"]["application/json"])
        said = headers(response)
        assert problem.keys() >= {"type", "title", "status", "detail"}, str(response)
        assert str(problem["status"]) == response["statusCode"], str(response)
        assert said["Content-Type"] == "application/problem+json", str(response)
        assert said["Access-Control-Allow-Origin"] == "*", str(response)
        assert "Retry-After" in said or response["statusCode"] != "429", str(response)


def test_the_deployment_waits_for_everything_that_it_holds(cafe: Recording) -> None:
    parts = [
        resource
        for kind in (
            *(aws.apigateway.Method, aws.apigateway.Integration, aws.apigateway.MethodResponse),
            *(aws.apigateway.IntegrationResponse, aws.apigateway.Response, aws.apigateway.Model),
            *(aws.apigateway.Authorizer, aws.apigateway.RequestValidator, aws.apigateway.Resource),
        )
        for resource in cafe.of(kind)
    ]
    before = set(cafe.one(aws.apigateway.Deployment).dependencies)

    assert [str(part) for part in parts if part.urn not in before] == []


def test_the_stage_throttles(cafe: Recording) -> None:
    settings = cafe.one(aws.apigateway.MethodSettings)

    assert (settings["methodPath"], settings["stageName"]) == ("*/*", "dev")
    assert settings["settings"]["throttlingRateLimit"] == 200
    assert settings["settings"]["throttlingBurstLimit"] == 400
    # The bodies of requests would be in it.
    assert not settings["settings"].get("dataTraceEnabled")


def test_throttling_comes_from_the_config(configured: Recording) -> None:
    settings = configured.one(aws.apigateway.MethodSettings)["settings"]

    assert (settings["throttlingRateLimit"], settings["throttlingBurstLimit"]) == (7, 9)


def test_the_stage_logs_each_access_and_nobodys_name(cafe: Recording) -> None:
    stage = cafe.one(aws.apigateway.Stage)
    settings = stage["accessLogSettings"]
    line = json.loads(settings["format"])

    assert stage["deployment"] == cafe.one(aws.apigateway.Deployment).id
    assert cafe.by(aws.cloudwatch.LogGroup, "arn")[settings["destinationArn"]]["retentionInDays"] >= 1
    assert {"$context.requestId", "$context.status", "$context.httpMethod"} <= set(line.values())
    # A path has the customer's name in it; so do the authorizer's answers.
    assert {"$context.path", "$context.authorizer.customer", "$context.authorizer.principalId"} & set(
        line.values()
    ) == set()


def test_the_stage_waits_for_the_role_that_logs(cafe: Recording) -> None:
    before = {resource.type for resource in cafe.below(cafe.one(aws.apigateway.Stage))}

    assert {aws.apigateway.Account.pulumi_type, aws.iam.RolePolicyAttachment.pulumi_type} <= before


def test_the_accounts_log_role_is_no_stacks_to_take_away(cafe: Recording) -> None:
    # Another stack may have set its own since; and when this one is destroyed, others still log with what is set.
    (account,) = cafe.of(aws.apigateway.Account)
    role = cafe.by(aws.iam.Role, "arn")[account["cloudwatchRoleArn"]]
    (attachment,) = [each for each in cafe.of(aws.iam.RolePolicyAttachment) if each["role"] == role.id]

    assert account.ignored == ("cloudwatchRoleArn",)
    assert [each.retained for each in (account, role, attachment)] == [True, True, True]
    # IAM keeps a policy that is somebody's boundary: what it stands on stays, and so it has to.
    boundary = cafe.by(aws.iam.Policy, "arn")[role["permissionsBoundary"]]
    assert boundary.retained


def test_without_that_role_nothing_stays(configured: Recording) -> None:
    assert [str(resource) for resource in configured.custom if resource.retained] == []


def test_the_accounts_log_role_can_be_left_to_another_stack(configured: Recording) -> None:
    types = {resource.type for resource in configured.resources}

    assert aws.apigateway.Stage.pulumi_type in types
    assert types & {aws.apigateway.Account.pulumi_type, aws.iam.RolePolicyAttachment.pulumi_type} == set()


@pytest.mark.parametrize("token", ["a.b.c", "Bearer a.b.c", "bEARER  a-_9.b.c"])
def test_what_looks_like_a_token_reaches_the_authorizer(cafe: Recording, token: str) -> None:
    assert re.fullmatch(cafe.one(aws.apigateway.Authorizer)["identityValidationExpression"], token)


@pytest.mark.parametrize("token", ["", "x", "a.b", "a.b.c.d", "Basic YTpi", "Bearer", "a.b.c a.b.c", "a..c", "ä.b.c"])
def test_anything_else_is_refused_without_starting_a_function(cafe: Recording, token: str) -> None:
    assert not re.fullmatch(cafe.one(aws.apigateway.Authorizer)["identityValidationExpression"], token)
