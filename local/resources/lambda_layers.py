"""Lambda layers, and functions' own addresses."""

from typing import Any
from urllib.parse import urlsplit

from ..emulator_client import Aws
from .provider import Created, Existing, Inputs, Provider, pascal, provides


@provides("aws:lambda/layerVersion:LayerVersion")
class LayerVersion(Provider):
    """A version of a layer."""

    name = "layerName"
    immutable = True

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        inputs.get("skipDestroy")  # concerns only deletion
        made = aws.client("lambda").publish_layer_version(
            LayerName=inputs["layerName"],
            Content={"ZipFile": inputs["code"].read()},
            **inputs.only(
                compatibleArchitectures="CompatibleArchitectures",
                compatibleRuntimes="CompatibleRuntimes",
                description="Description",
                licenseInfo="LicenseInfo",
            ),
        )
        version = str(made["Version"])
        return Created(
            made["LayerVersionArn"], {"arn": made["LayerVersionArn"], "layerArn": made["LayerArn"], "version": version}
        )

    def delete(self, aws: Aws, existing: Existing) -> None:
        if not existing.inputs.get("skipDestroy"):
            aws.client("lambda").delete_layer_version(
                LayerName=existing.inputs["layerName"], VersionNumber=int(existing.outputs["version"])
            )


@provides("aws:lambda/functionUrl:FunctionUrl")
class FunctionUrl(Provider):
    """A function's own address. The emulator answers it at its own host and port."""

    replace_on = frozenset({"functionName", "qualifier"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        made = aws.client("lambda").create_function_url_config(**_function(inputs), **_settings(inputs))
        address = urlsplit(made["FunctionUrl"])
        id_ = str(address.hostname).partition(".")[0]
        outputs = {
            "functionUrl": f"{aws.endpoint}/_aws/lambda-url/{id_}/",
            "functionArn": made["FunctionArn"],
            "urlId": id_,
        }
        return Created(inputs["functionName"], outputs)

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        settings = {"Cors": {}, "InvokeMode": "BUFFERED", **_settings(inputs)}
        aws.client("lambda").update_function_url_config(**_function(inputs), **settings)
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("lambda").delete_function_url_config(**_function(Inputs(existing.inputs)))


def _function(inputs: Inputs) -> dict[str, Any]:
    return {"FunctionName": inputs["functionName"], **inputs.only(qualifier="Qualifier")}


def _settings(inputs: Inputs) -> dict[str, Any]:
    cors = {"Cors": pascal(inputs["cors"])} if inputs.get("cors") else {}
    return {"AuthType": inputs["authorizationType"], **cors, **inputs.only(invokeMode="InvokeMode")}
