"""A stand-in for `pulumi-resource-aws`: the resource types of the local run, served to Pulumi's engine over gRPC.

`python -m tests.engine.provider` prints its port and serves until it is killed.
"""

import json
import os
import sys
import time
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from local.changes import Operation, compare, is_generated, name_stem, with_name
from local.deployment import delete
from local.emulator_client import Aws
from local.functions_of_provider import call
from local.resources import PROVIDERS, SKIPPED, Created, Existing, Inputs, Provider
from local.values import plain, struct
from tests.engine.deletion_rules import check
from tests.local.inventory import KINDS, inventory

VERSION = "7.51.1"
"""The version of pulumi-aws that the program uses."""

REFUSED = "CAFE_TEST_REFUSED"
"""Environment variable: the name of a resource whose creation fails."""


class Pretended(Provider):
    """A type that the emulator does not have: nothing happens."""

    def __init__(self, *, immutable: bool = False) -> None:
        self.immutable = immutable

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        return Created("pretended", {})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        pass


REPLACED = {
    "aws:lambda/layerVersion:LayerVersion",
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
}
"""Types that the emulator does not have and that any change replaces."""


def provider_of(token: str) -> Provider:
    """The provider of a resource type."""
    return PROVIDERS.get(token) or Pretended(immutable=token in REPLACED)


def check_support(context: Any, token: str, inputs: Inputs, changed: Collection[str]) -> None:
    """Abort if the provider has not read a changed input."""
    unread = [key for key in inputs.unread() if key in changed]
    if token in PROVIDERS and unread:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the inputs {', '.join(unread)} are not supported")


class AwsProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Pulumi's protocol (proto/pulumi/provider.proto in its repository)."""

    config: Mapping[str, Any] = {}

    @cached_property
    def aws(self) -> Aws:
        """The emulator in the stack's `aws:endpoints`."""
        [endpoint] = {url for entry in json.loads(self.config["endpoints"]) for url in entry.values()}
        return Aws(endpoint, self.region)

    @property
    def region(self) -> str:
        return str(self.config["region"])

    def Handshake(self, request: Any, context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        self.config = plain(request.args)
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Invoke(self, request: Any, context: Any) -> Any:
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").update(call(request.tok, self.region, MessageToDict(request.args)))
        return response

    def Check(self, request: Any, context: Any) -> Any:
        """The inputs, with a generated name where the program sets none."""
        token, name = request.type, request.name
        seed = f"{request.urn}{request.randomSeed.hex()}"
        old = plain(request.olds)
        provider = provider_of(token)
        named = with_name(provider, name, seed, plain(request.news), old)
        given = {provider.name: named[provider.name]} if provider.name else {}
        return provider_pb2.CheckResponse(inputs=struct(given, request.news))

    def Diff(self, request: Any, context: Any) -> Any:
        provider, news = provider_of(request.type), plain(request.news)
        change = compare(provider, plain(request.old_inputs), news)
        same = change.operation is Operation.SAME
        replaces = [*change.properties] if change.operation is Operation.REPLACE else []
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_NONE if same else provider_pb2.DiffResponse.DIFF_SOME,
            diffs=[*change.properties],
            replaces=replaces,
            # Two resources cannot have the name that the program sets.
            deleteBeforeReplace=bool(
                provider.name and not is_generated(name_stem(provider, request.name, news), news.get(provider.name))
            ),
        )

    def Create(self, request: Any, context: Any) -> Any:
        """Create a resource. In a preview, only its inputs are known: the SDK takes what is missing as unknown."""
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        if request.type not in PROVIDERS and request.type not in SKIPPED:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the emulator does not support {request.type}")
        if request.name == os.environ.get(REFUSED):
            context.abort(grpc.StatusCode.UNKNOWN, "refused by this test")
        provider, inputs = provider_of(request.type), Inputs(plain(request.properties))
        created = provider.create(self.aws, inputs)
        try:
            provider.configure(self.aws, created.id, inputs)
        except Exception:
            # Nothing half-made may remain: the engine does not know of it.
            provider.delete(self.aws, Existing(created.id, plain(request.properties), created.outputs))
            raise
        check_support(context, request.type, inputs, inputs.keys())
        return provider_pb2.CreateResponse(id=created.id, properties=struct(created.outputs, request.properties))

    def Read(self, request: Any, context: Any) -> Any:
        """The resource as it was last deployed, unless it has vanished: what else drifts is not seen."""
        if request.type in KINDS and f"{KINDS[request.type]} {request.id}" not in inventory(self.aws):
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Update(self, request: Any, context: Any) -> Any:
        provider = provider_of(request.type)
        old, inputs = plain(request.old_inputs), plain(request.news)
        outputs = _outputs(request.olds, request.old_inputs)
        existing = Existing(request.id, old, outputs)
        if request.preview:
            changed = provider.outputs_changed_by(compare(provider, old, inputs).properties.keys())
            outputs |= dict.fromkeys(changed, rpc.UNKNOWN)
        else:
            read = Inputs(inputs)
            outputs |= provider.update(self.aws, existing, read)
            provider.configure(self.aws, request.id, read)
            check_support(context, request.type, read, compare(provider, old, inputs).properties.keys())
        return provider_pb2.UpdateResponse(properties=struct(outputs, request.news))

    def Delete(self, request: Any, context: Any) -> Any:
        outputs = _outputs(request.properties, request.old_inputs)
        if request.type in PROVIDERS:
            existing = Existing(request.id, plain(request.old_inputs), outputs)
            check(self.aws, request.type, existing)
            delete(self.aws, request.type, existing)
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


def _outputs(properties: Struct, inputs: Struct) -> dict[str, Any]:
    """The outputs among a resource's properties: those that are not inputs."""
    return {key: value for key, value in plain(properties).items() if key not in inputs}


def serve() -> None:
    """Serve the provider on a loopback port, which is the first line of standard output."""
    parent = os.getppid()
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    server = grpc.server(ThreadPoolExecutor(32), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(AwsProvider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    # The engine may be killed, and plugins do not belong to its process group.
    while os.getppid() == parent:
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(serve())
