"""Web servers that keep a connection and give nothing: an error that names the address, soon."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat

import pytest

from canvas_events_cli.sources import remote
from canvas_events_cli.sources.blocks import read_blocks
from canvas_events_cli.sources.locate import locate
from canvas_events_cli.sources.source import Source, SourceError

EVENT = b'{"metadata": {}, "body": {}}\n'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"%x\r\n%s\r\n" % (len(EVENT), EVENT)
MOVED = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /elsewhere\r\n\r\n"
END = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"


@contextmanager
def server(answers: list[bytes], drip: Iterator[bytes]) -> Iterator[str]:
    """Give the address of a server that sends one of *answers* a connection, then *drip*, at intervals."""
    over = threading.Event()

    def serve() -> None:
        connections = []
        for answer in answers:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            connections.append(connection)
            connection.recv(65536)
            connection.sendall(answer)
        for data in drip:
            if over.wait(0.02):
                break
            try:
                connections[-1].sendall(data)
            except OSError:  # the client has had enough
                break
        else:
            connections[-1].close()
        over.wait(30)
        for connection in connections:
            connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/a.ndjson"
        finally:
            over.set()
            thread.join()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("CONNECT_SECONDS", 0.3), ("STALL_SECONDS", 0.3), ("SLOW_SECONDS", 0.6)):
        monkeypatch.setattr(remote, name, seconds)


def read(url: str) -> tuple[bytes, str]:
    (source,) = locate([url])
    assert isinstance(source, Source)
    output = b""
    try:
        for block in read_blocks(source):
            output += block
    except SourceError as error:
        return output, str(error)
    return output, ""


NOTHING = "nothing came for 0 seconds"
LITTLE = "bytes came in 1 seconds"
SLOW = {
    "no answer": ([b""], iter(()), b"", NOTHING),
    "no end of the head": ([HEAD[:20]], iter(()), b"", NOTHING),
    "a head byte by byte": ([b""], (HEAD[n % 20 : n % 20 + 1] for n in range(1000)), b"", LITTLE),
    "nothing after the head": ([HEAD], iter(()), b"", NOTHING),
    "nothing after an event": ([HEAD + EVENT], iter(()), EVENT, NOTHING),
    "a byte now and then": ([HEAD + EVENT], repeat(b" ", 1000), EVENT, LITTLE),
    "nothing after a chunk": ([CHUNKED], iter(()), EVENT, NOTHING),
    "chunks of a byte": ([CHUNKED], repeat(b"1\r\n \r\n", 1000), EVENT, LITTLE),
    "nothing where it was redirected to": ([MOVED, b""], iter(()), b"", NOTHING),
}


@pytest.mark.parametrize(("answers", "drip", "output", "reason"), SLOW.values(), ids=SLOW)
def test_is_an_error(answers: list[bytes], drip: Iterator[bytes], output: bytes, reason: str) -> None:
    # A server that has sent all of its drip would close: one that stalls has an empty one, and waits.
    stalls = reason == NOTHING
    with server(answers, _never() if stalls else drip) as url:
        got, message = read(url)
    assert got.rstrip(b" ") == output
    assert message.startswith(f"{url}: cannot read: ")
    assert reason in message


def _never() -> Iterator[bytes]:
    while True:
        yield b""


def test_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        address = listening.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(address)
        url = f"http://127.0.0.1:{address[1]}/a.ndjson"
        assert read(url) == (b"", f"{url}: cannot read: no connection in 0 seconds")
        for client in waiting:
            client.close()


def test_a_server_that_is_quick_enough_is_read() -> None:
    with server([END], repeat(EVENT * 20, 60)) as url:
        assert read(url) == (EVENT * 20 * 60, "")
