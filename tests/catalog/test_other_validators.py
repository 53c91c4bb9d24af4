"""The schemas in the hands of others: the programs in their README do what it says."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parents[1]
SCHEMAS = HERE.parent / "schemas"
README = (SCHEMAS / "README.md").read_text()
METADATA = json.loads((HERE / "example.json").read_text())["metadata"]
EXAMPLES = {path.stem: json.loads(path.read_text())["examples"][0] for path in SCHEMAS.glob("bodies/*.json")}


def program(language: str) -> str:
    block = re.search(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert block
    return block[1]


def capture(path: Path, *events: tuple[str, Any]) -> Path:
    lines = [json.dumps({"metadata": {**METADATA, "event_name": name}, "body": body}) for name, body in events]
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


@pytest.fixture(scope="module")
def ajv(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a function that runs the README's program for Ajv on a capture and returns the lines that it prints."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("needs node and npm")
    folder = tmp_path_factory.mktemp("ajv")
    (folder / "check.mjs").write_text(program("js"))
    npm = ["npm", "install", "--no-audit", "--no-fund", "--cache", str(folder / "cache"), "ajv@8", "ajv-formats@3"]
    subprocess.run(npm, cwd=folder, check=True, capture_output=True, env={**os.environ, "HOME": str(folder)})

    def run(path: Path) -> list[str]:
        node = ["node", "check.mjs", str(SCHEMAS), str(path)]
        done = subprocess.run(node, cwd=folder, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    return run


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mixed.ndjson", "retries.ndjson"])
def test_ajv_finds_the_samples_valid(name: str, ajv: Any) -> None:
    assert ajv(HERE.parent / "samples" / name) == []


@pytest.mark.slow
def test_ajv_finds_every_example_valid(ajv: Any, tmp_path: Path) -> None:
    assert ajv(capture(tmp_path / "examples.ndjson", *EXAMPLES.items())) == []


@pytest.mark.slow
def test_ajv_finds_mistakes(ajv: Any, tmp_path: Path) -> None:
    mistakes = [
        ("course_created", {"name": "Biology 110"}),
        ("grade_change", {**EXAMPLES["grade_change"], "score": "18.5"}),
        ("course_progress", {**EXAMPLES["course_progress"], "user": {"id": "abc"}}),
        ("conversation_created", {**EXAMPLES["conversation_created"], "updated_at": "2024-09-05 12:14:40 +0000"}),
    ]
    assert ajv(capture(tmp_path / "mistakes.ndjson", *mistakes)) == [
        "1: /body must have required property 'course_id'",
        "2: /body/score must be number,null",
        '3: /body/user/id must match pattern "^[0-9]+$"',
        '4: /body/updated_at must match format "date-time"',
    ]


def test_the_program_for_jsonschema_runs() -> None:
    subprocess.run([sys.executable, "-c", program("python")], cwd=HERE.parent, check=True)
