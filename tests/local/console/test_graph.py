"""The architecture, from the resources of a program."""

import json

import pytest

from local.console.flow import architecture, moves
from local.console.graph import Edge, Graph
from local.recorder.raw import Kind
from local.recorder.recordings import Recordings
from local.resources import Existing
from local.state import Resource
from tests.local.recorder.records import ROLE, call, invocation, messages, record

ARN = "arn:aws:{}:us-east-1:000000000000:{}"
TABLE, QUEUE, DEAD, TOPIC = (
    ARN.format(*it)
    for it in (("dynamodb", "table/orders-1"), ("sqs", "orders-2"), ("sqs", "dead-3"), ("sns", "news-4"))
)


def resource(kind, name, id_, inputs=None, **outputs):
    type_ = f"aws:{kind[0].lower()}{kind[1:]}"
    return Resource(f"urn:{name}", type_, f"cafe-local-{name}", Existing(id_, inputs or {}, outputs))


def policy(name, role, *grants):
    statements = [{"Effect": "Allow", "Action": action, "Resource": arn} for action, arn in grants]
    document = json.dumps({"Statement": statements})
    return resource("iam/rolePolicy:RolePolicy", name, name, {"role": role, "policy": document})


@pytest.fixture
def graph():
    redrive = json.dumps({"deadLetterTargetArn": DEAD, "maxReceiveCount": 3})
    return Graph(
        [
            resource("cloudfront/distribution:Distribution", "site", "E1", {
                "origins": [
                    {"domainName": "localhost", "originPath": "/_aws/execute-api/0a1b2c3d/dev"},
                    {"domainName": "web-5.s3.amazonaws.com"},
                ],
            }, domainName="d1.cloudfront.localhost"),
            resource("s3/bucket:Bucket", "web", "web-5", arn="arn:aws:s3:::web-5"),
            resource("apigateway/restApi:RestApi", "api", "0a1b2c3d"),
            resource("lambda/permission:Permission", "p", "p", {
                "function": "create-6", "principal": "apigateway.amazonaws.com",
                "sourceArn": ARN.format("execute-api", "0a1b2c3d/*"),
            }),
            resource("lambda/function:Function", "create", "create-6", {
                "handler": "lambdas.create_order.handler", "role": "arn:aws:iam::000000000000:role/create-role",
            }, arn=ARN.format("lambda", "function:create-6")),
            policy("create", "create-role", (["dynamodb:PutItem"], TABLE), ("logs:PutLogEvents", "*")),
            resource("dynamodb/table:Table", "orders", "orders-1", arn=TABLE),
            resource("lambda/eventSourceMapping:EventSourceMapping", "m", "m", {
                "eventSourceArn": f"{TABLE}/stream/2026", "functionName": "accept-7",
                "destinationConfig": {"onFailure": {"destinationArn": DEAD}},
            }),
            resource("lambda/function:Function", "accept", "accept-7", {
                "handler": "lambdas.accept_order.handler", "role": "arn:aws:iam::000000000000:role/accept-role",
            }, arn=ARN.format("lambda", "function:accept-7")),
            policy("accept", "accept-role", (["sqs:ReceiveMessage", "sqs:DeleteMessage"], QUEUE),
                   (["sns:Publish", "sqs:ReceiveMessage"], [TOPIC])),
            resource("sqs/queue:Queue", "queue", "http://localhost/000000000000/orders-2",
                     {"redrivePolicy": redrive}, arn=QUEUE),
            resource("sqs/queue:Queue", "dead", "http://localhost/000000000000/dead-3", arn=DEAD),
            resource("sns/topic:Topic", "news", TOPIC, arn=TOPIC),
            resource("cloudwatch/metricAlarm:MetricAlarm", "alarm", "alarm"),
        ],
        "cafe-local-",
    )  # fmt: skip


def test_nodes_are_what_events_pass_through_in_the_order_of_their_way(graph):
    assert [(it.label, it.kind, it.rank) for it in graph.nodes] == [
        ("api", "api", 0),
        ("queue", "queue", 0),
        ("site", "distribution", 0),
        ("create", "function", 1),
        ("dead", "queue", 1),
        ("web", "bucket", 1),
        ("orders", "table", 2),
        ("accept", "function", 3),
        ("news", "topic", 4),
    ]


def test_edges_are_how_resources_refer_to_each_other(graph):
    assert graph.edges == [
        Edge(f"cafe-local-{source}", f"cafe-local-{target}")
        for source, target in (
            ("accept", "dead"),
            ("accept", "news"),
            ("api", "create"),
            ("create", "orders"),
            ("orders", "accept"),
            ("queue", "dead"),
            ("site", "api"),
            ("site", "web"),
        )
    ]


@pytest.mark.parametrize(
    ("name", "node"),
    [
        (TABLE, "orders"),
        (f"{TABLE}/index/by-status", "orders"),
        ("arn:aws:s3:::web-5/app.js", "web"),
        (ARN.format("lambda", "function:create-6:live"), "create"),
        ("create_order", "create"),
        ("d1.cloudfront.localhost", "site"),
        ("http://localhost/000000000000/dead-3", "dead"),
        (f"{TABLE}x", ""),
        ("", ""),
        ("unknown", ""),
    ],
)
def test_a_node_is_found_by_what_records_name(graph, name, node):
    assert graph.find(name) == (f"cafe-local-{node}" if node else "")


def test_a_function_is_found_by_its_session(graph):
    assert graph.function_of(ROLE) == "cafe-local-accept"
    assert graph.function_of("arn:aws:iam::000000000000:root") == ""


def test_an_empty_program_has_an_empty_picture():
    assert architecture(Graph([], "x")) == {"nodes": [], "edges": []}


def test_moves_go_from_node_to_node(graph):
    recordings = Recordings()
    records = [
        invocation(2, "create_order", parent=1),  # ends first
        record(1, Kind.REQUEST, "/dev/orders", method="POST", host="0a1b2c3d.execute-api.localhost:1", status=201),
        call(3, "sns:Publish", TOPIC),
        record(4, Kind.MESSAGE, QUEUE, "{}", ids=["m1"], parent=3),
        invocation(5, "accept_order", messages("m1")),
        call(6, "dynamodb:GetItem", ARN.format("dynamodb", "table/other")),
    ]
    found = []
    for each in records:
        recordings.add(each)
        found += [(it.id, it.source[11:], it.target[11:]) for it in moves([each], recordings, graph)]
    assert found == [
        (1, "", "api"),
        (2, "api", "create"),
        (3, "accept", "news"),
        (4, "news", "queue"),
        (5, "queue", "accept"),
    ]
