"""Where the key comes from, and the two commands in a row."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_a_key_file_holds_the_same_key(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"k\r\n")
    assert cevents("scrub", "--key-file", str(tmp_path / "key"), str(SAMPLE)) == cevents(
        "scrub", "--key=k", str(SAMPLE)
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--key-file", "missing"], "cannot read the key in missing: No such file or directory"),
        (["--key-file", "."], "cannot read the key in .: Is a directory"),
        (["--key-file", "empty"], "the key is empty"),
        (["--key-file", "large"], "large is no file with a key: it is larger than 1 MiB"),
        (["--key", ""], "the key is empty"),
        (["--key", "k", "--key-file", "empty"], "each name the key: leave one out"),
    ],
)
def test_keys_that_cannot_be_used(arguments: list[str], message: str, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "large").write_bytes(bytes(1024 * 1024 + 1))
    command = [sys.executable, "-m", "canvas_events_cli", "scrub", *arguments, str(SAMPLE)]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_sample_can_be_scrubbed(tmp_path: Path) -> None:
    few = cevents("sample", "--per-type", "1", str(SAMPLE))
    scrubbed = cevents("scrub", "--key", "k", "-", stdin=few)
    assert 10 < len(few.splitlines()) == len(scrubbed.splitlines())
    assert cevents("validate", "-o", "jsonl", "-", stdin=scrubbed) == b""
