"""Runs a Pulumi program in a process of its own, over Pulumi's own protocol: its modules never meet the engine's.

It runs with the Python of this process, and sees the packages that are installed there.
"""

import contextvars
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime import reset_options
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc

from .emulator_settings import HOST
from .errors import UserError
from .processes import end_group
from .project import Project
from .values import outputs, use_absolute_paths, write_policies

PROGRAM = Path(__file__).with_name("run_program.py")

UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]

STACK = "pulumi:pulumi:Stack"

FEATURES = frozenset({"secrets", "outputValues", "aliasSpecs", "deletedWith"})
"""What the engine can be given. Resources are passed by their IDs."""


def preview(project: Project, monitor: MockMonitor) -> dict[str, Any]:
    """Run the program without creating anything and return its outputs; those that only creation determines are `None`.

    Raises `UserError` with the program's errors, and the monitor's exceptions.
    """
    return _run(project, monitor, dry_run=True, parallel=1)


def update(project: Project, monitor: MockMonitor, parallel: int) -> dict[str, Any]:
    """Run the program and return its outputs by name; the monitor creates up to `parallel` resources at once.

    Raises `UserError` with the program's errors, and the monitor's exceptions.
    """
    return _run(project, monitor, dry_run=False, parallel=parallel)


def _run(project: Project, monitor: MockMonitor, *, dry_run: bool, parallel: int) -> dict[str, Any]:
    service = _Service(project, monitor)
    server = grpc.server(ThreadPoolExecutor(parallel, "resource"), options=UNLIMITED)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(service, server)
    # Messages must not wait for resources.
    messages = grpc.server(ThreadPoolExecutor(1, "messages"), options=UNLIMITED)
    engine_pb2_grpc.add_EngineServicer_to_server(service, messages)
    port, engine_port = (it.add_insecure_port(f"{HOST}:0") for it in (server, messages))
    server.start()
    messages.start()
    try:
        code = _evaluate(
            {
                "program": str(project.program),
                "root": str(project.root),
                "project": project.name,
                "stack": project.stack,
                "config": dict(project.config),
                "dryRun": dry_run,
                "parallel": parallel,
                "monitor": f"{HOST}:{port}",
                "engine": f"{HOST}:{engine_port}",
            }
        )
    finally:
        server.stop(None).wait()
        messages.stop(None).wait()
    if service.failure is not None:
        raise service.failure
    if service.errors or code:
        raise UserError("\n".join(service.errors) or f"the program's process exited with code {code}")
    return service.outputs


def _evaluate(given: dict[str, Any]) -> int:
    # `-P`: the folder of a script is on the path otherwise.
    command = [sys.executable, "-P", str(PROGRAM)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(given) + "\n")
            process.stdin.flush()
            return process.wait()
        finally:
            end_group(process.pid)  # also what the program has started


class _Service(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """The engine's services, for a monitor that was made for the SDK in its own process."""

    def __init__(self, project: Project, monitor: MockMonitor) -> None:
        self._monitor: Any = monitor
        self._root = project.program.parent
        self._stack_urn = ""
        self.outputs: dict[str, Any] = {}
        self.errors: list[str] = []
        """What the program logged as an error: any fails it, as with Pulumi."""
        self.failure: Exception | None = None
        """The first exception of the monitor."""
        # The monitor takes the project and the stack, for URNs, from the SDK's context.
        self._context = contextvars.copy_context()
        self._context.run(reset_options, project.name, project.stack)

    def SupportsFeature(self, request: Any, context: Any) -> Any:
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in FEATURES)

    def Invoke(self, request: Any, context: Any) -> Any:
        return self._ask(self._monitor.Invoke, request, context)

    def Call(self, request: Any, context: Any) -> Any:
        return self._ask(self._monitor.Call, request, context)

    def ReadResource(self, request: Any, context: Any) -> Any:
        return self._ask(self._monitor.ReadResource, request, context)

    def RegisterResource(self, request: Any, context: Any) -> Any:
        use_absolute_paths(request.object, self._root)
        write_policies(request.object)
        answer = self._ask(self._monitor.RegisterResource, request, context)
        if request.type == STACK:
            self._stack_urn = answer.urn
        return answer

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:
        if request.urn == self._stack_urn:
            self.outputs = outputs(request.outputs)
        return Empty()

    def SignalAndWaitForShutdown(self, request: Any, context: Any) -> Any:
        return Empty()

    def Log(self, request: Any, context: Any) -> Any:
        if request.severity == engine_pb2.ERROR:
            self.errors.append(request.message)
        elif request.severity != engine_pb2.DEBUG:
            print(request.message, file=sys.stderr)
        return Empty()

    def _ask(self, method: Any, request: Any, context: Any) -> Any:
        try:
            return self._context.copy().run(method, request)
        except Exception as error:  # noqa: BLE001  raised again in the engine's process
            self.failure = self.failure or error
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
