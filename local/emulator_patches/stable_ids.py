"""Makes the emulator's addresses stable: what has an ID in its address gets the same one in each run.

ministack 1.5.33 chooses IDs at random, so an open tab, its service worker and a bookmark lose their site with each run.
This patch derives them from account, region, type and name. An ID that is taken is replaced by a random one.
"""

import json
import random
import re
import string
import uuid
from collections.abc import Callable, Collection
from contextvars import ContextVar
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import apigateway_v1, appsync_events, cloudfront, cognito

HEX = string.hexdigits[:16]
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits

Choice = random.Random
"""Chooses the same for the same name."""


def derive_ids() -> None:
    """Patch the emulator in this process. Call once."""
    api = Ids(lambda data: data.get("name"), apigateway_v1, "_create_rest_api")
    api.derive("_new_id", lambda choice: _text(choice, HEX, 8), lambda: apigateway_v1._rest_apis)
    events = Ids(lambda body: json.loads(body).get("name"), appsync_events, "_create_api")
    events.derive("_new_api_id", lambda choice: _text(choice, HEX, 26), lambda: appsync_events._apis)
    site = Ids(lambda headers, body: re.findall(rb"<CallerReference>(.+?)</", body), cloudfront, "_create_distribution")
    site.derive("_dist_id", lambda choice: f"E{_text(choice, UPPER, 13)}", lambda: cloudfront._distributions)
    site.derive("_new_distribution_domain", lambda choice: f"d{_text(choice, LOWER, 13)}.cloudfront.net", _domains)
    pool = Ids(lambda data: data.get("PoolName"), cognito, "_create_user_pool")
    pool.derive("_pool_id", lambda choice: f"{get_region()}_{_text(choice, UPPER, 9)}", lambda: cognito._user_pools)
    client = Ids(lambda data: f"{data.get('UserPoolId')}{data.get('ClientName')}", cognito, "_create_user_pool_client")
    client.derive("_client_id", lambda choice: _text(choice, LOWER, 26), _clients)
    identities = Ids(lambda data: data.get("IdentityPoolName"), cognito, "_create_identity_pool")
    identities.derive("_identity_pool_id", _identity_pool, lambda: cognito._identity_pools)


class Ids:
    """The IDs that a function of the emulator chooses while it creates a resource."""

    def __init__(self, name: Callable[..., Any], module: Any, create: str) -> None:
        """`name` returns the resource's name, from the arguments of `create`."""
        self._module, self._type = module, create
        self._name: ContextVar[Any] = ContextVar(create, default=None)
        make = getattr(module, create)

        def named(*arguments: Any) -> Any:
            token = self._name.set(name(*arguments))
            try:
                return make(*arguments)
            finally:
                self._name.reset(token)

        setattr(module, create, named)

    def derive(self, generate: str, shape: Callable[[Choice], str], taken: Callable[[], Collection[str]]) -> None:
        """Replace the function that generates an ID."""
        at_random = getattr(self._module, generate)

        def generated() -> str:
            name = self._name.get()
            seed = (get_account_id(), get_region(), self._type, generate, name)
            derived = shape(Choice(str(seed)))
            return at_random() if not name or derived in taken() else derived

        setattr(self._module, generate, generated)


def _text(choice: Choice, alphabet: str, length: int) -> str:
    return "".join(choice.choices(alphabet, k=length))


def _identity_pool(choice: Choice) -> str:
    return f"{get_region()}:{uuid.UUID(int=choice.getrandbits(128), version=4)}"


def _domains() -> Collection[str]:
    return {each["DomainName"] for each in cloudfront._distributions.values()}


def _clients() -> Collection[str]:
    return {client for pool in cognito._user_pools.values() for client in pool["_clients"]}
