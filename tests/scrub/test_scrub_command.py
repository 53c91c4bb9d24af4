"""Where the key comes from, and the two commands in a row."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "mixed.ndjson"


def cevents(*arguments: str, stdin: bytes | None = None, **environment: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "canvas_events_cli", *arguments],
        input=stdin,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
    )
    return done.stdout


def test_the_key_of_the_environment_is_the_same_key() -> None:
    assert cevents("scrub", str(SAMPLE), CEVENTS_SCRUB_KEY="k") == cevents("scrub", "--key", "k", str(SAMPLE))
    assert cevents("scrub", str(SAMPLE)) != cevents("scrub", str(SAMPLE))


def test_a_sample_can_be_scrubbed(tmp_path: Path) -> None:
    few = cevents("sample", "--per-type", "1", str(SAMPLE))
    scrubbed = cevents("scrub", "--key", "k", "-", stdin=few)
    assert 10 < len(few.splitlines()) == len(scrubbed.splitlines())
    assert cevents("validate", "-o", "jsonl", "-", stdin=scrubbed) == b""
