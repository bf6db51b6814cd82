"""Bodies that come in one of several forms, told apart by the fields that are there."""

from functools import cache
from typing import ClassVar

from msgspec import UNSET, Struct, structs


class OneOfForms(Struct):
    """A body of which exactly one form has to be given: all of its fields, and none of another's.

    `FORMS` holds the forms, each as the names of its fields on the wire. Fields that are in no form are always allowed.
    """

    FORMS: ClassVar[tuple[frozenset[str], ...]] = ()

    def __post_init__(self) -> None:
        given = frozenset(wire for name, wire in _fields(type(self)) if getattr(self, name) is not UNSET)
        if given not in self.FORMS:
            forms = (" and ".join(f"`{field}`" for field in sorted(form)) for form in self.FORMS)
            raise ValueError(f"Give just one of these: {'; '.join(forms)}")


@cache
def _fields(body: type[OneOfForms]) -> tuple[tuple[str, str], ...]:
    """The fields that some form has, by their names here and on the wire."""
    wanted = frozenset().union(*body.FORMS)
    return tuple((field.name, field.encode_name) for field in structs.fields(body) if field.encode_name in wanted)
