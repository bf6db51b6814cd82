"""The pack as the engine runs it: a process that prints its port, and is asked over gRPC."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2, json_format
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2_grpc
from pulumi.runtime.proto.analyzer_pb2 import (
    AnalyzeRequest,
    AnalyzeResponse,
    AnalyzerPropertyDependencies,
    AnalyzerResource,
    AnalyzerResourceOptions,
    AnalyzeStackRequest,
    EnforcementLevel,
    PolicyType,
)
from pulumi_policy.deserialize import serialize_properties

from local import program
from local.project import Project
from policy import kinds
from policy.rule import Resource
from policy.rules import RULES
from tests.components.recorder import ROOT, Recorder, Recording, recorded_stack, stack_project
from tests.policy.stacks import resource

TIMEOUT = 300
"""Seconds after which a call is given up."""


class Pack:
    """The pack's process, seen through its port."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.stub = analyzer_pb2_grpc.AnalyzerStub(channel)

    def look_at(self, given: AnalyzerResource) -> AnalyzeResponse:
        """What it says of a resource that is about to be made."""
        parts = {key: getattr(given, key) for key in ("urn", "type", "name", "properties", "options")}
        return self.stub.Analyze(AnalyzeRequest(**parts), timeout=TIMEOUT)

    def look_at_all(self, resources: Iterable[AnalyzerResource]) -> AnalyzeResponse:
        """What it says of a whole stack."""
        return self.stub.AnalyzeStack(AnalyzeStackRequest(resources=resources), timeout=TIMEOUT)


def message(given: Resource) -> AnalyzerResource:
    """A resource as the engine sends it."""
    return AnalyzerResource(
        urn=given.urn,
        type=given.type,
        name=given.name,
        properties=struct(given.props),
        options=AnalyzerResourceOptions(protect=given.protect),
        dependencies=given.dependencies,
        propertyDependencies={name: AnalyzerPropertyDependencies(urns=urns) for name, urns in given.comes_from.items()},
    )


def struct(props: Any) -> Struct:
    # A function's code is most of the message, and no rule's business.
    plain = serialize_properties({name: value for name, value in props.items() if name != "code"})
    return json_format.ParseDict(plain, Struct())


