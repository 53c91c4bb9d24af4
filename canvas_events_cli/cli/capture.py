"""``cevents capture``: receive live events, and write them down."""

import os
import stat
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from canvas_events_cli.capture.files import DEFAULT_MAX_BYTES, EventFiles, Kept
from canvas_events_cli.cli.options import OUTPUT, QUIET, RARE, Options, Schemas, argument, grouped, option
from canvas_events_cli.cli.streams import Results, say
from canvas_events_cli.errors import CeventsError, not_installed
from canvas_events_cli.model import Finding
from canvas_events_cli.outputs import Destination, InputFile, refuse_clashes
from canvas_events_cli.rendering.safe_text import terminal_json_bytes
from canvas_events_cli.rendering.validation_text import finding_line

if TYPE_CHECKING:
    from canvas_events_cli.capture.arrival import Tally
    from canvas_events_cli.capture.keeping import Keeper, Place

_QUEUE, _WEBHOOK = "Queue", "Webhook"
_SCHEME = "sqs://"
_RECEIVERS = 4
_TOKEN_VARIABLE = "CEVENTS_CAPTURE_TOKEN"  # noqa: S105


class Queue(Options):
    """Receiving from a queue."""

    queue: str | None = argument("[FROM]", "sqs://NAME, or sqs://https://… with a queue's address.")
    delete: bool = option(
        _QUEUE, "--delete", "Delete each message once its event is on disk; without it, messages come again.", False
    )
    receivers: int = option(
        _QUEUE, "--receivers N", "How many requests wait for messages at a time.", _RECEIVERS, min=1, max=64
    )

    def receive(self, keeper: "Keeper", *, quiet: bool) -> None:
        """Receive until the end. Raises CeventsError where that cannot be begun."""
        with _from_extra("receiving from a queue", "sqs"):
            from canvas_events_cli.capture.sqs import VISIBLE_AGAIN_SECONDS, receive
        if not quiet and not self.delete:
            say(
                f"cevents: peeking: messages stay in the queue, hidden from others for {VISIBLE_AGAIN_SECONDS} s at a "
                "time; each time that one is received counts towards the queue's dead-letter queue"
            )
        address = (self.queue or "").removeprefix(_SCHEME)
        receive(keeper, address, delete=self.delete, receivers=self.receivers)


