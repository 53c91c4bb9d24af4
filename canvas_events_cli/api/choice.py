"""Which events a command works on, told from what was asked for."""

from typing import TYPE_CHECKING

from canvas_events_cli.running.reading import ReportT, Work

if TYPE_CHECKING:
    from canvas_events_cli.query.selection import Choice, Selection
    from canvas_events_cli.validation import ValidationSpec


def choice_of(selection: "Selection", spec: "ValidationSpec | None") -> "Choice":
    """Return *selection* with the schemas: those of *spec*, or the bundled ones where it asks for some."""
    from canvas_events_cli.query.selection import Choice

    if selection.asks_schemas and spec is None:
        from canvas_events_cli.api.validation import validation_spec

        spec = validation_spec()
    return Choice(selection, spec)


def narrowed(work: Work[ReportT], selection: "Selection | None", spec: "ValidationSpec | None") -> Work[ReportT]:
    """Return *work* on the events that *selection* wants, or on all; *spec* is as for :func:`choice_of`."""
    if selection is None:
        return work
    from canvas_events_cli.query.selection import Narrowed

    return Narrowed(work, choice_of(selection, spec))
