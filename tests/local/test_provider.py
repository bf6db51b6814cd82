from local.resources import PROVIDERS, SKIPPED, Inputs
from local.resources.provider import pascal


def test_inputs_list_the_unread_ones():
    inputs = Inputs({"a": 1, "b": 2, "c": None, "d": 0})
    assert inputs["a"] == 1
    assert inputs.get("nothing") is None

    assert inputs.unread() == ["b", "d"]


def test_only_renames_inputs_that_have_a_value():
    inputs = Inputs({"timeout": 0, "memory": None, "size": 3})

    assert inputs.only(timeout="Timeout", memory="Memory", absent="Absent") == {"Timeout": 0}
    assert inputs.unread() == ["size"]


def test_pascal_renames_nested_keys_and_drops_nulls():
    assert pascal({"aB": [{"cD": "eF"}, 1], "gH": None}) == {"AB": [{"CD": "eF"}, 1]}


def test_no_type_is_both_provided_and_skipped():
    assert not PROVIDERS.keys() & SKIPPED.keys()


def test_what_holds_data_is_named():
    assert {token for token, provider in PROVIDERS.items() if provider.holds_data} == {
        "aws:cognito/identityPool:IdentityPool",
        "aws:cognito/userPool:UserPool",
        "aws:dynamodb/table:Table",
        "aws:kinesis/stream:Stream",
        "aws:s3/bucket:Bucket",
    }
