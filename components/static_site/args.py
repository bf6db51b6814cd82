"""The inputs of `StaticSite`."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NotRequired, TypedDict

import pulumi

from ..blocks.addresses import Origin


class ViewerProtocolPolicy(StrEnum):
    """How a CDN handles HTTP requests: `allow-all` is for places without HTTPS, such as an emulator."""

    REDIRECT_TO_HTTPS = "redirect-to-https"
    ALLOW_ALL = "allow-all"


class PriceClass(StrEnum):
    """The edge locations of a distribution: those in North America and Europe, also in most other regions, or all."""

    PRICE_CLASS_100 = "PriceClass_100"
    PRICE_CLASS_200 = "PriceClass_200"
    PRICE_CLASS_ALL = "PriceClass_All"


class SiteDomain(TypedDict):
    """A custom domain for the site."""

    name: str
    """Host name, e.g. `cafe.example.com`. The caller creates a record that points to the distribution."""

    certificate_arn: pulumi.Input[str]
    """ARN of a valid certificate for it in us-east-1, as CloudFront requires."""


class SiteApi(TypedDict):
    """An API behind the site's CDN, on the site's own origin."""

    origin: Origin
    """Origin of the API."""

    path: str
    """Base path of the API, the same on the site and at the origin, e.g. `/dev/`."""

    cached: NotRequired[Sequence[str]]
    """Paths below `path`, for reading only, whose responses the CDN caches as their `Cache-Control` says, the same for
    every viewer. The parameter `v` of the query is part of the key, so that a client can ask for a new version.
    Default: none."""


class StaticSiteArgs(TypedDict):
    """Inputs of `StaticSite`."""

    api: NotRequired[SiteApi]
    """An API below a path of the site. Default: none; the site has only files."""

    folder: NotRequired[str]
    """Folder of files that the stack publishes, relative to the program's; in other languages than Python, an absolute
    path. A file in a folder named `assets` is cached for a year, others are revalidated. Default: none; something else
    publishes the files."""

    not_found: NotRequired[str]
    """Page for paths that have no file, e.g. `404.html`, with the status 404. Excludes `single_page` and `api`.
    Default: CloudFront's own error."""

    single_page: NotRequired[bool]
    """Whether `index.html` answers paths that have no file, with the status 200, for an app that routes in the browser.
    Excludes `not_found` and `api`: CloudFront replaces the errors of an API, too. Default: false."""

    content_security_policy: NotRequired[pulumi.Input[str]]
    """The whole content security policy. Excludes `connect_origins` and `image_origins`. Default: scripts, styles,
    images and connections from the site only."""

    connect_origins: NotRequired[Sequence[pulumi.Input[str]]]
    """Additional origins that pages connect to, e.g. `https://api.example.com`. Default: none."""

    image_origins: NotRequired[Sequence[pulumi.Input[str]]]
    """Additional origins that pages load images from. Default: none."""

    viewer_protocol_policy: NotRequired[ViewerProtocolPolicy]
    """How the CDN handles HTTP requests. Default: `redirect-to-https`."""

    emulator_url: NotRequired[str]
    """URL of an emulator that replaces AWS, as `http://HOST:PORT`. Default: the one in the stack's `aws:endpoints`, if
    it is one for all services, else AWS."""

    protect: NotRequired[bool]
    """Whether to protect the bucket from deletion. If not, it is deleted with its content, which can be published
    again. Default: false."""

    price_class: NotRequired[PriceClass]
    """CloudFront price class. Default: CloudFront's own, all edge locations."""

    domain: NotRequired[SiteDomain | None]
    """Custom domain of the site. Default: the CloudFront domain name."""

    web_acl_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the distribution's web ACL, with scope `CLOUDFRONT`. Default: none."""
