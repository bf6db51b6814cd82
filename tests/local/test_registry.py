from local.resources import CREATORS, SKIPPED, Planned
from local.resources.registry import Inputs, pascal


def planned(**inputs):
    return Planned("urn:pulumi:test::tiny::aws:sqs/queue:Queue::q", "aws:sqs/queue:Queue", "q", Inputs(inputs))


def test_an_explicit_name_is_kept():
    assert planned(name="mine").physical_name() == "mine"


def test_automatic_names_get_a_stable_suffix():
    name = planned().physical_name()

    assert name == planned(name="").physical_name()
    assert name.startswith("q-")
    assert len(name) == len("q-1234567")


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


def test_no_type_is_both_created_and_skipped():
    assert not CREATORS.keys() & SKIPPED.keys()
