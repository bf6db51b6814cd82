"""Resource types whose inputs are the parameters of one operation, as boto3 describes it."""

from collections import ChainMap
from collections.abc import Mapping, Set
from string import Formatter
from typing import Any, cast

from ..emulator_client import ACCOUNT_ID, Aws
from ..errors import UserError
from .provider import PROVIDERS, Created, Existing, Inputs, Provider

NO_NAMES: Mapping[str, str] = {}


class Described(Provider):
    """A type that is created, updated and deleted by one operation each.

    Inputs become the parameters with the same name in any case, or with the one in `renamed`, where nested ones are
    paths such as `metricTransformation.name`. Templates
    such as `{restApi}/{id}` are filled from the inputs, `region`, `account`, and the response to `create`; after that,
    from the inputs, the outputs and `id`.
    """

    def __init__(
        self,
        service: str,
        create: str,
        delete: str | None,
        *,
        id: str,
        key: Mapping[str, str] | None = None,
        update: str | None = None,
        within: str | None = None,
        outputs: Mapping[str, str] | None = None,
        renamed: Mapping[str, str] | None = None,
        defaults: Mapping[str, Any] | None = None,
        only_here: Set[str] = frozenset(),
        name: str | None = None,
        replace_on: Set[str] = frozenset(),
    ) -> None:
        """`key` has the parameters that identify the resource, as templates; without `update`, a change replaces it;
        without `delete`, it ends with its parent. `within` is the part of the response that describes it. `defaults`
        are parameters of `create`. `only_here` are inputs that concern only Pulumi."""
        self._service, self._create, self._update, self._delete = service, create, update, delete
        self._id, self._key, self._within = id, key or {}, within
        self._outputs, self._renamed, self._defaults = outputs or {}, renamed or {}, defaults or {}
        self._only_here = only_here
        self.name, self.replace_on, self.immutable = name, replace_on, update is None
        self.resets_removed = update in (None, create)

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        response = self._call(aws, self._create, self._parameters(aws, self._create, inputs))
        # Not a copy: reading an input says that it has been used.
        values: ChainMap[str, Any] = ChainMap(response, cast("dict[str, Any]", inputs), _place(aws))
        outputs = {name: _filled(template, values) for name, template in self._outputs.items()}
        return Created(str(_filled(self._id, values)), outputs)

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        assert self._update is not None
        parameters = self._parameters(aws, self._update, inputs)
        # What only `create` can set is the same as before: a change replaces the resource.
        for name in self.replace_on:
            inputs.get(name)
        response = self._call(aws, self._update, {**self._identity(existing), **parameters})
        values = {**_place(aws), **existing.inputs, **existing.outputs, **response}
        return {name: _filled(template, values) for name, template in self._outputs.items()}

    def delete(self, aws: Aws, existing: Existing) -> None:
        if self._delete:
            self._call(aws, self._delete, self._identity(existing))

    def _identity(self, existing: Existing) -> dict[str, Any]:
        values = {**existing.inputs, **existing.outputs, "id": existing.id}
        filled = {name: _filled(template, values) for name, template in self._key.items()}
        return {name: value for name, value in filled.items() if value is not None}

    def _call(self, aws: Aws, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        response = getattr(aws.client(self._service), operation)(**parameters)
        return dict(response[self._within] if self._within and self._within in response else response)

    def _parameters(self, aws: Aws, operation: str, inputs: Inputs) -> dict[str, Any]:
        client = aws.client(self._service)
        shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape
        members = {member.lower(): member for member in shape.members}
        parameters = dict(self._defaults) if operation == self._create else {}
        for name in inputs:
            member = members.get(self._renamed.get(name, name).lower())
            if name in self._only_here:
                inputs.get(name)
            elif member and inputs.get(name) is not None:
                parameters[member] = converted(inputs[name], shape.members[member], name, self._renamed)
        return parameters


def described(token: str, *arguments: Any, **more: Any) -> None:
    """Register a type; `arguments` are those of `Described`."""
    PROVIDERS[token] = Described(*arguments, **more)


def converted(value: Any, shape: Any, path: str, renamed: Mapping[str, str] = NO_NAMES) -> Any:
    """A value as an operation takes it. Raises `UserError` for a nested input that it does not have."""
    match shape.type_name:
        case "structure" if isinstance(value, list):
            # The schema has a list where the API has one.
            return converted(value[0], shape, path, renamed)
        case "structure":
            members = {member.lower(): member for member in shape.members}
            result = {}
            for key, item in value.items():
                member = members.get(renamed.get(f"{path}.{key}", key).lower())
                if item is None:
                    continue
                if member is None:
                    raise UserError(f"the local run does not support the input {path}.{key}")
                result[member] = converted(item, shape.members[member], f"{path}.{key}", renamed)
            return result
        case "list" if isinstance(value, dict) and {"Key", "Value"} <= getattr(shape.member, "members", {}).keys():
            return [{"Key": key, "Value": item} for key, item in value.items()]
        case "list":
            items = value if isinstance(value, list) else [value]
            return [converted(item, shape.member, path, renamed) for item in items]
        case "map":
            return {key: converted(item, shape.value, path, renamed) for key, item in value.items()}
        case "string":
            return str(value).lower() if isinstance(value, bool) else str(value)
        case "integer" | "long":
            return int(value)
    return value


def _place(aws: Aws) -> dict[str, Any]:
    return {"region": aws.region, "account": ACCOUNT_ID}


def _filled(template: str, values: Mapping[str, Any]) -> Any:
    """A template with its values; `None` if one of them is missing."""
    names = [name for _, name, _, _ in Formatter().parse(template) if name]
    if any(values.get(name) is None for name in names):
        return None
    return values[names[0]] if template == f"{{{names[0] if names else ''}}}" else template.format_map(values)
