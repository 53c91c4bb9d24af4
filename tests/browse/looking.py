"""A session without a screen, to look at what it has found."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from canvas_events_cli.browsing.index import Row
from canvas_events_cli.browsing.session import Session
from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.query.selection import Selection
from canvas_events_cli.sources.locate import locate
from canvas_events_cli.streaming import validation_spec

SPEC = validation_spec(load_catalog(), show_values=True)
SAMPLES = Path(__file__).parents[2] / "samples"


def looking_at(*arguments: object, choice: Selection | None = None, follow: bool = False) -> Session:
    """Return what looks through what *arguments* name."""
    return Session(locate([*map(str, arguments)]), SPEC, choice, follow=follow)


def wait(until: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something has come; fail where it does not."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.005)


def all_rows(session: Session) -> Sequence[tuple[str, Row]]:
    """Return the rows of the list with their sources, once all have been found."""
    wait(lambda: session.is_indexed and session.listing.is_done)
    assert not session.told
    assert session.failure is None
    listing = session.listing
    numbers = [listing[place] for place in range(len(listing))]
    return [(session.index.source_of(number), session.index.row(number)) for number in numbers]
