import pytest

from local.changes import Change, Operation, changed_properties, compare, generated_name, with_name
from local.resources import PROVIDERS
from local.values import UNKNOWN

QUEUE = PROVIDERS["aws:sqs/queue:Queue"]
PERMISSION = PROVIDERS["aws:lambda/permission:Permission"]
URN = "urn:pulumi:test::tiny::aws:sqs/queue:Queue::q"


def test_changed_properties_have_pulumis_signs():
    old = {"same": [1], "changed": {"a": 1}, "removed": 1, "null": None}
    new = {"same": [1], "changed": {"a": 2}, "added": 0, "null": None}

    assert changed_properties(old, new) == {"added": "+", "changed": "~", "removed": "-"}


@pytest.mark.parametrize("value", [UNKNOWN, [UNKNOWN], {"a": {"b": [1, UNKNOWN]}}], ids=["plain", "in a list", "deep"])
def test_an_unknown_value_counts_as_changed(value):
    assert changed_properties({"a": value}, {"a": value}) == {"a": "~"}


@pytest.mark.parametrize(
    ("provider", "new", "operation"),
    [
        (QUEUE, {"name": "q"}, Operation.SAME),
        (QUEUE, {"name": "q", "maxMessageSize": 1}, Operation.UPDATE),
        (QUEUE, {"name": "other"}, Operation.REPLACE),
        (PERMISSION, {"name": "q", "qualifier": "live"}, Operation.REPLACE),
    ],
)
def test_the_provider_says_what_a_change_means(provider, new, operation):
    assert compare(provider, {"name": "q"}, new).operation is operation


def test_the_program_can_ask_for_a_replacement():
    change = compare(QUEUE, {"maxMessageSize": 1}, {"maxMessageSize": 2}, ["maxMessageSize"])

    assert change == Change(Operation.REPLACE, {"maxMessageSize": "~"})


class TestNames:
    def test_an_explicit_name_is_kept(self):
        assert with_name(QUEUE, "q", URN, {"name": "mine"}, {}) == {"name": "mine"}

    def test_a_generated_name_is_the_same_for_the_same_urn(self):
        name = with_name(QUEUE, "q", URN, {}, {})["name"]

        assert name == with_name(QUEUE, "q", URN, {"name": ""}, {})["name"] == generated_name("q", URN)
        assert name.startswith("q-")
        assert len(name) == len("q-1234567")

    def test_a_generated_name_is_kept_by_later_deployments(self):
        assert with_name(QUEUE, "q", URN, {}, {"name": "q-0123abc"}) == {"name": "q-0123abc"}

    def test_an_explicit_name_that_is_removed_is_replaced_by_a_generated_one(self):
        assert with_name(QUEUE, "q", URN, {}, {"name": "mine"}) == {"name": generated_name("q", URN)}

    def test_a_name_that_is_taken_is_not_generated_again(self):
        first = generated_name("q", URN)
        second = generated_name("q", URN, {first})

        assert first != second
        assert generated_name("q", URN, {second}) == first

    def test_a_prefix_takes_the_place_of_the_name_in_the_program(self):
        logs = PROVIDERS["aws:cloudwatch/logGroup:LogGroup"]

        inputs = with_name(logs, "log", URN, {"namePrefix": "/aws/vendedlogs/states/it-"}, {})

        assert inputs["name"] == generated_name("/aws/vendedlogs/states/it", URN)
        assert with_name(logs, "log", URN, {"namePrefix": "/aws/vendedlogs/states/it-"}, inputs) == inputs

    def test_types_without_names_get_none(self):
        assert with_name(PROVIDERS["aws:kms/key:Key"], "k", URN, {}, {}) == {}
