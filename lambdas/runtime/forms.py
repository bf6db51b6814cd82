"""Bodies that have one of several forms, distinguished by their fields."""

from functools import cache
from typing import ClassVar

from msgspec import UNSET, Struct, structs


class OneOfForms(Struct):
    """A body that must have exactly one form: all of its fields, and none of another form's.

    `FORMS` lists the forms, each as the JSON names of its fields. Fields that are in no form are always allowed.
    """

    FORMS: ClassVar[tuple[frozenset[str], ...]] = ()

    def __post_init__(self) -> None:
        given = frozenset(wire for name, wire in _fields(type(self)) if getattr(self, name) is not UNSET)
        if given not in self.FORMS:
            forms = (" and ".join(f"`{field}`" for field in sorted(form)) for form in self.FORMS)
            raise ValueError(f"Specify exactly one of: {'; '.join(forms)}")


@cache
def _fields(body: type[OneOfForms]) -> tuple[tuple[str, str], ...]:
    """The fields of all forms, as pairs of attribute name and JSON name."""
    wanted = frozenset().union(*body.FORMS)
    return tuple((field.name, field.encode_name) for field in structs.fields(body) if field.encode_name in wanted)
