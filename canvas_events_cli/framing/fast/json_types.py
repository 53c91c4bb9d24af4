"""Types of JSON values in which msgspec reads what orjson does, and refuses what that takes for malformed.

Skipped members are the exception: of those msgspec checks neither whether they are UTF-8 nor whether a number is too
large. So each type names all members that an object may have.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, NewType

Fields = Mapping[str, tuple[Any, ...]]
"""Types of an object's fields by name; with None where a field may be absent."""
_NONE: dict[str, str] = {}
LEVELS = 4
"""How deep is what may be anything."""


def decoder_of(kind: Any) -> Any:
    """Return what decodes JSON text of this type."""
    import msgspec

    return msgspec.json.Decoder(kind)


@cache
def integer() -> Any:
    """Return the type of integers that orjson reads as such; one of 400 digits is malformed to it."""
    import msgspec

    return Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


@cache
def anything(levels: int = LEVELS) -> Any:
    """Return the type of values of any kind, with so many *levels* of brackets at most."""
    scalar = integer() | float | str | bool | None
    kind = scalar | dict[str, anything(levels - 1)] | list[anything(levels - 1)] if levels else scalar  # type: ignore[misc]
    # Under a name: msgspec looks for names in each member of a union, and for each field that has it.
    return NewType("Anything", kind)


def object_of(fields: Fields, attributes: Mapping[str, str] = _NONE) -> Any:
    """Return the type of objects of *fields* and no others; *attributes* says which some have, by their names."""
    import msgspec

    names = {attributes.get(name, attribute): name for attribute, name in attributes_of(fields).items()}
    described = [(attribute, *fields[name]) for attribute, name in names.items()]
    # What is parsed holds no cycles, so the garbage collector need not look at it.
    return msgspec.defstruct("Object", described, rename=names, kw_only=True, forbid_unknown_fields=True, gc=False)


def event_of(key: str, envelope: Any, body: Any) -> Any:
    """Return the type of events that are no more than an *envelope* and a *body* of these types, that under *key*."""
    return object_of({key: (envelope,), "body": (body,)}, {key: "envelope", "body": "body"})


def attributes_of(fields: Iterable[str]) -> dict[str, str]:
    """Return the attributes that stand for *fields*, whose names may be none that attributes can have."""
    return {f"f{number}": name for number, name in enumerate(fields)}
