"""cevents: the inspector for Canvas LMS Live Events; what it does as functions, for programs and tests.

>>> from canvas_events_cli import validate
>>> validate([{"metadata": {}, "body": {}}]).passed
False
"""

from canvas_events_cli.version import __version__

TYPE_CHECKING = False  # typing's own takes longer to import than is left to a Ctrl-C that comes early
if TYPE_CHECKING:
    from canvas_events_cli.drifting.comparison import Drift
    from canvas_events_cli.errors import CeventsError
    from canvas_events_cli.library import (
        Validator,
        assert_valid,
        count,
        drift,
        sample,
        scrub,
        select,
        summarize,
        validate,
    )
    from canvas_events_cli.model import Finding, Record
    from canvas_events_cli.summary.figures import Figures
    from canvas_events_cli.validation.report import ValidationReport

__all__ = [
    "CeventsError",
    "Drift",
    "Figures",
    "Finding",
    "Record",
    "ValidationReport",
    "Validator",
    "__version__",
    "assert_valid",
    "count",
    "drift",
    "sample",
    "scrub",
    "select",
    "summarize",
    "validate",
]

_HOMES = {
    "CeventsError": "errors",
    "Drift": "drifting.comparison",
    "Finding": "model",
    "Record": "model",
    "Figures": "summary.figures",
    "ValidationReport": "validation.report",
}
"""The modules of what is not in the library's own."""

if not TYPE_CHECKING:  # to a type checker a name that is not there is an error

    def __getattr__(name: str) -> object:
        """Import a public name on first use, so that ``cevents --help`` does not pay for it."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'library')}"), name)
        globals()[name] = value
        return value
