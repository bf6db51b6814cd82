"""The published OpenAPI 3.1 document of the API.

Paths, parameters and bodies come from the route table and from the types that the functions parse requests with, so
they always match. The texts and the possible responses of each request are written by hand.

`python -m components.rest_api.openapi [FILE]` writes the document.
"""

import inspect
import json
import sys
from http import HTTPStatus
from pathlib import Path

import aws_lambda_powertools
import msgspec
from msgspec import UNSET, Struct, structs

from lambdas.api.bodies import BODIES
from lambdas.api.routes import ROUTES, Route
from lambdas.orders.models import HIDDEN
from lambdas.runtime.forms import OneOfForms

from . import openapi_invoices, openapi_menu, openapi_orders, openapi_photos, openapi_sign_in
from .openapi_parts import Answer, Json, Operation, Problem, ref
from .openapi_texts import (
    CONDITIONS,
    DESCRIPTION,
    HEADERS,
    OPTIONAL_HEADERS,
    PATH_KEYS,
    PROBLEM_HEADERS,
    PROBLEMS,
    QUERIES,
    QUERY,
    TAG_DESCRIPTIONS,
    TAGS,
)

REPOSITORY = "https://github.com/owner/cafe"

VERSION = "1.0.0"
"""The version of the API. Within a major version, it only adds; nothing that clients rely on is removed."""

VIEWER_FILES = {
    f"viewer/{name}": Path(aws_lambda_powertools.__path__[0], "event_handler", "openapi", "swagger_ui", name)
    for name in ("swagger-ui-bundle.min.js", "swagger-ui.min.css")
}
"""Swagger UI's files, by their paths in `api.html`: from the copy in Powertools, which the lock file pins."""

EXAMPLE_BODIES: dict[type[Struct], Json] = {
    **openapi_orders.EXAMPLE_BODIES,
    **openapi_sign_in.EXAMPLE_BODIES,
    **openapi_menu.EXAMPLE_BODIES,
    **openapi_invoices.EXAMPLE_BODIES,
    **openapi_photos.EXAMPLE_BODIES,
}

OPERATIONS = {
    **openapi_sign_in.OPERATIONS,
    **openapi_menu.OPERATIONS,
    **openapi_orders.OPERATIONS,
    **openapi_invoices.OPERATIONS,
    **openapi_photos.OPERATIONS,
}
"""Operations by method and path. `HEAD` uses the description of the `GET` of its path."""


