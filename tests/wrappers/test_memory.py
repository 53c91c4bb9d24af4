"""What records leave behind: nothing for the garbage collector, which comes rarely, and no long names."""

import gc
import json
from contextlib import suppress

import pytest
from in_process import cevents
from memory import kept
from wrapper_builders import BUILDERS, EVENT_TEXT

from canvas_events_cli.wrappers.fast.repeated import Odd, Repeated

COMMANDS = ["validate -q --max-findings 1", "filter -w a=1", "show -n 1000", "summarize -o json", "drift", "scrub -q"]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_record_is_in_a_circle(command, tmp_path):
    def garbage(times):
        (tmp_path / "in.ndjson").write_text("".join(build(EVENT_TEXT) + "\n" for build in BUILDERS.values()) * times)
        gc.collect()
        cevents(*command.split(), "-j", 1, tmp_path / "in.ndjson")
        return gc.collect()

    gc.disable()
    try:
        garbage(3)
        assert garbage(9) < garbage(3) + 3 * len(BUILDERS)
    finally:
        gc.enable()


@pytest.mark.parametrize("number_in", ["names", "path"])
def test_long_names_are_not_held(number_in):
    repeated = Repeated(1 << 24, trusts=True)

    def read(numbers):
        for number in numbers:
            name = f"{number}_" + "x" * 400_000
            record = {name: EVENT_TEXT} if number_in == "path" else {"Body": EVENT_TEXT, "MessageId": "1", name: 1}
            with suppress(Odd):
                assert repeated.contents(json.dumps(record).encode())[0].text == EVENT_TEXT.encode()

    read(range(3))
    assert kept(lambda: read(range(3, 40)))[1] < 2_000_000
