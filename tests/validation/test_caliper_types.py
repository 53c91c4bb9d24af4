"""Verdicts on Caliper events are the same by types as one by one, whatever stands where in them."""

import copy
import json
import random
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_caliper import CATALOG, ENVELOPE, EVENT

from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.query.selection import event_record
from canvas_events_cli.running.fast.batches import fast_way
from canvas_events_cli.running.reading import ReadOptions, events_in, plain_way
from canvas_events_cli.validation import ValidationSpec, compile_checker
from canvas_events_cli.validation.fast import judging
from canvas_events_cli.validation.findings import Judged
from canvas_events_cli.validation.report import ReportOptions
from canvas_events_cli.validation.work import ValidationWork

VALUES = (None, True, 7, 1e300, "", "x", "2024-02-30T00:00:00Z", [], ["x"], {}, {"id": "a"}, EVENT["actor"], EVENT)
NAMES = ("id", "type", "metadata", "attributes", "data", "sensor", "extensions", "name", "\u00e9", "maxScore")


def changed(value: Any, chance: random.Random) -> Any:
    """Return *value* with a member, somewhere in it, replaced, added or left out."""
    value = copy.deepcopy(value)
    here = value
    while nested := [
        inner for inner in (here.values() if isinstance(here, dict) else here) if inner and type(inner) in (dict, list)
    ]:
        if chance.random() < 0.3:
            break
        here = chance.choice(nested)
    if isinstance(here, list):
        here.append(chance.choice(VALUES))
    elif here and chance.random() < 0.4:
        del here[chance.choice([*here])]
    else:
        here[chance.choice([*here, *NAMES])] = chance.choice(VALUES)
    return value


def line(seed: int) -> bytes:
    """Return an event, or an envelope with some, most of them as they should be."""
    chance = random.Random(seed)
    value = chance.choice([EVENT, ENVELOPE, ENVELOPE | {"data": [EVENT, EVENT | {"action": "Viewed"}]}])
    value = changed(value, chance) if chance.random() < 0.4 else value
    text = json.dumps(value, ensure_ascii=chance.random() < 0.5)
    return (text.replace('"id"', '"id": "urn:x", "id"', 1) if chance.random() < 0.1 else text).encode()


@pytest.mark.parametrize("strict", [False, True])
@given(lines=st.lists(st.integers(0, 100_000).map(line), min_size=1, max_size=8))
def test_by_types_as_one_by_one(lines: list[bytes], strict: bool) -> None:
    data = b"".join(line + b"\n" for line in lines)
    options = ReportOptions(kinds=True)
    compiled = ValidationWork(ValidationSpec(CATALOG, "jsonschema-rs", strict=strict), options).compile()
    reports = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "LEAST_BLOCK_BYTES", 0)
        for way in (fast_way, plain_way):
            framer = Framer()
            items = chain(way(compiled, ReadOptions())(framer, data), framer.finish())
            reports.append(compiled.report("capture", items))
    assert reports[0] == reports[1]


@pytest.mark.parametrize("strict", [False, True])
@given(lines=st.lists(st.integers(0, 100_000).map(line), min_size=1, max_size=8))
def test_alone_as_by_the_engine(lines: list[bytes], strict: bool) -> None:
    spec = ValidationSpec(CATALOG, "jsonschema-rs", strict=strict)
    data = b"".join(line + b"\n" for line in lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "_FEW", 0)
        checkers = [compile_checker(spec, by_types=by_types) for by_types in (False, True)]
    for record in map(event_record, events_in(Framer().feed(data), ReadOptions())):
        one, other = (checker.check("", record) for checker in checkers)
        assert one == other


def test_valid_ones_are_judged_together() -> None:
    compiled = ValidationWork(ValidationSpec(CATALOG, "jsonschema-rs"), ReportOptions()).compile()
    data = b"".join(json.dumps(ENVELOPE).encode() + b"\n" for _ in range(50))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "LEAST_BLOCK_BYTES", 0)
        items = [*fast_way(compiled, ReadOptions())(Framer(), data)]
    assert [type(item) for item in items] == [Judged]
    assert len(items[0].lines) == 50
