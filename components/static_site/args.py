"""The inputs of `StaticSite`."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from ..blocks.addresses import Origin


class SiteDomain(TypedDict):
    """A name of one's own for the site."""

    name: str
    """The host name, e.g. `cafe.example.com`. A record that leads to the distribution is the caller's to make."""

    certificate_arn: pulumi.Input[str]
    """A valid certificate for it, in us-east-1, where CloudFront looks for them."""


class ApiBehind(TypedDict):
    """An API behind the site's CDN, on the site's own origin."""

    origin: Origin
    """Where it answers."""

    path: str
    """Its base path, on the site as at the origin, e.g. `/dev/`."""


class StaticSiteArgs(TypedDict):
    """Inputs of `StaticSite`."""

    api: NotRequired[ApiBehind]
    """An API that answers below a path of the site. Default: none, the site is files."""

    connect_origins: NotRequired[Sequence[pulumi.Input[str]]]
    """Origins besides its own that the pages talk to, e.g. `https://api.example.com`. Default: none."""

    image_origins: NotRequired[Sequence[pulumi.Input[str]]]
    """Origins besides its own that the pages show pictures of. Default: none."""

    viewer_protocol_policy: NotRequired[str]
    """What the CDN does with plain http: `redirect-to-https`, or `allow-all` where there is no https. Default: the
    first."""

    emulator_url: NotRequired[str]
    """The address of an emulator that stands in for AWS, as `http://HOST:PORT`. Default: none, it is AWS."""

    protect: NotRequired[bool]
    """Whether the bucket is kept from being deleted. If not, it is deleted with all that is in it, which can be
    published again. Default: no."""

    price_class: NotRequired[str]
    """From which of its places in the world CloudFront answers: `PriceClass_100`, `PriceClass_200` or
    `PriceClass_All`. Default: CloudFront's own, which is all of them."""

    domain: NotRequired[SiteDomain | None]
    """The site's own name. Default: the one that CloudFront gives."""

    web_acl_arn: NotRequired[pulumi.Input[str] | None]
    """The web ACL that requests pass first, of scope `CLOUDFRONT`. Default: none."""
