"""The two engines on schemas that nobody would write: keywords in any combination, one answer."""

from pathlib import Path
from typing import Any

from engine_pair import outcomes, write_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b", "c", "xa"])
SCALARS = st.sampled_from([None, True, False, 0, 1, 1.0, 2, -1, 1.5, "", "a", "ab", "abc\n", "2024-01-01", 0.1, 10**18])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=8
)
TYPES = st.sampled_from(["string", "object", "array", "integer", "number", "null", "boolean"])
SMALL = st.integers(0, 3)

LEAF_KEYWORDS: dict[str, Any] = {
    "const": VALUES,
    "dependentRequired": st.just({"a": ["b"]}),
    "enum": st.lists(VALUES, min_size=1, max_size=3),
    "exclusiveMaximum": st.just(2),
    "exclusiveMinimum": st.just(1),
    "format": st.just("date"),
    "maxContains": SMALL,
    "maxItems": SMALL,
    "maxLength": SMALL,
    "maxProperties": SMALL,
    "maximum": st.sampled_from([0, 1]),
    "minContains": SMALL,
    "minItems": SMALL,
    "minLength": SMALL,
    "minProperties": SMALL,
    "minimum": st.sampled_from([0, 1, 1.5]),
    "multipleOf": st.sampled_from([1, 0.1, 2, 0.5]),
    "pattern": st.sampled_from(["^a", "b$", "."]),
    "required": st.lists(NAMES, max_size=2, unique=True),
    "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
    "uniqueItems": st.booleans(),
}
SINGLE = (
    *("additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"),
    *("unevaluatedItems", "unevaluatedProperties"),
)
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")


def schema_objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return schemas of one to four keywords whose own schemas come from *inner*."""
    keywords = {
        **LEAF_KEYWORDS,
        **dict.fromkeys(SINGLE, inner),
        **dict.fromkeys(LISTS, st.lists(inner, min_size=1, max_size=2)),
        "dependentSchemas": st.fixed_dictionaries({"b": inner}),
        "patternProperties": st.fixed_dictionaries({"^x": inner}),
        "properties": st.dictionaries(NAMES, inner, min_size=1, max_size=2),
    }
    chosen = st.lists(st.sampled_from(sorted(keywords)), min_size=1, max_size=4, unique=True)
    return chosen.flatmap(lambda names: st.fixed_dictionaries({name: keywords[name] for name in names}))


WITHOUT_REFERENCES = st.recursive(st.booleans(), schema_objects, max_leaves=6)
REFERENCE = st.sampled_from(["#/$defs/d", "#/$defs/e"]).map(lambda reference: {"$ref": reference})
SCHEMAS = st.builds(
    lambda schema, definitions: {**schema, "$defs": definitions},
    schema_objects(st.recursive(st.booleans() | REFERENCE, schema_objects, max_leaves=6)),
    st.fixed_dictionaries({"d": WITHOUT_REFERENCES, "e": WITHOUT_REFERENCES}),
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(schema=SCHEMAS, values=st.lists(VALUES, min_size=4, max_size=8))
def test_the_engines_agree(schema: dict[str, Any], values: list[Any], tmp_path: Path) -> None:
    outcomes(write_schema(tmp_path, schema), *values)
