import subprocess
import sys
from pathlib import Path

import pytest
from wrappers.wrapper_builders import BUILDERS

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "samples"


@pytest.mark.slow
def test_fuzzing_finds_nothing_in_half_a_minute(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for sample in SAMPLES.glob("*.*json"):
        for number, line in enumerate(sample.read_bytes().splitlines()[:20]):
            (corpus / f"{sample.name}-{number}").write_bytes(line[:3000] + b"\n")
    for name, build in BUILDERS.items():
        (corpus / name).write_text(build('{"metadata":{"event_name":"x"},"body":{}}') + "\n")
    done = subprocess.run(
        [
            sys.executable,
            str(HERE / "fuzz_events.py"),
            "-max_total_time=30",
            "-max_len=4096",
            "-rss_limit_mb=2048",
            str(corpus),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
