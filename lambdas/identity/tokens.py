"""Verifies tokens: which kind a token is, and the signature and claims of the user pool's."""

import json
import time
from collections.abc import Callable
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import jwt

from lambdas.runtime.caller import DISPLAYS, GUESTS, Caller

LEEWAY_SECONDS = 30
"""The clock skew allowed between the pool and the function."""

REFETCH_SECONDS = 60
"""An unknown key ID triggers a fetch of the keys, at most once in this time."""

FETCH_TIMEOUT_SECONDS = 3


UNREADABLE = (jwt.PyJWTError, ValueError, TypeError, RecursionError)
"""What PyJWT raises for tokens that it cannot read, or that are not valid."""


class InvalidToken(Exception):
    """The pool did not issue this token to our client, or it is not valid now."""


class KeysUnavailable(Exception):
    """The pool's keys cannot be fetched, so the token cannot be verified."""


def fetch(url: str) -> dict[str, Any]:
    """The JSON object at a URL. Raises `OSError`, `HTTPException`, `ValueError` or `TypeError`."""
    address = urlsplit(url)
    # `urllib.request` loads all trusted system certificates even for plain HTTP.
    connect = HTTPSConnection if address.scheme == "https" else HTTPConnection
    with closing(connect(address.netloc, timeout=FETCH_TIMEOUT_SECONDS)) as connection:
        connection.request("GET", address.path)
        with connection.getresponse() as response:
            if response.status != HTTPStatus.OK:
                raise HTTPException(f"{url} returned {response.status}")
            return dict(json.load(response))


class KeySet:
    """The pool's public keys: fetched once, cached, and fetched again when a token names an unknown key."""

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
        """The key with this ID. Raises `InvalidToken` if the pool has none, `KeysUnavailable` if the fetch fails."""
        if id not in self._keys and self._clock() - self._fetched_at >= REFETCH_SECONDS:
            self._refresh()
        if id not in self._keys:
            raise InvalidToken("signed with an unknown key")
        return self._keys[id]

    def _refresh(self) -> None:
        try:
            self._keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(self._fetch(self._url)).keys}
        except (OSError, HTTPException, ValueError, TypeError, KeyError, jwt.PyJWTError) as error:
            # Not recorded as a fetch, so that the next call tries again.
            raise KeysUnavailable(f"cannot fetch the pool's keys: {error}") from error
        self._fetched_at = self._clock()


class TokenVerifier:
    """Verifies access and ID tokens of one user pool and one app client."""

    def __init__(self, issuer: str, client_id: str, keys: KeySet) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._keys = keys

    def caller(self, token: str) -> Caller:
        """The token's caller. Only access tokens have scopes. Raises `InvalidToken` or `KeysUnavailable`."""
        claims = self._claims(token)
        if claims.get("token_use") == "access" and claims.get("client_id") == self._client_id:
            name, scopes = claims.get("username"), claims.get("scope", "")
        elif claims.get("token_use") == "id" and claims.get("aud") == self._client_id:
            name, scopes = claims.get("cognito:username"), ""
        else:
            raise InvalidToken("not an access or ID token of our client")
        groups = claims.get("cognito:groups", [])
        if not isinstance(name, str) or not name or not isinstance(scopes, str) or not isinstance(groups, list):
            raise InvalidToken("claims have an unexpected type")
        # Functions receive the groups as a space-separated list: a group "not staff", which Cognito does not allow,
        # must not make a caller staff. Nor is an account a guest or a display.
        words = {group for group in groups if isinstance(group, str) and group.split() == [group]}
        return Caller(name, frozenset(words - {GUESTS, DISPLAYS}), frozenset(scopes.split()))

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            key = self._keys.key(key_id(token))
            return jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                # Which claim holds the audience depends on the kind of token; see `caller`.
                options={"require": ["exp", "iat", "iss", "token_use"], "verify_aud": False},
            )
        except UNREADABLE as error:
            raise InvalidToken(str(error)) from error


def key_id(token: str) -> str | None:
    """The ID of the key that a JSON Web Token says it is signed with. Raises `InvalidToken`."""
    try:
        kid = jwt.get_unverified_header(token).get("kid")
    except UNREADABLE as error:
        raise InvalidToken(str(error)) from error
    return kid if isinstance(kid, str) else None


def without_scheme(header: str) -> str:
    """The token in an `Authorization` header, with or without the prefix `Bearer `."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else header
