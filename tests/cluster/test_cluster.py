"""The commands on a real scheduler with worker processes, and on a real S3 server: the answer of one process here."""

import gzip
import json
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.running import cluster
from canvas_events_cli.running.cluster import ClusterPool
from canvas_events_cli.running.reading import RunOptions
from canvas_events_cli.sources import chunks
from canvas_events_cli.sources.locate import locate
from canvas_events_cli.streaming import Events, summarize_parts, validate_parts, validation_spec
from canvas_events_cli.validation.report import ReportOptions, ValidationReport

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

HERE = Path(__file__).parent
EXAMPLE = json.loads((HERE.parent / "example.json").read_text())
StartCluster = Callable[..., str]


def capture(events: int = 1500) -> bytes:
    """Return retries, some of them wrong, redelivered, printed over several lines, or no JSON."""
    chance = random.Random(7)
    records = []
    for number in range(events):
        event = json.loads(json.dumps(EXAMPLE))
        event["metadata"]["request_id"] = f"request-{number}"
        event["metadata"]["user_id"] = str(chance.randrange(40))
        event["body"]["new_course_uuid"] = f"course-{chance.randrange(9)}"
        if number % 11 == 0:
            event["body"]["status"] = None
        records.append(json.dumps(event, indent=1 if number % 97 == 0 else None))
        if number % 89 == 0:
            records += ["no JSON", records[-1]]
    return "\n".join(records).encode()


@pytest.fixture
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "REMOTE_CHUNK_BYTES", 150_000)


def answers(source: str, cluster: str | None = None) -> list[Any]:
    """Return what the commands make of *source*."""
    from canvas_events_cli.summary.figures import figures
    from canvas_events_cli.summary.report import SummaryReport

    report, summary = ValidationReport(), SummaryReport()
    events = Events(locate([source]), how=RunOptions(cluster=cluster))
    for part in validate_parts(events, validation_spec(), ReportOptions()):
        report.merge(part, 100)
    for tally in summarize_parts(Events(locate([source]), how=RunOptions(cluster=cluster)), ["user_id"]):
        summary.merge(tally)
    return [report, figures(summary).to_dict()]


