"""The architecture, as the program's deployed resources have it."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..functions import module_of
from ..recorder.usage import role_of
from ..state import Resource

SHOWN = {
    "aws:apigateway/restApi:RestApi": "api",
    "aws:appsync/api:Api": "live updates",
    "aws:cloudfront/distribution:Distribution": "distribution",
    "aws:cognito/userPool:UserPool": "user pool",
    "aws:dynamodb/table:Table": "table",
    "aws:kms/key:Key": "key",
    "aws:lambda/function:Function": "function",
    "aws:s3/bucket:Bucket": "bucket",
    "aws:sesv2/emailIdentity:EmailIdentity": "mail",
    "aws:sfn/stateMachine:StateMachine": "workflow",
    "aws:sns/topic:Topic": "topic",
    "aws:sqs/queue:Queue": "queue",
}
"""The resource types that events pass through, with how the page names them."""

ENTRIES = ("distribution", "api", "user pool")
"""Where events come from outside."""


CONSUMING = frozenset(
    (
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
    )
)
"""What a function needs to get events, which lead to it and not from it."""


class Node(NamedTuple):
    """A resource that events pass through."""

    id: str
    """Its name in Pulumi."""
    label: str
    kind: str
    rank: int
    """How many steps it is from an entry, at least."""


class Edge(NamedTuple):
    """A way that events take."""

    source: str
    target: str


class Grant(NamedTuple):
    """A statement of a function's role."""

    function: str
    """The node's ID."""
    actions: tuple[str, ...]
    resources: tuple[str, ...]


class Graph:
    """Nodes and edges, and how to find them by what a record names."""

    def __init__(self, resources: Iterable[Resource], prefix: str) -> None:
        """`prefix` is what all names in the stack start with."""
        self._resources = [*resources]
        self._prefix = prefix
        self._names: dict[str, str] = {}
        """Nodes by their names in AWS: IDs, ARNs, host names, handlers' modules."""
        self._kinds: dict[str, str] = {}
        self.roles: dict[str, str] = {}
        """Functions by their roles' names."""
        for resource in self._resources:
            if kind := SHOWN.get(resource.type):
                self._add(resource, kind)
        for resource in self._resources:
            if resource.type == "aws:appsync/channelNamespace:ChannelNamespace":
                inputs = resource.existing.inputs
                self._names[f"/{inputs['name']}"] = self._names.get(str(inputs["apiId"]), "")
        self.failures = {
            (self.find(source), target)
            for resource in self._resources
            if resource.type == "aws:lambda/eventSourceMapping:EventSourceMapping"
            for source, target in [*_links_of(resource)][1:]
        }
        """Functions, with the ARNs of the queues to which Lambda sends what they failed to handle."""
        self.grants = [grant for role, policy in self._policies() for grant in self._grants_of(role, policy)]
        self.edges = sorted(
            {
                Edge(a, b)
                for source, target in self._links()
                if (a := self.find(source)) and (b := self.find(target)) and a != b
            }
        )
        self.nodes = self._ranked()

    def _add(self, resource: Resource, kind: str) -> None:
        inputs, outputs = resource.existing.inputs, resource.existing.outputs
        self._kinds[resource.name] = kind
        names = [resource.existing.id, *(outputs.get(key) for key in ("arn", "apiArn", "domainName"))]
        if kind == "function":
            names.append(module_of(str(inputs.get("handler"))))
            self.roles[_last(str(inputs.get("role")))] = resource.name
        if kind == "queue":
            names.append("/".join(resource.existing.id.rsplit("/", 2)[1:]))  # of its URL: account and name
        if kind == "mail":
            names.append("mail")
        self._names.update({str(name): resource.name for name in names if name})

    def find(self, name: str) -> str:
        """The node that a name in AWS belongs to, also if it continues: a stream, an index, a key, a version."""
        if found := self._names.get(name):
            return found
        while name:
            name = re.sub(r"[:/][^:/]*$|^[^:/]*$", "", name)
            if found := self._names.get(name):
                return found
        return ""

    def ids(self, kind: str) -> dict[str, str]:
        """The IDs in AWS of all nodes of a kind, by node: a table's name, a queue's URL."""
        return {it.name: it.existing.id for it in self._resources if SHOWN.get(it.type) == kind}

    def label(self, node: str) -> str:
        """A node's name without what all names of the stack start with."""
        return node.removeprefix(self._prefix)

    def function_of(self, principal: str) -> str:
        """The function whose role made a call, or nothing."""
        return self.roles.get(role_of(principal), "")

    def _policies(self) -> Iterator[tuple[str, Any]]:
        for resource in self._resources:
            if resource.type == "aws:iam/rolePolicy:RolePolicy":
                inputs = resource.existing.inputs
                yield str(inputs["role"]), json.loads(str(inputs["policy"]))

    def _grants_of(self, role: str, policy: Any) -> Iterator[Grant]:
        if function := self.roles.get(role):
            for statement in policy["Statement"]:
                if statement["Effect"] == "Allow":
                    yield Grant(function, _listed(statement["Action"]), _listed(statement["Resource"]))

    def _links(self) -> Iterator[tuple[str, str]]:
        """What leads to what, by names in AWS."""
        for grant in self.grants:
            if not CONSUMING.issuperset(grant.actions):
                for arn in grant.resources:
                    yield self._arn_of(grant.function), arn.removesuffix("/*")
        for resource in self._resources:
            yield from _links_of(resource)

    def _arn_of(self, node: str) -> str:
        return next(name for name, it in self._names.items() if it == node)

    def _ranked(self) -> list[Node]:
        following = defaultdict(list)
        for edge in self.edges:
            following[edge.source].append(edge.target)
        ranks: dict[str, int] = {}
        reached = [name for kind in ENTRIES for name, it in self._kinds.items() if it == kind]
        starts = [*reached, *(name for name in self._kinds if name not in {edge.target for edge in self.edges})]
        level, rank = [*dict.fromkeys(starts)], 0
        while level:
            ranks.update(dict.fromkeys(level, rank))
            level = [*dict.fromkeys(it for name in level for it in following[name] if it not in ranks)]
            rank += 1
        nodes = [Node(name, self.label(name), kind, ranks.get(name, 0)) for name, kind in self._kinds.items()]
        return sorted(nodes, key=lambda node: (node.rank, node.label))


