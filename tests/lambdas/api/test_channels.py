"""The table of channels."""

import pytest

from lambdas.api.channels import BOARD, CUSTOMER, address


def test_addresses():
    assert address(BOARD) == "/orders/board"
    assert address(CUSTOMER, "0b1c2d3e-0000-4000-8000-000000000000") == (
        "/orders/customers/0b1c2d3e-0000-4000-8000-000000000000"
    )


@pytest.mark.parametrize(
    "customer", ["", "a.b", "a_b", "ann@example.com", "-a", "a-", "a" * 51, "é", "*", "a/b", "a\n"]
)
def test_a_customer_whose_name_is_no_segment_has_no_channel(customer):
    assert address(CUSTOMER, customer) is None


@pytest.mark.parametrize("customer", ["a", "7", "A-b", "a" * 50])
def test_other_customers_have_one(customer):
    assert address(CUSTOMER, customer) == f"/orders/customers/{customer}"
