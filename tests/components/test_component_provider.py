"""The component provider for Pulumi's other languages, started like the engine starts it and called over gRPC."""

import json
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import grpc
import pulumi
import pulumi_aws as aws
import pytest
import yaml
from google.protobuf import empty_pb2
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc, resource_pb2, resource_pb2_grpc

from components import reference
from components.blocks.durable_queue import DurableQueue
from components.event_pipeline.pipeline import EventPipeline
from components.reference import with_reference
from local.project import Project
from tests.components.recorder import ROOT, Recorder, Recording, comparable, record

ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
SIGNATURE = "4dabf18193072939515e22adb298388d"
"""How the engine marks special values (Pulumi's SDK, `runtime/rpc.py`)."""

SECONDS = 300
"""Timeout of a call, generous enough for a busy machine."""


class Engine(engine_pb2_grpc.EngineServicer, resource_pb2_grpc.ResourceMonitorServicer):
    """The engine's services that a provider uses. Records registrations."""

    recorder: Recorder

    def Log(self, _request: Any, _context: Any) -> Any:  # noqa: N802  named by the services
        return empty_pb2.Empty()

    def GetDeploymentInfo(self, _request: Any, context: Any) -> Any:  # noqa: N802
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "")

    def SupportsFeature(self, request: Any, _context: Any) -> Any:  # noqa: N802
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in ("secrets", "resourceReferences"))

    def Invoke(self, request: Any, _context: Any) -> Any:  # noqa: N802
        return self.recorder.Invoke(request)

    def RegisterResource(self, request: Any, _context: Any) -> Any:  # noqa: N802
        return self.recorder.RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any, _context: Any) -> Any:  # noqa: N802
        return self.recorder.RegisterResourceOutputs(request)


