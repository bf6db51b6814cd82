"""The key in AWS KMS that signs the tokens of guests."""

from functools import cache
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from jwt.utils import der_to_raw_signature
from typing_extensions import override

from lambdas.identity.guests import Key
from lambdas.runtime import aws
from lambdas.runtime.errors import Refusal

if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient


class SigningKey(Key):
    """A key pair whose private key never leaves KMS."""

    def __init__(self, id: str, client: "KMSClient | None" = None) -> None:
        self.id = id
        self._client: KMSClient = client or aws.client("kms")
        self._public_key = cache(self._fetch)

    @override
    def sign(self, message: bytes) -> bytes:
        try:
            signed = self._client.sign(KeyId=self.id, Message=message, SigningAlgorithm="ECDSA_SHA_256")
        except (ClientError, BotoCoreError) as error:
            # KMS shares its limits between all of an account's functions.
            raise Refusal("unavailable", "No session can begin right now. Try again in a moment.") from error
        return der_to_raw_signature(signed["Signature"], SECP256R1())

    @override
    def public_key(self) -> EllipticCurvePublicKey:
        return self._public_key()

    def _fetch(self) -> EllipticCurvePublicKey:
        key = load_der_public_key(self._client.get_public_key(KeyId=self.id)["PublicKey"])
        assert isinstance(key, EllipticCurvePublicKey)
        return key
