"""The recipes of the page for who tests a consumer, run as they stand there, but for ports and how many events."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from receivers import listening

from canvas_events_cli import count, validate

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parents[2] / ".docs" / "consumers.md").read_text()
PLAIN, SIGNED, QUEUE = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
(FILL,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FEW = 5
RECEIVING = (Path(__file__).parents[2] / ".docs" / "receiving.md").read_text()
UNIT, BY_FILES = (
    textwrap.dedent(text) for text in re.findall(r"^ *```ini\n(.*?)^ *```$", RECEIVING, re.MULTILINE | re.DOTALL)
)


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


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd")
@pytest.mark.parametrize("text", [UNIT, re.sub(r"ExecStart=.*\n", lambda _: BY_FILES, UNIT)], ids=["proxy", "files"])
def test_the_service_is_one(text: str, tmp_path: Path) -> None:
    program = tmp_path / "cevents"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "cevents.service"
    assert text.count("/opt/cevents/bin/cevents") == 1
    unit.write_text(text.replace("/opt/cevents/bin/cevents", str(program)))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
