"""Receivers that run, and events to send them."""

import copy
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from processes import EXAMPLE, running

from canvas_events_cli import select
from canvas_events_cli.capture import server
from canvas_events_cli.capture.files import EventFiles
from canvas_events_cli.capture.keeping import Ending, Keeper
from canvas_events_cli.capture.webhook import Webhook


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
        self.keeper = Keeper(EventFiles(folder), self.ending, self._told, **handling)
        self.webhook = Webhook(self.keeper, **{"max_body_bytes": 1 << 20} | options)
        self._thread = threading.Thread(target=self._serve)
        self._listens = threading.Event()

    def _serve(self) -> None:
        server.serve(self.webhook, "127.0.0.1", 0)

    def _told(self, text: str) -> None:
        self.said.append(text)
        if text.startswith("listening on "):
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


@contextmanager
def listening(*arguments: str, **options: object) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run ``cevents capture --listen``, and give the process and the address."""
    with running("capture", "--listen", "127.0.0.1:0", *arguments, **options) as process:
        assert process.stderr is not None
        line = process.stderr.readline().decode()
        found = re.search(r"https?://\S+", line)
        assert found is not None, line + process.stderr.read().decode()
        yield process, found[0]
