"""Fuzzing of every command on files of events: plain and in tokens and messages, with values of any depth, damaged.

Needs atheris. By hand, for ten minutes: ``python tests/fuzz/fuzz_commands.py -max_total_time=600 CORPUS_FOLDER``.
A finding is whatever ends in a traceback or with the exit code of a bug.
"""

import io
import json
import sys
import tempfile
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import atheris

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS)]

with atheris.instrument_imports(include=["canvas_events_cli"]):
    from canvas_events_cli.cli import app

from in_process import COMMANDS, NoInterrupts  # noqa: E402 (after the instrumented imports)

EVENT = json.loads((TESTS / "example.json").read_text(encoding="utf-8"))
FOLDER = Path(tempfile.mkdtemp())
CAPTURE = FOLDER / "capture.ndjson"
DEPTHS = [0, 1, 3, 254, 255, 300, 900, 1010, 1025, 3000]
BRACKETS = [("[", "]"), ('{"x":', "}"), ('{"":', "}"), ('{"7":', "}"), ('{"metadata":', "}"), ('{"Body":', "}")]


class Maker:
    """Makes lines of a capture of the fuzzer's bytes."""

    def __init__(self, provider: Any) -> None:
        self.provider = provider

    def line(self) -> bytes:
        kind = self.provider.ConsumeIntInRange(0, 5)
        if kind == 0:
            return bytes(self.provider.ConsumeBytes(64))
        text = self.event()
        if kind == 1:
            text = self.token(text)
        elif kind == 2:
            text = json.dumps({"MessageId": "m", "Body": self.token(text) if self.provider.ConsumeBool() else text})
        elif kind == 3:
            at = self.provider.ConsumeIntInRange(0, len(text))
            return text[:at].encode() + self.provider.ConsumeBytes(3) + text[at + 1 :].encode()
        return text.encode()

    def event(self) -> str:
        """Return the text of an event with other values in up to two places."""
        event = json.loads(json.dumps(EVENT))
        values = {}
        for number in range(self.provider.ConsumeIntInRange(0, 2)):
            objects = [event, *(value for value in event.values() if isinstance(value, dict))]
            place = self.provider.PickValueInList(objects)
            place[self.provider.PickValueInList([*place, "x", "7", ""])] = f"<{number}>"
            values[f'"<{number}>"'] = self.value()
        text = json.dumps(event)
        for placeholder, value in values.items():
            text = text.replace(placeholder, value)
        return text

    def value(self) -> str:
        opening, closing = self.provider.PickValueInList(BRACKETS)
        depth = self.provider.PickValueInList(DEPTHS)
        scalar = self.provider.PickValueInList(["1", "1e308", "18446744073709551617", '"x"', "null", '""', "[]", "{}"])
        return str(opening * depth + scalar + closing * depth)

    def token(self, payload: str) -> str:
        header = '{"alg":"RS256","kid":"k","typ":"JWT"}' if self.provider.ConsumeBool() else self.value()
        if self.provider.ConsumeBool():
            payload = self.value()
        parts = (urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in (header, payload))
        return ".".join([*parts, "c2ln"])


def run(arguments: list[str]) -> None:
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8", errors="backslashreplace") for _ in range(2))
    before = sys.argv, sys.stdout, sys.stderr
    sys.argv, sys.stdout, sys.stderr = ["cevents", *arguments], stdout, stderr
    try:
        code = app.run(NoInterrupts())
    finally:
        sys.argv, sys.stdout, sys.stderr = before
    stderr.flush()
    told = stderr.buffer.getvalue()  # type: ignore[attr-defined]
    assert code in (0, 1, 2), (arguments, code)
    assert b"Traceback" not in told, (arguments, told[-3000:].decode())


def one_input(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    command = provider.PickValueInList(COMMANDS)
    maker = Maker(provider)
    CAPTURE.write_bytes(b"\n".join(maker.line() for _ in range(provider.ConsumeIntInRange(1, 5))))
    run([*command, "-j", "1", str(CAPTURE)] if command[0] not in ("show", "sample") else [*command, str(CAPTURE)])


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
