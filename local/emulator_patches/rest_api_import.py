"""Adds `PutRestApi` to the emulator: converts an OpenAPI 3.0 document to the emulator's own resources.

ministack 1.5.33 has no `PutRestApi`, and its `ImportRestApi` drops templates, validators and gateway responses. This
import supports the API Gateway extensions that `components.rest_api.gateway_document` uses, and rejects all others by
name, so that nothing is silently missing locally (API Gateway developer guide, "OpenAPI extensions for API Gateway").
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, cast

from ministack.services import apigateway_v1 as v1

Json = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]

PREFIX = "x-amazon-apigateway-"
ANY_METHOD = f"{PREFIX}any-method"
METHODS = {"delete", "get", "head", "options", "patch", "post", "put"}

EXTENSIONS = {
    ANY_METHOD,
    *(f"{PREFIX}{name}" for name in ("api-key-source", "authorizer", "authtype", "gateway-responses", "integration")),
    *(f"{PREFIX}{name}" for name in ("request-validator", "request-validators")),
}
INTEGRATION_FIELDS = {
    *("type", "httpMethod", "uri", "credentials", "passthroughBehavior", "requestParameters", "requestTemplates"),
    "responses",
}
INTEGRATION_TYPES = {"aws", "aws_proxy", "mock"}
RESPONSE_FIELDS = {"statusCode", "responseParameters", "responseTemplates"}
AUTHORIZER_FIELDS = {
    *("type", "authorizerUri", "authorizerResultTtlInSeconds", "identityValidationExpression"),
}

REPLACED = ("_resources", "_models", "_authorizers_v1", "_request_validators", "_gateway_responses")
"""The emulator's stores that an import in `overwrite` mode replaces."""


DOCUMENT_PROPERTIES = ("binaryMediaTypes", "disableExecuteApiEndpoint", "minimumCompressionSize", "policy")
"""The properties of an API that an import also sets, to their defaults: no extension for them is supported."""

DOCUMENT_FIELDS = {
    *("openapi", "info", "paths", "components", f"{PREFIX}api-key-source", f"{PREFIX}gateway-responses"),
    *(f"{PREFIX}request-validator", f"{PREFIX}request-validators"),
}
"""Without `security`, which API Gateway ignores at this level."""

OPERATION_FIELDS = {
    *("parameters", "requestBody", "responses", "security"),
    *(f"{PREFIX}integration", f"{PREFIX}request-validator"),
}


class Refused(Exception):
    """The document contains something that this import does not support."""


def add_put_rest_api() -> None:
    """Patch the emulator in this process to support `PutRestApi`. Call once."""
    handle: Callable[..., Awaitable[Response]] = v1.handle_request

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Mapping[str, Any]) -> Response:
        match method, path.strip("/").split("/"):
            case "PUT", ["restapis", api_id]:
                return put_rest_api(api_id, body, _first(query.get("mode")))
        return await handle(method, path, headers, body, query)

    v1.handle_request = handle_request


def put_rest_api(api_id: str, body: bytes, mode: str) -> Response:
    """Overwrite an API with a document. A rejected document leaves the API unchanged."""
    api = v1._rest_apis.get(api_id)
    if not api:
        return _error(404, "NotFoundException", "Invalid API identifier specified")
    stores = [getattr(v1, name) for name in REPLACED]
    before = [store.get(api_id, {}) for store in stores]
    root = next(resource for resource in before[0].values() if resource["path"] == "/")
    try:
        document = _read(body, mode)
        for store in stores:
            store[api_id] = {}
        v1._resources[api_id][root["id"]] = {**root, "resourceMethods": {}}
        _Import(api_id, document).run()
    except (Refused, KeyError, TypeError, ValueError, AttributeError) as error:
        for store, content in zip(stores, before, strict=True):
            store[api_id] = content
        reason = str(error) if isinstance(error, Refused) else f"the document is malformed: {error!r}"
        return _error(400, "BadRequestException", reason)
    # What the document does not set gets its default.
    for name in DOCUMENT_PROPERTIES:
        api.pop(name, None)
    api["name"] = document["info"]["title"]
    api["description"] = document["info"].get("description", "")
    api["apiKeySource"] = document.get(f"{PREFIX}api-key-source", "HEADER")
    return cast("Response", v1._v1_response(v1._rest_api_view(api)))


