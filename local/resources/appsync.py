"""AppSync event APIs and their channel namespaces."""

from typing import Any

from ..emulator_client import Aws
from .described import described
from .provider import Created, Existing, Inputs, Provider, provides


@provides("aws:appsync/api:Api")
class Api(Provider):
    """An event API."""

    name = "name"

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        api = aws.client("appsync").create_api(**_settings(inputs))["api"]
        outputs = {"apiId": api["apiId"], "apiArn": api["apiArn"], "dns": api["dns"]}
        return Created(api["apiId"], outputs)

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        aws.client("appsync").update_api(apiId=existing.id, **_settings(inputs))
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("appsync").delete_api(apiId=existing.id)


def _settings(inputs: Inputs) -> dict[str, Any]:
    return inputs.only(name="name", eventConfig="eventConfig")


@provides("aws:appsync/channelNamespace:ChannelNamespace")
class ChannelNamespace(Provider):
    """A channel namespace of an event API."""

    replace_on = frozenset({"apiId", "name"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        made = aws.client("appsync").create_channel_namespace(
            apiId=inputs["apiId"], name=inputs["name"], **_modes(inputs)
        )["channelNamespace"]
        outputs = {"channelNamespaceArn": made["channelNamespaceArn"]}
        return Created(f"{inputs['apiId']},{inputs['name']}", outputs)

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        aws.client("appsync").update_channel_namespace(apiId=inputs["apiId"], name=inputs["name"], **_modes(inputs))
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("appsync").delete_channel_namespace(apiId=existing.inputs["apiId"], name=existing.inputs["name"])


def _modes(inputs: Inputs) -> dict[str, Any]:
    return inputs.only(subscribeAuthModes="subscribeAuthModes", publishAuthModes="publishAuthModes")


described(
    "aws:appsync/apiKey:ApiKey",
    *("appsync", "create_api_key", "delete_api_key"),
    id="{apiId}:{id}",
    key={"apiId": "{apiId}", "id": "{keyId}"},
    within="apiKey",
    outputs={"key": "{id}", "keyId": "{id}"},
)
