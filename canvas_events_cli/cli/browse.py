"""``cevents browse``: look through events, interactively."""

import os
from collections.abc import Iterable

from canvas_events_cli.cli.options import INPUT, OUTPUT, Input, Jobs, Schemas, grouped, option
from canvas_events_cli.cli.selection import PickedByVerdict
from canvas_events_cli.cli.streams import say
from canvas_events_cli.errors import CeventsError, ExitCode, not_installed


@grouped
def browse(
    *,
    picked: PickedByVerdict,
    inputs: Input,
    follow: bool = option(
        INPUT, "--follow -f", "Go on with files that grow, as tail -f does; compressed ones aside.", False
    ),
    jobs: Jobs,
    schemas: Schemas,
    tz: str = option(OUTPUT, "--tz ZONE", "Show times in local time, utc, or a zone such as Europe/Berlin.", "local"),
) -> int:
    """Look through events interactively: a list, the event beside it with what is wrong, and a key for each question.

    / takes a condition, as filter does; ? shows all keys. Takes the extra "browse".

    For example:
    cevents browse capture.ndjson  # what is in here?
    cevents browse --about course:612 captures/  # from all about a course
    cevents browse -f --invalid /var/lib/cevents/  # what comes in wrong
    """
    from importlib.util import find_spec

    from canvas_events_cli.browsing.indexing import from_readable
    from canvas_events_cli.browsing.screen.list_lines import ListLines
    from canvas_events_cli.browsing.screen.terminal import GONE, drawn_first, need_terminal, whole_terminal
    from canvas_events_cli.browsing.session import Session
    from canvas_events_cli.defaults import available_cores
    from canvas_events_cli.rendering.moments import zone
    from canvas_events_cli.rendering.show_table import RowForm
    from canvas_events_cli.sources.source import is_url

    if find_spec("textual") is None:
        raise CeventsError(not_installed("browsing", "browse"))
    need_terminal()
    sources = inputs.located(quiet=True)
    if not any(map(is_url, inputs.sources or ())):  # what lists those starts threads, and processes are forked below
        sources, wrong = from_readable(sources)
        if wrong:
            return _said(wrong)
    spec = schemas.spec(show_values=True)
    form = RowForm(spec, zone(tz))
    session = Session(
        sources,
        spec,
        picked.choice(schemas),
        inputs.reading(),
        follow,
        jobs.jobs or available_cores(),
        None if os.isatty(0) else os.dup(0),  # stays when the keyboard takes its place
        (*schemas.files(), *inputs.files()),
    )
    code: int = GONE  # unless there is another one in the end
    with session, whole_terminal():
        lines = ListLines(session.index, form)
        with drawn_first(session, lines):
            from canvas_events_cli.browsing.screen.app import run

            code = run(session, lines)
    return code or _said(session.told)


def _said(told: Iterable[object]) -> int:
    """Say what could not be read, and return the exit code."""
    texts = dict.fromkeys(map(str, told))
    for text in texts:
        say(f"cevents: {text}")
    return ExitCode.USAGE if texts else ExitCode.OK
