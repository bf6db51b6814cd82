"""Live updates: an event API that functions publish to and that clients subscribe to by WebSocket."""

from typing import NotRequired, TypedDict, final

import pulumi
import pulumi_aws as aws

from .blocks.account import Account
from .blocks.addresses import Addresses, configured_emulator
from .blocks.iam import Grant
from .blocks.link import Link
from .blocks.python_function import PythonFunction


class LiveUpdatesArgs(TypedDict):
    """Inputs of `LiveUpdates`."""

    namespace: str
    """Name of the channel namespace, the first segment of every channel: 1 to 50 letters, digits or hyphens."""

    emulator_url: NotRequired[str]
    """URL of an emulator that replaces AWS, as `http://HOST:PORT`. Default: the one in the stack's `aws:endpoints`, if
    it is one for all services, else AWS."""


@final
class LiveTarget(TypedDict):
    """What a function needs in order to publish."""

    host: pulumi.Input[str]
    """Host name of the event API."""

    url: pulumi.Input[str]
    """URL at which functions reach it."""

    namespace_arn: pulumi.Input[str]
    """ARN of the channel namespace, which the permission to publish names."""


class LiveUpdates(pulumi.ComponentResource):
    """An event API with one channel namespace. Subscribing requires the consent of a Lambda authorizer, publishing
    requires IAM. AppSync writes no log of it: the authorizer logs who subscribes, and nothing logs the events."""

    http_url: pulumi.Output[str]
    """URL to publish to."""
    realtime_url: pulumi.Output[str]
    """URL to subscribe at, by WebSocket."""
    realtime_origin: pulumi.Output[str]
    """Origin of that URL, e.g. for a content security policy."""
    http_host: pulumi.Output[str]
    """Host name of the URL to publish to, which clients also name when they connect to the other."""
    api_arn: pulumi.Output[str]
    """ARN of the event API, which the permission to call the authorizer names: see `allow`."""
    namespace_arn: pulumi.Output[str]
    """ARN of the channel namespace, which the permission to publish names."""
    authorizer_name: pulumi.Output[str]
    """Name that the function must have that decides who may connect and subscribe. It can be created later."""

    def __init__(self, name: str, args: LiveUpdatesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:LiveUpdates", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        self.authorizer_name = pulumi.Output.from_input(f"{name}-authorizer")
        account = Account(self)
        authorizer: aws.appsync.ApiEventConfigAuthProviderArgsDict = {
            "auth_type": "AWS_LAMBDA",
            "lambda_authorizer_config": {
                # The name, so that the function can depend on what depends on this API, such as a site's address.
                "authorizer_uri": account.arn("lambda", pulumi.Output.concat("function:", self.authorizer_name)),
                # AWS does not say that a cached answer is about one channel only.
                "authorizer_result_ttl_in_seconds": 0,
            },
        }
        api = aws.appsync.Api(
            name,
            event_config={
                "auth_providers": [authorizer, {"auth_type": "AWS_IAM"}],
                "connection_auth_modes": [{"auth_type": "AWS_LAMBDA"}],
                "default_subscribe_auth_modes": [{"auth_type": "AWS_LAMBDA"}],
                "default_publish_auth_modes": [{"auth_type": "AWS_IAM"}],
            },
            opts=self._child,
        )
        namespace = aws.appsync.ChannelNamespace(
            f"{name}-{args['namespace']}",
            api_id=api.api_id,
            name=args["namespace"],
            subscribe_auth_modes=[{"auth_type": "AWS_LAMBDA"}],
            publish_auth_modes=[{"auth_type": "AWS_IAM"}],
            # A namespace's name is unique within its API.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        addresses = Addresses(account, args.get("emulator_url", configured_emulator()))
        self.api_arn, self.namespace_arn = api.api_arn, namespace.channel_namespace_arn
        self.http_host = api.dns["HTTP"]
        self.http_url = addresses.event_url(self.http_host)
        self.realtime_origin = addresses.realtime_origin(api.dns["REALTIME"])
        self.realtime_url = pulumi.Output.concat(self.realtime_origin, "/event/realtime")
        self.target: LiveTarget = {
            "host": self.http_host,
            "url": addresses.reachable_event_url(self.http_host),
            "namespace_arn": self.namespace_arn,
        }
        """What a function needs in order to publish."""
        self.outputs: dict[str, pulumi.Output[str]] = {
            "liveHttpUrl": self.http_url,
            "liveRealtimeUrl": self.realtime_url,
        }
        """Stack outputs."""
        self.register_outputs(
            {"http_url": self.http_url, "realtime_url": self.realtime_url, "authorizer_name": self.authorizer_name}
        )

    def link(self) -> Link:
        """What a function needs to publish, with the variables `LIVE_URL` and `LIVE_HOST`: pass it in `links`."""
        return {"environment": publisher_environment(self.target), "grants": [publish_grant(self.target)]}

    def allow(self, authorizer: PythonFunction) -> None:
        """Let AppSync call the authorizer, which has the name `authorizer_name`. Until then, all is denied."""
        aws.lambda_.Permission(
            f"{self._name}-authorizer-permission",
            action="lambda:InvokeFunction",
            function=authorizer.name,
            principal="appsync.amazonaws.com",
            source_arn=self.api_arn,
            opts=self._child,
        )


def publish_grant(target: LiveTarget) -> Grant:
    """The permission to publish."""
    return {"actions": ["appsync:EventPublish"], "resources": [target["namespace_arn"]]}


def publisher_environment(target: LiveTarget) -> dict[str, pulumi.Input[str]]:
    """The environment variables of a function that publishes."""
    return {"LIVE_HOST": target["host"], "LIVE_URL": target["url"]}
