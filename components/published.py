"""The components for programs in any Pulumi language: their inputs and outputs are plain data."""

from .auth_layer import AuthLayer
from .blocks.durable_queue import DurableQueue
from .blocks.python_function import PythonFunction
from .event_pipeline.pipeline import EventPipeline
from .live_updates import LiveUpdates
from .orders_api import OrdersApi
from .static_site.site import StaticSite

NAME = "cafe"
"""Name of the package, the first part of its component types."""

PUBLISHED = [AuthLayer, DurableQueue, EventPipeline, LiveUpdates, OrdersApi, PythonFunction, StaticSite]
