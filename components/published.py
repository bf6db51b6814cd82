"""The components for programs in any Pulumi language: their inputs and outputs are plain data."""

import json
import re
from typing import Any

from pulumi.provider.experimental.component import ComponentProvider

from .auth_layer import AuthLayer
from .blocks.durable_queue import DurableQueue
from .blocks.python_function import PythonFunction
from .event_pipeline.pipeline import EventPipeline
from .live_updates import LiveUpdates
from .orders_api import OrdersApi
from .static_site.site import StaticSite

NAME = "cafe"
"""Name of the package, the first part of its component types."""

VERSION = "1.0.0"
"""Version of the package, as in `pyproject.toml`."""

PUBLISHED = [AuthLayer, DurableQueue, EventPipeline, LiveUpdates, OrdersApi, PythonFunction, StaticSite]


def provider() -> ComponentProvider:
    """The provider of the published components, whose descriptions have one line per paragraph."""
    made = ComponentProvider(PUBLISHED, NAME, None, VERSION)
    made.schema = json.dumps(_with_joined_lines(json.loads(made.schema or "{}")))
    return made


def _with_joined_lines(value: Any) -> Any:
    """A schema without the line breaks of docstrings, which documentation of other languages would show."""
    match value:
        case {"description": str(text), **others}:
            paragraphs = [" ".join(it.split()) for it in re.split(r"\n\s*\n", text)]
            return {**_with_joined_lines(others), "description": "\n\n".join(paragraphs)}
        case dict():
            return {key: _with_joined_lines(item) for key, item in value.items()}
    return value
