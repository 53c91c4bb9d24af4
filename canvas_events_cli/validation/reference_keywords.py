r"""Keywords of the jsonschema package, rewritten where it strays from the standard or reports too little.

Its own regular expressions are Python's: they back-track, ``$`` matches before a final newline and ``\d`` any
Unicode digit. Its errors name a missing or unexpected property in their text only; here they carry its path.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from operator import gt, lt
from typing import Any

from jsonschema import ValidationError
from referencing.jsonschema import lookup_recursive_ref

from canvas_events_cli.regex import best_matcher

Errors = Iterator[ValidationError]
Keyword = Callable[[Any, Any, Any, Any], Errors]
"""(validator, the keyword's value, instance, the schema that holds the keyword)"""

_matcher = lru_cache(maxsize=512)(best_matcher)  # which looks each time whether it has the faster engine


def keywords_for(validators: Mapping[str, Keyword]) -> dict[str, Keyword]:
    """Return our keywords that take the place of some of *validators*, a draft's own."""
    passed_over = {name for name, since in _SINCE.items() if since not in validators}
    if "exclusiveMinimum" in validators:  # since draft 6, by itself
        passed_over |= {"maximum", "minimum"}
    known = {*validators, "dependencies"} - passed_over  # 2019-09 split the last in two and left it to implementations.
    return {name: keyword for name, keyword in _KEYWORDS.items() if name in known}


def _at(name: str, value: object = None) -> ValidationError:
    return ValidationError("", path=(name,), validator_value=value)


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, str) and not _matcher(pattern)(instance):
        yield ValidationError("")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        for pattern, subschema in patterns.items():
            for name in filter(_matcher(pattern), instance):
                yield from validator.descend(instance[name], subschema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, rest: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        for name in instance.keys() - _own_names(schema, instance):
            if rest is False:
                yield _at(name)
            else:
                yield from validator.descend(instance[name], rest, path=name)


def _property_names(validator: Any, names: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        holds = validator.evolve(schema=names).is_valid
        for name in instance:
            if not holds(name):
                yield _at(name)


def _required(validator: Any, names: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        for name in names:
            if name not in instance:
                yield _at(name, name)


def _dependent_required(validator: Any, dependencies: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        for name, needed in dependencies.items():
            if name in instance:
                yield from _required(validator, needed, instance, schema)


def _dependencies(validator: Any, dependencies: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        for name, needed in dependencies.items():
            if name not in instance:
                continue
            if isinstance(needed, list):
                yield from _required(validator, needed, instance, schema)
            else:
                yield from validator.descend(instance, needed, schema_path=name)


def _any_of(validator: Any, alternatives: Any, instance: Any, schema: Any) -> Errors:
    """As in the other engine, the value told is the types, where the type alone rules out every alternative."""
    types: list[str] = []
    by_type_alone = True
    for index, alternative in enumerate(alternatives):
        errors = list(validator.descend(instance, alternative, schema_path=index))
        if not errors:
            return
        by_type_alone &= [(list(error.path), error.validator) for error in errors] == [([], "type")]
        asked = errors[0].validator_value
        types += [asked] if isinstance(asked, str) else asked if by_type_alone else []
    yield ValidationError("", validator_value=types if by_type_alone else None)


def _multiple_of(validator: Any, divisor: Any, instance: Any, schema: Any) -> Errors:
    """Numbers are taken as they are written: 19.99 is a multiple of 0.01, though not in binary fractions."""
    if not validator.is_type(instance, "number"):
        return
    if (Fraction(repr(instance)) / Fraction(repr(divisor))).denominator != 1:
        yield ValidationError("")


def _unique_items(validator: Any, unique: bool, instance: Any, schema: Any) -> Errors:
    if unique and isinstance(instance, list) and len(set(map(_key, instance))) < len(instance):
        yield ValidationError("")


def _key(value: Any) -> Hashable:
    """Return what is equal for equal JSON values only: Python's own equality takes True for 1."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, list):
        return ("array", *map(_key, value))
    if isinstance(value, dict):
        return ("object", frozenset((name, _key(member)) for name, member in value.items()))
    return value  # type: ignore[no-any-return]


def _contains(validator: Any, contained: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, list):
        count = sum(map(validator.evolve(schema=contained).is_valid, instance))
        if not schema.get("minContains", 1) <= count <= schema.get("maxContains", count):
            yield ValidationError("")


def _items(validator: Any, items: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, list):
        for index in range(len(schema.get("prefixItems", ())), len(instance)):
            yield from validator.descend(instance[index], items, path=index)


def _limit(name: str, is_beyond: Callable[[Any, Any], bool]) -> Keyword:
    """Return ``minimum`` or ``maximum`` as draft 4 has it, where a field beside says whether the limit is out."""
    exclusive_name = f"exclusive{name.capitalize()}"

    def keyword(validator: Any, limit: Any, instance: Any, schema: Any) -> Errors:
        exclusive = bool(schema.get(exclusive_name))
        if validator.is_type(instance, "number") and (is_beyond(instance, limit) or (exclusive and instance == limit)):
            yield ValidationError("", validator=exclusive_name if exclusive else name, validator_value=limit)

    return keyword


def _unevaluated_properties(validator: Any, rest: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        others = {keyword: value for keyword, value in schema.items() if keyword != "unevaluatedProperties"}
        holds = validator.evolve(schema=rest).is_valid
        for name in instance.keys() - _evaluated_names(validator, instance, others):
            if not holds(instance[name]):
                yield _at(name)


def _evaluated_names(validator: Any, instance: Any, schema: Any) -> set[str]:
    """Return the names in *instance* that *schema* or a schema applied in place by it says something about."""
    if not isinstance(schema, dict):
        return set()
    if "additionalProperties" in schema or "unevaluatedProperties" in schema:
        return set(instance)
    names = _own_names(schema, instance)
    for below, resolver in _in_place(validator, instance, schema):
        names |= _evaluated_names(validator.evolve(schema=below, _resolver=resolver), instance, below)
    return names


def _in_place(validator: Any, instance: Any, schema: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (schema, resolver) for what applies to *instance* itself in *schema*.

    Of the alternatives and of ``if``, those that hold. The others apply also where *instance* breaks them: calling
    their properties unevaluated on top of that would be noise.
    """
    here = validator._resolver
    for keyword in ("$ref", "$dynamicRef"):
        if keyword in schema:
            found = here.lookup(schema[keyword])
            yield found.contents, found.resolver
    if "$recursiveRef" in schema:
        found = lookup_recursive_ref(here)
        yield found.contents, found.resolver

    def holds(below: Any) -> bool:
        return bool(validator.evolve(schema=below).is_valid(instance))

    for keyword in ("allOf", "anyOf", "oneOf"):
        yield from ((below, here) for below in schema.get(keyword, ()) if holds(below))
    for name, below in schema.get("dependentSchemas", {}).items():
        if name in instance:
            yield below, here
    if "if" in schema:
        if holds(schema["if"]):
            yield schema["if"], here
            yield schema.get("then", True), here
        else:
            yield schema.get("else", True), here


def _own_names(schema: Any, instance: Any) -> set[str]:
    names: set[str] = schema.get("properties", {}).keys() & instance.keys()
    for pattern in schema.get("patternProperties", ()):
        names.update(filter(_matcher(pattern), instance))
    return names


_KEYWORDS: dict[str, Keyword] = {
    "additionalProperties": _additional_properties,
    "anyOf": _any_of,
    "contains": _contains,
    "dependencies": _dependencies,
    "dependentRequired": _dependent_required,
    "items": _items,
    "maximum": _limit("maximum", gt),
    "minimum": _limit("minimum", lt),
    "multipleOf": _multiple_of,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "propertyNames": _property_names,
    "required": _required,
    "unevaluatedProperties": _unevaluated_properties,
    "uniqueItems": _unique_items,
}
_SINCE = {"contains": "dependentRequired", "items": "prefixItems"}
"""Keywords that mean what they do here since another one has been there."""
