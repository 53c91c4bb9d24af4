"""A Dask scheduler and two worker processes on loopback."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
StartCluster = Callable[..., str]


@contextmanager
def running(*arguments: str, log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "PYTHONWARNINGS": "ignore"}
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output, env=environment) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(30)


@pytest.fixture
def start_cluster(tmp_path: Path) -> Iterator[StartCluster]:
    """Return a function that starts a scheduler with workers, which get further arguments, and gives its address.

    It has the scheduler's process as an attribute.
    """
    with ExitStack() as stack:

        def start(*worker_arguments: str, workers: int = 2) -> str:
            file = tmp_path / "scheduler.json"
            loopback = ("--host", "127.0.0.1", "--no-dashboard")
            start.scheduler = stack.enter_context(
                running(
                    "dask_scheduler",
                    *loopback,
                    "--port",
                    "0",
                    "--scheduler-file",
                    str(file),
                    log=tmp_path / "scheduler.log",
                )
            )
            wait_for(file.exists)
            for number in range(workers):
                stack.enter_context(
                    running(
                        "dask_worker", "--scheduler-file", str(file), *loopback, "--nthreads", "1",
                        "--local-directory", str(tmp_path / f"worker-{number}"), *worker_arguments,
                        log=tmp_path / f"worker-{number}.log",
                    )
                )  # fmt: skip
            address = json_address(file)
            wait_for(lambda: workers_at(address) == workers)
            return address

        yield start


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Start an S3 server with a bucket ``captures``; give a client of it. All processes started later know it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    import boto3

    client = boto3.client("s3")
    client.create_bucket(Bucket="captures")
    yield client
    server.stop()


def json_address(file: Path) -> str:
    import json

    def read() -> str | None:
        try:
            return str(json.loads(file.read_text())["address"])
        except ValueError:
            return None

    wait_for(lambda: read() is not None)
    return str(read())


def workers_at(address: str) -> int:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        return len(client.nthreads())


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait until *happened*; fail after half a minute."""
    deadline = time.monotonic() + 30
    while not happened():
        if time.monotonic() > deadline:
            pytest.fail("the cluster did not start; its logs are in the test's folder")
        time.sleep(0.05)
