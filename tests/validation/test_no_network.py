"""Whatever a schema says, nothing is fetched."""

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.request import urlopen

import pytest
from referencing.exceptions import Unresolvable

from canvas_events_cli.catalog import SchemaFile, load_catalog
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.validation import ENGINES, Engine
from canvas_events_cli.validation.engines import compile_schema


class _Server(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"true")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[_Server]:
    """Serve a schema on the loopback interface, and remember who asked; seen to do so before the test begins."""
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        with urlopen(f"{server.url}/proof") as response:
            assert response.read() == b"true"
        assert server.requests == ["/proof"]
        server.requests.clear()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("schema", ['{"$ref": "URL"}', '{"$dynamicRef": "URL"}', '{"$schema": "URL"}'])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_schema_makes_no_request(
    schema: str, engine: Engine, server: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine that is not meant is blocked, so that the other one checks the schema."""
    if engine == "jsonschema":
        monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    (tmp_path / "main.json").write_text(schema.replace("URL", f"{server.url}/schema.json"))
    keyword = next(iter(json.loads(schema)))
    with pytest.raises(CeventsError, match=rf"main\.json: /\{keyword}: .* cevents never fetches schemas"):
        load_catalog(bodies=[str(tmp_path / "main.json")])
    assert server.requests == []


@pytest.mark.parametrize("engine", ENGINES)
def test_the_engines_themselves_refuse(engine: Engine, server: _Server) -> None:
    """Even a schema that the loader has not seen makes no request."""
    document = {"properties": {"a": {"$ref": f"{server.url}/schema.json"}}}
    schema = SchemaFile("main.json", "file:///main.json", document, "2020-12", (), {})
    with pytest.raises((CeventsError, Unresolvable)):
        compile_schema(schema, engine).is_valid({"a": 1})
    assert server.requests == []


def test_an_id_is_no_address(server: _Server, tmp_path: Path) -> None:
    """What an ``$id`` on a server refers to is looked for on disk."""
    (tmp_path / "main.json").write_text(json.dumps({"$id": f"{server.url}/main.json", "$ref": "more.json"}))
    (tmp_path / "more.json").write_text("{}")
    assert load_catalog(bodies=[str(tmp_path / "main.json")]).every_body
    assert server.requests == []