class _Import:
    """Imports one document into the emulator's stores."""

    def __init__(self, api_id: str, document: Json) -> None:
        self._api_id = api_id
        self._document = document
        self._authorizers: dict[str, str] = {}
        self._validators: dict[str, str] = {}

    def run(self) -> None:
        for name, schema in self._document.get("components", {}).get("schemas", {}).items():
            self._add_model(name, schema)
        for name, validator in self._document.get(f"{PREFIX}request-validators", {}).items():
            self._validators[name] = self._made(v1._create_request_validator(self._api_id, {**validator, "name": name}))
        for name, scheme in self._document.get("components", {}).get("securitySchemes", {}).items():
            self._add_authorizer(name, scheme)
        for kind, response in self._document.get(f"{PREFIX}gateway-responses", {}).items():
            self._made(v1._put_gateway_response(self._api_id, kind, response))
        for path, methods in self._document["paths"].items():
            resource_id = self._resource(path)
            for method, operation in methods.items():
                if method != ANY_METHOD and method not in METHODS:
                    raise Refused(f"{path}: unknown key {method!r}")
                http_method = "ANY" if method == ANY_METHOD else method.upper()
                self._add_operation(f"{http_method} {path}", resource_id, http_method, operation)

    def _add_model(self, name: str, schema: Json) -> None:
        if not name.isalnum():
            raise Refused(f"schema {name!r}: a model name may contain only letters and digits")
        text = json.dumps(schema).replace("#/components/schemas/", f"https://{_HOST}/restapis/{self._api_id}/models/")
        self._made(v1._create_model(self._api_id, {"name": name, "schema": text}))

    def _add_authorizer(self, name: str, scheme: Json) -> None:
        if scheme.get("type") != "apiKey" or scheme.get("in") != "header":
            raise Refused(f"security scheme {name!r}: expected an apiKey in a header")
        authorizer = scheme.get(f"{PREFIX}authorizer", {})
        _check_fields(f"authorizer {name!r}", authorizer, AUTHORIZER_FIELDS)
        if authorizer.get("type") != "token":
            raise Refused(f"authorizer {name!r}: expected the type token")
        self._authorizers[name] = self._made(
            v1._create_authorizer(
                self._api_id,
                {
                    **authorizer,
                    "name": name,
                    "type": "TOKEN",
                    "authType": scheme.get(f"{PREFIX}authtype", "custom"),
                    "identitySource": f"method.request.header.{scheme['name']}",
                },
            )
        )

    def _resource(self, path: str) -> str:
        """The ID of a path's resource, which is created with its parents if needed."""
        found: Mapping[str, Json] = v1._resources[self._api_id]
        for resource in found.values():
            if resource["path"] == path:
                return str(resource["id"])
        parent, _, part = path.rpartition("/")
        return self._made(v1._create_resource(self._api_id, self._resource(parent or "/"), {"pathPart": part}))

    def _add_operation(self, label: str, resource_id: str, method: str, operation: Json) -> None:
        _check_fields(label, operation, OPERATION_FIELDS)
        integration = operation.get(f"{PREFIX}integration")
        if integration is None:
            raise Refused(f"{label}: no {PREFIX}integration")
        where = (self._api_id, resource_id, method)
        method_fields = {**self._security(label, operation), **self._body(label, operation)}
        method_fields["requestParameters"] = dict(_path_parameters(label, operation))
        self._made(v1._put_method(*where, method_fields))
        for status, response in operation.get("responses", {}).items():
            parameters = {f"method.response.header.{name}": False for name in response.get("headers", {})}
            self._made(v1._put_method_response(*where, status, {"responseParameters": parameters}))
        _check_fields(f"{label}: integration", integration, INTEGRATION_FIELDS)
        if integration.get("type") not in INTEGRATION_TYPES:
            raise Refused(f"{label}: unknown integration type {integration.get('type')!r}")
        fields = {key: value for key, value in integration.items() if key != "responses"}
        fields["type"] = fields["type"].upper()
        fields["passthroughBehavior"] = fields.get("passthroughBehavior", "when_no_match").upper()
        self._made(v1._put_integration(*where, fields))
        for pattern, response in integration.get("responses", {}).items():
            self._add_integration_response(label, where, pattern, response, operation)

    def _add_integration_response(
        self, label: str, where: tuple[str, str, str], pattern: str, response: Json, operation: Json
    ) -> None:
        _check_fields(f"{label}: response {pattern!r} of the integration", response, RESPONSE_FIELDS)
        status = str(response["statusCode"])
        declared = operation.get("responses", {}).get(status)
        if declared is None:
            raise Refused(f"{label}: the integration returns {status}, which is not in `responses`")
        for parameter in response.get("responseParameters", {}):
            header = parameter.removeprefix("method.response.header.")
            if header not in declared.get("headers", {}):
                raise Refused(f"{label}: header {header!r} of {status} is not in `responses`")
        selection = {} if pattern == "default" else {"selectionPattern": pattern}
        self._made(v1._put_integration_response(*where, status, {**response, **selection}))

    def _security(self, label: str, operation: Json) -> Json:
        requirements = operation.get("security", [])
        if not requirements:
            return {"authorizationType": "NONE"}
        if [len(requirement) for requirement in requirements] != [1]:
            raise Refused(f"{label}: expected one security scheme, got {requirements}")
        (name,) = requirements[0]
        if name not in self._authorizers:
            raise Refused(f"{label}: unknown security scheme {name!r}")
        return {"authorizationType": "CUSTOM", "authorizerId": self._authorizers[name]}

    def _body(self, label: str, operation: Json) -> Json:
        body: Json = {}
        content = operation.get("requestBody", {}).get("content", {})
        if content:
            body["requestModels"] = {kind: self._model(label, media["schema"]) for kind, media in content.items()}
        validator = operation.get(f"{PREFIX}request-validator", self._document.get(f"{PREFIX}request-validator"))
        if validator is not None:
            if validator not in self._validators:
                raise Refused(f"{label}: unknown request validator {validator!r}")
            body["requestValidatorId"] = self._validators[validator]
        return body

    def _model(self, label: str, schema: Json) -> str:
        name = str(schema.get("$ref", "")).removeprefix("#/components/schemas/")
        if name not in v1._models[self._api_id]:
            raise Refused(f"{label}: expected the body's schema to be a reference to components")
        return name

    @staticmethod
    def _made(response: Response) -> str:
        """The ID of the resource that an operation of the emulator created, or an empty string."""
        status, _, body = response
        content = json.loads(body)
        if status >= 400:
            raise Refused(content["message"])
        return str(content.get("id", ""))


