"""The GitHub Action and the pre-commit hook, run as their hosts run them."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
PAGE = (ROOT / ".docs" / "ci.md").read_text()
NAME_CACHE, INSTALL, VALIDATE = (step for step in ACTION["runs"]["steps"] if "run" in step)


def test_inputs_reach_scripts_as_variables_only() -> None:
    assert set(ACTION["inputs"]) == {"paths", "schemas", "strict", "format", "python-version"}
    assert not any("${{" in step["run"] for step in (NAME_CACHE, INSTALL, VALIDATE))


def test_hooks_and_page_agree() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert f"id: {hook['id']}" in PAGE
    pattern = re.compile(hook["files"])
    assert [name for name in ("a.ndjson", "b.jsonl.gz", "c.json", "d.ndjson.txt") if pattern.search(name)] == [
        "a.ndjson",
        "b.jsonl.gz",
    ]


def test_a_typing_error_makes_no_check_lenient(tmp_path: Path) -> None:
    inputs = {"PATHS": "a", "SCHEMAS": "", "STRICT": "True", "FORMATS": "", "RUNNER_TEMP": str(tmp_path)}
    done = bash(VALIDATE["run"], inputs, tmp_path)
    assert (done.stdout, done.returncode) == ("::error::cevents: the input strict is true or false\n", 2)


def commands(value: Any) -> Iterator[str]:
    """Yield the calls of cevents in a file for a CI host."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from commands(item)
    elif isinstance(value, str) and value.startswith("cevents "):
        yield value


def test_the_files_on_the_page_do_what_it_says(tmp_path: Path) -> None:
    files = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]
    assert all(isinstance(file, dict) for file in files)
    (script,) = re.findall(r"^```bash\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    checks = [*commands(files), script.splitlines()[-1].removeprefix(".venv/bin/")]
    assert [check.split()[:2] for check in checks] == [["cevents", "validate"]] * 3
    (session,) = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    capture = "\n".join(line.removeprefix("$ ") for line in session.splitlines() if "| cevents scrub" in line)
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    (tmp_path / "captures").mkdir()
    cevents = f'cevents() {{ "{sys.executable}" -m canvas_events_cli "$@"; }}'
    for command in (capture, *checks):
        done = bash(f"{cevents}\n{command}", {"PYTHONPATH": str(ROOT)}, tmp_path)
        assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "quality.json").read_text()) == []
    assert (tmp_path / "junit.xml").read_text().startswith("<?xml")


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Install what the action installs; return the variables that a runner sets."""
    temp = tmp_path_factory.mktemp("runner")
    variables = {"RUNNER_TEMP": str(temp), "GITHUB_ACTION_PATH": str(clone(temp / "action")), "GITHUB_ACTIONS": "true"}
    for step in (NAME_CACHE, INSTALL):
        done = bash(step["run"], variables | {"PYTHON": sys.executable, "GITHUB_OUTPUT": str(temp / "output")}, temp)
        assert done.returncode == 0, done.stderr
    assert re.fullmatch("requirements=[0-9a-f]{40}\n", (temp / "output").read_text())
    return variables


def clone(folder: Path) -> Path:
    """Return a repository with what would be committed now, at *folder*."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    author = ["-c", "user.name=cevents", "-c", "user.email=cevents@example.invalid"]
    for command in (["init", "-q"], ["add", "-A"], [*author, "commit", "-q", "-m", "as it is"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def bash(script: str, variables: dict[str, str], folder: Path) -> "subprocess.CompletedProcess[str]":
    # As GitHub runs `shell: bash`.
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=inherited | variables)


def act(runner: dict[str, str], folder: Path, **inputs: str) -> "subprocess.CompletedProcess[str]":
    values: dict[str, Any] = {name: declared.get("default", "") for name, declared in ACTION["inputs"].items()} | inputs
    given = {name: values[expression.strip("${} ").split(".")[1]] for name, expression in VALIDATE["env"].items()}
    return bash(VALIDATE["run"], runner | given, folder)


@pytest.mark.slow
def test_the_action_annotates(runner: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "two words").mkdir()
    shutil.copy(ROOT / "samples" / "mistakes.ndjson", tmp_path / "two words" / "$(touch pwned).ndjson")
    done = act(runner, tmp_path, paths="two words\n")
    assert done.returncode == 1
    assert done.stdout.count("\n::error file=two words/$(touch pwned).ndjson,") == 10
    assert not (tmp_path / "pwned").exists()


@pytest.mark.slow
def test_the_action_takes_its_inputs(runner: dict[str, str], tmp_path: Path) -> None:
    shutil.copy(ROOT / "samples" / "mixed.ndjson", tmp_path)
    shutil.copytree(ROOT / "schemas", tmp_path / "own")
    inputs = {"paths": "mixed.ndjson", "schemas": "own", "strict": "true", "format": "sarif=out.sarif\ntext\n"}
    done = act(runner, tmp_path, **inputs)
    assert (done.stdout, done.returncode) == ("", 0), done.stderr
    assert '"version": "2.1.0"' in (tmp_path / "out.sarif").read_text()


@pytest.mark.slow
def test_the_hook_checks_what_is_committed(tmp_path: Path) -> None:
    hooks = clone(tmp_path / "hooks")
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(ROOT / "samples" / "mistakes.ndjson", project / "wrong one.ndjson")
    shutil.copy(ROOT / "samples" / "retries.ndjson", project / "right.ndjson")
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    subprocess.run(["git", "add", "-A"], cwd=project, check=True)
    environment = os.environ | {"PRE_COMMIT_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(hooks), "cevents-validate", "--files"]

    def check(name: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*command, name], cwd=project, capture_output=True, text=True, env=environment, check=False
        )

    wrong = check("wrong one.ndjson")
    assert wrong.returncode == 1
    assert "wrong one.ndjson:2: outcomes.retry_outcome_alignment_clone" in wrong.stdout
    right = check("right.ndjson")
    assert right.returncode == 0, right.stdout
