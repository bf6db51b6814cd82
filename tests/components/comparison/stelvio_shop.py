"""A site, an API with two functions, and a queue whose messages a function takes. There are no event APIs."""

from stelvio.app import StelvioApp
from stelvio.aws.api_gateway import RestApi
from stelvio.aws.queue import Queue
from stelvio.aws.s3 import S3StaticWebsite
from stelvio.config import AwsConfig, StelvioAppConfig

app = StelvioApp("shop")


@app.config
def configuration(env: str) -> StelvioAppConfig:
    return StelvioAppConfig(aws=AwsConfig(region="us-east-1"))


@app.run
def run() -> None:
    S3StaticWebsite("site", directory="site")
    dead = Queue("dead")
    orders = Queue("orders", dlq={"queue": dead, "retry": 5})
    orders.subscribe("make", "functions/make.handler")
    api = RestApi("api")
    api.route("GET", "/menu", "functions/menu.handler")
    api.route("POST", "/orders", handler="functions/order.handler", links=[orders])
