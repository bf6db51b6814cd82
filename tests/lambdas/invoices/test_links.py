import hashlib

import msgspec

from lambdas.invoices.links import digest, new_token
from lambdas.invoices.models import PaymentKey


def test_tokens_are_valid_and_unique():
    tokens = {new_token() for _ in range(1000)}

    assert len(tokens) == 1000
    assert all(msgspec.convert({"token": token}, PaymentKey).token == token for token in tokens)


def test_its_digest_is_sha_256():
    assert digest("abc") == hashlib.sha256(b"abc").hexdigest()
