"""The webhook's answers: 2xx for what is kept, and the right refusal for everything else."""

import http.client
import json
import socket
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from joserfc import jws
from joserfc.jwk import ECKey
from receivers import Receiver, event, numbers

from canvas_events_cli.capture import server, webhook
from canvas_events_cli.capture.webhook import WebhookKeys

Start = Callable[..., Receiver]
KEYS = {kid: ECKey.generate_key("P-256") for kid in ("old", "new", "strange")}


def post(
    receiver: Receiver, body: bytes | Iterable[bytes], path: str = "/", method: str = "POST", **headers: str
) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=30)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return connection.getresponse().status
    finally:
        connection.close()


def raw(receiver: Receiver, data: bytes) -> bytes:
    """Send *data*, say that nothing more comes, and return all that is answered."""
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=30) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def signed(kid: str, number: int = 1) -> bytes:
    header = {"alg": "ES256", "kid": kid}
    return jws.serialize_compact(header, event(number), KEYS[kid], algorithms=["ES256"]).encode()


def key_set(*kids: str) -> bytes:
    return json.dumps({"keys": [KEYS[kid].as_dict(private=False) | {"kid": kid} for kid in kids]}).encode()


def unsigned(claims: bytes) -> bytes:
    return b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in (b'{"alg":"ES256"}', claims, b"signature"))


def test_events_are_kept_in_their_order(receiver: Start, tmp_path: Path) -> None:
    to = receiver()
    assert [post(to, event(number)) for number in range(5)] == [200] * 5
    assert post(to, json.dumps(json.loads(event(5)), indent=2).encode()) == 200
    assert post(to, iter([b" ", event(6)])) == 200
    assert numbers(tmp_path / "events") == ["0", "1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"metadata": 1}', 200),
        (unsigned(event(1)), 200),
        (b"[]", 400),
        (b'"text"', 400),
        (b"", 400),
        (b"{", 400),
        (b'{"a": 1}\n{"a": 2}', 400),
        (b'{"a": "\xff"}', 400),
        (b"[" * 5000, 400),
        (unsigned(b"[1]"), 400),
        (b"<html>", 400),
        (b'{"a": "%s"}' % (b"a" * (1 << 20)), 413),
    ],
)
def test_what_is_an_event_and_what_is_none(receiver: Start, tmp_path: Path, body: bytes, status: int) -> None:
    assert post(receiver(), body) == status
    assert len(list((tmp_path / "events").iterdir())) == (status == 200)


def test_what_else_is_refused(receiver: Start) -> None:
    to = receiver()
    assert post(to, b"", method="GET") == 405
    assert post(to, event(1), Content_Encoding="gzip") == 415


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [
        ("/hook", "Bearer secret", 200),
        ("/hook", "bearer  secret ", 200),
        ("/hook/secret", "", 200),
        ("/hook/secret", "Basic x", 200),
        ("/hook", "", 401),
        ("/hook", "Bearer secre", 401),
        ("/hook", "Basic secret", 401),
        ("/hook/secret2", "", 401),
        ("/hook/%C3%A9", "", 401),
        ("/secret", "", 404),
        ("/other", "Bearer secret", 404),
        ("/hook/secret/more", "Bearer secret", 404),
    ],
)
def test_path_and_token(receiver: Start, path: str, header: str, status: int) -> None:
    headers = {"Authorization": header} if header else {}
    assert post(receiver(path="/hook", token="secret"), event(1), path, **headers) == status


def test_a_path_alone(receiver: Start) -> None:
    to = receiver(path="/hook")
    assert (post(to, event(1), "/hook?a=b"), post(to, event(1), "/")) == (200, 404)


