"""How a retry ended, its story says as the summary counts it."""

from collections import Counter

import pytest
from browse.looking import SAMPLES

from canvas_events_cli.browsing.story import each_ending
from canvas_events_cli.running.runner import run
from canvas_events_cli.sources.locate import locate
from canvas_events_cli.summary.outcomes import Assignments, how_ended
from canvas_events_cli.summary.work import SummaryWork


@pytest.mark.parametrize("name", ["retry-story.ndjson", "retries.ndjson", "mixed.ndjson", "mistakes.ndjson"])
def test_stories_and_figures_agree(name: str) -> None:
    report, *others = run(locate([str(SAMPLES / name)]), SummaryWork())
    for other in others:
        report.merge(other)
    assignments = Assignments(report.retries)
    given = report.retries, assignments, report.updates, report.spans.latest
    counts, last = how_ended(*given)
    endings = each_ending(*given)
    assert Counter(ending.outcome for ending in endings.values()) == +counts
    assert set(last.items()) <= {(assignments.rows[row], ending) for row, ending in endings.items()}