class Provider(NamedTuple):
    """A running provider and its engine."""

    engine: Engine
    engine_address: str
    stub: Any

    def construct(self, kind: str, inputs: dict[str, Any]) -> tuple[Recording, dict[str, Any]]:
        """Construct a component named `it`. Returns what the provider registers, and the component's outputs."""
        self.engine.recorder = Recorder(Project(ROOT, "other", "dev", {}), preview=False)
        given = Struct()
        given.update(inputs)
        request = provider_pb2.ConstructRequest(
            project="other",
            stack="dev",
            parallel=2,
            monitorEndpoint=self.engine_address,
            type=f"cafe:index:{kind}",
            name="it",
            inputs=given,
        )
        answer = self.stub.Construct(request, timeout=SECONDS)
        return self.engine.recorder.recording, dict(answer.state)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    engine = Engine()
    server = grpc.server(ThreadPoolExecutor(8))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(engine, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    with subprocess.Popen(
        [sys.executable, str(ROOT / "components"), address], stdout=subprocess.PIPE, text=True, cwd="/"
    ) as process:
        # Kill the process even if the test hangs.
        watchdog = threading.Timer(4 * SECONDS, process.kill)
        watchdog.start()
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield Provider(engine, address, provider_pb2_grpc.ResourceProviderStub(channel))
        finally:
            watchdog.cancel()
            process.kill()
            server.stop(None)


@pytest.fixture(scope="module")
def schema(provider: Provider) -> dict[str, Any]:
    answer = provider.stub.GetSchema(provider_pb2.GetSchemaRequest(version=0), timeout=SECONDS)
    schema: dict[str, Any] = json.loads(answer.schema)
    return schema


def registered(recording: Recording) -> dict[tuple[str, str], Any]:
    """The inputs of each resource. Code is reduced to file names, because assets compare by identity."""
    return {(r.type, r.name): {**r.inputs, "code": list(comparable(r.get("code", {})))} for r in recording.custom}


def test_the_plugin_file_is_where_the_engine_expects_it() -> None:
    plugin = yaml.safe_load((ROOT / "components" / "PulumiPlugin.yaml").read_text(encoding="utf-8"))

    assert plugin == {"name": "cafe", "runtime": {"name": "python", "options": {"toolchain": "uv"}}}
    # The language host runs the folder if it has this file.
    assert (ROOT / "components" / "__main__.py").exists()


def test_published_components(schema: dict[str, Any]) -> None:
    published = [
        "AuthLayer",
        "DurableQueue",
        "EventPipeline",
        "LiveUpdates",
        "OrdersApi",
        "PythonFunction",
        "StaticSite",
    ]

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (schema["name"], schema["version"]) == ("cafe", project["version"])
    assert sorted(schema["resources"]) == [f"cafe:index:{name}" for name in published]
    assert all(resource["isComponent"] for resource in schema["resources"].values())


def test_everything_in_the_schema_has_a_description(schema: dict[str, Any]) -> None:
    properties = {
        f"{token}.{name}": details
        for token, described in {**schema["resources"], **schema["types"]}.items()
        for kind in ("inputProperties", "properties")
        for name, details in described.get(kind, {}).items()
    }

    assert len(properties) > 50
    assert [name for name, details in properties.items() if not details.get("description", "").endswith(".")] == []
    assert [token for token, it in {**schema["resources"], **schema["types"]}.items() if not it["description"]] == []


def test_descriptions_have_no_line_breaks_but_between_paragraphs(schema: dict[str, Any]) -> None:
    texts = re.findall(r'"description": "((?:[^"\\]|\\.)*)"', json.dumps(schema))

    assert len(texts) > 50
    assert [text for text in texts if re.search(r"(?<!\\n)\\n(?!\\n)", text)] == []


def test_optional_inputs_document_their_defaults(schema: dict[str, Any]) -> None:
    optional = {
        f"{token}.{name}": details["description"]
        for token, it in schema["resources"].items()
        for name, details in it["inputProperties"].items()
        if name not in it.get("requiredInputs", [])
    }

    assert optional
    assert [name for name, description in optional.items() if "Default: " not in description] == []


def test_the_schema_contains_every_type_that_it_refers_to(schema: dict[str, Any]) -> None:
    references = {
        part.split('"')[0] for part in json.dumps([schema["resources"], schema["types"]]).split('"#/types/')[1:]
    }

    assert references
    assert references <= schema["types"].keys()


def test_constructing_a_component_matches_python(provider: Provider) -> None:
    recording, state = provider.construct("DurableQueue", {"visibilityTimeoutSeconds": 60, "maxMessageBytes": 65536})
    directly = record(lambda: DurableQueue("it", {"visibility_timeout_seconds": 60, "max_message_bytes": 65536}))

    assert registered(recording) == registered(directly)
    assert [component.type for component in recording.components] == ["cafe:index:DurableQueue"]
    assert state["url"] == recording.component_outputs[recording.components[0].urn]["url"]
    assert state.keys() == {"url", "arn", "name", "deadLettersUrl", "deadLettersName"}


def test_nested_inputs_keep_their_names_and_integers(provider: Provider) -> None:
    code = {SIGNATURE: ARCHIVE, "assets": {"it.py": {SIGNATURE: ASSET, "text": "handler = print"}}}
    recording, state = provider.construct(
        "EventPipeline",
        {
            "platform": {
                "code": code,
                "boundaryArn": "arn:aws:iam::123456789012:policy/boundary",
                "logRetentionDays": 30,
                "metricsNamespace": "it",
            },
            "orderRetentionDays": 30,
            "queueConcurrency": 2,
            "streamParallelization": 1,
        },
    )
    directly = record(
        lambda: EventPipeline(
            "it",
            {
                "platform": {
                    "code": pulumi.AssetArchive({"it.py": pulumi.StringAsset("handler = print")}),
                    "boundary_arn": "arn:aws:iam::123456789012:policy/boundary",
                    "log_retention_days": 30,
                    "metrics_namespace": "it",
                },
                "order_retention_days": 30,
                "queue_concurrency": 2,
                "stream_parallelization": 1,
            },
        )
    )

    assert registered(recording) == registered(directly)
    assert {"ORDER_RETENTION_DAYS": "30"}.items() <= (
        recording.one(aws.lambda_.Function, "accept-order")["environment"]["variables"].items()
    )
    assert state["tableArn"] == recording.one(aws.dynamodb.Table, "orders").arn


def test_the_error_names_a_missing_required_input(provider: Provider) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        provider.construct("DurableQueue", {"visibilityTimeoutSeconds": 60})

    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert b"maxMessageBytes" in dict(caught.value.trailing_metadata())["grpc-status-details-bin"]


def test_the_reference_in_the_documentation_is_up_to_date() -> None:
    page = (ROOT / "docs" / "components.md").read_text(encoding="utf-8")

    assert with_reference(page) == page, "run `make reference`"


def test_the_reference_uses_the_published_schema(schema: dict[str, Any]) -> None:
    assert reference.schema() == schema