class Listening(Options):
    """Receiving at an address of our own."""

    listen: str | None = option(
        _WEBHOOK, "--listen HOST:PORT", "Receive what Canvas sends to a webhook, as JSON or signed."
    )
    path: str | None = option(_WEBHOOK, "--path PATH", "Take requests for this path only.")
    token: str | None = option(
        _WEBHOOK,
        "--token TOKEN",
        "A secret that senders give as Authorization: Bearer TOKEN, or as the end of the path.",
        envvar=_TOKEN_VARIABLE,
    )
    jwks: str | None = option(
        _WEBHOOK,
        "--jwks FILE|URL",
        "Take only events that are signed with one of these keys. They are read again, at most once a minute, when "
        "an event names another one; in between, Canvas is asked to send that event again.",
    )
    tls_cert: Path | None = option(_WEBHOOK, "--tls-cert FILE", "Serve https with this certificate (chain), in PEM.")
    tls_key: Path | None = option(_WEBHOOK, "--tls-key FILE", "The certificate's private key.")

    def check(self) -> None:
        """Raise CeventsError for what cannot be meant."""
        if self.path is not None and not self.path.startswith("/"):
            raise CeventsError(f"--path {self.path}: a path begins with /")
        if self.token is not None and not self.token.strip():
            raise CeventsError("--token: the token is empty")
        if self.tls_key is not None and self.tls_cert is None:
            raise CeventsError("--tls-key takes a --tls-cert")
        if self.listen is not None:
            self._address()

    def given(self) -> str:
        """Return the first option that says how to listen, if any does; the secret may be in the environment anyway."""
        options = {"--path": self.path, "--jwks": self.jwks, "--tls-cert": self.tls_cert, "--tls-key": self.tls_key}
        if self.token != os.environ.get(_TOKEN_VARIABLE):
            options["--token"] = self.token
        return next((name for name, value in options.items() if value is not None), "")

    def files(self) -> Iterator[InputFile]:
        """Yield the files that are read."""
        if self.jwks:
            yield InputFile(f"the keys {self.jwks}", self.jwks)
        for path in filter(None, (self.tls_cert, self.tls_key)):
            yield InputFile(f"the file {path}", path)

    def _address(self) -> tuple[str, int]:
        """Return the host and the port of ``HOST:PORT``; ``[::1]:8080``, ``:8080``. Raises CeventsError."""
        host, colon, port = (self.listen or "").rpartition(":")
        is_port = port.isascii() and port.isdecimal() and int(port) < 1 << 16
        if not (colon and is_port) or (":" in host and host[0] != "["):
            raise CeventsError(f"--listen {self.listen}: write HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")
        return host.removeprefix("[").removesuffix("]"), int(port)

    def receive(self, keeper: "Keeper", most: int, *, quiet: bool) -> None:
        """Receive until the end. Raises CeventsError where that cannot be begun."""
        from canvas_events_cli.capture.webhook import Webhook, WebhookKeys

        with _from_extra("listening", "listen"):
            from canvas_events_cli.capture.server import serve
        host, port = self._address()
        keys = WebhookKeys(self.jwks) if self.jwks is not None else None
        if not quiet and keys is None and self.token is None and host not in ("127.0.0.1", "::1", "localhost"):
            say("cevents: whoever reaches this address can send events: --jwks or --token tell who may")
        serve(Webhook(keeper, most, self.path, self.token, keys), host, port, self.tls_cert, self.tls_key)


