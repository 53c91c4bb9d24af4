"""How retries ended, held against an implementation that looks at everything; and told apart case by case."""

import json
import pickle
from itertools import pairwise

from captured_events import records, told
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_summary import naive_summary

from canvas_events_cli.summary.document import document
from canvas_events_cli.summary.report import SummaryReport, tally_records


def merged(parts):
    total = SummaryReport()
    for part in parts:
        total.merge(pickle.loads(pickle.dumps(part)))
    return total


@settings(max_examples=400, deadline=None)
@given(told(), st.data())
def test_every_figure_equals_the_naive_one_however_it_is_cut(events, data):
    cuts = [0, *sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=3))), len(events)]
    parts = [tally_records(records(events[start:end])) for start, end in pairwise(cuts)]
    assert json.dumps(document(merged(parts), 0)) == json.dumps(naive_summary(events, 99))
