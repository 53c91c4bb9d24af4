"""What the tests of ``cevents capture`` share: receivers that run, and events to send them."""

import copy
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from processes import EXAMPLE, running

from canvas_events_cli import select
from canvas_events_cli.capture import server
from canvas_events_cli.capture.files import EventFiles
from canvas_events_cli.capture.keeping import Ending, Handling, Keeper
from canvas_events_cli.capture.webhook import Webhook, WebhookOptions

Listening = Callable[..., Any]


def event(number: int | str, **body: object) -> bytes:
    """Return an event that no other number has."""
    made = copy.deepcopy(EXAMPLE)
    made["metadata"]["request_id"] = f"request-{number}"
    made["body"] |= body
    return json.dumps(made).encode()


def numbers(folder: Path) -> list[str]:
    """Return the numbers of the events in *folder*, as they stand in its files."""
    return [record.value["metadata"]["request_id"].removeprefix("request-") for record in select(folder)]  # type: ignore


class Receiver:
    """A webhook that runs in this process, and what it said."""

    def __init__(self, folder: Path, handling: dict[str, Any], options: dict[str, Any]) -> None:
        self.said: list[str] = []
        self.ending = Ending()
        self.keeper = Keeper(EventFiles(folder), Handling(self.said.append, **handling), self.ending)
        self.webhook = Webhook(WebhookOptions(**{"max_body_bytes": 1 << 20} | options), self.keeper, self.ending)
        self._thread = threading.Thread(target=self._serve)
        self._listens = threading.Event()

    def _serve(self) -> None:
        server.serve(server.Address("127.0.0.1", 0), self.webhook, self.ending, self._told)

    def _told(self, text: str) -> None:
        self.port = int(text.rpartition(":")[2])
        self._listens.set()

    def __enter__(self) -> "Receiver":
        self._thread.start()
        assert self._listens.wait(30)
        return self

    def __exit__(self, *error: object) -> None:
        self.ending.end()
        self._thread.join()
        self.keeper.close()


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


@contextmanager
def listening(*arguments: str, **options: object) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run ``cevents capture --listen``, and give the process and the address."""
    with running("capture", "--listen", "127.0.0.1:0", *arguments, **options) as process:
        assert process.stderr is not None
        line = process.stderr.readline().decode()
        found = re.search(r"https?://\S+", line)
        assert found is not None, line + process.stderr.read().decode()
        yield process, found[0]


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
    """Give the address of moto's server, which the environment names."""
    program = (
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
