"""What shells offer: asked as they ask, through the environment."""

import os
import subprocess
import sys
from types import SimpleNamespace
from typing import cast

import pytest
import typer

from canvas_events_cli.cli.options import complete_event, complete_explained, complete_field


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("metadata.user_l", ["metadata.user_login"]),
        ("user_lo", ["user_login"]),
        ("body.original_course", ["body.original_course_uuid"]),
        ("new_course_u", ["new_course_uuid"]),
        ("!context_ro", ["!context_role"]),
        ("event_time,user_lo", ["event_time,user_login"]),
        ("event_time,body.status,metadata.user_lo", ["event_time,body.status,metadata.user_login"]),
        ("status = x,user_lo", []),
        ("nothing_of_the_kind", []),
    ],
)
def test_fields(typed: str, offered: list[str]) -> None:
    assert complete_field(typed) == offered


def test_every_field_can_be_begun() -> None:
    fields = complete_field("")
    assert len(fields) == len(set(fields))
    assert {"status", "body.status", "event_time", "metadata.event_time"} < set(fields)
    assert not any("*" in field for field in fields)


def test_events() -> None:
    assert complete_event("outcomes.") == ["outcomes.retry_outcome_alignment_clone"]


def test_what_can_be_explained() -> None:
    first, second = SimpleNamespace(params={}), SimpleNamespace(params={"words": ["quiz_submitted"]})
    assert complete_explained(cast(typer.Context, first), "quiz_sub") == ["quiz_submitted"]
    assert complete_explained(cast(typer.Context, first), "en") == ["enum", "envelope", *complete_event("en")]
    assert complete_explained(cast(typer.Context, second), "/body/q") == ["/body/quiz_id"]
    assert "/metadata/event_time" in complete_explained(cast(typer.Context, second), "/metadata/")


@pytest.mark.parametrize(
    ("shell", "words", "offered"),
    [
        ("bash", "filter -w user_lo", "user_login"),
        ("bash", "explain quiz_submitted /body/quiz", "/body/quiz_id"),
        ("zsh", "show --fields status,user_lo", "status,user_login"),
        ("fish", "show --fields status,user_lo", "status,user_login"),
    ],
)
def test_shells(shell: str, words: str, offered: str) -> None:
    asked = f"cevents {words}"
    environment = {
        **os.environ,
        "_CEVENTS_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": asked,
        "COMP_CWORD": "3",
        "_TYPER_COMPLETE_ARGS": asked,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    command = [sys.executable, "-m", "canvas_events_cli"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert offered in done.stdout


def test_a_home_that_cannot_be_written() -> None:
    command = [sys.executable, "-m", "canvas_events_cli", "--install-completion", "bash"]
    # Typer would look for the shell among the parents of the process, which it does not find whatever runs the tests.
    environment = os.environ | {"HOME": "/dev/null", "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "cevents: --install-completion: cannot write: File exists\n")
