"""Sources that a URL names. The servers are this test's own, on loopback."""

import functools
import gzip
import http.server
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from canvas_events_cli.sources.blocks import read_blocks
from canvas_events_cli.sources.locate import locate
from canvas_events_cli.sources.source import Source, SourceError

LINES = b'{"metadata": {}, "body": {}}\n' * 3
SECRET = "c2lnbmF0dXJl"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; ``/cut`` promises more than it gives."""

    def do_GET(self) -> None:
        if urlsplit(self.path).path != "/cut":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(LINES) + 1))
        self.end_headers()
        self.wfile.write(LINES)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """Give the address of a web server with two captures."""
    (tmp_path / "a.ndjson").write_bytes(LINES)
    (tmp_path / "b.ndjson.gz").write_bytes(gzip.compress(LINES))
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(tmp_path))
    ) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def only_source(url: str) -> Source:
    (source,) = locate([url])
    assert isinstance(source, Source)
    return source


def message_of(url: str) -> str:
    (source,) = locate([url])
    if isinstance(source, SourceError):
        return str(source)
    with pytest.raises(SourceError) as caught:
        list(read_blocks(source))
    return str(caught.value)


@pytest.mark.parametrize("path", ["/a.ndjson", "/b.ndjson.gz", f"/a.ndjson?signature={SECRET}"])
def test_what_an_address_names_is_read(web: str, path: str) -> None:
    assert b"".join(read_blocks(only_source(web + path))) == LINES


def test_a_name_tells_no_secret(web: str) -> None:
    url = f"{web}/a.ndjson?signature={SECRET}".replace("//", f"//me:{SECRET}@")
    assert only_source(url).name == f"{web}/a.ndjson"


def test_an_error_tells_no_secret(web: str) -> None:
    message = message_of(f"{web}/none?signature={SECRET}".replace("//", f"//me:{SECRET}@"))
    assert message.startswith(f"{web}/none: cannot read: HTTP Error 404: File not found")
    assert SECRET not in message


def test_what_came_before_the_end_of_a_cut_answer_is_read(web: str) -> None:
    blocks = read_blocks(only_source(f"{web}/cut"))
    assert next(blocks) == LINES
    with pytest.raises(SourceError, match="/cut: it ended after 87 of 88 bytes"):
        next(blocks)


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert "cannot read: Connection refused" in message_of(f"http://127.0.0.1:{unused.getsockname()[1]}/a.ndjson")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("xyz://bucket/key", "addresses that begin with xyz:// are not read: s3, gs, abfs, https are"),
        ("ftp://host/key", "addresses that begin with ftp:// are not read: s3, gs, abfs, https are"),
        ("http://[bad/", "cannot read: Invalid IPv6 URL"),
        ("http://", "http://: cannot read: "),
        ("memory://nothing/", "no file below this prefix"),
        ("memory://nothing/*.ndjson", "no file matches this pattern"),
        ("memory://nothing/at.ndjson", "cannot read: there is nothing of this name"),
    ],
)
def test_what_cannot_be_read(url: str, words: str) -> None:
    assert words in message_of(url)


@pytest.mark.parametrize(
    ("url", "extra"), [("s3://bucket/a", "s3"), ("gs://bucket/a", "gcs"), ("abfss://c@host/a", "azure")]
)
@pytest.mark.parametrize("missing", ["fsspec.core", "the protocol's own"])
def test_the_extra_that_is_missing_is_named(
    url: str, extra: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("s3fs", "gcsfs", "adlfs") if missing != "fsspec.core" else (missing,):
        monkeypatch.setitem(sys.modules, module, None)
    assert message_of(url).endswith(
        f'takes packages that are not installed: the extra {extra} brings them, see "Extras" in the README'
    )


def test_the_command_reads_an_address(web: str) -> None:
    command = [sys.executable, "-m", "canvas_events_cli", "filter", "-c", f"{web}/b.ndjson.gz"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("3\n", "", 0)