@contextmanager
def started(config: dict[str, str]) -> Iterator[Pack]:
    """The pack, started as Pulumi's `pulumi-analyzer-policy-python` does it, in the pack's folder."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", "."],
        cwd=ROOT / "policy",
        env={"PULUMI_CONFIG": json.dumps(config)},
        stdout=subprocess.PIPE,
    )
    late = threading.Timer(TIMEOUT, process.kill)
    late.start()
    try:
        assert process.stdout
        port = int(process.stdout.readline())
        late.cancel()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Pack(channel)
    finally:
        late.cancel()
        process.kill()
        process.communicate(timeout=TIMEOUT)


@pytest.fixture(scope="module")
def pack() -> Iterator[Pack]:
    with started(dict(recorded_stack("dev").project.config)) as pack:
        yield pack


def refusals(response: AnalyzeResponse) -> list[str]:
    return [f"{each.policyName}: {each.message}" for each in response.diagnostics]


def responses(pack: Pack, recording: Recording) -> list[AnalyzeResponse]:
    """What the pack says of each resource of an update before it is made, and of all at the end."""
    alone = [pack.look_at(message(resource(each, made=False))) for each in recording.resources]
    return [*alone, pack.look_at_all(message(resource(each, made=True)) for each in recording.resources)]


def test_it_has_every_rule_and_enforces_it(pack: Pack) -> None:
    info = pack.stub.GetAnalyzerInfo(empty_pb2.Empty(), timeout=TIMEOUT)

    assert info.name == "cafe"
    assert {(each.name, each.description) for each in info.policies} == {(rule.name, rule.reason) for rule in RULES}
    assert {each.enforcementLevel for each in info.policies} == {EnforcementLevel.MANDATORY}
    of_stack = {each.name for each in info.policies if each.policy_type == PolicyType.POLICY_TYPE_STACK}
    assert of_stack == {rule.name for rule in RULES if rule.whole_stack}


def test_it_has_nothing_against_the_program(pack: Pack) -> None:
    assert [refusal for each in responses(pack, recorded_stack("dev")) for refusal in refusals(each)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_it_refuses_what_breaks_a_rule(pack: Pack, rule: Any) -> None:
    resources = rule.refused[0]
    messages = [message(each) for each in resources]
    response = pack.look_at_all(messages) if rule.whole_stack else pack.look_at(messages[0])
    (refusal, *_) = [each for each in response.diagnostics if each.policyName == rule.name]

    assert (refusal.urn, refusal.enforcementLevel) == (resources[0].urn, EnforcementLevel.MANDATORY)
    assert refusal.message.startswith(f"{rule.reason}\n{resources[0].name} ")


class Previewed(Recorder):
    """Keeps what is registered as it is sent, with marks for what is unknown."""

    def __init__(self, project: Project) -> None:
        super().__init__(project, preview=True)
        self.sent: list[AnalyzerResource] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  the SDK's name
        self.sent.append(
            AnalyzerResource(
                urn=self.make_urn(request.parent, request.type, request.name),
                type=request.type,
                name=request.name,
                properties=request.object,
                options=AnalyzerResourceOptions(protect=request.protect),
                dependencies=request.dependencies,
                propertyDependencies={
                    name: AnalyzerPropertyDependencies(urns=each.urns)
                    for name, each in request.propertyDependencies.items()
                },
            )
        )
        return super().RegisterResource(request)


@pytest.fixture(scope="module")
def previewed() -> list[AnalyzerResource]:
    """What the first preview of a stack registers: no name and no ARN is known."""
    project = stack_project("dev")
    monitor = Previewed(project)
    program.preview(project, monitor)
    return monitor.sent


def test_it_has_nothing_against_a_first_preview(pack: Pack, previewed: list[AnalyzerResource]) -> None:
    responses = [*map(pack.look_at, previewed), pack.look_at_all(previewed)]

    # Nor does it warn of what it cannot know: that would be a warning for each role.
    assert [refusal for response in responses for refusal in refusals(response)] == []
    assert "actions-are-named" in {each.policy_name for response in responses for each in response.not_applicable}


@pytest.mark.parametrize(
    ("rule", "kind"),
    [("buckets-block-public-access", kinds.BUCKET_ACCESS), ("roles-have-the-boundary", kinds.MANAGED_POLICY)],
)
def test_what_is_missing_is_found_in_a_first_preview(
    pack: Pack, previewed: list[AnalyzerResource], rule: str, kind: str
) -> None:
    response = pack.look_at_all(each for each in previewed if each.type != kind)

    assert rule in {each.policyName for each in response.diagnostics}


def test_on_an_emulator_it_leaves_out_what_does_not_hold_there() -> None:
    local = recorded_stack("local")
    with started(dict(local.project.config)) as pack:
        said = responses(pack, local)

    assert [refusal for each in said for refusal in refusals(each)] == []
    left_out = {(each.policy_name, each.reason) for response in said for each in response.not_applicable}
    assert left_out == {(rule.name, rule.not_on_emulator) for rule in RULES if rule.not_on_emulator}


def test_it_runs_in_the_programs_own_environment() -> None:
    runtimes = [
        yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))["runtime"]
        for path in ("Pulumi.yaml", "policy/PulumiPolicy.yaml")
    ]
    environments = [
        (Path(where) / runtime["options"]["virtualenv"]).as_posix()
        for where, runtime in zip((".", "policy"), runtimes, strict=True)
    ]

    assert [(each["name"], each["options"]["toolchain"]) for each in runtimes] == [("python", "uv")] * 2
    assert (ROOT / environments[0]).resolve() == (ROOT / environments[1]).resolve()
