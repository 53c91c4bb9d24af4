import random
import subprocess
import sys
from pathlib import Path

import pytest
from wrappers.wrapper_builders import BUILDERS

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "samples"


def fuzz(target: str, corpus: Path, *options: str) -> None:
    """Run a fuzz target for half a minute on *corpus*, which it adds to."""
    limits = ["-max_total_time=30", "-max_len=4096", "-rss_limit_mb=3000"]
    done = subprocess.run(
        [sys.executable, str(HERE / target), *limits, *options, str(corpus)],
        cwd=corpus.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    return folder


@pytest.mark.slow
def test_events(corpus: Path) -> None:
    for sample in SAMPLES.glob("*.*json"):
        for number, line in enumerate(sample.read_bytes().splitlines()[:20]):
            (corpus / f"{sample.name}-{number}").write_bytes(line[:3000] + b"\n")
    for name, build in BUILDERS.items():
        (corpus / name).write_text(build('{"metadata":{"event_name":"x"},"body":{}}') + "\n")
    fuzz("fuzz_events.py", corpus)


@pytest.mark.slow
@pytest.mark.parametrize("target", ["fuzz_commands.py", "fuzz_schemas.py"])
def test_what_is_made_of_random_bytes(target: str, corpus: Path) -> None:
    """Of few bytes these targets make trivial things, so they begin with many."""
    source = random.Random(1)
    for number in range(300):
        (corpus / str(number)).write_bytes(source.randbytes(source.randint(50, 1000)))
    fuzz(target, corpus, "-len_control=0")
