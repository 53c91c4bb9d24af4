"""The programs on the page about the library, run and typed as they stand there."""

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent.parent
SAMPLES = TESTS.parent / "samples"
PAGE = (TESTS.parent / ".docs" / "library.md").read_text()
EXAMPLE = json.loads((TESTS / "example.json").read_text())
LAMBDA, FIXTURES, FRAMES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def message(number: int, event: object) -> dict[str, Any]:
    """Return what a Lambda function gets of a message in SQS."""
    return {
        "messageId": f"message-{number}",
        "receiptHandle": "handle",
        "body": event if isinstance(event, str) else json.dumps(event),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183"},
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-2:123456789012:events",
        "awsRegion": "us-east-2",
    }


def test_a_lambda_function_sends_back_what_is_not_valid(capsys: pytest.CaptureFixture[str]) -> None:
    program: dict[str, Any] = {}
    exec(LAMBDA, program)
    wrong = {**EXAMPLE, "body": {**EXAMPLE["body"], "status": ["Ada"]}}
    batch = {"Records": [message(number, event) for number, event in enumerate([EXAMPLE, wrong, "no JSON", EXAMPLE])]}
    answer = program["handler"](batch, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}, {"itemIdentifier": "message-2"}]}
    printed = capsys.readouterr().out
    assert "message-1: outcomes.retry_outcome_alignment_clone /body/status expected a string" in printed
    assert "Ada" not in printed


def test_fixtures_of_a_consumer_are_events(tmp_path: Path) -> None:
    (tmp_path / "test_consumer.py").write_text(FIXTURES)
    (tmp_path / "fixtures").mkdir()
    (tmp_path / "fixtures" / "retry.json").write_text(json.dumps(EXAMPLE))
    body = {name: value for name, value in EXAMPLE["body"].items() if name != "status"}
    (tmp_path / "fixtures" / "stale.json").write_text(json.dumps({**EXAMPLE, "body": body}))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", str(tmp_path)]
    alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, check=False)
    assert "1 failed, 1 passed" in done.stdout
    assert "test_fixture_is_a_live_event[stale]" in done.stdout
    assert "/body/status: required, but missing" in done.stdout


def test_figures_into_data_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "captures").mkdir()
    (tmp_path / "captures" / "retries.ndjson").write_bytes((SAMPLES / "retries.ndjson").read_bytes())
    monkeypatch.chdir(tmp_path)
    # The rows are plain lists of dicts: without pandas, these are looked at.
    program = FRAMES if find_spec("pandas") else FRAMES[: FRAMES.index("import pandas")]
    variables: dict[str, Any] = {}
    exec(program, variables)
    assert len(variables["retries"]) == 24
    assert len(variables["courses"]) == variables["figures"]["retry_clone"]["target_courses"]
    assert set(variables["retries"][0] if isinstance(variables["retries"], list) else variables["retries"]) == {
        "time",
        "user",
        "course",
    }


@pytest.mark.slow
def test_programs_are_typed(tmp_path: Path) -> None:
    for name, program in (("function", LAMBDA), ("fixtures", FIXTURES), ("frames", FRAMES)):
        (tmp_path / f"{name}.py").write_text(program)
    command = [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "Success: no issues found in 3 source files\n"
