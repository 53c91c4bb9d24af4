"""Receiving from an Amazon SQS queue, by long polling.

What is received stays in the queue, hidden for a while, and comes again unless it is deleted: that is only done with
what has been kept. The address asked is the one that boto3's own configuration names, whatever that of the queue is.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from itertools import islice
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from botocore.parsers import ResponseParserError

from canvas_events_cli.capture.keeping import Ending, Keeper, Unwritten
from canvas_events_cli.capture.trouble import Trouble
from canvas_events_cli.errors import CeventsError

SCHEME = "sqs://"
VISIBLE_AGAIN_SECONDS = 30
_POLL_SECONDS = 20
"""The longest that SQS lets a request wait for messages: the fewer requests, the cheaper."""
_MOST_AT_ONCE = 10
"""Of messages: what SQS gives, and takes, in one request."""
_LONGEST_PAUSE = 60.0
_CALM_SECONDS = 10.0
_DELETE_TRIES = 5
_IN_HAND_SECONDS = 30.0
"""How long is waited, in the end, for what was received already."""
_LOST = (HTTPClientError, ConnectionError, ResponseParserError)
_BUSY = ("TooManyRequestsException", "RequestLimitExceeded", "OverLimit", "SlowDown", "ServiceUnavailable")
"""What SQS answers, besides errors with "throttl" in them, to those who have to ask again later."""


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """Which queue, and how it is received from."""

    address: str
    """The name of a queue, or its https address."""
    delete: bool = False
    receivers: int = 4


def receive(options: QueueOptions, keeper: Keeper, ending: Ending, tell: Callable[[str], None]) -> None:
    """Receive until *ending*, which errors bring about too: of credentials, and of a queue that is not there."""
    asking = _Asking(options, ending, tell)
    url = options.address
    if "://" not in url:
        answer = asking.ask("get_queue_url", QueueName=url)
        if answer is None:
            return
        url = answer["QueueUrl"]
    receivers = [_Receiver(asking, url, keeper, ending, options) for _ in range(options.receivers)]
    for receiver in receivers:
        threading.Thread(target=receiver.run, name="receiver", daemon=True).start()
    try:
        while not ending.wait(0.5):  # without an end, Windows would not let Ctrl-C through
            pass
    finally:
        ending.end()
        limit = time.monotonic() + _IN_HAND_SECONDS
        for receiver in receivers:
            # Who waits for an answer of the queue is not waited for: what that may bring comes again.
            receiver.in_hand.acquire(timeout=max(limit - time.monotonic(), 0))


class _Asking:
    """Requests to the queue, each again until it is answered, or refused for good."""

    def __init__(self, options: QueueOptions, ending: Ending, tell: Callable[[str], None]) -> None:
        self._name = f"{SCHEME}{options.address}"
        self._ending = ending
        self._trouble = Trouble(tell, _CALM_SECONDS)  # a busy queue answers some
        config = Config(
            connect_timeout=10,
            read_timeout=_POLL_SECONDS + 10,
            max_pool_connections=options.receivers + 1,
            retries={"total_max_attempts": 1},
        )
        try:
            self._client = boto3.Session().client("sqs", config=config)
        except (BotoCoreError, ValueError) as error:
            raise CeventsError(f"{self._name}: {error}") from error

    def ask(self, operation: str, tries: int | None = None, **arguments: Any) -> Any:
        """Return the answer; None where all *tries* failed, or the capture is over. Raises CeventsError."""
        for pause in islice(_pauses(), tries):
            try:
                answer = getattr(self._client, operation)(**arguments)
            except _LOST as error:
                why = str(error)
            except ClientError as error:
                code = str(error.response["Error"].get("Code"))
                if not self._is_busy(code, error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)):
                    raise CeventsError(f"{self._name}: {code}: {error.response['Error'].get('Message')}") from error
                why = code
            except BotoCoreError as error:
                raise CeventsError(f"{self._name}: {error}") from error
            else:
                self._trouble.went_well(f"{self._name} answers again")
                return answer
            self._trouble.happened(f"{self._name}: {why}: trying again with growing pauses")
            if self._ending.wait(pause):
                return None
        return None

    def _is_busy(self, code: str, status: int) -> bool:
        return "throttl" in code.lower() or code in _BUSY or status == 429 or status >= 500


class _Receiver:
    """Receives, keeps and deletes, a few messages at a time."""

    def __init__(self, asking: _Asking, url: str, keeper: Keeper, ending: Ending, options: QueueOptions) -> None:
        self._ask = asking.ask
        self._url = url
        self._keeper = keeper
        self._ending = ending
        self._deletes = options.delete
        self.in_hand = threading.Lock()
        """Held while messages are kept and deleted; who takes it stops the receiver."""

    def run(self) -> None:
        """Do so until the capture is over; end it where that cannot go on."""
        try:
            while not self._ending.is_over:
                reserved = self._keeper.reserve(_MOST_AT_ONCE)
                if not reserved:  # the others may yet give some back
                    self._ending.wait(0.1)
                    continue
                messages = self._received(reserved)
                self._keeper.give_back(reserved - len(messages))
                if messages:
                    with self.in_hand:
                        self._handle(messages)
        except BaseException as error:
            self._ending.end(error)

    def _received(self, most: int) -> list[dict[str, Any]]:
        answer = self._ask(
            "receive_message",
            QueueUrl=self._url,
            MaxNumberOfMessages=most,
            WaitTimeSeconds=_POLL_SECONDS,
            VisibilityTimeout=VISIBLE_AGAIN_SECONDS,
        )
        return answer.get("Messages", []) if answer is not None else []

    def _handle(self, messages: list[dict[str, Any]]) -> None:
        arrived = [self._keeper.examine(message["Body"].encode("utf-8", "surrogatepass")) for message in messages]
        waiting = list(zip(messages, arrived, strict=True))
        for pause in _pauses():
            futures = [(message, each, self._keeper.keep(each)) for message, each in waiting]
            waiting = [(message, each) for message, each, future in futures if not self._is_kept(future, messages)]
            if not waiting or self._ending.wait(min(pause, VISIBLE_AGAIN_SECONDS / 3)):
                break
            self._hide(messages)
        lost = {message["ReceiptHandle"] for message, _ in waiting}
        if self._deletes:
            self._delete([message for message in messages if message["ReceiptHandle"] not in lost])

    def _is_kept(self, future: "Future[None]", messages: list[dict[str, Any]]) -> bool:
        """Wait, and have *messages* stay hidden meanwhile; tell whether it was kept."""
        while True:
            try:
                future.result(VISIBLE_AGAIN_SECONDS / 3)
                return True
            except FutureTimeoutError:
                self._hide(messages)
            except Unwritten:
                return False

    def _hide(self, messages: list[dict[str, Any]]) -> None:
        """Have *messages* stay hidden for the same time again, from now on."""
        entries = [entry | {"VisibilityTimeout": VISIBLE_AGAIN_SECONDS} for entry in _entries(messages)]
        self._ask("change_message_visibility_batch", tries=1, QueueUrl=self._url, Entries=entries)

    def _delete(self, messages: list[dict[str, Any]]) -> None:
        """Delete *messages*; what cannot be deleted now comes again, and will be kept twice."""
        entries = _entries(messages)
        for _ in range(_DELETE_TRIES):
            if not entries:
                return
            answer = self._ask("delete_message_batch", tries=_DELETE_TRIES, QueueUrl=self._url, Entries=entries)
            if answer is None:
                return
            again = {failed["Id"] for failed in answer.get("Failed", ()) if not failed.get("SenderFault")}
            entries = [entry for entry in entries if entry["Id"] in again]


def _entries(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"Id": str(index), "ReceiptHandle": each["ReceiptHandle"]} for index, each in enumerate(messages)]


def _pauses() -> Iterator[float]:
    """Yield seconds to wait between tries: more and more, and not the same for everybody who waits."""
    longest = 1.0
    while True:
        yield random.uniform(longest / 2, longest)  # noqa: S311
        longest = min(longest * 2, _LONGEST_PAUSE)
