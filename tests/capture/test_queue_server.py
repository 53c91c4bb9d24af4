"""A queue on loopback: nothing is lost, whenever the process is killed."""

import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import event, numbers
from processes import CEVENTS, running

pytestmark = pytest.mark.slow

MESSAGES = 2_000
KILLS = 20
RECEIVERS = 4


@pytest.fixture
def sqs(aws: str) -> Any:
    """Give a client of the queue's server."""
    import boto3

    return boto3.client("sqs")


def fill(sqs: Any, url: str, count: int) -> None:
    for start in range(0, count, 10):
        entries = [{"Id": str(n), "MessageBody": event(n).decode()} for n in range(start, min(start + 10, count))]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)


def left(sqs: Any, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(map(int, found.values()))


def test_killed_at_random_it_loses_no_message_that_it_deleted(sqs: Any, tmp_path: Path) -> None:
    url = sqs.create_queue(QueueName="live")["QueueUrl"]
    fill(sqs, url, MESSAGES)
    chance = random.Random(7)
    arguments = ("capture", "sqs://live", "--delete", "-o", str(tmp_path / "events"), "-q")
    for _ in range(KILLS):
        with running(*arguments) as process:
            time.sleep(0.5 + 2 * chance.random())
            process.send_signal(signal.SIGKILL)
            process.wait()
    kept = numbers(tmp_path / "events")
    gone = MESSAGES - left(sqs, url)
    assert gone > 0
    assert len(set(kept)) >= gone
    assert len(kept) - len(set(kept)) <= KILLS * RECEIVERS * 10
    with running(*arguments) as process:  # after 30 seconds, what was in hand is visible again
        limit = time.monotonic() + 300
        while left(sqs, url) and time.monotonic() < limit:
            time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 128 + signal.SIGTERM
    kept = numbers(tmp_path / "events")
    assert set(kept) == {str(number) for number in range(MESSAGES)}
    assert len(kept) - MESSAGES <= KILLS * RECEIVERS * 10


def test_it_peeks(sqs: Any, tmp_path: Path) -> None:
    url = sqs.create_queue(QueueName="live")["QueueUrl"]
    fill(sqs, url, 30)
    command = [*CEVENTS, "capture", f"sqs://{url}", "-n", "25", "--validate"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 25
    assert b"dead-letter" in done.stderr
    assert left(sqs, url) == 30


@pytest.mark.parametrize("queue", ["sqs://other", "sqs://{aws}/123456789012/other"])
def test_a_queue_that_is_not_there(aws: str, queue: str) -> None:
    done = subprocess.run([*CEVENTS, "capture", queue.format(aws=aws)], capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count(b"NonExistentQueue") == 1
    assert b"Traceback" not in done.stderr
