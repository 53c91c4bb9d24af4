"""The recipes of the page for who tests a consumer, run as they stand there, but for ports and how many events."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from receivers import listening

from canvas_events_cli import count, validate

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parents[2] / ".docs" / "consumers.md").read_text()
PLAIN, SIGNED, QUEUE = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
(FILL,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FEW = 5


def recipe(text: str, folder: Path, *changes: tuple[str, str]) -> str:
    """Run a recipe in *folder*, with *changes*, and return what it writes."""
    for old, new in (("-n 100", f"-n {FEW}"), *changes):
        assert old in text
        text = text.replace(old, new)
    functions = 'cevents() { "$PYTHON" -m canvas_events_cli "$@"; }\npython() { "$PYTHON" "$@"; }\n'
    command = ["bash", "-euo", "pipefail", "-c", functions + text]
    environment = os.environ | {"PYTHON": sys.executable}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("text", [PLAIN, SIGNED], ids=["plain", "signed"])
def test_events_reach_an_endpoint(text: str, tmp_path: Path) -> None:
    with listening("-o", str(tmp_path / "received"), "-q") as (_, address):
        assert recipe(text, tmp_path, ("http://127.0.0.1:8080", address)).split()[-2:] == [str(FEW), "200"]
        assert count(tmp_path / "received") == FEW
    assert validate(tmp_path / "received", strict=True).passed


def test_events_reach_a_queue(aws: str, tmp_path: Path) -> None:
    (tmp_path / "fill.py").write_text(FILL)
    served = "moto_server --port 5000 > moto.log 2>&1 &\n"
    said = recipe(QUEUE, tmp_path, ("http://127.0.0.1:5000", aws), (served, ""))
    assert f"{FEW} events: {FEW} valid" in said