def test_a_signature_has_to_fit(receiver: Start, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_bytes(key_set("old"))
    to = receiver(keys=WebhookKeys(str(tmp_path / "keys.json")))
    token = signed("old")
    assert post(to, token) == 200
    header, _, signature = token.split(b".")
    other = signed("old", 2).split(b".")[1]
    altered = b".".join((header, other, signature))
    assert [post(to, body) for body in (altered, unsigned(event(1)), event(1), signed("new"))] == [401, 401, 401, 503]
    assert numbers(tmp_path / "events") == ["1"]


class Keys:
    """A server of keys that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.status = 200
        self.content = key_set("old")
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(outer.content)))
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(outer.content)

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/jwks"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> "Keys":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def test_keys_that_change_are_asked_for_again_once_a_minute(receiver: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    with Keys() as keys:
        to = receiver(keys=WebhookKeys(keys.url))
        keys.content = key_set("new")
        assert [post(to, signed(kid)) for kid in ("old", "new", "strange")] == [200, 503, 503]
        assert keys.asked == 1
        monkeypatch.setattr(webhook, "_AGAIN_SECONDS", 0)
        assert [post(to, signed(kid)) for kid in ("new", "new", "old")] == [200, 200, 401]
        monkeypatch.setattr(webhook, "_AGAIN_SECONDS", 60)
        assert {post(to, signed("strange")) for _ in range(5)} == {503}
        assert keys.asked == 3


def test_who_comes_too_early_is_told_when_the_keys_are_read_again(receiver: Start) -> None:
    with Keys() as keys:
        to = receiver(keys=WebhookKeys(keys.url))
        connection = http.client.HTTPConnection("127.0.0.1", to.port, timeout=30)
        connection.request("POST", "/", signed("new"))
        answer = connection.getresponse()
        connection.close()
    assert (answer.status, keys.asked) == (503, 1)
    assert 30 < int(answer.headers["Retry-After"]) <= 60


@pytest.mark.parametrize("status", [302, 500])
def test_keys_that_cannot_be_had_now_refuse_nothing_for_good(
    receiver: Start, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    with Keys() as keys:
        to = receiver(keys=WebhookKeys(keys.url))
        monkeypatch.setattr(webhook, "_AGAIN_SECONDS", 0)
        keys.status = status
        assert [post(to, signed(kid)) for kid in ("new", "old")] == [503, 200]
        assert keys.asked == 2  # and no redirection is followed


def test_when_the_limit_is_reached_it_is_over(receiver: Start, tmp_path: Path) -> None:
    to = receiver({"limit": 3})
    assert [post(to, body) for body in (event(1), b"[]", event(2), event(3))] == [200, 400, 200, 200]
    assert to.ending.wait(30)
    assert numbers(tmp_path / "events") == ["1", "2", "3"]


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (HEAD + b"Content-Length: 3\r\n\r\n{}", b""),
        (HEAD + b"Content-Length: 1\r\n\r\n{}", b"HTTP/1.1 400"),
        (HEAD + b"Content-Length: x\r\n\r\n{}", b"HTTP/1.1 400"),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", b"HTTP/1.1 400"),
        (HEAD + b"Content-Length: 99999999999\r\n\r\n{}", b"HTTP/1.1 413"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}", b"HTTP/1.1 400"),
        (HEAD + b"A: " + b"a" * 100_000 + b"\r\n\r\n", b"HTTP/1.1 400"),
        (b"\x16\x03\x01\x02\x00\x01", b"HTTP/1.1 400"),
        (HEAD[:9], b""),
        (b"", b""),
    ],
)
def test_wrong_lengths_and_what_is_no_request(receiver: Start, data: bytes, answer: bytes) -> None:
    to = receiver()
    assert raw(to, data).startswith(answer)
    assert post(to, event(1)) == 200


def test_a_body_without_an_end_is_refused(receiver: Start) -> None:
    to = receiver()
    with socket.create_connection(("127.0.0.1", to.port), timeout=30) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(40):
            connection.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413")
    assert to.webhook.in_hand == 0


def is_open(connection: socket.socket) -> bool:
    """Send another byte; tell whether that is possible, after a while in which nothing is answered."""
    try:
        connection.sendall(b"a")
        return connection.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


def test_small_events_are_taken_whatever_others_send(receiver: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "_BODIES_IN_HAND", 0)
    to = receiver()
    assert [post(to, event(1, status="a" * size)) for size in (100, 500_000, 100)] == [200, 503, 200]
    assert to.webhook.in_hand == 0


def test_who_takes_too_long_is_cut_off(receiver: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_REQUEST_SECONDS", 0.5)
    to = receiver()
    for begun in (b"", HEAD, HEAD + b"Content-Length: 1000\r\n\r\n{"):
        with socket.create_connection(("127.0.0.1", to.port), timeout=30) as connection:
            connection.sendall(begun)
            started = time.monotonic()
            connection.settimeout(0.1)
            while is_open(connection):
                assert time.monotonic() - started < 5


def test_who_only_holds_connections_keeps_nobody_out(receiver: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_MOST_CONNECTIONS", 5)
    to = receiver()
    held = [socket.create_connection(("127.0.0.1", to.port)) for _ in range(20)]
    assert [post(to, event(number)) for number in range(3)] == [200] * 3
    for connection in held:
        connection.close()
