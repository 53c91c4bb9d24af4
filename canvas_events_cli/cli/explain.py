"""``cevents explain``: what a finding means, and what the schema says at its place."""

from canvas_events_cli.cli.options import argument, complete_explained, grouped
from canvas_events_cli.cli.schema import Shown
from canvas_events_cli.cli.streams import Results
from canvas_events_cli.errors import ExitCode


@grouped
def explain(
    words: list[str] | None = argument(
        "[KEYWORD | EVENT POINTER | FINDING]",
        "What stands in the brackets of a finding, where it is, or its whole line; EVENT may be 'envelope'. "
        "Without it, all keywords.",
        autocompletion=complete_explained,
    ),
    *,
    shown: Shown,
) -> int:
    """Explain a finding of validate: what it means, what the schema says, what is right, what usually causes it.

    For example:
    cevents explain  # what can be wrong with an event?
    cevents explain format  # what stands in the brackets of a finding
    cevents explain quiz_submitted /body/quiz_id  # the place of one
    """
    from canvas_events_cli.catalog import load_catalog
    from canvas_events_cli.rendering.schemas import (
        explanation_json,
        explanation_lines,
        explanation_markdown,
        keyword_lines,
    )
    from canvas_events_cli.schema.explain import explain

    told = explain(load_catalog(shown.schemas), words or ())
    Results(shown.color).write_as(
        shown.output_format,
        json=lambda: explanation_json(told),
        markdown=lambda: explanation_markdown(told),
        text=lambda width: explanation_lines(told, width) if words else keyword_lines(told, width),
    )
    return ExitCode.OK
