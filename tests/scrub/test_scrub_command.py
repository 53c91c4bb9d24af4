"""Where the key comes from, and the two commands in a row."""

from pathlib import Path

import pytest
from in_process import cevents

from canvas_events_cli.errors import CeventsError

SAMPLE = Path(__file__).parents[2] / "samples" / "mixed.ndjson"


def test_the_key_of_the_environment_is_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cevents("scrub", SAMPLE).stdout != cevents("scrub", SAMPLE).stdout
    monkeypatch.setenv("CEVENTS_SCRUB_KEY", "k")
    assert cevents("scrub", SAMPLE).stdout == cevents("scrub", "--key", "k", SAMPLE).stdout


def test_a_key_file_holds_the_same_key(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"k\r\n")
    by_file, by_option = (cevents("scrub", *key, SAMPLE) for key in (("--key-file", tmp_path / "key"), ("--key=k",)))
    assert by_file.stdout == by_option.stdout


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
def test_keys_that_cannot_be_used(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "large").write_bytes(bytes(1024 * 1024 + 1))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CeventsError, match=message):
        cevents("scrub", *arguments, SAMPLE)


def test_a_sample_can_be_scrubbed(tmp_path: Path) -> None:
    (few := tmp_path / "few").write_bytes(cevents("sample", "--per-type", "1", SAMPLE).stdout)
    (scrubbed := tmp_path / "scrubbed").write_bytes(cevents("scrub", "--key", "k", few).stdout)
    assert 10 < len(few.read_bytes().splitlines()) == len(scrubbed.read_bytes().splitlines())
    assert cevents("validate", "-o", "jsonl", scrubbed).stdout == b""
