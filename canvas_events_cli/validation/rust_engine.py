"""The engine that decides: the jsonschema-rs package."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cached_property, reduce
from itertools import pairwise
from operator import getitem
from typing import Any
from urllib.parse import quote, unquote

import jsonschema_rs

from canvas_events_cli import pointers
from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import DIALECTS, REFERENCES
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.regex import rust_options, rust_pattern
from canvas_events_cli.validation.engines import CompiledSchema, Path, Violation, last_keyword
from canvas_events_cli.validation.formats import TAKEN_OTHERWISE, formats_of

_ROOT = "urn:cevents:root"


class RustEngine:
    """A schema compiled by jsonschema-rs. Raises CeventsError where that cannot compile it."""

    def __init__(self, schema: SchemaFile) -> None:
        dialect = DIALECTS[schema.dialect]
        # Up to draft 7 the package would hold patterns, which are its own engine's by now, against a schema's
        # metaschema; it does not look at what is referred to.
        try:
            document, resources, originals = _translated(schema)
            documents: Any = [(schema.uri, document), *resources]
            draft = getattr(jsonschema_rs, dialect.validator.removesuffix("Validator"))
            validator = getattr(jsonschema_rs, dialect.validator)(
                {"$ref": schema.uri} if dialect.ref_stands_alone else document,
                registry=jsonschema_rs.Registry(documents, draft=draft, retriever=_refuse),
                base_uri=_ROOT if dialect.ref_stands_alone else schema.uri,
                offline=True,
                validate_formats=True,
                pattern_options=rust_options(),
                formats={name: holds for name, holds in formats_of(dialect).items() if name in TAKEN_OTHERWISE},
                keywords=_ANNOTATIONS,
            )
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            reason = str(error).partition("\n")[0]
            raise CeventsError(f"{schema.path}: jsonschema-rs cannot use this schema: {reason}") from error
        self._schema = schema
        self._patterns = originals
        self.is_valid = validator.is_valid
        self._iter_errors = validator.iter_errors

    def violations(self, instance: Any, /) -> Iterator[Violation]:
        """Yield every violation of the schema in *instance*."""
        try:
            errors = [(error, _path(error.instance_path, instance)) for error in self._iter_errors(instance)]
        except (ValueError, _AmbiguousPath):
            yield from self._reference.violations(instance)
            return
        for error, path in errors:
            kind = error.kind
            pin = _PINS.get(kind.name)
            if pin is not None:
                yield from pin(error, path, reduce(getitem, path, instance))
            else:
                value: Any = getattr(kind, "value", None)
                if kind.name == "pattern":
                    value = self._patterns.get(value, value)
                yield Violation(path, kind.name, value, reduce(getitem, path, instance))

    @cached_property
    def _reference(self) -> CompiledSchema:
        """What describes the errors that the package decides but cannot describe: deep values, ambiguous paths."""
        from canvas_events_cli.validation.reference_engine import ReferenceEngine

        return ReferenceEngine(self._schema)


class _AmbiguousPath(Exception):
    """A path that leads to more than one place."""


def _path(tokens: Sequence[str | int], value: Any) -> Path:
    """Return where in *value* an error is that the package says is at *tokens*.

    Raises _AmbiguousPath where they can mean several places: the package tells the names ``7`` and ``007`` as the
    integer 7, and an empty name not at all.
    """
    for token in tokens:
        if isinstance(value, dict) and (isinstance(token, int) or "" in value):
            raise _AmbiguousPath
        value = value[token]
    if isinstance(value, dict) and "" in value:
        raise _AmbiguousPath
    return tuple(tokens)


def _unexpected(error: Any, path: Path, instance: Any) -> Iterator[Violation]:
    names = error.kind.unexpected if hasattr(error.kind, "unexpected") else [error.kind.error.instance]
    for name in names:
        yield Violation((*path, name), error.kind.name, None, instance[name])


def _false(error: Any, path: Path, instance: Any) -> Iterator[Violation]:
    """Tell the properties apart where the package reports all of them by one false schema."""
    keyword = last_keyword(error.evaluation_path)
    if keyword in ("additionalProperties", "propertyNames") and error.evaluation_path[-1] == keyword:
        for name in instance:
            yield Violation((*path, name), keyword, None, instance[name])
    else:
        yield Violation(path, keyword, None, instance)


def _alternatives(error: Any, path: Path, instance: object) -> Iterator[Violation]:
    """Tell the types asked for, where the type alone rules out every alternative."""
    types: list[str] = []
    for failures in error.kind.context:
        if [(list(failure.instance_path), failure.kind.name) for failure in failures] != [(list(path), "type")]:
            types = []
            break
        types += failures[0].kind.types
    yield Violation(path, error.kind.name, types or None, instance)


def _required(error: Any, path: Path, instance: object) -> Iterator[Violation]:
    """``dependentRequired`` and ``dependencies`` report as ``required``, and are told apart by the schema's path."""
    missing = error.kind.property
    yield Violation((*path, missing), last_keyword(error.evaluation_path), missing, instance)


_PINS = {
    "additionalProperties": _unexpected,
    "anyOf": _alternatives,
    "falseSchema": _false,
    "propertyNames": _unexpected,
    "required": _required,
    "unevaluatedProperties": _unexpected,
}


class _Annotation:
    """A keyword that only annotates: drafts 6 and 7 leave it open whether content is checked."""

    def __init__(self, parent: object, value: object, path: object) -> None:
        pass

    def validate(self, instance: object) -> None:
        pass


_ANNOTATIONS: Any = {"contentEncoding": _Annotation, "contentMediaType": _Annotation}


def _refuse(uri: str) -> Any:
    raise LookupError(f"cevents never fetches schemas: {uri}")


def _translated(schema: SchemaFile) -> tuple[Any, tuple[tuple[str, Any], ...], Mapping[str, str]]:
    """Return document and resources of *schema* as the engine gets them, and its patterns by what the engine is told.

    Raises UnsupportedPattern.
    """
    names: dict[str, str] = {}
    originals: dict[str, str] = {}
    for pattern in schema.patterns:
        text = rust_pattern(pattern)
        while text in originals:
            text += "(?:)"  # Two names of patternProperties must not become one.
        names[pattern] = text
        originals[text] = pattern
    if all(pattern == text for pattern, text in names.items()):
        return schema.document, schema.resources, originals
    copies: dict[int, Any] = {}
    document, resources = deepcopy((schema.document, schema.resources), copies)
    for original in schema.schemas():
        copy = copies[id(original)]
        if copy.get("pattern") in names:
            copy["pattern"] = names[copy["pattern"]]
        if isinstance(by_pattern := copy.get("patternProperties"), dict):
            copy["patternProperties"] = {names[pattern]: below for pattern, below in by_pattern.items()}
        for keyword in REFERENCES:
            if isinstance(reference := copy.get(keyword), str) and "/patternProperties/" in reference:
                copy[keyword] = _moved(reference, names)
    return document, resources, originals


def _moved(reference: str, names: Mapping[str, str]) -> str:
    """Return *reference* where it leads now, through ``patternProperties`` by another name."""
    resource, _, fragment = reference.partition("#")
    tokens = list(pointers.split(unquote(fragment)) or ())
    for index, (keyword, name) in enumerate(pairwise(tokens), start=1):
        if keyword == "patternProperties":
            tokens[index] = names.get(name, name)
    return f"{resource}#{quote(pointers.join('', *tokens))}"
