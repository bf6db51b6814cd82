"""The emulator patch that generates the value of an API key."""

import json

import pytest
from ministack.services import apigateway_v1

from local.emulator_patches.api_keys import generate_empty_api_keys


@pytest.fixture
def create(monkeypatch):
    monkeypatch.setattr(apigateway_v1, "_create_api_key", apigateway_v1._create_api_key)
    generate_empty_api_keys()
    return lambda **data: json.loads(apigateway_v1._create_api_key(data)[2])


def test_a_key_without_a_value_gets_one(create):
    assert len(create(name="k", value="")["value"]) >= 20
    assert len(create(name="k")["value"]) >= 20


def test_a_given_value_is_kept_or_refused(create):
    assert create(name="k", value="x" * 20)["value"] == "x" * 20
    assert "at least 20" in create(name="k", value="short")["message"]
