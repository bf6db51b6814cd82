"""Who may subscribe to which channel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.identity.subscriptions import may_subscribe
from lambdas.runtime.caller import STAFF, Caller
from tests.lambdas.builders import DISPLAY, GUEST

ANN = Caller("ann")
SAM = Caller("sam", frozenset({STAFF}))

NOBODY = [
    *("/orders/*", "/orders/customers/*", "/*", "*", "/orders/board/*", "/orders/**", "/orders/customers/an*"),
    *("/orders", "/orders/", "/orders/customers", "/orders/customers/", "", "/", "//orders/board", "/orders//board"),
    *(
        "/orders/board/",
        "/orders/customers/ann/",
        "/orders/customers/ann/7",
        "/orders/board/ann",
        "/orders/menu/",
        "/orders/menu/*",
    ),
    *("/other/board", "/other/customers/ann", "/Orders/board", "/orders/Board", "/ORDERS/BOARD"),
    *("/orders%2Fboard", "/orders/customers%2Fann", "/orders/customers/%61nn", "/orders/customers/../board"),
    *(" /orders/board", "/orders/board ", "/orders/board\n", "/orders/board\x00", "/orders\\board"),
    *(
        "/orders/display/",
        "/orders/display/*",
        "/orders/{customer}",
        "/orders/customers/{customer}",
        "/orders/customers/a.b",
    ),
]


@pytest.mark.parametrize("channel", ["/orders/customers/ann", "orders/customers/ann"])
def test_customers_hear_their_own_channel(channel):
    assert may_subscribe(ANN, channel)


@pytest.mark.parametrize(
    "channel",
    ["/orders/board", "orders/board", "/orders/customers/bob", "/orders/customers/Ann", "/orders/customers/ann2"],
)
def test_customers_hear_no_other_channel(channel):
    assert not may_subscribe(ANN, channel)


@pytest.mark.parametrize("channel", ["/orders/board", "orders/board", "/orders/customers/sam", "/orders/customers/ann"])
def test_staff_hear_the_board_and_every_customers_channel(channel):
    assert may_subscribe(SAM, channel)


@pytest.mark.parametrize("channel", ["/orders/menu", "orders/menu"])
@pytest.mark.parametrize("caller", [ANN, GUEST, SAM], ids=["customer", "guest", "staff"])
def test_every_customer_and_guest_hears_about_the_menu(caller, channel):
    assert may_subscribe(caller, channel)


@pytest.mark.parametrize("channel", ["/orders/display", "orders/display"])
def test_displays_hear_which_numbers_are_ready_and_nothing_else(channel):
    assert may_subscribe(DISPLAY, channel)
    assert may_subscribe(SAM, channel)
    assert not may_subscribe(ANN, channel)
    assert not may_subscribe(GUEST, channel)
    for other in ("/orders/board", "/orders/menu", f"/orders/customers/{DISPLAY.name}"):
        assert not may_subscribe(DISPLAY, other)


def test_guests_hear_their_own_channel():
    assert may_subscribe(GUEST, f"/orders/customers/{GUEST.name}")
    assert not may_subscribe(GUEST, "/orders/customers/ann")
    assert not may_subscribe(GUEST, "/orders/board")


@pytest.mark.parametrize("channel", NOBODY)
@pytest.mark.parametrize("caller", [ANN, GUEST, DISPLAY, SAM], ids=["customer", "guest", "display", "staff"])
def test_nobody_hears_anything_else(caller, channel):
    assert not may_subscribe(caller, channel)


@pytest.mark.parametrize("name", ["*", "../board", "a/b", "", "ann@example.com", "\ud800", "a" * 51])
def test_a_customer_whose_name_is_no_segment_hears_nothing(name):
    assert not may_subscribe(Caller(name), f"/orders/customers/{name}")


@given(st.text())
def test_no_name_opens_the_board(name):
    assert not may_subscribe(Caller(name), "/orders/board")


@given(st.text())
def test_any_text_is_answered(channel):
    assert may_subscribe(ANN, channel) is (channel.removeprefix("/") in ("orders/customers/ann", "orders/menu"))
