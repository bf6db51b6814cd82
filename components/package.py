"""Components for serverless web apps on AWS."""

from .blocks.durable_queue import DurableQueue, consumer_grant
from .blocks.iam import Grant
from .blocks.permissions_boundary import PermissionsBoundary
from .blocks.python_function import Architecture, FunctionPlatform, PythonFunction
from .blocks.table import make_table
from .live_updates import LiveUpdates, publish_grant, publisher_environment
from .packaging.packages_layer import packages_layer
from .rest_api.rest_api import ApiRoute, RestApi
from .static_site.site import StaticSite

__all__ = [
    "ApiRoute",
    "Architecture",
    "DurableQueue",
    "FunctionPlatform",
    "Grant",
    "LiveUpdates",
    "PermissionsBoundary",
    "PythonFunction",
    "RestApi",
    "StaticSite",
    "consumer_grant",
    "make_table",
    "packages_layer",
    "publish_grant",
    "publisher_environment",
]
