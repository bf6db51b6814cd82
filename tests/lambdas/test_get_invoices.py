import json

import pytest

from lambdas import get_invoices
from tests.lambdas.builders import ANN, BOB, SAM, api_event


def listed(answer):
    return [invoice["id"] for invoice in json.loads(answer["body"])]


def test_pages_link_to_the_next(call_invoices, world):
    drafts = [world.draft().id for _ in range(3)]
    world.draft(BOB)

    first = call_invoices(get_invoices, api_event(path="/invoices", query={"limit": "2"}))
    cursor = first["headers"]["Link"].partition("cursor=")[2].partition(">")[0]
    second = call_invoices(get_invoices, api_event(path="/invoices", query={"limit": "2", "cursor": cursor}))

    assert first["headers"]["Link"] == f'<invoices?limit=2&cursor={cursor}>; rel="next"'
    assert (listed(first), listed(second)) == (drafts[:0:-1], drafts[:1])
    assert "Link" not in second["headers"]


def test_filtering_by_status_and_listing_all_for_staff(call_invoices, world):
    sent = [world.sent()[0].id, world.sent(BOB)[0].id]
    world.draft()

    assert listed(call_invoices(get_invoices, api_event(path="/invoices", query={"status": "sent"}))) == sent[:1]
    everyones = call_invoices(get_invoices, api_event(path="/invoices", caller=SAM, query={"status": "sent"}))
    assert listed(everyones) == sent[::-1]


@pytest.mark.parametrize(
    ("field", "value"),
    [("limit", "0"), ("limit", "101"), ("status", "open"), ("cursor", "x"), ("cursor", "MTIz"), ("cursor", "\u00e9")],
)
def test_an_invalid_query_is_refused_with_the_parameter(call_invoices, field, value):
    answer = call_invoices(get_invoices, api_event(path="/invoices", caller=ANN, query={field: value}))

    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["errors"][0]["field"] == field
