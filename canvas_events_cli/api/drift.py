"""What events hold beside what is documented of them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from canvas_events_cli.api.choice import narrowed
from canvas_events_cli.api.inputs import Inputs
from canvas_events_cli.api.validation import validation_spec
from canvas_events_cli.catalog import Catalog
from canvas_events_cli.drifting import comparison, proposal
from canvas_events_cli.drifting.comparison import Drift
from canvas_events_cli.drifting.proposal import Proposal
from canvas_events_cli.drifting.report import DriftReport
from canvas_events_cli.drifting.work import DriftWork
from canvas_events_cli.running.reading import RunOptions
from canvas_events_cli.running.runner import run
from canvas_events_cli.validation import ValidationSpec

if TYPE_CHECKING:
    from pathlib import Path

    from canvas_events_cli.query.selection import Selection


def drift_parts(
    sources: Inputs,
    *,
    spec: ValidationSpec | None = None,
    selection: "Selection | None" = None,
    examples: bool = False,
    how: RunOptions | None = None,
) -> "Iterator[DriftReport]":
    """Look at all that the events of *sources* hold, yielding a report of each block; merged, they give the whole.

    *spec* says what is documented, and is not strict. *examples* keeps a value of each field, which may be personal.
    *selection* and *how* are as for :func:`validate_parts`.
    """
    spec = spec or validation_spec()
    work = narrowed(DriftWork(spec, examples), selection, spec)
    return run(sources, work, how)


def compare_seen(report: "DriftReport", catalog: Catalog) -> "Drift":
    """Return where *report* and what *catalog* documents part. Raises CeventsError for a broken schema."""
    return comparison.compare_seen(report, catalog)


def write_proposal(report: "DriftReport", catalog: Catalog, schemas: "Path | None", folder: "Path") -> "Proposal":
    """Write to *folder*, new or empty, a catalogue that accepts all events of *report* and names all their fields.

    It is the one in *schemas* (None: the bundled one), which *catalog* was loaded from, changed where that takes it.
    Raises CeventsError where *folder* has something in it, or cannot be written.
    """
    return proposal.write_proposal(report, catalog, schemas, folder)
