"""The engine that decides: the jsonschema-rs package."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import jsonschema_rs

from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import DIALECTS
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.regex import UnsupportedPattern, rust_options
from canvas_events_cli.validation.engines import UNTOLD, CompiledSchema, Path, Violation, last_keyword, value_at
from canvas_events_cli.validation.formats import TAKEN_OTHERWISE, formats_of
from canvas_events_cli.validation.rust_paths import AmbiguousPath, Paths
from canvas_events_cli.validation.rust_patterns import translated

_ROOT = "urn:cevents:root"


def compile_schema(schema: SchemaFile) -> CompiledSchema:
    """Return the engine for *schema*; raises CeventsError where the package cannot compile it."""
    return RustEngine(schema)


class RustEngine:
    """A schema compiled by jsonschema-rs."""

    def __init__(self, schema: SchemaFile) -> None:
        dialect = DIALECTS[schema.dialect]
        # Up to draft 7 the package would hold patterns, which are its own engine's by now, against a schema's
        # metaschema; it does not look at what is referred to.
        try:
            document, resources, originals = translated(schema)
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
        except UnsupportedPattern as error:
            raise CeventsError(f"{schema.path}: cannot run one of its regular expressions: {error}") from error
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            reason = str(error).partition("\n")[0]
            raise CeventsError(f"{schema.path}: jsonschema-rs cannot use this schema: {reason}") from error
        self._schema = schema
        self._patterns = originals
        self.is_valid = validator.is_valid
        self._iter_errors = validator.iter_errors

    def violations(self, instance: object, /) -> Iterator[Violation]:
        """Yield every violation of the schema in *instance*."""
        try:
            paths = Paths(instance)
            errors = [(error, paths.to(error.instance_path)) for error in self._iter_errors(instance)]
        except (ValueError, AmbiguousPath):
            yield from self._reference.violations(instance)
            return
        for error, path in errors:
            kind = error.kind
            pin = _PINS.get(kind.name)
            if pin is not None:
                yield from pin(error, path, value_at(instance, path))
            else:
                value: Any = None if kind.name in UNTOLD else kind.value
                if kind.name == "pattern":
                    value = self._patterns.get(value, value)
                yield Violation(path, kind.name, value, value_at(instance, path))

    @cached_property
    def _reference(self) -> CompiledSchema:
        """What describes the errors that the package decides but cannot describe: deep values, ambiguous paths."""
        from canvas_events_cli.validation.reference_engine import compile_schema

        return compile_schema(self._schema)


def _required(error: Any, path: Path, instance: object) -> Iterator[Violation]:
    """``dependentRequired`` and ``dependencies`` report as ``required``, and are told apart by the schema's path."""
    missing = error.kind.property
    yield Violation((*path, missing), last_keyword(error.evaluation_path), missing, instance)


def _unexpected(error: Any, path: Path, instance: Any) -> Iterator[Violation]:
    for name in error.kind.unexpected:
        yield Violation((*path, name), error.kind.name, None, instance[name])


def _property_name(error: Any, path: Path, instance: Any) -> Iterator[Violation]:
    name = error.kind.error.instance
    yield Violation((*path, name), "propertyNames", None, instance[name])


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


_PINS = {
    "additionalProperties": _unexpected,
    "anyOf": _alternatives,
    "falseSchema": _false,
    "propertyNames": _property_name,
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
