"""The HTTP side: a thread for each connection, JSON in and out, nothing but the few paths it knows."""

import json
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from workbench.errors import BadInputError, BusyError, MissingError, NoRoomError, WorkbenchError
from workbench.models.serving.answers import Counter

#: Bytes of a request that are read; a longer one is refused.
MOST_BYTES = 8 << 20
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Server(ThreadingHTTPServer):
    """Serves one model; with a key, only to those who know it."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, counter: Counter, host: str = "127.0.0.1", port: int = 0, key: str | None = None) -> None:
        if host not in LOOPBACK and not key:
            raise BadInputError(
                f"Serving at {host} would let everyone on the network ask the model; give a key by --key-variable."
            )
        self.counter = counter
        self.key = key
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            raise BadInputError(f"Nothing can be served at {host}:{port}: {error.strerror or error}.") from error

    @property
    def url(self) -> str:
        """The base URL that clients are given."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away is no fault of the server."""


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection's requests."""

    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 120

    def do_GET(self) -> None:
        """Answer a question without a body."""
        if not self._allowed():
            return
        if self.path == "/v1/models":
            self._send(200, self.server.counter.models())
        elif self.path == "/health":
            self._send(200, {"status": "ok"})
        else:
            self._refuse(404, f"There is nothing at {self.path}.")

    def do_POST(self) -> None:
        """Answer a question with a body."""
        if not self._allowed():
            return
        try:
            self._answer(self._body())
        except MissingError as error:
            self._refuse(404, str(error))
        except BusyError as error:
            self._refuse(503, str(error))
        except NoRoomError as error:
            self._refuse(400, error.why, "context_length_exceeded")
        except (WorkbenchError, ValueError) as error:
            self._refuse(400, str(error))

    def log_message(self, format: str, *args: Any) -> None:
        """Keep what is asked to itself."""

    def _answer(self, body: Mapping[str, Any]) -> None:
        counter = self.server.counter
        others = {
            "/tokenize": counter.tokenise,
            "/generative_scoring": counter.generative_scoring,
            "/v1/score": counter.score,
        }
        if self.path in ("/v1/chat/completions", "/v1/completions"):
            wish = counter.wish(self.path, body)
            if wish.stream and wish.draws:
                self._stream(counter.pieces(wish))
            else:
                self._send(200, counter.whole(wish))
        elif self.path in others:
            self._send(200, others[self.path](body))
        else:
            self._refuse(404, f"There is nothing at {self.path}.")

    def _allowed(self) -> bool:
        """Refuse strangers: a page in a browser that was led here, and whoever has no key."""
        host = self.headers.get("Host", "").rsplit(":", 1)[0].strip("[]")
        at = str(self.server.server_address[0])
        if at in LOOPBACK and host not in LOOPBACK:
            self._refuse(403, "This server answers its own machine only.")
            return False
        if self.headers.get("Origin"):
            self._refuse(403, "This server does not answer pages in browsers.")
            return False
        if self.server.key and self.headers.get("Authorization") != f"Bearer {self.server.key}":
            self._refuse(401, "The key is missing or another.")
            return False
        return True

    def _body(self) -> Mapping[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            self.close_connection = True
            raise BadInputError(f"A request must say its length, at most {MOST_BYTES} bytes.")
        try:
            data = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError) as error:
            raise BadInputError(f"The request is not JSON: {error}.") from error
        if not isinstance(data, dict):
            raise BadInputError("The request must be a JSON object.")
        return data

    def _send(self, status: int, data: Mapping[str, Any]) -> None:
        content = json.dumps(data).encode()
        self.send_response(status)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _refuse(self, status: int, why: str, code: str = "") -> None:
        self.close_connection = True
        self._send(status, {"error": {"message": why, "type": "invalid_request_error", "code": code or status}})

    def _stream(self, pieces: Iterator[dict[str, Any]]) -> None:
        first = next(pieces)  # what the model refuses is said before the stream begins
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            self._event(json.dumps(first))
            for piece in pieces:
                self._event(json.dumps(piece))
            self._event("[DONE]")
        except (BrokenPipeError, ConnectionResetError):
            pieces.close()  # type: ignore[attr-defined]

    def _event(self, data: str) -> None:
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()
