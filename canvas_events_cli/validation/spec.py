"""What to validate against, and how; travels to workers, where it is compiled."""

from dataclasses import dataclass
from typing import Literal, get_args

from canvas_events_cli.catalog import Catalog

Engine = Literal["jsonschema-rs", "jsonschema"]
ENGINES: tuple[Engine, ...] = get_args(Engine)


@dataclass(frozen=True, slots=True)
class ValidationSpec:
    """All that decides what is valid; picklable."""

    catalog: Catalog
    engine: Engine
    strict: bool = False
    """Undocumented fields and events are violations, not notes."""
    show_values: bool = False
    """Messages may quote values of events, which may be personal."""


def default_engine() -> Engine:
    """Return the fast engine, or the reference where the Rust package cannot be imported."""
    try:
        import jsonschema_rs  # noqa: F401
    except ImportError:
        return "jsonschema"
    return "jsonschema-rs"
