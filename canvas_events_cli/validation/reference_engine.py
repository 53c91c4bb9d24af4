"""The reference engine: the jsonschema package, in pure Python.

Importing this module imports that package, which takes long; only ``--engine jsonschema`` and machines without
jsonschema-rs do.
"""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, reduce
from operator import getitem
from typing import Any, NoReturn

import jsonschema
from jsonschema import ValidationError, validators
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing import Registry
from referencing.exceptions import NoSuchResource
from referencing.jsonschema import specification_with

from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import DIALECTS, Dialect, dialect_of
from canvas_events_cli.validation.engines import FALSE_SCHEMA, MISSING, TOO_DEEP, Violation, last_keyword
from canvas_events_cli.validation.formats import formats_of
from canvas_events_cli.validation.reference_keywords import keywords_for

_STACK_FRAMES = 50_000
"""Python's own limit is a thousand."""
_STACK_BYTES = 512 << 20
"""Of address space; what is not used of it takes no memory."""


class ReferenceEngine:
    """A schema as jsonschema reads it."""

    def __init__(self, schema: SchemaFile) -> None:
        dialect = DIALECTS[schema.dialect]
        kind = _validator_class(dialect)
        create = specification_with(dialect.uri).create_resource
        documents: Any = ((schema.uri, schema.document), *schema.resources)
        registry: Registry[Any] = Registry(retrieve=_refuse).combine(REGISTRY)  # type: ignore[call-arg]
        registry = registry.with_resources((uri, create(document)) for uri, document in documents)
        # A resolver that knows where it starts lets the root override dynamic anchors though it has no $id.
        resolver = registry.resolver(schema.uri)
        self._iter_errors = kind(
            schema.document, registry=registry, _resolver=resolver, format_checker=kind.FORMAT_CHECKER
        ).iter_errors

    def is_valid(self, instance: object, /) -> bool:
        """Tell whether *instance* keeps to the schema; not where references lead deeper than Python can follow."""
        try:
            return next(self._iter_errors(instance), None) is None
        except RecursionError:
            return not any(self.violations(instance))

    def violations(self, instance: Any, /) -> Iterator[Violation]:
        """Yield every violation of the schema in *instance*."""
        errors: list[ValidationError] | None
        try:
            errors = list(self._iter_errors(instance))
        except RecursionError:
            errors = self._errors_deep_down(instance)
        if errors is None:
            yield Violation((), TOO_DEEP, None, instance)
            return
        for error in errors:
            path = tuple(error.absolute_path)
            keyword: Any = error.validator
            if keyword in (None, FALSE_SCHEMA):
                keyword = last_keyword(error.absolute_schema_path)
            place = path[:-1] if keyword in MISSING else path
            yield Violation(path, keyword, error.validator_value, reduce(getitem, place, instance))

    def _errors_deep_down(self, instance: object) -> list[ValidationError] | None:
        """Return the errors, found on a stack that holds some 1,000 levels of JSON under any schema.

        None where that is not enough, or where there is no memory for the stack.
        """
        limit, size = sys.getrecursionlimit(), threading.stack_size(_STACK_BYTES)
        sys.setrecursionlimit(_STACK_FRAMES)
        try:
            with ThreadPoolExecutor(1) as thread:
                return thread.submit(lambda: list(self._iter_errors(instance))).result()
        except RuntimeError:  # RecursionError is one, and that a thread cannot be started
            return None
        finally:
            threading.stack_size(size)
            sys.setrecursionlimit(limit)


@cache
def _validator_class(dialect: Dialect) -> Any:
    package_class: Any = getattr(jsonschema, dialect.validator)
    checker = jsonschema.FormatChecker(formats=())
    for name, holds in formats_of(dialect).items():
        checker.checks(name)(lambda value, holds=holds: not isinstance(value, str) or holds(value))
    extend: Any = validators.extend
    ours = extend(package_class, validators=keywords_for(package_class.VALIDATORS), format_checker=checker)

    def evolve(self: Any, **changes: Any) -> Any:
        """Stay with our classes: the package's own would take over at each ``$schema``, as the metaschemas have."""
        schema = changes.setdefault("schema", self.schema)
        for field in package_class.__attrs_attrs__:
            if field.init:
                changes.setdefault(field.alias, getattr(self, field.name))
        return _validator_class(dialect_of(schema, dialect))(**changes)

    def descend(
        self: Any, instance: Any, schema: Any, path: Any = None, schema_path: Any = None, resolver: Any = None
    ) -> Iterator[ValidationError]:
        """Keep the paths of a false schema's error, which the package's own method drops."""
        if schema is False:
            yield ValidationError(
                "",
                validator=FALSE_SCHEMA,
                path=() if path is None else (path,),
                schema_path=() if schema_path is None else (schema_path,),
            )
        elif (declared := dialect_of(schema, dialect)) is not dialect:
            other = self.evolve(schema=schema)
            package_descend = getattr(jsonschema, declared.validator).descend
            yield from package_descend(other, instance, schema, path, schema_path, resolver)
        else:
            yield from package_class.descend(self, instance, schema, path, schema_path, resolver)

    ours.descend = descend
    ours.evolve = evolve
    return ours


def _refuse(uri: str) -> NoReturn:
    raise NoSuchResource(ref=uri)  # type: ignore[call-arg]
