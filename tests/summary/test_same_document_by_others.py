"""DuckDB and Polars, asked for the document of ``summarize -o json``: what the benchmark compares is the same work."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from canvas_events_cli import summarize

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
PEERS = BENCHMARKS / "peers"


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("peers") / "capture.jsonl"
    path.write_bytes(b"".join(peer("capture").capture(1500)))
    return path


def peer(name: str) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        return __import__(f"peers.{name}", fromlist=[name])


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["duckdb", "polars"])
def test_the_documents_are_the_same(captured: Path, tool: str) -> None:
    ours = summarize(str(captured)).to_dict()
    assert peer(f"summarize_{tool}").document(str(captured)) == ours
    figures = ours["retry_clone"]
    assert all(figures["outcomes"].values())
    assert figures["redelivered"] > 50


@pytest.mark.slow
def test_the_lines_are_the_same(captured: Path) -> None:
    status = "outcome_alignment_cloning"
    theirs = subprocess.check_output([sys.executable, PEERS / "filter_duckdb.py", captured, status])
    lines = captured.read_bytes().splitlines()
    wanted = [line for line in lines if json.loads(line)["body"].get("status") == status]
    assert theirs.splitlines() == wanted