@pytest.mark.usefixtures("_small_chunks")
def test_a_cluster_gives_the_answer_of_one_process(start_cluster: StartCluster, tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    folder.mkdir()
    (folder / "plain.ndjson").write_bytes(capture())
    (folder / "packed.ndjson").write_bytes(gzip.compress(capture()))
    (folder / "cut.ndjson").write_bytes(gzip.compress(capture())[:-2000])
    (folder / "array.json").write_bytes(b"[" + json.dumps(EXAMPLE).encode() * 2 + b"]")
    address = start_cluster()
    assert answers(str(folder / "*.*"), address) == answers(str(folder / "*.*"))


@pytest.mark.usefixtures("_small_chunks")
def test_a_worker_is_killed_with_a_block_that_it_has_done(
    start_cluster: StartCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "capture.ndjson").write_bytes(capture())
    monkeypatch.setenv("DEATHS", str(tmp_path / "died"))
    address = start_cluster("--preload", str(HERE / "kill_once.py"))
    assert answers(str(tmp_path / "capture.ndjson"), address) == answers(str(tmp_path / "capture.ndjson"))
    assert (tmp_path / "died").exists()


@pytest.mark.usefixtures("_small_chunks")
def test_a_cluster_reads_an_object_store(start_cluster: StartCluster, s3: Any) -> None:
    s3.put_object(Bucket="captures", Key="day/a.ndjson", Body=capture())
    s3.put_object(Bucket="captures", Key="day/b.ndjson.gz", Body=gzip.compress(capture(50)))
    address = start_cluster()
    here = answers("s3://captures/day/")
    assert here[0].events > 1500
    assert answers("s3://captures/day/", address) == here


def test_a_prefix_is_read_as_a_folder(s3: Any) -> None:
    for key, body in {
        "fire/2024/07/30/stream-1": capture(30),
        "fire/2024/07/31/stream-2": gzip.compress(capture(50)),
        "fire/2024/07/31/": b"",
        "fire/2024/07/note": b"A note",
        "fire/.hidden": capture(30),
    }.items():
        s3.put_object(Bucket="captures", Key=key, Body=body)
    for source in ("s3://captures/fire/", "s3://captures/fire/2024/*/", "s3://captures/fire/2024/**"):
        done = run("filter", "-c", source)
        told = "cevents: passed over 1 file: s3://captures/fire/2024/07/note (no JSON)\n"
        assert (done.stdout, done.returncode) == ("82\n", 0), source
        assert done.stderr.startswith(told)


def test_an_object_store_is_read_here(s3: Any) -> None:
    s3.put_object(Bucket="captures", Key="a.ndjson", Body=capture(30))
    sources = ["s3://captures/a.ndjson", "s3://captures/none.ndjson", "s3://elsewhere/a.ndjson", "s3://captures/none/"]
    done = run("filter", "-c", *sources)
    assert (done.stdout, done.returncode) == ("31\n", 2)
    assert done.stderr.splitlines()[:3] == [
        "cevents: s3://captures/none.ndjson: cannot read: there is nothing of this name (a prefix ends in /)",
        "cevents: s3://elsewhere/a.ndjson: cannot read: there is nothing of this name (a prefix ends in /)",
        "cevents: s3://captures/none/: no file below this prefix",
    ]


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "canvas_events_cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE.parents[1])


def test_the_commands_on_a_cluster(start_cluster: StartCluster) -> None:
    address = start_cluster()
    for arguments in (
        ["validate", "-q", "-o", "json", "samples/mistakes.ndjson"],
        ["filter", "-c", "-w", "body.status", "samples/retries.ndjson"],
        ["summarize", "-o", "json", "samples/mixed.ndjson"],
    ):
        here, there = run(*arguments), run(*arguments, "--cluster", address)
        assert (there.stdout, there.stderr, there.returncode) == (here.stdout, here.stderr, here.returncode)


def test_only_counts_come_from_a_cluster() -> None:
    done = run("filter", "-w", "body.status", "samples/retries.ndjson", "--cluster", "tcp://127.0.0.1:8786")
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr == "cevents: --cluster counts only: add --count, or filter what you fetch\n"


def message_of(address: str) -> str:
    with pytest.raises(CeventsError) as caught:
        answers(str(HERE.parents[1] / "samples" / "retries.ndjson"), address)
    return str(caught.value)


def test_a_scheduler_without_workers(start_cluster: StartCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_JOIN_SECONDS", 0)
    assert "no worker is there: start some with `dask worker tcp://" in message_of(start_cluster(workers=0))


@pytest.mark.parametrize(("there", "has"), [("none", "no cevents"), ("0.0.1", "cevents 0.0.1")])
def test_a_worker_that_has_another_cevents(
    start_cluster: StartCluster, monkeypatch: pytest.MonkeyPatch, there: str, has: str
) -> None:
    monkeypatch.setenv("CEVENTS_THERE", there)
    message = message_of(start_cluster("--preload", str(HERE / "other_version.py"), workers=1))
    assert f"has {has}, this is " in message
    assert "install the same version on all machines" in message


def test_work_that_kills_every_worker(start_cluster: StartCluster) -> None:
    message = message_of(start_cluster("--preload", str(HERE / "kill_always.py"), workers=1))
    assert "several workers died over the same block" in message


@pytest.mark.usefixtures("_small_chunks")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_a_scheduler_is_lost_in_the_middle(
    start_cluster: StartCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    for name in ("_ANSWER_SECONDS", "_LOOK_SECONDS", "_CONNECT_SECONDS"):
        monkeypatch.setattr(cluster, name, 2)
    (tmp_path / "capture.ndjson").write_bytes(capture())
    address = start_cluster()
    events = Events(locate([str(tmp_path / "capture.ndjson")]), how=RunOptions(cluster=address))
    parts = validate_parts(events, validation_spec(), ReportOptions())
    next(parts)
    start_cluster.scheduler.send_signal(number)
    with pytest.raises(CeventsError, match=f"--cluster {address}: the scheduler was lost: "):
        list(parts)


def test_a_worker_without_room(start_cluster: StartCluster) -> None:
    message = message_of(start_cluster("--preload", str(HERE / "full_disk.py"), workers=1))
    assert "the worker tcp://127.0.0.1:" in message
    assert message.endswith(" could not do its work: [Errno 28] No space left on device")


@pytest.mark.parametrize(
    "says", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", bytes(64)], ids=["nothing", "HTTP", "zeros"]
)
def test_a_listener_that_is_no_scheduler(says: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as server, ExitStack() as stack:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    stack.enter_context(server.accept()[0]).sendall(says)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        assert message_of(address).startswith(f"--cluster {address}: no scheduler answers there")
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_nobody_answers() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        assert message_of(address).startswith(f"--cluster {address}: no scheduler answers there")


@pytest.mark.parametrize("address", ["nonsense", "foo://host:1", "tcp://"])
def test_no_address(address: str) -> None:
    assert message_of(address).startswith(f"--cluster {address}: no scheduler answers there")


def test_without_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dask", None)
    with pytest.raises(CeventsError, match="the extra cluster brings them"):
        ClusterPool(list, "tcp://127.0.0.1:8786").__enter__()
