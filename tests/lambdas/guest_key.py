"""A fake of the café's key pair."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from jwt.utils import der_to_raw_signature


class FakeKey:
    """A key pair with an ID."""

    def __init__(self, id: str = "key-of-guests") -> None:
        self.id = id
        self.private = ec.generate_private_key(ec.SECP256R1())

    def sign(self, message: bytes) -> bytes:
        return der_to_raw_signature(self.private.sign(message, ec.ECDSA(SHA256())), ec.SECP256R1())

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self.private.public_key()
