"""Applies a program: creates, updates, replaces and deletes resources until they are as it says."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pulumi.runtime.proto.resource_pb2 import RegisterResourceResponse

from ops.emulator_client import Aws
from ops.errors import UserError

from . import program
from .changes import Change, Operation
from .engine import Monitor, Registered, named
from .project import Project
from .resources import PROVIDERS, Existing, Inputs
from .state import Resource, State, dependents_first
from .values import struct

PARALLEL = 16
"""Resources deployed in parallel. Most of the time is spent waiting for the emulator."""

GONE = re.compile(r"NotFound|NoSuch|NonExist|NotExist")
"""Error codes of AWS for a resource that does not exist."""

VERBS = {
    Operation.CREATE: "created",
    Operation.UPDATE: "updated",
    Operation.REPLACE: "replaced",
    Operation.DELETE: "deleted",
}


class ResourceFailed(UserError):
    """A resource could not be deployed. The message names it and quotes AWS's error."""


class _Deployment(Monitor):
    """Creates, updates and replaces each resource as soon as its inputs are known. Called from many threads."""

    def __init__(self, aws: Aws, state: State, done: Callable[[], None]) -> None:
        super().__init__(aws.region, state)
        self._aws = aws
        self._done = done
        self.failure: Exception | None = None

    def register(self, resource: Registered, request: Any) -> RegisterResourceResponse:
        """Deploy the resource and return its ID and outputs."""
        if self.failure is not None:
            raise self.failure
        try:
            existing = self._deploy(resource, request)
        except Exception as error:
            # Keep the first failure: later ones in other threads result from it.
            self.failure = self.failure or error
            raise
        self._done()
        outputs = {**named(PROVIDERS[resource.type], existing.inputs), **existing.outputs}
        return RegisterResourceResponse(urn=resource.urn, id=existing.id, object=struct(outputs, request.object))

    def _deploy(self, resource: Registered, request: Any) -> Existing:
        values, change = self.compared(resource, request)
        current = self.state.resources.get(resource.urn)
        deployed = Resource(
            resource.urn,
            resource.type,
            resource.name,
            current.existing if current else Existing("", {}, {}),
            frozenset(request.dependencies),
            request.protect,
            request.retainOnDelete,
        )
        if change.operation is not Operation.SAME:
            with _naming(resource, change.operation):
                deployed = self._apply(deployed, current, values, change, request.deleteBeforeReplace)
        self.state.resources[resource.urn] = deployed
        return deployed.existing

    def _apply(
        self, deployed: Resource, current: Resource | None, values: dict[str, Any], change: Change, delete_first: bool
    ) -> Resource:
        """Create, update or replace a resource."""
        provider, inputs = PROVIDERS[deployed.type], Inputs(values)
        if current is not None and change.operation is Operation.UPDATE:
            outputs = provider.update(self._aws, current.existing, inputs)
            existing = Existing(current.existing.id, values, {**current.existing.outputs, **outputs})
        else:
            if current is not None:
                self._retire(current, delete_first)
            created = provider.create(self._aws, inputs)
            existing = Existing(created.id, values, created.outputs)
        deployed = replace(deployed, existing=existing)
        # Until all settings are applied, for the next deployment to complete them.
        self.state.resources[deployed.urn] = replace(deployed, complete=False)
        provider.configure(self._aws, existing.id, inputs)
        self._check_support(deployed, inputs, change)
        return deployed

    def _check_support(self, deployed: Resource, inputs: Inputs, change: Change) -> None:
        """Raise `ResourceFailed` for inputs that the provider has not read."""
        unread = set(inputs.unread())
        if change.operation is Operation.UPDATE:
            unread &= change.properties.keys()
        if not unread:
            return
        existing = deployed.existing
        supported = {key: value for key, value in existing.inputs.items() if key not in unread}
        self.state.resources[deployed.urn] = replace(deployed, existing=replace(existing, inputs=supported))
        names = ", ".join(sorted(unread))
        raise ResourceFailed(f"{deployed.type} {deployed.name}: the local run does not support the inputs {names}")

    def _retire(self, current: Resource, delete_first: bool) -> None:
        """Delete a resource that is about to be replaced, or remember to do so when nothing refers to it any more."""
        del self.state.resources[current.urn]
        self.state.replaced.append(current)
        if delete_first:
            self.delete(current)

    def delete_leftovers(self) -> None:
        """Delete what the program no longer has, and what has been replaced."""
        removed = [resource for urn, resource in self.state.resources.items() if urn not in self.registered]
        for resource in list(dependents_first([*removed, *self.state.replaced])):
            self.delete(resource)

    def delete(self, resource: Resource) -> None:
        """Delete a resource from AWS, unless it is retained, and from the state."""
        if not resource.retain:
            with _naming(resource, Operation.DELETE):
                delete(self._aws, resource.type, resource.existing)
        self.state.drop(resource)
        self._done()


def delete(aws: Aws, token: str, existing: Existing) -> None:
    """Delete a resource from AWS, if it exists. Raises boto3's errors."""
    from botocore.exceptions import ClientError  # imported late: a preview does not need boto3

    try:
        PROVIDERS[token].delete(aws, existing)
    except ClientError as error:
        if not GONE.search(error.response["Error"]["Code"]):
            raise


@contextmanager
def _naming(resource: Registered | Resource, operation: Operation) -> Iterator[None]:
    """Turn boto3's errors into `ResourceFailed`."""
    from botocore.exceptions import BotoCoreError, ClientError  # imported late: a preview does not need boto3

    try:
        yield
    except (ClientError, BotoCoreError) as error:
        message = f"{resource.type} {resource.name} could not be {VERBS[operation]}: {error}"
        raise ResourceFailed(message) from error


def deploy(project: Project, aws: Aws, state: State, done: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Run the program and apply it, in the order of dependencies; `state` follows. Calls `done` after each resource.

    Returns the stack's outputs. Raises `ResourceFailed`; the next deployment goes on from there.
    """
    deployment = _Deployment(aws, state, done)
    try:
        outputs = program.update(project, deployment, PARALLEL)
    except Exception:
        if deployment.failure is not None:
            raise deployment.failure from None
        raise
    deployment.delete_leftovers()
    return outputs