_HOST = "apigateway.amazonaws.com"
"""The host of a schema's references to other models (API Gateway developer guide, "Data models for REST APIs")."""


def _path_parameters(label: str, operation: Json) -> Iterator[tuple[str, bool]]:
    """The parameters of an operation. All must be in its path, and all of its path must be declared, or an import can
    report a warning."""
    declared = [parameter["name"] for parameter in operation.get("parameters", []) if parameter.get("in") == "path"]
    expected = re.findall(r"\{(\w+)\+?\}", label)
    if declared != expected or len(declared) != len(operation.get("parameters", [])):
        raise Refused(f"{label}: expected the path parameters {expected}, got {operation.get('parameters', [])}")
    for name in declared:
        yield f"method.request.path.{name}", True


def _read(body: bytes, mode: str) -> Json:
    if mode != "overwrite":
        raise Refused(f"expected mode overwrite, got {mode or 'merge'!r}")
    try:
        document: Json = json.loads(body)
    except ValueError as error:
        raise Refused(f"the document is not JSON: {error}") from None
    if not str(document.get("openapi", "")).startswith("3.0."):
        raise Refused("expected an OpenAPI 3.0 document")
    _check_fields("the document", document, DOCUMENT_FIELDS)
    for extension in _extensions(document):
        if extension not in EXTENSIONS:
            raise Refused(f"unknown extension {extension!r}")
    return document


def _extensions(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for key, item in value.items():
                if key.startswith("x-"):
                    yield key
                yield from _extensions(item)
        case list():
            for item in value:
                yield from _extensions(item)


def _check_fields(label: str, given: Json, known: set[str]) -> None:
    if unknown := sorted(given.keys() - known):
        raise Refused(f"{label}: unknown fields {', '.join(unknown)}")


def _first(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value or "")


def _error(status: int, code: str, message: str) -> Response:
    return cast("Response", v1._v1_error(code, message, status))
