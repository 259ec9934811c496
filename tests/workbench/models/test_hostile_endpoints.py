"""Servers that mean harm or are broken: one sentence each time, bounded time and memory, and no text sent elsewhere."""

import asyncio
import json
import threading
import time
import tracemalloc
from typing import Any

import pytest

from tests.workbench.models.served import Act, Hostile, acting, serving
from tests.workbench.runs.folders import until
from workbench.errors import NoRoomError
from workbench.models.endpoints import connection, replicas
from workbench.models.endpoints.connection import Connection
from workbench.models.endpoints.model import EndpointModel, EndpointSampler
from workbench.models.endpoints.replies import EndpointError, Trouble
from workbench.models.language_model import UNSCORED, ChoiceRequest, SampleRequest
from workbench.models.scripted import ScriptedModel
from workbench.records.endpoint import Capabilities, Endpoint
from workbench.records.transcript import Message

TURNS = [Message("user", "Hello?")]
GOOD = {"choices": [{"message": {"content": "Good day."}, "finish_reason": "stop"}], "usage": {"completion_tokens": 3}}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicas, "FIRST_REST", 0.01)
    monkeypatch.setattr(replicas, "LONGEST_REST", 0.02)
    monkeypatch.setattr(replicas, "MOST_TRIES", 3)
    monkeypatch.setattr(replicas, "SLOW_AT_LEAST", 0.2)
    monkeypatch.setattr(replicas, "SLOW_UNKNOWN", 0.2)


def said_by(*urls: str, seconds: float = 20.0, count: int = 1, **can: Any) -> list[str]:
    model = EndpointModel(Endpoint("e", urls, "m", 2, seconds, 3, Capabilities(**can)))
    try:
        sampler = model.sampler(lambda walk, text: None)
        found: dict[int, str] = {}
        waiting = list(range(count))
        while len(found) < count:
            while waiting and len(found) + sampler.slots > count - len(waiting):
                number = waiting.pop()
                sampler.submit(number, SampleRequest(model.render(TURNS, "assistant"), number, 8))
            for walk, sample in sampler.advance():
                found[int(str(walk))] = sample.text
                sampler.release(walk)
        return [found[walk] for walk in sorted(found)]
    finally:
        model.close()


def json_of(data: Any) -> Act:
    return lambda server, body: server.send_json(data)


def choice(**more: Any) -> dict[str, Any]:
    return {"choices": [more]}


