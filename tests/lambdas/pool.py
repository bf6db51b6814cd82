"""A fake user pool: keys, and tokens signed with them."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abcdefghi"
CLIENT = "1example23456789"
KID = "key-1"


def base64url(content: bytes | str) -> str:
    content = content.encode() if isinstance(content, str) else content
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class Pool:
    """Signs tokens with `key`; `other_key` does not belong to the pool. Omits claims that are set to `...`."""

    def __init__(self) -> None:
        self.key, self.other_key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))

    def jwk(self, kid: str = KID) -> dict[str, Any]:
        return {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key())), "kid": kid, "alg": "RS256"}

    def jwks(self, *kids: str) -> dict[str, Any]:
        return {"keys": [self.jwk(kid) for kid in kids or [KID]]}

    def access_claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "sub": "0b1c2d3e-0000-4000-8000-000000000000",
            "iss": ISSUER,
            "client_id": CLIENT,
            "token_use": "access",
            "scope": "openid",
            "auth_time": now,
            "iat": now,
            "exp": now + 3600,
            "jti": "4b0c2f1e-0000-4000-8000-000000000000",
            "username": "ann",
        }
        return {name: value for name, value in {**claims, **changes}.items() if value is not ...}

    def id_claims(self, **changes: Any) -> dict[str, Any]:
        access_only = {"client_id": ..., "scope": ..., "username": ...}
        return self.access_claims(
            **{**access_only, "token_use": "id", "aud": CLIENT, "cognito:username": "ann", **changes}
        )

    def access(self, **changes: Any) -> str:
        return self.sign(self.access_claims(**changes))

    def id(self, **changes: Any) -> str:
        return self.sign(self.id_claims(**changes))

    def sign(self, claims: dict[str, Any], *, key: Any = None, algorithm: str = "RS256", **headers: Any) -> str:
        return jwt.encode(claims, key or self.key, algorithm, {"kid": KID, **headers})

    def raw(self, header: object, claims: object = None, signature: bytes = b"signature") -> str:
        """A token from arbitrary parts: text unchanged, other values as JSON."""
        parts = (header, self.access_claims() if claims is None else claims)
        encoded = [base64url(part if isinstance(part, (str, bytes)) else json.dumps(part)) for part in parts]
        return ".".join([*encoded, base64url(signature)])

    def signed_with_the_public_key(self) -> str:
        """An algorithm confusion attack: an HMAC with the public key as its secret."""
        secret = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        unsigned = self.raw({"alg": "HS256", "typ": "JWT", "kid": KID}).rpartition(".")[0]
        return f"{unsigned}.{base64url(hmac.digest(secret, unsigned.encode(), hashlib.sha256))}"

    def tampered(self, **changes: Any) -> str:
        """A token with changed claims and the signature of a valid token."""
        header, _, signature = self.access().split(".")
        return f"{header}.{base64url(json.dumps(self.access_claims(**changes)))}.{signature}"