@contextmanager
def _from_extra(what: str, extra: str) -> Iterator[None]:
    """Tell what is missing, where an import fails, as a CeventsError."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise CeventsError(not_installed(what, extra)) from error


@grouped
def capture(
    *,
    source: Queue,
    webhook: Listening,
    max_record_bytes: int = option(
        RARE, "--max-record-bytes N", "A longer request is refused.", 16 * 1024 * 1024, min=1
    ),
    output: str = option(
        OUTPUT, "--output -o DIR", "Where events go: files by hour in DIR, or - for standard output.", "-"
    ),
    max_bytes: int = option(
        OUTPUT, "--max-bytes N", "Begin a new file after N bytes, compressed.", DEFAULT_MAX_BYTES, min=1
    ),
    limit: int | None = option(OUTPUT, "--limit --max-count -n -m N", "Stop after N messages or requests.", min=1),
    duration: str | None = option(OUTPUT, "--for DURATION", "Stop after 30s, 10m, 2h."),
    validate: bool = option(
        OUTPUT, "--validate", "Tell on standard error what is wrong with events, as they come.", False
    ),
    strict: bool = option(OUTPUT, "--strict", "With --validate: make undocumented fields and events findings.", False),
    metrics: Path | None = option(OUTPUT, "--metrics FILE", "Keep figures in FILE for Prometheus' textfile collector."),
    schemas: Schemas,
    quiet: bool = QUIET,
) -> int:
    """Receive live events, and write them down: from an SQS queue, or as the webhook that Canvas sends them to.

    A message is deleted, and a request answered with 2xx, only when its event is on disk. Ctrl-C and SIGTERM finish
    what is in hand, and exit with 130 and 143. Else it exits with 0, or 2 for what it cannot do: a wrong option, a
    queue that is not there.

    For example:
    cevents capture sqs://live-events --for 10m | cevents show  # what is in the queue? it stays there
    cevents capture sqs://live-events --delete -o captures/  # keep all of it, hour by hour
    cevents capture --listen 127.0.0.1:8080 --jwks keys.json -o captures/  # as the webhook that Canvas calls
    """
    from canvas_events_cli.capture.keeping import Ending, Keeper
    from canvas_events_cli.running.reading import ReadOptions
    from canvas_events_cli.timestamps import parse_duration
    from canvas_events_cli.validation import compile_checker

    _check_source(source, webhook)
    if strict and not (validate or metrics):
        raise CeventsError("--strict takes --validate or --metrics: nothing is checked without them")
    ending = Ending()
    timer = threading.Timer(parse_duration(duration), ending.end) if duration is not None else None
    if timer is not None and timer.interval <= 0:
        raise CeventsError(f"--for {duration}: this is over before it begins")
    if metrics is not None:
        refuse_clashes([Destination(f"--metrics {metrics}", metrics)], chain(schemas.files(), webhook.files()))
    checker = compile_checker(schemas.spec(strict=strict)) if validate or metrics else None
    place: Place = _StandardOutput() if output == "-" else EventFiles(Path(output), max_bytes)
    if source.delete and isinstance(place, _StandardOutput) and not place.is_file:
        raise CeventsError("--delete takes -o DIR: what goes into a pipe is not on disk")
    keeper = Keeper(
        place,
        ending,
        tell=lambda text: say(f"cevents: {text}"),
        show=_show if validate else None,
        checker=checker,
        metrics=metrics,
        limit=limit,
        reading=ReadOptions(max_record_bytes),
    )
    has_begun = False
    try:
        if timer is not None:
            timer.daemon = True
            timer.start()
        if webhook.listen is not None:
            webhook.receive(keeper, max_record_bytes, quiet=quiet)
        else:
            source.receive(keeper, quiet=quiet)
        has_begun = True
    finally:
        keeper.close()
        if not quiet and (has_begun or keeper.tally.arrivals):
            say(_closing_line(keeper.tally, with_verdict=checker is not None))
    if ending.error is not None:
        raise ending.error
    return 0


def _check_source(source: Queue, webhook: Listening) -> None:
    """Raise CeventsError where it is not clear what is to be received from where."""
    webhook.check()
    if source.queue is not None and (given := webhook.given()):
        raise CeventsError(f"{given} takes --listen: a queue has nothing of that kind")
    if webhook.listen is not None and (source.delete or source.receivers != _RECEIVERS):
        raise CeventsError(f"{'--delete' if source.delete else '--receivers'} takes a queue, sqs://NAME")
    if (source.queue is None) == (webhook.listen is None):
        raise CeventsError("name one to receive from: sqs://NAME, or --listen HOST:PORT")
    if source.queue is not None and not (source.queue.startswith(_SCHEME) and len(source.queue) > len(_SCHEME)):
        raise CeventsError(f"{source.queue}: this is no queue: write sqs://NAME, or sqs://https://… for an address")


class _StandardOutput:
    """Standard output as a place for events: each line at once, and on disk where it is a file."""

    def __init__(self) -> None:
        self._results = Results()
        self._lines = 0
        self.is_file = not self._results.is_terminal and stat.S_ISREG(os.fstat(1).st_mode)

    def keep(self, lines: Sequence[bytes]) -> Kept:
        """Write *lines*. Raises CeventsError where that cannot be done, ClosedPipe where nobody reads any more."""
        for line in lines:
            self._results.write(terminal_json_bytes(line) if self._results.is_terminal else line)
        self._results.flush()
        if self.is_file:
            os.fsync(1)
        self._lines += len(lines)
        return Kept("<stdout>", self._lines - len(lines) + 1)

    def close(self) -> None:
        """Leave it open."""


def _show(findings: Iterable[Finding]) -> None:
    sys.stderr.write("".join(f"{finding_line(finding)}\n" for finding in findings))


def _closing_line(tally: "Tally", *, with_verdict: bool) -> str:
    figures = [f"{tally.arrivals:,} kept", f"{tally.events:,} events", f"{tally.redelivered:,} of them redelivered"]
    figures += [f"{tally.invalid:,} invalid"] if with_verdict else []
    figures += [f"{tally.malformed:,} malformed"]
    figures += [f"{tally.refused.total():,} requests refused"] if tally.refused else []
    return ", ".join(figures)
