"""One base URL: requests with a wall-clock deadline, answers up to a size, nothing followed elsewhere."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import httpx2

from workbench.models.endpoints.replies import Trouble, complaint, means_no_room, parsed
from workbench.sentences import said

#: Bytes taken of one answer, and of one line of a stream.
MOST_BYTES = 8 << 20
MOST_LINE = 1 << 20
_CONNECT_SECONDS = 10.0
#: Answers that another try, or another replica, may mend.
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_MOST_WAIT = 60.0

OnPiece = Callable[[str], None]


class Connection:
    """Talks to one base URL; to be used on one event loop."""

    def __init__(self, url: str, key: str | None = None) -> None:
        self.url = url
        headers = {"Accept-Encoding": "identity", "User-Agent": "constitution-workbench"}
        # No proxy, no certificate and no password from the surroundings: prompts go where the person said.
        self._client = httpx2.AsyncClient(
            headers=headers,
            timeout=httpx2.Timeout(None, connect=_CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,
            verify=ssl.create_default_context() if url.startswith("https") else False,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=64),
        )
        self.key: str | None = None
        self.use_key(key)

    def use_key(self, key: str | None) -> None:
        """Send this key, or none, with requests from now on."""
        self.key = key
        self._client.headers.pop("Authorization", None)
        if key:
            self._client.headers["Authorization"] = f"Bearer {key}"

    async def close(self) -> None:
        """Close what is open."""
        await self._client.aclose()

    async def get(self, path: str, seconds: float) -> dict[str, Any]:
        """Return the JSON object at a path below the base URL."""
        return parsed(await self._fetch("GET", self.url + path, None, seconds))

    async def post(self, path: str, body: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Post a JSON body below the base URL, or with a leading `^` at the server's root; return the JSON object."""
        return parsed(await self._fetch("POST", self._at(path), body, seconds))

    async def stream(
        self, path: str, body: Mapping[str, Any], seconds: float, on_piece: OnPiece
    ) -> tuple[dict[str, Any], int]:
        """Post with streaming on; tell the text's pieces as they come; return one whole answer put together, and its pieces."""
        gathered = _Gathered(on_piece)
        async with self._deadline(seconds):
            async for line in self._lines(path, {**body, "stream": True, "stream_options": {"include_usage": True}}):
                if gathered.take(line):
                    break
        return gathered.whole(), gathered.pieces

    def _at(self, path: str) -> str:
        return self.url.removesuffix("/v1") + path[1:] if path.startswith("^") else self.url + path

    async def _fetch(self, method: str, url: str, body: Mapping[str, Any] | None, seconds: float) -> bytes:
        async with self._deadline(seconds):
            try:
                return await self._once(method, url, body)
            except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
                # Servers close connections that rest just when they are used again; a new one shows whether more is wrong.
                return await self._once(method, url, body)

    async def _once(self, method: str, url: str, body: Mapping[str, Any] | None) -> bytes:
        async with self._client.stream(method, url, **_sent(body)) as answer:
            await _require_ok(answer)
            return await _capped(answer)

    async def _lines(self, path: str, body: Mapping[str, Any]) -> AsyncIterator[str]:
        """Yield the lines of a stream of server-sent events."""
        async with self._client.stream("POST", self._at(path), **_sent(body)) as answer:
            await _require_ok(answer)
            rest, size = b"", 0
            async for chunk in answer.aiter_raw():
                size += len(chunk)
                rest += chunk
                if size > MOST_BYTES or len(rest) > MOST_LINE + len(chunk):
                    raise Trouble(said("its answer does not end"), lasting=False)
                *lines, rest = rest.split(b"\n")
                for line in lines:
                    yield line.decode("utf-8", "replace").rstrip("\r")

    def _deadline(self, seconds: float) -> "_Deadline":
        return _Deadline(seconds)


class _Deadline:
    """A wall-clock limit that turns what goes wrong on the wire into Trouble."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError as late:
            raise Trouble(
                said("it did not finish its answer within {seconds:.0f} seconds", seconds=self._seconds)
            ) from late
        if isinstance(error, httpx2.TimeoutException):
            raise Trouble(said("it cannot be reached in time")) from error
        if isinstance(error, httpx2.ConnectError):
            raise Trouble(said("it cannot be reached")) from error
        if isinstance(error, httpx2.HTTPError | httpx2.StreamError | httpx2.InvalidURL):
            raise Trouble(said("the connection broke: {error}", error=str(error) or type(error).__name__)) from error


def _sent(body: Mapping[str, Any] | None) -> dict[str, Any]:
    if body is None:
        return {}
    content = json.dumps(body, ensure_ascii=True).encode("ascii")
    return {"content": content, "headers": {"Content-Type": "application/json"}}


async def _require_ok(answer: httpx2.Response) -> None:
    status = answer.status_code
    if status == 200:
        if answer.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise Trouble(said("it compressed its answer although it was asked not to"))
        return
    if 300 <= status < 400:
        raise Trouble(
            said(
                "it points elsewhere ({status}), and texts are sent nowhere but where you said",
                status=status,
            ),
            lasting=True,
        )
    body = b""
    try:
        body = await _capped(answer, 4096)
        words = complaint(body)
    except Trouble:
        words = said("more than could be read")
    if status in (401, 403):
        raise Trouble(
            said("it wants another key ({status}): {words}", status=status, words=words), True, other_key=True
        )
    wait = _wait_of(answer.headers.get("retry-after", ""))
    no_room = means_no_room(status, body)
    raise Trouble(
        said("it answered {status}: {words}", status=status, words=words),
        lasting=status not in _PASSING,
        wait=wait,
        no_room=no_room,
    )


def _wait_of(text: str) -> float:
    try:
        return min(_MOST_WAIT, max(0.0, float(text)))
    except ValueError:
        return 0.0


async def _capped(answer: httpx2.Response, most: int = MOST_BYTES) -> bytes:
    gathered = bytearray()
    async for chunk in answer.aiter_raw():
        gathered += chunk
        if len(gathered) > most:
            raise Trouble(said("its answer is longer than {most} KiB", most=most >> 10))
    return bytes(gathered)


class _Gathered:
    """The pieces of a stream, put together as the answer that would have come at once."""

    def __init__(self, on_piece: OnPiece) -> None:
        self._on_piece = on_piece
        self._texts: list[str] = []
        self._finish: str | None = None
        self._rest: dict[str, Any] = {}
        self._over = False
        self._size = 0

    @property
    def pieces(self) -> int:
        """How many pieces of text came."""
        return len(self._texts)

    def take(self, line: str) -> bool:
        """Take one line in; return True when the stream says it is over."""
        if not line.startswith("data:"):
            return False
        data = line[5:].strip()
        if data == "[DONE]":
            self._over = True
            return True
        event = parsed(data.encode())
        self._rest |= {name: event[name] for name in ("usage", "model") if event.get(name)}
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else {}
        if not isinstance(choice, dict):
            raise Trouble(said("its stream has another shape than expected"))
        delta = choice.get("delta")
        text = delta.get("content") if isinstance(delta, dict) else choice.get("text")
        if isinstance(text, str) and text:
            self._texts.append(text)
            self._on_piece(text)
        self._finish = choice.get("finish_reason") or self._finish
        return False

    def whole(self) -> dict[str, Any]:
        """Return the answer; Trouble if the stream broke off."""
        if not self._over and self._finish is None:
            raise Trouble(said("its answer broke off"))
        return {**self._rest, "choices": [{"text": "".join(self._texts), "finish_reason": self._finish or "stop"}]}
