"""Moto's queue on loopback: nothing is lost, whenever the process is killed."""

import json
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from processes import CEVENTS, running
from receivers import event, numbers

pytestmark = pytest.mark.slow

MESSAGES = 10_000
KILLS = 20
IN_HAND = 4 * 10
"""Messages of one process: those of its receivers."""


@pytest.fixture
def sqs(aws: str) -> Any:
    """Give a client of moto's server."""
    import boto3

    return boto3.client("sqs")


def fill(sqs: Any, numbers: range) -> str:
    url: str = sqs.create_queue(QueueName="live")["QueueUrl"]
    for start in numbers[::10]:
        entries = [{"Id": str(n), "MessageBody": event(n).decode()} for n in numbers if start <= n < start + 10]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)
    return url


HIDDEN, VISIBLE = "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessages"


def left(sqs: Any, url: str, *names: str) -> int:
    names = names or (HIDDEN, VISIBLE)
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(map(int, found.values()))


def test_killed_at_random_it_loses_no_message(sqs: Any, tmp_path: Path) -> None:
    chance = random.Random(8)
    arguments = ("capture", "sqs://live", "--delete", "-o", str(tmp_path), "-q")
    share = MESSAGES // KILLS
    for kill in range(KILLS):
        url = fill(sqs, range(kill * share, (kill + 1) * share))
        few = chance.randrange(share // 2)
        with running(*arguments) as process:
            while left(sqs, url, VISIBLE) > few:
                time.sleep(0.03)
            time.sleep(chance.random() / 100)
            process.send_signal(signal.SIGKILL)
            process.wait()
    with running(*arguments) as process:
        while left(sqs, url):
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 128 + signal.SIGTERM
    kept = numbers(tmp_path)
    assert set(map(int, kept)) == set(range(MESSAGES))
    assert len(kept) - MESSAGES <= IN_HAND * KILLS


def test_it_peeks(sqs: Any) -> None:
    url = fill(sqs, range(30))
    command = [*CEVENTS, "capture", f"sqs://{url}", "-n", "25"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0
    requests = [json.loads(line)["metadata"]["request_id"] for line in done.stdout.splitlines()]
    assert (len(requests), len({*requests}) > 15) == (25, True)  # moto may give one twice, as SQS may
    assert b"dead-letter" in done.stderr
    assert left(sqs, url) == 30


@pytest.mark.parametrize("queue", ["sqs://other", "sqs://{aws}/123456789012/other"])
def test_a_queue_that_is_not_there(aws: str, queue: str) -> None:
    done = subprocess.run([*CEVENTS, "capture", queue.format(aws=aws)], capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count(b"NonExistentQueue") == 1
    assert b"Traceback" not in done.stderr