def document() -> Json:
    """Return the OpenAPI document."""
    paths: dict[str, Json] = {}
    for route in ROUTES:
        item = paths.setdefault(route.path, _path(route.path))
        item[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            # ASCII: generators derive names from it.
            "title": "Cafe API",
            "version": VERSION,
            "contact": {"name": "The cafe's repository", "url": REPOSITORY},
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        # The site serves the API on its own origin; `api.html` replaces this with the stack's stage.
        "servers": [{"url": "/dev"}],
        "tags": [{"name": name, "description": text} for name, text in TAG_DESCRIPTIONS.items()],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "headers": {name: _header(name) for name in HEADERS},
            "responses": {_key(status): _problem(status) for status in PROBLEMS},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def text() -> str:
    """Return the document as the published JSON text."""
    return json.dumps(document(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _path(path: str) -> Json:
    """Return what all operations of a path share: its parameters."""
    keys = [key for part, key in PATH_KEYS.items() if part in path]
    parameters = _parameters(keys[0], "path", {}) if keys else []
    return {"parameters": parameters} if parameters else {}


def _operation(route: Route) -> Json:
    is_head = route.method == "HEAD"
    said = OPERATIONS["GET" if is_head else route.method, route.path]
    operation: Json = {
        "operationId": f"{said.id}Headers" if is_head else said.id,
        "summary": f"{said.summary}: the headers" if is_head else said.summary,
        "description": said.description,
        "tags": [TAGS[route.path.split("/")[1]]],
        "responses": _responses(route, said),
    }
    if parameters := _own_parameters(route, said):
        operation["parameters"] = parameters
    if body := BODIES.get((route.method, route.path)):
        content = {"schema": ref(body.__name__), "example": EXAMPLE_BODIES[body]}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    operation["security"] = [] if route.access == "anyone" else [{"token": []}]
    return operation


def _own_parameters(route: Route, said: Operation) -> list[Json]:
    query = _parameters(QUERIES[route.function], "query", QUERY) if route.function and route.function in QUERIES else []
    if said.condition is None:
        return query
    condition = {"name": said.condition, "in": "header", "description": CONDITIONS[said.condition]}
    return [*query, {**condition, "schema": {"type": "string"}}]


def _responses(route: Route, said: Operation) -> Json:
    """Return all possible responses of a route, by status."""
    responses: Json = {str(int(answer.status)): _answer(answer) for answer in said.answers}
    for status in _problems(route, said):
        code = "5XX" if status is HTTPStatus.INTERNAL_SERVER_ERROR else str(int(status))
        shared = {"$ref": f"#/components/responses/{_key(status)}"}
        responses[code] = shared if route.method != "HEAD" else _problem(status)
    if route.method == "HEAD":
        for response in responses.values():
            response.pop("content", None)
    return responses


def _problems(route: Route, said: Operation) -> set[HTTPStatus]:
    """Return the problems that follow from the route, and those that its description adds."""
    problems = {*said.problems, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR}
    if route.access != "anyone":
        problems.add(HTTPStatus.UNAUTHORIZED)
    if (route.method, route.path) in BODIES:
        problems |= {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
    if "{" in route.path:
        problems.add(HTTPStatus.NOT_FOUND)
    if "{" in route.path and route.access != "anyone":
        # Another user's resource, or a segment that matches no pattern of the authorizer's policy: one with a newline.
        problems.add(HTTPStatus.FORBIDDEN)
    if said.condition == "If-Match":
        problems.add(HTTPStatus.PRECONDITION_FAILED)
    return problems


def _key(status: HTTPStatus) -> str:
    """Return a problem's name in the shared responses, such as `NotFound`."""
    return PROBLEMS[status][0].replace(" ", "")


def _answer(answer: Answer) -> Json:
    response: Json = {"description": answer.description}
    if answer.content:
        response["content"] = answer.content
    if answer.headers:
        response["headers"] = _headers(answer.headers)
    return response


def _problem(status: HTTPStatus) -> Json:
    title, detail = PROBLEMS[status]
    example = {"type": "about:blank", "title": title, "status": int(status), "detail": detail}
    content = {"application/problem+json": {"schema": ref("Problem"), "example": example}}
    response: Json = {"description": detail, "content": content}
    if status in PROBLEM_HEADERS:
        response["headers"] = _headers(PROBLEM_HEADERS[status])
    return response


def _headers(names: "tuple[str, ...] | list[str]") -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _header(name: str) -> Json:
    required = name not in OPTIONAL_HEADERS
    kind = "integer" if name == "Retry-After" else "string"
    return {"description": HEADERS[name], "required": required, "schema": {"type": kind}}


def _parameters(type: type[Struct], where: str, texts: dict[str, str]) -> list[Json]:
    """Return the fields of a type as parameters."""
    _, schemas = _components([type])
    properties = schemas[type.__name__]["properties"]
    parameters: list[Json] = []
    for name, schema in properties.items():
        parameter: Json = {"name": name, "in": where, "schema": schema}
        if name in texts:
            parameter["description"] = texts[name]
        if where == "path":
            parameter["required"] = True
        parameters.append(parameter)
    return parameters


def _components(types: list[type[Struct]]) -> tuple[tuple[Json, ...], dict[str, Json]]:
    return msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")


def _schemas() -> dict[str, Json]:
    bodies = set(BODIES.values())
    answers: list[type[Struct]] = [
        Problem,
        *openapi_sign_in.ANSWERS,
        *openapi_orders.ANSWERS,
        *openapi_menu.ANSWERS,
        *openapi_invoices.ANSWERS,
        *openapi_photos.ANSWERS,
    ]
    _, schemas = _components([*bodies, *answers])
    for schema in schemas.values():
        schema["description"] = inspect.cleandoc(schema["description"])
    for answer in answers:
        schemas[answer.__name__]["required"] = _always_there(answer)
    for body in bodies:
        if issubclass(body, OneOfForms):
            schemas[body.__name__] = _one_of_forms(body, schemas[body.__name__])
    order = schemas["Order"]
    for hidden in HIDDEN:
        del order["properties"][hidden]
    order["required"] = [name for name in order["required"] if name not in HIDDEN]
    order["example"] = openapi_orders.EXAMPLE_ORDER.public()
    return schemas


def _always_there(answer: type[Struct]) -> list[str]:
    """Return the fields that every such response has: all except those that default to `UNSET`."""
    return [field.encode_name for field in structs.fields(answer) if field.default is not UNSET]


def _one_of_forms(body: type[OneOfForms], schema: Json) -> Json:
    """Return each form as a separate object without the fields of the others, which is easier to read than the
    equivalent schema for API Gateway, which forbids those fields."""
    in_forms = frozenset().union(*body.FORMS)
    forms = [
        {
            # A unique title: generators name a class after it.
            "title": f"{schema['title']} with {' and '.join(sorted(form))}",
            "type": "object",
            "properties": {
                name: part for name, part in schema["properties"].items() if name in form or name not in in_forms
            },
            "required": sorted(form),
            "additionalProperties": False,
        }
        for form in body.FORMS
    ]
    return {"title": schema["title"], "description": schema["description"], "oneOf": forms}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text(), encoding="utf-8")
    else:
        sys.stdout.write(text())
