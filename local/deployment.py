"""Applies a program: creates, updates, replaces and deletes resources until they are as it says."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pulumi.runtime.proto.resource_pb2 import RegisterResourceResponse

from . import program
from .changes import Operation
from .emulator_client import Aws
from .engine import Compared, Monitor, Registered, settled
from .errors import UserError
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


class Deployment(Monitor):
    """Creates, updates and replaces each resource as soon as its inputs are known. Called from many threads."""

    def __init__(
        self, aws: Aws, state: State, done: Callable[[], None] = lambda: None, losses: Collection[str] | None = None
    ) -> None:
        """`losses` are the URNs of the resources that may lose their data. Default: all."""
        super().__init__(aws.region, state)
        self._aws = aws
        self._done = done
        self._losses = losses
        self.failure: Exception | None = None

    def run(self, project: Project) -> dict[str, Any]:
        """Run the program and create, update and replace its resources, in the order of dependencies. Returns the
        stack's outputs. Raises `ResourceFailed` and the program's exceptions."""
        try:
            return program.update(project, self, PARALLEL)
        except Exception:
            if self.failure is not None:
                raise self.failure from None
            raise

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
        outputs = {**settled(PROVIDERS[resource.type], existing.inputs, request), **existing.outputs}
        return RegisterResourceResponse(urn=resource.urn, id=existing.id, object=struct(outputs, request.object))

    def _deploy(self, resource: Registered, request: Any) -> Existing:
        current = self.state.resources.get(resource.urn)
        with _naming(resource, Operation.CREATE if current is None else Operation.UPDATE):
            compared = self.compared(resource, request)
        deployed = Resource(
            resource.urn,
            resource.type,
            resource.name,
            current.existing if current else Existing("", {}, {}),
            frozenset(filter(None, [*request.dependencies, request.parent])),
            request.protect,
            request.retainOnDelete,
        )
        with _naming(resource, compared.change.operation):
            match compared.change.operation:
                case Operation.UPDATE if current is not None:
                    deployed = self._update(deployed, current, compared)
                case Operation.CREATE | Operation.REPLACE:
                    deployed = self._create(deployed, current, compared)
        self.state.resources[resource.urn] = deployed
        return deployed.existing

    def _create(self, deployed: Resource, current: Resource | None, compared: Compared) -> Resource:
        """Create a resource, and remember to delete the one that it replaces when nothing refers to that any more."""
        if current is not None and PROVIDERS[current.type].holds_data:
            self._check_loss(current)
        if current is not None and compared.delete_first:
            self.delete(current)
        provider, inputs = PROVIDERS[deployed.type], Inputs(compared.inputs)
        if provider.name:
            self.state.used_names.add(compared.inputs[provider.name])
        created = provider.create(self._aws, inputs)
        if current is not None and not compared.delete_first:
            self.state.replaced.append(current)
        existing = Existing(created.id, compared.inputs, created.outputs)
        return self._configure(replace(deployed, existing=existing), inputs, inputs.keys(), {})

    def _update(self, deployed: Resource, current: Resource, compared: Compared) -> Resource:
        """Update a resource to its new inputs."""
        inputs, old = Inputs(compared.inputs), current.existing
        self.state.resources[current.urn] = replace(current, complete=False)
        # After an update that failed, nobody knows which inputs it has.
        before = old if current.complete else replace(old, inputs={})
        outputs = PROVIDERS[deployed.type].update(self._aws, before, inputs)
        existing = Existing(old.id, compared.inputs, {**old.outputs, **outputs})
        changed = compared.change.properties.keys()
        return self._configure(replace(deployed, existing=existing), inputs, changed, old.inputs)

    def _configure(
        self, deployed: Resource, inputs: Inputs, changed: Collection[str], old: Mapping[str, Any]
    ) -> Resource:
        """Apply the settings that have calls of their own. Raises `ResourceFailed` for changed inputs that the provider
        has not read."""
        # Until all settings are applied, for the next deployment to complete them.
        self.state.resources[deployed.urn] = replace(deployed, complete=False)
        PROVIDERS[deployed.type].configure(self._aws, deployed.existing.id, inputs)
        inputs.get(f"{PROVIDERS[deployed.type].name}Prefix")  # part of the name
        unread = [key for key in inputs.unread() if key in changed]
        if not unread:
            return deployed
        applied = {**deployed.existing.inputs, **{key: old.get(key) for key in unread}}
        existing = replace(deployed.existing, inputs=applied)
        self.state.resources[deployed.urn] = replace(deployed, existing=existing)
        names = ", ".join(unread)
        raise ResourceFailed(f"{deployed.type} {deployed.name}: the local run does not support the inputs {names}")

    def delete_leftovers(self) -> None:
        """Delete what the program no longer has, and what has been replaced. Raises the first failure, after it has
        tried everything."""
        removed = [resource for urn, resource in self.state.resources.items() if urn not in self.registered]
        for resource in removed:
            if not resource.retain and PROVIDERS[resource.type].has_data(self._aws, resource.existing):
                self._check_loss(resource)
        failures: list[ResourceFailed] = []
        for resource in list(dependents_first([*removed, *self.state.replaced])):
            try:
                self.delete(resource)
            except ResourceFailed as failed:
                failures.append(failed)
        if failures:
            raise failures[0]

    def _check_loss(self, resource: Resource) -> None:
        """Raise `ResourceFailed` for a loss of data that was not part of the plan: the program has changed since."""
        if self._losses is not None and resource.urn not in self._losses:
            raise ResourceFailed(
                f"{resource.type} {resource.name} would lose its data, which was not part of the plan: the program has "
                "changed meanwhile"
            )

    def delete(self, resource: Resource) -> None:
        """Delete a resource from AWS, unless it is retained, and from the state."""
        # After a rename in the program, another resource may be the same in AWS.
        if not resource.retain and not any(self.state.others_like(resource)):
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
    except UserError as error:
        if isinstance(error, ResourceFailed):
            raise
        raise ResourceFailed(f"{resource.type} {resource.name}: {error}") from error
    except KeyError as error:
        raise ResourceFailed(f"{resource.type} {resource.name}: the local run needs the input {error}") from error
    except (AttributeError, TypeError, ValueError, IndexError, OSError) as error:
        raise ResourceFailed(f"{resource.type} {resource.name} could not be {VERBS[operation]}: {error}") from error


def deploy(project: Project, aws: Aws, state: State, done: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Apply a program and delete what it no longer has; `state` follows. Calls `done` after each resource.

    Returns the stack's outputs. Raises `ResourceFailed`; the next deployment goes on from there.
    """
    deployment = Deployment(aws, state, done)
    outputs = deployment.run(project)
    deployment.delete_leftovers()
    return outputs
