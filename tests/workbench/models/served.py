"""Servers for tests: a model at a free port of this machine, and one that does whatever a test tells it to."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from workbench.models.language_model import LanguageModel
from workbench.models.serving.answers import Counter
from workbench.models.serving.desk import Desk
from workbench.models.serving.server import Server

Act = Callable[["Hostile", dict[str, Any]], None]


@contextmanager
def serving(model: LanguageModel, key: str | None = None) -> Iterator[Server]:
    """Serve a model while the block runs."""
    desk = Desk(model)
    server = Server(Counter(desk, model.name), key=key)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        desk.close()


class Hostile(BaseHTTPRequestHandler):
    """Answers as its server's `act` has it."""

    protocol_version = "HTTP/1.1"
    server: "HostileServer"

    def do_GET(self) -> None:
        self.send_json({"data": [{"id": "m", "owned_by": "nobody"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, dict(self.headers), body))
        self.server.act(self, body)

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def send_json(self, data: Any, status: int = 200, **headers: str) -> None:
        self.send_bytes(json.dumps(data).encode(), status, **headers)

    def send_bytes(self, content: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        self.wfile.write(content)

    def drip(self, piece: bytes, seconds: float = 30.0, pause: float = 0.02) -> None:
        """Send a piece again and again."""
        self.send_response(200)
        self.end_headers()
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.server.over.is_set():
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(pause)
        self.close_connection = True


class HostileServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, act: Act) -> None:
        super().__init__(("127.0.0.1", 0), Hostile)
        self.act = act
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextmanager
def acting(act: Act) -> Iterator[HostileServer]:
    """Run a server that does as it is told while the block runs."""
    server = HostileServer(act)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
