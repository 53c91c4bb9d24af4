"""The pool by itself, however its processes are started."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from processes import CEVENTS, VALID

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.running import pool

Task = Callable[[], object]


def prepare() -> Callable[[Task], object]:
    return lambda task: task()


def fail(kind: type[Exception], *arguments: object) -> None:
    raise kind(*arguments)


def fail_in_turn() -> None:
    try:
        raise MemoryError
    except MemoryError:
        raise ValueError("what a library makes of it") from None


# Programs of one's own, below, and pictures have processes spawned where somebody waits, too.
@pytest.fixture(params=["fork", pytest.param("spawn", marks=pytest.mark.slow)])
def _start_method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pool.START_METHOD, request.param)


def result_of(task: Task) -> object:
    with pool.Pool(prepare, 1) as processes:
        return processes.result(processes.submit(task))


@pytest.mark.usefixtures("_start_method")
def test_tasks_are_done_in_other_processes() -> None:
    with pool.Pool(prepare, 2) as processes:
        tickets = [processes.submit(os.getpid) for _ in range(processes.room)]
        large = processes.submit(partial(bytes, 1 << 20))
        assert processes.result(large) == bytes(1 << 20)
        pids = {processes.result(ticket) for ticket in reversed(tickets)}
    assert len(pids) == 2
    assert os.getpid() not in pids


REFUSED = {
    "files": (partial(fail, OSError, errno.EMFILE, "Too many open files"), "Too many open files"),
    "memory": (partial(fail, MemoryError), "Cannot allocate memory"),
    "memory, hidden": (fail_in_turn, "Cannot allocate memory"),
    "threads": (partial(fail, RuntimeError, "can't start new thread"), "can't start new thread"),
    "modules": (partial(fail, ImportError, "x.so: failed to map segment from shared object"), "failed to map segment"),
}


@pytest.mark.parametrize(("task", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_the_system_refuses_a_worker(task: Task, reason: str) -> None:
    with pytest.raises(CeventsError, match=f"from the system .*{reason}.*: fewer --jobs take less"):
        result_of(task)


@pytest.mark.parametrize("error", [OSError(errno.EAGAIN, "no"), OSError(errno.EMFILE, "no"), MemoryError()])
def test_a_process_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr("multiprocessing.process.BaseProcess.start", refuse)
    with pytest.raises(CeventsError, match="fewer --jobs take less, and --jobs 1 starts no such process"):
        result_of(os.getpid)


@pytest.mark.usefixtures("_start_method")
def test_a_bug_shows_its_traceback_and_is_one(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="a worker process met a bug: its traceback is above"):
        result_of(partial(fail, ZeroDivisionError, "this is the bug"))
    assert "ZeroDivisionError: this is the bug" in capfd.readouterr().err


@pytest.mark.usefixtures("_start_method")
@pytest.mark.parametrize(
    ("task", "how"), [(partial(signal.raise_signal, 9), "signal 9"), (partial(os._exit, 9), "exit code 9")]
)
def test_a_worker_that_dies(task: Task, how: str) -> None:
    with pytest.raises(CeventsError, match=rf"ended from outside \({how}\)"):
        result_of(task)


def test_an_unknown_start_method(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pool.START_METHOD, "magic")
    with pytest.raises(CeventsError, match="CEVENTS_START_METHOD=magic"):
        pool.Pool(prepare, 1)


@pytest.mark.parametrize(("limit", "jobs"), [("-n 12", "8"), ("-n 8", "2")])
def test_few_files(tmp_path: Path, limit: str, jobs: str) -> None:
    path = tmp_path / "capture.ndjson"
    path.write_bytes(VALID * (17 * 1024 * 1024 // len(VALID)))
    command = ["bash", "-c", f'ulimit {limit}; exec "$@"', "bash", *CEVENTS, "validate", "-j", jobs, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "(Too many open files): fewer --jobs take less" in done.stderr
    assert "Traceback" not in done.stderr


PROGRAM = """
from canvas_events_cli import validate
from canvas_events_cli.running import runner
runner.LEAST_BYTES = 1
{start}
    print(validate("capture.ndjson", jobs=2).valid)
"""


@pytest.mark.parametrize("start", ['if __name__ == "__main__":', "if True:"], ids=["guarded", "not guarded"])
def test_a_program_of_ones_own(tmp_path: Path, start: str) -> None:
    (tmp_path / "capture.ndjson").write_bytes(VALID * 3)
    (tmp_path / "program.py").write_text(PROGRAM.format(start=start))
    environment = os.environ | {pool.START_METHOD: "spawn"}
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    if start == "if True:":
        assert done.returncode == 1
        last = done.stderr.strip().splitlines()[-1]
        assert 'what it does belongs below `if __name__ == "__main__":`' in last
    else:
        assert (done.stdout, done.stderr) == ("3\n", "")