def _links_of(resource: Resource) -> Iterator[tuple[str, str]]:
    inputs = resource.existing.inputs
    match resource.type:
        case "aws:lambda/eventSourceMapping:EventSourceMapping":
            yield str(inputs["eventSourceArn"]), str(inputs["functionName"])
            failed = ((inputs.get("destinationConfig") or {}).get("onFailure") or {}).get("destinationArn")
            if failed:
                yield str(inputs["functionName"]), str(failed)
        case "aws:lambda/permission:Permission":
            source = str(inputs.get("sourceArn", ""))
            api = re.match(r"arn:[\w-]+:execute-api:[^:]+:\d+:(\w+)", source)
            yield api[1] if api else source, str(inputs["function"])
        case "aws:apigateway/restApiPut:RestApiPut":
            for account, queue in set(re.findall(r":sqs:path/(\d+)/([\w-]+)", str(inputs["body"]))):
                yield str(inputs["restApiId"]), f"{account}/{queue}"
        case "aws:sns/topicSubscription:TopicSubscription":
            yield str(inputs["topic"]), str(inputs["endpoint"])
        case "aws:sqs/queue:Queue" if inputs.get("redrivePolicy"):
            yield resource.existing.id, str(json.loads(str(inputs["redrivePolicy"]))["deadLetterTargetArn"])
        case "aws:s3/bucketNotification:BucketNotification":
            for queue in inputs.get("queues") or []:
                yield str(inputs["bucket"]), str(queue["queueArn"])
        case "aws:cloudfront/distribution:Distribution":
            for origin in inputs["origins"]:
                name = str(origin["domainName"]) + str(origin.get("originPath") or "")
                api = re.search(r"execute-api/(\w+)|^(\w+)\.execute-api", name)
                yield resource.existing.id, (api[1] or api[2]) if api else name.partition(".s3")[0]


def _listed(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]
