"""The policy pack as the engine runs it: a process that prints its port and serves gRPC."""

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
"""The timeout of a call in seconds."""


class Pack:
    """A client of the pack's process."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.stub = analyzer_pb2_grpc.AnalyzerStub(channel)

    def analyze(self, given: AnalyzerResource) -> AnalyzeResponse:
        """The response for a resource before it is created."""
        parts = {key: getattr(given, key) for key in ("urn", "type", "name", "properties", "options")}
        return self.stub.Analyze(AnalyzeRequest(**parts), timeout=TIMEOUT)

    def analyze_stack(self, resources: Iterable[AnalyzerResource]) -> AnalyzeResponse:
        """The response for a whole stack."""
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
        propertyDependencies={
            name: AnalyzerPropertyDependencies(urns=urns) for name, urns in given.input_dependencies.items()
        },
    )


def struct(props: Any) -> Struct:
    # A function's code is most of the message, and no rule reads it.
    plain = serialize_properties({name: value for name, value in props.items() if name != "code"})
    return json_format.ParseDict(plain, Struct())


@contextmanager
def started(config: dict[str, str]) -> Iterator[Pack]:
    """Start the pack in its folder, like Pulumi's `pulumi-analyzer-policy-python`."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", "."],
        cwd=ROOT / "policy",
        env={"PULUMI_CONFIG": json.dumps(config)},
        stdout=subprocess.PIPE,
    )
    watchdog = threading.Timer(TIMEOUT, process.kill)
    watchdog.start()
    try:
        assert process.stdout
        port = int(process.stdout.readline())
        watchdog.cancel()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Pack(channel)
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate(timeout=TIMEOUT)


@pytest.fixture(scope="module")
def pack() -> Iterator[Pack]:
    with started(dict(recorded_stack("dev").project.config)) as pack:
        yield pack


def refusals(response: AnalyzeResponse) -> list[str]:
    return [f"{each.policyName}: {each.message}" for each in response.diagnostics]


def responses(pack: Pack, recording: Recording) -> list[AnalyzeResponse]:
    """The pack's response for each resource before it is created, and for the whole stack afterward."""
    alone = [pack.analyze(message(resource(each, created=False))) for each in recording.resources]
    return [*alone, pack.analyze_stack(message(resource(each, created=True)) for each in recording.resources)]


def test_it_enforces_every_rule(pack: Pack) -> None:
    info = pack.stub.GetAnalyzerInfo(empty_pb2.Empty(), timeout=TIMEOUT)

    assert info.name == "cafe"
    assert {(each.name, each.description) for each in info.policies} == {(rule.name, rule.reason) for rule in RULES}
    assert {each.enforcementLevel for each in info.policies} == {EnforcementLevel.MANDATORY}
    stack_rules = {each.name for each in info.policies if each.policy_type == PolicyType.POLICY_TYPE_STACK}
    assert stack_rules == {rule.name for rule in RULES if rule.whole_stack}


def test_the_program_has_no_violations(pack: Pack) -> None:
    assert [refusal for each in responses(pack, recorded_stack("dev")) for refusal in refusals(each)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_it_rejects_violations(pack: Pack, rule: Any) -> None:
    resources = rule.violating[0]
    messages = [message(each) for each in resources]
    response = pack.analyze_stack(messages) if rule.whole_stack else pack.analyze(messages[0])
    (refusal, *_) = [each for each in response.diagnostics if each.policyName == rule.name]

    assert (refusal.urn, refusal.enforcementLevel) == (resources[0].urn, EnforcementLevel.MANDATORY)
    assert refusal.message.startswith(f"{rule.reason}\n{resources[0].name} ")


class Previewed(Recorder):
    """Records requests unchanged, with placeholders for unknown values."""

    def __init__(self, project: Project) -> None:
        super().__init__(project, preview=True)
        self.sent: list[AnalyzerResource] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  named by the SDK
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
    """The resources of a stack's first preview, in which no name or ARN is known."""
    project = stack_project("dev")
    monitor = Previewed(project)
    program.preview(project, monitor)
    return monitor.sent


def test_a_first_preview_has_no_violations(pack: Pack, previewed: list[AnalyzerResource]) -> None:
    responses = [*map(pack.analyze, previewed), pack.analyze_stack(previewed)]

    # It does not warn about unknown values either, which would be a warning for each role.
    assert [refusal for response in responses for refusal in refusals(response)] == []
    assert "actions-are-named" in {each.policy_name for response in responses for each in response.not_applicable}


@pytest.mark.parametrize(
    ("rule", "kind"),
    [("buckets-block-public-access", kinds.BUCKET_ACCESS), ("roles-have-the-boundary", kinds.MANAGED_POLICY)],
)
def test_a_first_preview_without_required_resources_has_violations(
    pack: Pack, previewed: list[AnalyzerResource], rule: str, kind: str
) -> None:
    response = pack.analyze_stack(each for each in previewed if each.type != kind)

    assert rule in {each.policyName for each in response.diagnostics}


def test_on_an_emulator_it_skips_rules_that_do_not_apply() -> None:
    local = recorded_stack("local")
    with started(dict(local.project.config)) as pack:
        answers = responses(pack, local)

    assert [refusal for each in answers for refusal in refusals(each)] == []
    skipped = {(each.policy_name, each.reason) for response in answers for each in response.not_applicable}
    assert skipped == {(rule.name, rule.not_on_emulator) for rule in RULES if rule.not_on_emulator}


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
