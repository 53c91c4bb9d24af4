"""What every test may use."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples each time, so that no change fails by another's luck: few of them where somebody waits, more in CI
# (`thorough`). `--hypothesis-profile random` looks further.
# How long an example takes depends on what else the machine does: nothing is timed here.
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None, max_examples=15)
settings.register_profile("thorough", settings.get_profile("repeatable"), max_examples=200)
settings.register_profile("random", deadline=None, derandomize=False, max_examples=1000)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what is rendered now to the golden files")
    parser.addoption("--forbid-skips", action="store_true", help="fail when a test is skipped, as CI does")


def pytest_configure() -> None:
    # A shell has its background jobs ignore Ctrl-C, and so would every command that the tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    # Tests wait for servers and processes: one worker more than there are cores finds something to do meanwhile.
    return (os.cpu_count() or 1) + 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skipped = len(terminalreporter.stats.get("skipped", []))
    if skipped and config.getoption("--forbid-skips"):
        terminalreporter.write_line(f"{skipped} skipped, which --forbid-skips does not allow", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--forbid-skips") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    # Where Python is told to write no bytecode, each of the commands that tests start would compile all of it anew.
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        base = tmp_path_factory.getbasetemp()
        of_all_workers = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
        os.environ["PYTHONPYCACHEPREFIX"] = str(of_all_workers / "bytecode")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare text with ``golden/NAME`` beside the test's file; ``pytest --update-golden`` rewrites it."""
    folder = Path(request.path).parent / "golden"

    def check(name: str, text: str) -> None:
        path = folder / name
        if request.config.getoption("--update-golden"):
            folder.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        assert path.exists(), f"no golden file {path.name}: run pytest --update-golden, then look at it"
        assert text == path.read_bytes().decode("utf-8")

    return check
