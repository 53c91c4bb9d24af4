"""The table of validation engines."""

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.regex import Matcher
from canvas_events_cli.validation.spec import Engine
from canvas_events_cli.validation.violation import CompiledSchema


class EngineModule(NamedTuple):
    """What every engine's module offers."""

    compile_schema: Callable[[SchemaFile], CompiledSchema]
    """Raises CeventsError for a schema that its package cannot use."""
    matcher: Callable[[str], Matcher]


_MODULES: dict[Engine, str] = {"jsonschema-rs": "rust_engine", "jsonschema": "reference_engine"}


def load_engine(name: Engine) -> EngineModule:
    """Import the engine *name*; raises CeventsError where its package cannot be imported."""
    try:
        module = import_module(f"canvas_events_cli.validation.{_MODULES[name]}")
    except ImportError as error:
        raise CeventsError(f"--engine {name}: the package {name} cannot be imported ({error})") from error
    return EngineModule(module.compile_schema, module.matcher)
