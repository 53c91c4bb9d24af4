"""Nesting of any depth, through every command and format: a value or a finding, never a crash."""

import io
import json
import sys
from pathlib import Path

import pytest
from in_process import COMMANDS, NoInterrupts, cevents

from canvas_events_cli.cli import app
from canvas_events_cli.running import runner
from canvas_events_cli.sources import chunks

DEPTHS = [250, 1000, 1020, 30_000]


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("deep") / "deep.ndjson"
    example = (Path(__file__).parents[1] / "example.json").read_text()
    head = json.dumps(json.loads(example)["metadata"])
    with path.open("w") as file:
        for depth in DEPTHS:
            for opening, closing in (("[", "]"), ('{"x":', "}"), ('{"metadata":', "}"), ('{"Messages":[', "]}")):
                file.write(f'{{"metadata":{head},"body":{{"x":{opening * depth}1{closing * depth}}}}}\n')
                file.write(f"{opening * depth}1{closing * depth}\n{opening * depth}\n")
                if depth < 5000:  # read, and of a wrong type where it stands
                    deep = f"{opening * depth}1{closing * depth}"
                    file.write(f'{{"metadata":{head},"body":{{"status":{deep}}}}}\n')
                    file.write(f'{{"metadata":{head},"body":{deep}}}\n{{"metadata":{deep},"body":{{}}}}\n')
    return path


@pytest.mark.slow
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_deep_nesting(capture: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    monkeypatch.setattr(sys, "argv", ["cevents", *arguments, str(capture)])
    monkeypatch.setattr(sys, "stdout", stdout)
    monkeypatch.setattr(sys, "stderr", stderr)
    code = app.run(NoInterrupts())
    stderr.flush()
    assert b"Traceback" not in stderr.buffer.getvalue(), stderr.buffer.getvalue()[-2000:]
    assert code in (0, 1)


def test_what_waits_to_be_sorted_may_be_nested_deeply(tmp_path: Path) -> None:
    context = "http://purl.imsglobal.org/ctx/caliper/v1p1"
    deep = "[" * 1000 + "]" * 1000
    event = f'{{"@context":"{context}","type":"A","action":"B","x":{deep}}}'
    around = f'"sensor":"s","sendTime":"2024-09-03T13:58:23Z","dataVersion":"{context}","more":{deep}'
    (tmp_path / "deep.ndjson").write_text(f'{{{around},"data":[{event}]}}\n')
    done = cevents("show", "-o", "ndjson", "--sort", "time", tmp_path / "deep.ndjson")
    assert (done.code, done.stdout) == (0, f"{event}\n".encode())


def test_what_another_process_reads_may_be_nested_deeply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((chunks, "CHUNK_BYTES"), (chunks, "TASK_BYTES"), (runner, "LEAST_BYTES")):
        monkeypatch.setattr(module, name, 20_000)
    lines = f'{{"metadata":{{"event_name":"a"}},"body":{{"x":{"[" * 1000}{"]" * 1000}}}}}\n' * 60
    (tmp_path / "deep.ndjson").write_text(lines)
    done = cevents("show", "-o", "ndjson", "-j", "2", tmp_path / "deep.ndjson")
    assert (done.code, done.stdout) == (0, lines.encode())
