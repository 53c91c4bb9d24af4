"""A queue of our own, as SQS answers boto3 (AWS JSON 1.0), for thousands of messages, and faulty at will."""

import itertools
import json
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ADDRESS = "https://sqs.us-east-1.amazonaws.com/123456789012/live"
Fault = Callable[[str], tuple[int, str] | None]


class LoopbackQueue:
    """One queue, called ``live``."""

    def __init__(self, messages: list[str]) -> None:
        self.visible = deque(enumerate(messages))
        self.hidden: dict[str, tuple[float, tuple[int, str]]] = {}
        """By receipt handle: until when, and which message."""
        self.deleted: set[int] = set()
        self.asked: Counter[str] = Counter()
        self.fault: Fault = lambda operation: None
        """Returns an HTTP status and the code of an error in place of an answer; status 0 drops the connection."""
        self._lock = threading.Lock()
        self._handles = map(str, itertools.count())
        queue = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                operation = self.headers["X-Amz-Target"].rpartition(".")[2]
                queue.asked[operation] += 1
                status, code = queue.fault(operation) or (200, "")
                if not status:
                    self.close_connection = True
                    return
                if code:
                    answer = {"__type": f"com.amazonaws.sqs#{code}", "message": "as the test wants it"}
                else:
                    answer = getattr(queue, f"_{operation}")(body)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *arguments: object) -> None:
                pass  # a client that was killed

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "LoopbackQueue":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def expire(self, until: float = float("inf")) -> None:
        """Make messages visible again whose time is over by then: all that nobody has deleted."""
        with self._lock:
            for handle, (time_, message) in list(self.hidden.items()):
                if time_ <= until:
                    del self.hidden[handle]
                    self.visible.append(message)

    @property
    def left(self) -> int:
        return len(self.visible) + len(self.hidden)

    def _GetQueueUrl(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"QueueUrl": ADDRESS}

    def _ReceiveMessage(self, body: dict[str, Any]) -> dict[str, Any]:
        limit = time.monotonic() + min(body["WaitTimeSeconds"], 0.5)
        while not self.visible and time.monotonic() < limit:
            time.sleep(0.01)
            self.expire(time.monotonic())
        given = []
        with self._lock:
            for _ in range(min(random.randint(1, 10), body["MaxNumberOfMessages"], len(self.visible))):
                message, handle = self.visible.popleft(), next(self._handles)
                self.hidden[handle] = time.monotonic() + body["VisibilityTimeout"], message
                given.append({"MessageId": str(message[0]), "ReceiptHandle": handle, "Body": message[1]})
        return {"Messages": given} if given else {}

    def _DeleteMessageBatch(self, body: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            for entry in body["Entries"]:
                if found := self.hidden.pop(entry["ReceiptHandle"], None):
                    self.deleted.add(found[1][0])
        return {"Successful": [{"Id": entry["Id"]} for entry in body["Entries"]], "Failed": []}

    def _ChangeMessageVisibilityBatch(self, body: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            for entry in body["Entries"]:
                if found := self.hidden.get(entry["ReceiptHandle"]):
                    self.hidden[entry["ReceiptHandle"]] = time.monotonic() + entry["VisibilityTimeout"], found[1]
        return {"Successful": [{"Id": entry["Id"]} for entry in body["Entries"]], "Failed": []}
