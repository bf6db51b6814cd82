from local.resources import CREATORS, SKIPPED, Planned
from local.resources.registry import Inputs, pascal


def planned(**inputs):
    return Planned("urn:pulumi:test::tiny::aws:sqs/queue:Queue::q", "aws:sqs/queue:Queue", "q", Inputs(inputs))


def test_a_name_that_the_program_gives_is_kept():
    assert planned(name="mine").physical_name() == "mine"


def test_other_names_get_a_suffix_that_is_the_same_each_time():
    name = planned().physical_name()

    assert name == planned(name="").physical_name()
    assert name.startswith("q-")
    assert len(name) == len("q-1234567")


def test_inputs_remember_what_nobody_has_read():
    inputs = Inputs({"a": 1, "b": 2, "c": None, "d": 0})
    assert inputs["a"] == 1
    assert inputs.get("nothing") is None

    assert inputs.unread() == ["b", "d"]


def test_only_takes_what_has_a_value_under_its_other_name():
    inputs = Inputs({"timeout": 0, "memory": None, "size": 3})

    assert inputs.only(timeout="Timeout", memory="Memory", absent="Absent") == {"Timeout": 0}
    assert inputs.unread() == ["size"]


def test_pascal_renames_keys_all_the_way_down_and_drops_what_has_no_value():
    assert pascal({"aB": [{"cD": "eF"}, 1], "gH": None}) == {"AB": [{"CD": "eF"}, 1]}


def test_no_type_is_both_made_and_passed_over():
    assert not CREATORS.keys() & SKIPPED.keys()
