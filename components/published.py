"""The components that programs in Pulumi's other languages can use, too: their inputs and outputs are plain data."""

from components.auth_layer import AuthLayer
from components.durable_queue import DurableQueue
from components.event_pipeline import EventPipeline
from components.orders_api import OrdersApi
from components.python_function import PythonFunction
from components.static_site import StaticSite

NAME = "cafe"
"""The package's name, the first part of its components' types."""

PUBLISHED = [AuthLayer, DurableQueue, EventPipeline, OrdersApi, PythonFunction, StaticSite]
