"""cevents: the inspector for Canvas LMS Live Events.

The library, see ``canvas_events_cli.api``:

>>> from canvas_events_cli import validate
>>> validate([b'{"metadata": {}, "body": {}}']).invalid
1
"""

from canvas_events_cli.version import __version__

TYPE_CHECKING = False  # typing's own takes longer to import than is left to a Ctrl-C that comes early
if TYPE_CHECKING:
    from canvas_events_cli.api import ReportOptions, load_catalog, validate, validate_parts, validation_spec
    from canvas_events_cli.errors import CeventsError
    from canvas_events_cli.model import Finding
    from canvas_events_cli.validation.report import ValidationReport

__all__ = [
    "CeventsError",
    "Finding",
    "ReportOptions",
    "ValidationReport",
    "__version__",
    "load_catalog",
    "validate",
    "validate_parts",
    "validation_spec",
]

_HOMES = {"CeventsError": "errors", "Finding": "model", "ValidationReport": "validation.report"}


def __getattr__(name: str) -> object:
    """Import a public name on first use, so that ``cevents --help`` does not pay for it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'api')}"), name)
