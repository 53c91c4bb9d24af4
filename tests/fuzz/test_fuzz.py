"""Each fuzz target for some 10 seconds, with the same inputs each time: by hand it looks further, for as long as asked.

A change that lands must not fail by what was always there and only now comes up.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from wrappers.wrapper_builders import BUILDERS

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "samples"
BARE = '{"metadata":{"event_name":"x"},"body":{}}'


def fuzz(target: str, runs: int, inputs: list[bytes], folder: Path, *options: str) -> None:
    """Give a fuzz target *inputs*, and what it makes of them: *runs* in all, the same ones each time."""
    files = [folder / f"{number}.input" for number in range(len(inputs))]
    for file, content in zip(files, inputs, strict=True):
        file.write_bytes(content)
    # By a list: a folder's order is not the same everywhere.
    (folder / "list").write_text(",".join(map(str, files)))
    (folder / "corpus").mkdir()
    limits = ["-seed=1", f"-runs={runs}", "-max_len=4096", "-rss_limit_mb=3000"]
    places = [f"-seed_inputs=@{folder / 'list'}", str(folder / "corpus")]
    done = subprocess.run(
        [sys.executable, str(HERE / target), *limits, *options, *places],
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.slow
def test_events(tmp_path: Path) -> None:
    inputs = [
        line[:3000] + b"\n"
        for sample in sorted(SAMPLES.glob("*.*json"))
        for line in sample.read_bytes().splitlines()[:20]
    ]
    inputs += [build(BARE).encode() + b"\n" for build in BUILDERS.values()]
    fuzz("fuzz_events.py", 7_500, inputs, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("target", "runs"), [("fuzz_commands.py", 500), ("fuzz_schemas.py", 2_000)])
def test_what_is_made_of_random_bytes(target: str, runs: int, tmp_path: Path) -> None:
    """Of few bytes these targets make trivial things, so they begin with many."""
    source = random.Random(1)
    inputs = [source.randbytes(source.randint(50, 1000)) for _ in range(300)]
    fuzz(target, runs, inputs, tmp_path, "-len_control=0")
