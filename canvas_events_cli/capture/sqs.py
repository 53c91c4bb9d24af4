"""Receiving from an Amazon SQS queue, by long polling.

What is received stays in the queue, hidden for a while, and comes again unless it is deleted: that is only done with
what has been kept. The address asked is the one that boto3's own configuration names, whatever that of the queue is.
"""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from itertools import islice
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from botocore.parsers import ResponseParserError

from canvas_events_cli.capture.keeping import Keeper, Trouble, Unwritten
from canvas_events_cli.errors import CeventsError

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


def receive(keeper: Keeper, address: str, *, delete: bool = False, receivers: int = 4) -> None:
    """Receive until the end, which errors bring about too: of credentials, and of a queue that is not there.

    *address* is the name of a queue, or its https address.
    """
    queue = _Queue(keeper, address, receivers, deletes=delete)
    if "://" not in address:
        answer = queue.ask("get_queue_url", QueueName=address)
        if answer is None:
            return
        queue.url = answer["QueueUrl"]
    # Each is held while messages are kept and deleted; who takes it stops the receiver.
    in_hand = [threading.Lock() for _ in range(receivers)]
    for each in in_hand:
        threading.Thread(target=queue.run, args=(each,), daemon=True).start()
    try:
        while not keeper.ending.wait(0.5):  # without an end, Windows would not let Ctrl-C through
            pass
    finally:
        keeper.ending.end()
        limit = time.monotonic() + _IN_HAND_SECONDS
        for each in in_hand:
            # Who waits for an answer of the queue is not waited for: what that may bring comes again.
            each.acquire(timeout=max(limit - time.monotonic(), 0))


class _Queue:
    """Receives, keeps and deletes, a few messages at a time in each of several threads."""

    def __init__(self, keeper: Keeper, address: str, receivers: int, *, deletes: bool) -> None:
        self.url = address
        self._name = f"sqs://{address}"
        self._keeper = keeper
        self._deletes = deletes
        self._trouble = Trouble(keeper.tell, _CALM_SECONDS)  # a busy queue answers some
        config = Config(
            connect_timeout=10,
            read_timeout=_POLL_SECONDS + 10,
            max_pool_connections=receivers + 1,
            retries={"total_max_attempts": 1},
        )
        try:
            self._client = boto3.Session().client("sqs", config=config)
        except (BotoCoreError, ValueError) as error:
            raise CeventsError(f"{self._name}: {error}") from error

    def ask(self, operation: str, tries: int | None = None, **arguments: Any) -> Any:
        """Ask the queue, again until it answers, or refuses for good.

        Return the answer; None where all *tries* failed, or the capture is over. Raises CeventsError.
        """
        for pause in islice(_pauses(), tries):
            try:
                answer = getattr(self._client, operation)(**arguments)
            except _LOST as error:
                why = str(error)
            except ClientError as error:
                why = code = str(error.response["Error"].get("Code"))
                status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
                if not ("throttl" in code.lower() or code in _BUSY or status == 429 or status >= 500):
                    raise CeventsError(f"{self._name}: {code}: {error.response['Error'].get('Message')}") from error
            except BotoCoreError as error:
                raise CeventsError(f"{self._name}: {error}") from error
            else:
                self._trouble.went_well(f"{self._name} answers again")
                return answer
            self._trouble.happened(f"{self._name}: {why}: trying again with growing pauses")
            if self._keeper.ending.wait(pause):
                return None
        return None

    def run(self, in_hand: threading.Lock) -> None:
        """Receive until the capture is over; end it where that cannot go on."""
        ending = self._keeper.ending
        try:
            while not ending.is_set():
                reserved = self._keeper.reserve(_MOST_AT_ONCE)
                if not reserved:  # the others may yet give some back
                    ending.wait(0.1)
                    continue
                answer = self.ask(
                    "receive_message",
                    QueueUrl=self.url,
                    MaxNumberOfMessages=reserved,
                    WaitTimeSeconds=_POLL_SECONDS,
                    VisibilityTimeout=VISIBLE_AGAIN_SECONDS,
                )
                messages = answer.get("Messages", []) if answer is not None else []
                self._keeper.give_back(reserved - len(messages))
                if messages:
                    with in_hand:
                        self._handle(messages)
        except BaseException as error:
            ending.end(error)

    def _handle(self, messages: list[dict[str, Any]]) -> None:
        arrived = [self._keeper.examine(message["Body"].encode("utf-8", "surrogatepass")) for message in messages]
        waiting = list(zip(messages, arrived, strict=True))
        for pause in _pauses():
            futures = [(message, each, self._keeper.keep(each)) for message, each in waiting]
            waiting = [(message, each) for message, each, future in futures if not self._is_kept(future, messages)]
            if not waiting or self._keeper.ending.wait(min(pause, VISIBLE_AGAIN_SECONDS / 3)):
                break
            self._hide(messages)
        if not self._deletes:
            return
        lost = {message["ReceiptHandle"] for message, _ in waiting}
        entries = _entries([message for message in messages if message["ReceiptHandle"] not in lost])
        for _ in range(_DELETE_TRIES):  # what cannot be deleted now comes again, and will be kept twice
            if not entries:
                return
            answer = self.ask("delete_message_batch", tries=_DELETE_TRIES, QueueUrl=self.url, Entries=entries)
            if answer is None:
                return
            again = {failed["Id"] for failed in answer.get("Failed", ()) if not failed.get("SenderFault")}
            entries = [entry for entry in entries if entry["Id"] in again]

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
        self.ask("change_message_visibility_batch", tries=1, QueueUrl=self.url, Entries=entries)


def _entries(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"Id": str(index), "ReceiptHandle": each["ReceiptHandle"]} for index, each in enumerate(messages)]


def _pauses() -> Iterator[float]:
    """Yield seconds to wait between tries: more and more, and not the same for everybody who waits."""
    longest = 1.0
    while True:
        yield random.uniform(longest / 2, longest)  # noqa: S311
        longest = min(longest * 2, _LONGEST_PAUSE)
