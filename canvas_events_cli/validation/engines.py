"""What to validate against, and the engines that can: each reports the same violations."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol, get_args

from canvas_events_cli.catalog import Catalog, SchemaFile
from canvas_events_cli.catalog.dialects import LEADS, NAMED, OF_OTHER_FIELDS
from canvas_events_cli.defaults import DEFAULT_ENGINE, Engine
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import FindingKind
from canvas_events_cli.regex import has_rust

ENGINES: tuple[Engine, ...] = get_args(Engine)

Path = tuple[str | int, ...]

TOO_DEEP = "$ref"
"""The keyword of the violation for a value in which references lead deeper than an engine can follow."""
FALSE_SCHEMA = "false"
"""The keyword where the whole schema is ``false``, which has no keyword."""
NOT_DOCUMENTED, NOT_THERE = "undocumented", "expected"
"""In place of a keyword, for what ``--strict`` adds: what no schema knows, and what is normally there."""

MISSING = frozenset(("dependencies", "dependentRequired", "required", NOT_THERE))
"""Keywords whose violations are about a property that is not there."""
UNEXPECTED = frozenset((*OF_OTHER_FIELDS, NOT_DOCUMENTED))
"""Keywords whose violations are about a property that should not be there."""


class ValidationSpec(NamedTuple):
    """All that decides what is valid; picklable: it travels to workers, where it is compiled."""

    catalog: Catalog
    engine: Engine
    strict: bool = False
    """Undocumented fields and events are violations, not notes."""
    show_values: bool = False
    """Messages may quote values of events, which may be personal."""


class Violation(NamedTuple):
    """One way in which a value breaks a schema."""

    path: Path
    """Where, from the validated value: for a missing or unexpected property, that property's own place."""
    keyword: str
    value: object = None
    """What the keyword asks for, as the schema has it, where a message can use that: engines agree on no other."""
    instance: object = None
    """What is at the path; for a missing property the object that lacks it."""
    kind: FindingKind = "envelope"
    """Whose schema it is, where that is known."""


class CompiledSchema(Protocol):
    """A schema as an engine has compiled it."""

    def is_valid(self, instance: object, /) -> bool:
        """Tell whether *instance* keeps to the schema."""

    def violations(self, instance: object, /) -> Iterator[Violation]:
        """Yield every violation, in any order, possibly one more than once."""


def compile_schema(schema: SchemaFile, engine: Engine) -> CompiledSchema:
    """Return *schema* as *engine* compiles it.

    Raises CeventsError where the engine's package cannot be imported, or cannot use the schema.
    """
    try:
        if engine == DEFAULT_ENGINE:
            from canvas_events_cli.validation.rust_engine import RustEngine

            return RustEngine(schema)
        from canvas_events_cli.validation.reference_engine import ReferenceEngine

        return ReferenceEngine(schema)
    except ImportError as error:
        raise CeventsError(f"--engine {engine}: the package {engine} cannot be imported ({error})") from error


def default_engine() -> Engine:
    """Return the fast engine, or the reference where the Rust package cannot be imported."""
    return DEFAULT_ENGINE if has_rust() else "jsonschema"


def last_keyword(schema_path: Iterable[str | int]) -> str:
    """Return the innermost keyword of a path into a schema; ``false`` for the empty path.

    ``["properties", "items", "then"]`` has the keywords ``properties`` and ``then``: what follows ``properties`` is a
    name. References are passed over.
    """
    last, is_name = FALSE_SCHEMA, False
    for token in schema_path:
        if is_name or isinstance(token, int):
            is_name = False
        elif token not in LEADS:
            last, is_name = token, token in NAMED
    return last
