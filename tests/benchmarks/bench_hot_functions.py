"""The functions that run for every event or batch, one by one: ``pytest tests/benchmarks/bench_hot_functions.py``."""

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
import pytest
from benchmarks.stream import HALF, RARE, retries

from canvas_events_cli.framing.fast.batches import Batch, in_batches
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Record
from canvas_events_cli.query.expressions import parse_condition
from canvas_events_cli.query.fast import deciding
from canvas_events_cli.query.noticing import Notices
from canvas_events_cli.query.selection import Selection, compile_selection
from canvas_events_cli.rendering.show import BlockForm
from canvas_events_cli.rendering.show_table import RowForm
from canvas_events_cli.same_event import event_digest
from canvas_events_cli.streaming import validation_spec
from canvas_events_cli.summary.work import tally_records
from canvas_events_cli.validation import compile_checker
from canvas_events_cli.validation.fast.verdicts import VerdictTypes

LINES = list(retries(1000))
BLOCK = b"".join(LINES)
RECORDS = [Record(1, line[:-1], orjson.loads(line), True) for line in LINES]
BATCHES = [part for part in in_batches(Framer(), BLOCK) if isinstance(part, Batch)]
SPEC = validation_spec()
CHECKER = compile_checker(SPEC)
TYPES = VerdictTypes(SPEC)
BLOCK_OF = BlockForm(SPEC, None, 80, color=True).compile()
ROW_OF = RowForm(SPEC, None).compile()


def one_status(status: str) -> Selection:
    return Selection(where=(parse_condition(f"body.status={status}"),))


def decide(selection: Selection) -> object:
    fast = deciding.fast_path(selection, Notices(selection))
    return list(fast.read(BATCHES)) if fast else None


WANTED = compile_selection(one_status(HALF))
CASES: dict[str, Callable[[], Any]] = {
    "frame": lambda: list(Framer().feed(BLOCK)),
    "frame as batches": lambda: list(in_batches(Framer(), BLOCK)),
    "decide on batches, half": partial(decide, one_status(HALF)),
    "decide on batches, a rare one": partial(decide, one_status(RARE)),
    "tell by type": lambda: [TYPES.told(batch) for batch in BATCHES],
    "check": lambda: [CHECKER.check("", record) for record in RECORDS],
    "select": lambda: [WANTED(record) for record in RECORDS],
    "show as blocks": lambda: [BLOCK_OF(record) for record in RECORDS],
    "show as rows": lambda: [ROW_OF(record) for record in RECORDS],
    "digest": lambda: [event_digest(record.value) for record in RECORDS],
    "tally": lambda: tally_records(RECORDS, {}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_thousand_events(name: str, benchmark: Callable[[Callable[[], Any]], Any]) -> None:
    benchmark(CASES[name])
