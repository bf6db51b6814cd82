"""What a token of the user pool says, once its signature and its claims have been checked."""

import json
import time
from collections.abc import Callable
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import jwt

from lambdas.runtime.caller import Caller

LEEWAY_SECONDS = 30
"""How far the pool's clock and ours may differ."""

REFETCH_SECONDS = 60
"""An unknown key id makes us look for new keys, but not more often than this."""

FETCH_TIMEOUT_SECONDS = 3


class InvalidToken(Exception):
    """The token is not one that this pool made for our client, or it is not valid now."""


class KeysUnavailable(Exception):
    """The pool's keys cannot be had: nobody knows whether the token is valid."""


def fetch(url: str) -> dict[str, Any]:
    """The JSON object at an address. Raises `OSError`, `HTTPException`, `ValueError` or `TypeError`."""
    address = urlsplit(url)
    # `urllib.request` reads all certificates that the system trusts before it looks whether there is any to check.
    connect = HTTPSConnection if address.scheme == "https" else HTTPConnection
    with closing(connect(address.netloc, timeout=FETCH_TIMEOUT_SECONDS)) as connection:
        connection.request("GET", address.path)
        with connection.getresponse() as answer:
            if answer.status != HTTPStatus.OK:
                raise HTTPException(f"{url} answered {answer.status}")
            return dict(json.load(answer))


class KeySet:
    """The pool's public keys: fetched once, kept, and fetched again when a token names one that is not among them."""

    def __init__(
        self,
        url: str,
        fetch: Callable[[str], dict[str, Any]] = fetch,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")

    def key(self, id: str | None) -> jwt.PyJWK:
        """The key with this id. Raises `InvalidToken` when the pool has none, `KeysUnavailable` when nobody knows."""
        if id not in self._keys and self._clock() - self._fetched_at >= REFETCH_SECONDS:
            self._refresh()
        if id not in self._keys:
            raise InvalidToken("signed with an unknown key")
        return self._keys[id]

    def _refresh(self) -> None:
        try:
            self._keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(self._fetch(self._url)).keys}
        except (OSError, HTTPException, ValueError, TypeError, KeyError, jwt.PyJWTError) as error:
            # Not remembered as a fetch: the next call may find the network well again.
            raise KeysUnavailable(f"the pool's keys could not be had: {error}") from error
        self._fetched_at = self._clock()


class TokenVerifier:
    """Checks access and id tokens of one user pool and one app client."""

    def __init__(self, issuer: str, client_id: str, keys: KeySet) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._keys = keys

    def caller(self, token: str) -> Caller:
        """Who holds this token. Scopes count in access tokens only. Raises `InvalidToken` and `KeysUnavailable`."""
        claims = self._claims(token)
        if claims.get("token_use") == "access" and claims.get("client_id") == self._client_id:
            name, scopes = claims.get("username"), claims.get("scope", "")
        elif claims.get("token_use") == "id" and claims.get("aud") == self._client_id:
            name, scopes = claims.get("cognito:username"), ""
        else:
            raise InvalidToken("neither an access token nor an id token of our client")
        groups = claims.get("cognito:groups", [])
        if not isinstance(name, str) or not name or not isinstance(scopes, str) or not isinstance(groups, list):
            raise InvalidToken("claims of an unexpected shape")
        # Functions are told the groups as a row of words: a group "not staff", which Cognito would not allow, must not
        # make anybody staff.
        words = (group for group in groups if isinstance(group, str) and group.split() == [group])
        return Caller(name, frozenset(words), frozenset(scopes.split()))

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            key = self._keys.key(jwt.get_unverified_header(token).get("kid"))
            return jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                # The audience is where the kind of the token says it is; see `caller`.
                options={"require": ["exp", "iat", "iss", "token_use"], "verify_aud": False},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise InvalidToken(str(error)) from error


def without_scheme(header: str) -> str:
    """The token in an `Authorization` header, with or without `Bearer ` before it."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else header