BROKEN: dict[str, tuple[Act, str]] = {
    "a redirect": (lambda s, b: s.send_bytes(b"", 307, Location="http://127.0.0.1:1/v1"), "points elsewhere"),
    "a page": (lambda s, b: s.send_bytes(b"<html>Log in</html>"), "not JSON: <html>Log in"),
    "nothing": (lambda s, b: s.send_bytes(b""), "not JSON: nothing"),
    "deep JSON": (lambda s, b: s.send_bytes(b"[" * 200_000), "not JSON"),
    "a list": (json_of([1, 2]), "wrong shape"),
    "an error in a good answer": (json_of({"error": {"message": "out of luck"}}), "out of luck"),
    "no choices": (json_of({"choices": []}), "no choices"),
    "choices of text": (json_of({"choices": "two"}), "no choices"),
    "a number as text": (json_of(choice(message={"content": 5})), "holds no text"),
    "nothing said": (json_of(choice(message={"content": None}, finish_reason="length")), "answered nothing"),
    "a wrong key": (lambda s, b: s.send_json({"detail": "no"}, 401), "wants another key"),
    "a refusal": (lambda s, b: s.send_json({"detail": "too long"}, 400), "answered 400: too long."),
    "trouble of its own": (lambda s, b: s.send_json({}, 500), "answered 500"),
    "too much to do": (lambda s, b: s.send_json({}, 429, Retry_After="0.01"), "answered 429"),
    "compression": (lambda s, b: s.send_bytes(b"\x1f\x8b", Content_Encoding="gzip"), "compressed"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_one_sentence(name: str) -> None:
    act, says = BROKEN[name]
    with acting(act) as server, pytest.raises(EndpointError) as caught:
        said_by(server.url)
    sentence = str(caught.value)
    assert says in sentence
    assert len(sentence) < 500
    assert "\n" not in sentence
    assert len(server.asked) <= 3


#: How servers refuse what is too long, each in the shape of its own.
TOO_LONG: dict[str, tuple[int, dict[str, Any]]] = {
    "OpenAI": (400, {"error": {"message": "Too much.", "code": "context_length_exceeded"}}),
    "llama.cpp": (400, {"error": {"code": 400, "message": "It exceeds.", "type": "exceed_context_size_error"}}),
    "vLLM": (400, {"object": "error", "message": "This model's maximum context length is 20 tokens.", "code": 400}),
    "vLLM, newer": (400, {"error": {"message": "Longer than the maximum model length of 20.", "code": 400}}),
    "SGLang": (400, {"message": "The input (30 tokens) is longer than the model's context length (20 tokens)."}),
    "TGI": (422, {"error": "`inputs` tokens + `max_new_tokens` must be <= 20", "error_type": "validation"}),
}


def test_what_has_come_is_handed_on_before_what_failed_ends_the_run() -> None:
    def act(server: Hostile, body: dict[str, Any]) -> None:
        refused = "refuse" in json.dumps(body)
        server.send_json({"error": "no"} if refused else GOOD, 400 if refused else 200)

    def take(sampler: EndpointSampler) -> None:
        while True:
            found.extend(walk for walk, _ in sampler.advance())

    found: list[object] = []
    with acting(act) as server:
        model = EndpointModel(Endpoint("e", (server.url,), "m", 4, 20.0, 1, Capabilities()))
        try:
            sampler = model.sampler()
            for walk, text in enumerate(("Hello?", "refuse", "Good day?")):
                sent = model.render([Message("user", text)], "assistant")
                sampler.submit(walk, SampleRequest(sent, walk, 8))
            until(lambda: sampler._done.qsize() == 3)
            with pytest.raises(EndpointError, match="does not take the request: it answered 400: no"):
                take(sampler)
            assert set(found) == {0, 2}
        finally:
            model.close()


@pytest.mark.parametrize("name", TOO_LONG)
def test_a_prompt_too_long_for_the_server_is_told_apart_and_the_others_come(name: str) -> None:
    status, refusal = TOO_LONG[name]

    def act(server: Hostile, body: dict[str, Any]) -> None:
        long = "endless" in json.dumps(body)
        server.send_json(refusal if long else GOOD, status if long else 200)

    def sent(text: str) -> str:
        return model.render([Message("user", text)], "assistant")

    found: dict[Any, str] = {}
    with acting(act) as server:
        model = EndpointModel(Endpoint("e", (server.url,), "m", 4, 20.0, 1, Capabilities()))
        try:
            sampler = model.sampler()
            for walk, text in enumerate(("Hello?", "endless", "Good day?", "endless")):
                sampler.submit(walk, SampleRequest(sent(text), walk, 8))
            while len(found) < 4:
                try:
                    found |= {walk: sample.text for walk, sample in sampler.advance()}
                except NoRoomError as error:
                    found[error.walk] = error.why
            assert (found.pop(0), found.pop(2)) == ("Good day.", "Good day.")
            assert all("does not fit the model at endpoint e: it answered 4" in why for why in found.values())
            asked = [ChoiceRequest(sent(text), ("Good", "Bad")) for text in ("endless", "Hello?")]
            unscored, scored = model.choice_logprobs(asked)
            assert (unscored, len(scored)) == (UNSCORED, 2)
        finally:
            model.close()
        assert len(server.asked) == 6  # what would be refused again is not asked again


def test_an_answer_that_drips_or_hangs_ends_with_the_time_it_has() -> None:
    began = time.monotonic()
    with acting(lambda s, b: s.drip(b" ", 30)) as server, pytest.raises(EndpointError, match="did not finish"):
        said_by(server.url, seconds=1.0)
    with (
        acting(lambda s, b: s.drip(b"data: {}\n\n", 30)) as server,
        pytest.raises(EndpointError, match="did not finish"),
    ):
        said_by(server.url, seconds=1.0, streaming=True)
    assert time.monotonic() - began < 25  # the servers would have gone on for 60 seconds


@pytest.mark.parametrize("streaming", [False, True])
def test_an_endless_answer_is_cut_off_before_it_fills_the_memory(
    streaming: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MOST_BYTES", 1 << 20)
    piece = b"data: " + b"x" * (1 << 18) + b"\n" if not streaming else b"x" * (1 << 18)
    tracemalloc.start()
    with acting(lambda s, b: s.drip(piece, 20, 0)) as server, pytest.raises(EndpointError):
        said_by(server.url, streaming=streaming)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20


def test_a_stream_of_rubbish_and_one_that_breaks_off_are_told() -> None:
    def broken_off(server: Hostile, body: dict[str, Any]) -> None:
        server.send_bytes(b'data: {"choices": [{"delta": {"content": "Goo"}}]}\n\n')

    with acting(broken_off) as server, pytest.raises(EndpointError, match="broke off"):
        said_by(server.url, streaming=True)
    with acting(lambda s, b: s.send_bytes(b"data: {rubbish\n\n")) as server, pytest.raises(EndpointError, match="JSON"):
        said_by(server.url, streaming=True)


def test_log_probabilities_that_are_none_are_refused() -> None:
    entries = [{"token": "A", "logprob": "high", "top_logprobs": []}]
    with acting(json_of(choice(message={"content": "A"}, logprobs={"content": entries}))) as server:
        model = EndpointModel(Endpoint("e", (server.url,), "m", 2, 5, 3, Capabilities(logprobs="returned")))
        with pytest.raises(EndpointError, match="not numbers"):
            model.choice_logprobs([ChoiceRequest(model.render(TURNS, "answer"), ("A", "B"))])
        model.close()


def test_a_replica_that_is_dead_slow_or_broken_does_not_stop_the_others() -> None:
    with serving(ScriptedModel(name="m")) as good:
        alone = said_by(good.url, count=12, seed_bits=63)
        with acting(lambda s, b: s.drip(b" ", 30)) as slow, acting(lambda s, b: s.send_json({}, 500)) as broken:
            urls = ("http://127.0.0.1:9/v1", slow.url, broken.url, good.url)
            assert said_by(*urls, seconds=5.0, count=12, seed_bits=63) == alone


def test_a_server_that_recovers_is_asked_again() -> None:
    answers = iter([503, 429, 200])

    def recovering(server: Hostile, body: dict[str, Any]) -> None:
        server.send_json(GOOD, next(answers))

    with acting(recovering) as server:
        assert said_by(server.url) == ["Good day."]


def test_a_key_is_sent_to_its_own_server_only_and_surroundings_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with acting(json_of(GOOD)) as mine, acting(json_of(GOOD)) as other:
        keys = {mine.url: "secret"}
        for url in (mine.url, other.url):
            asyncio.run(_ask_once(url, keys.get(url)))
        assert mine.asked[0][1]["Authorization"] == "Bearer secret"
        assert "Authorization" not in other.asked[0][1]
        assert "secret" not in json.dumps([body for _, _, body in mine.asked])


async def _ask_once(url: str, key: str | None) -> None:
    made = Connection(url, key)
    try:
        await made.post("/chat/completions", {}, 10)
    finally:
        await made.close()


def test_a_hung_connection_cannot_outlive_its_time() -> None:
    async def ask(url: str) -> None:
        made = Connection(url)
        try:
            with pytest.raises(Trouble, match="within 1 seconds"):
                await made.post("/chat/completions", {}, 0.6)
        finally:
            await made.close()

    with acting(lambda s, b: s.drip(b"", 20)) as server:
        asyncio.run(ask(server.url))


def test_a_replica_that_stops_answering_is_told_of_once_and_so_is_its_return() -> None:
    ill, well = "http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"
    model = EndpointModel(Endpoint("e", (ill, well), "m", 1))
    before, sick = model.notes, True

    async def ask(asked: Connection, seconds: float) -> str:
        await asyncio.sleep(0.02)  # both have requests at a time
        if sick and asked.url == ill:
            raise Trouble("it is out of order")
        return asked.url

    def until_told(count: int) -> None:
        end = time.monotonic() + 20
        while len(model.notes) < len(before) + count and time.monotonic() < end:
            for waiting in [model.replicas.start(ask) for _ in range(4)]:
                waiting.result()

    try:
        until_told(1)
        sick = False
        until_told(2)
        meanwhile = "the other replica does its work meanwhile, and it is tried again."
        gone = f"{ill} failed 3 times in a row: it is out of order; {meanwhile}"
        assert model.notes == (*before, gone, f"{ill} answers again.")
    finally:
        model.close()


@pytest.mark.parametrize(
    ("kind", "sentence"), [("passing", ""), ("lasting", "does not take the request: It is no good.")]
)
def test_a_third_replica_is_asked_where_one_hangs_and_the_second_fails(kind: str, sentence: str) -> None:
    """What no replica takes is told at once instead."""
    urls = tuple(f"http://127.0.0.1:{port}/v1" for port in (1, 2, 3))
    model = EndpointModel(Endpoint("e", urls, "m", 1, seconds=60))
    asked: list[str] = []

    async def ask(connection: Connection, seconds: float) -> str:
        asked.append(connection.url)
        if connection.url == urls[0]:
            await asyncio.sleep(seconds)
        if connection.url == urls[1]:
            raise Trouble("It is no good.", lasting=kind == "lasting")
        return connection.url

    try:
        if sentence:
            with pytest.raises(EndpointError, match=sentence):
                model.replicas.start(ask).result(5)
        else:
            assert model.replicas.start(ask).result(5) == urls[2]
            assert asked == [*urls]
    finally:
        model.close()


def test_what_is_asked_of_dead_servers_ends_when_it_is_no_longer_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many wait for the same two servers, and are all let go at once."""
    monkeypatch.setattr(replicas, "LONGEST_REST", 30.0)
    monkeypatch.setattr(replicas, "FIRST_REST", 30.0)
    model = EndpointModel(Endpoint("e", ("http://127.0.0.1:9/v1", "http://127.0.0.1:19/v1"), "m", 8))
    sampler = model.sampler()
    for walk in range(sampler.slots):
        sampler.submit(walk, SampleRequest(model.render(TURNS, "assistant"), walk, 8))
    time.sleep(0.3)
    closing = threading.Thread(target=model.close, daemon=True)
    closing.start()
    closing.join(10)
    assert not closing.is_alive()
