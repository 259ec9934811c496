"""A stand-in for the hub on this machine: one model or data set, which may be gated, and whose connection may break."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPO = "owner/small"
#: The ends of files whose connection breaks.
_LARGE = (".safetensors", ".jsonl", ".parquet")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "StandIn"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(head=True)

    def do_GET(self) -> None:
        self._answer(head=False)

    def _answer(self, head: bool) -> None:
        path = self.path.partition("?")[0]
        self.server.asked.append((self.command, path, self.headers.get("Range", "")))
        files = f"{self.server.at}/resolve/"
        if not path.startswith((f"/api/{self.server.kind}s/{REPO}", files)):
            self._error(404, "RepoNotFound")
        elif self.server.gated:
            self._error(403, "GatedRepo")
        elif path.startswith("/api/"):
            self._info(path, head)
        else:
            self._file(path.removeprefix(files).partition("/")[2], head)

    def _info(self, path: str, head: bool) -> None:
        if not path.endswith((REPO, "/main", COMMIT)):
            self._error(404, "RevisionNotFound")
            return
        folder = self.server.folder
        siblings = [
            {"rfilename": file.relative_to(folder).as_posix(), "size": file.stat().st_size}
            for file in self.server.files()
        ]
        self._send(json.dumps({"id": REPO, "sha": COMMIT, "siblings": siblings, "gated": False}).encode(), head)

    def _file(self, name: str, head: bool) -> None:
        content = (self.server.folder / name).read_bytes()
        start = int(self.headers["Range"][6:].partition("-")[0]) if self.headers.get("Range") else 0
        etag = hashlib.sha256(content).hexdigest()
        more = {"X-Repo-Commit": COMMIT, "ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
        if start:
            more["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        part = content[start:]
        if not head and self.server.breaks and name.endswith(_LARGE):
            self.server.breaks -= 1
            self._begin(206 if start else 200, len(part), more)
            self.wfile.write(part[: len(part) // 2])
            self.close_connection = True
            return
        self._send(part, head, 206 if start else 200, more)

    def _send(self, content: bytes, head: bool, status: int = 200, more: dict[str, str] | None = None) -> None:
        self._begin(status, len(content), more or {})
        if not head:
            self.wfile.write(content)

    def _begin(self, status: int, length: int, more: dict[str, str]) -> None:
        self.send_response(status)
        for name, text in {"Content-Length": str(length), "Content-Type": "application/json", **more}.items():
            self.send_header(name, text)
        self.end_headers()

    def _error(self, status: int, code: str) -> None:
        self._begin(status, 0, {"X-Error-Code": code})


class StandIn(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: Path, gated: bool, breaks: int, kind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder, self.gated, self.breaks, self.kind = folder, gated, breaks, kind
        self.asked: list[tuple[str, str, str]] = []

    def files(self) -> list[Path]:
        return sorted(file for file in self.folder.rglob("*") if file.is_file())

    @property
    def at(self) -> str:
        return f"/{REPO}" if self.kind == "model" else f"/datasets/{REPO}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextmanager
def hub(folder: Path, gated: bool = False, breaks: int = 0, kind: str = "model") -> Iterator[StandIn]:
    """Offer a folder's files as the model (dataset) owner/small; the first `breaks` downloads of large files break."""
    server = StandIn(folder, gated, breaks, kind)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
