"""What the tests of ``cevents capture`` share."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from receivers import Receiver


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Callable[..., Receiver]]:
    """Give what starts a webhook that keeps events in ``tmp_path / "events"``."""
    started: list[Receiver] = []

    def start(handling: dict[str, Any] | None = None, **options: Any) -> Receiver:
        started.append(Receiver(tmp_path / "events", handling or {}, options))
        return started[-1].__enter__()

    yield start
    for each in started:
        each.__exit__()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Give what sets variables, in an environment that has nothing of AWS but credentials that are made up."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    return monkeypatch


@pytest.fixture
def aws(environment: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the address of moto's server, which the environment names.

    It asks for the time, slowly, for each message that is there whenever one is sent or received: that takes minutes
    for some thousands, with a slow clock.
    """
    program = (
        "import time, moto.sqs.models; moto.sqs.models.unix_time_millis = lambda *_: time.time() * 1000;"
        "from moto.server import ThreadedMotoServer; server = ThreadedMotoServer('127.0.0.1', 0, verbose=False);"
        "server.start(); print(server.get_host_and_port()[1], flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        environment.setenv("AWS_ENDPOINT_URL", address)
        yield address
        process.kill()
