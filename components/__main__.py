"""The components as a Pulumi component provider, for programs in any of Pulumi's languages.

Pulumi's engine starts it by `PulumiPlugin.yaml`, asks for its schema and has it make components.
"""

import sys
from pathlib import Path

# A folder that is run as a program is on the path, but not what it is in.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from pulumi.provider.experimental import component_provider_host

from components.auth_layer import AuthLayer
from components.durable_queue import DurableQueue
from components.event_pipeline import EventPipeline
from components.orders_api import OrdersApi
from components.python_function import PythonFunction
from components.static_site import StaticSite

PUBLISHED = [AuthLayer, DurableQueue, EventPipeline, OrdersApi, PythonFunction, StaticSite]

if __name__ == "__main__":
    component_provider_host(name="cafe", components=PUBLISHED)
