"""Finding out what an endpoint can do by asking it: servers drop what they do not know without a word."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from workbench.models.endpoints import replies
from workbench.models.endpoints.choices import fork_of, tokenised
from workbench.models.endpoints.connection import Connection
from workbench.models.endpoints.dialect import CONTINUING, as_sent
from workbench.models.endpoints.replies import EndpointError, Trouble
from workbench.records.endpoint import Capabilities, Dialect, Endpoint
from workbench.records.transcript import Message
from workbench.sentences import said

#: Seconds for one question of the probe: a server may be loading its model when it is first asked.
_SECONDS = 60.0
_QUESTION = "Which is larger, a mouse (A) or a house (B)? Answer with (A) or (B)."
_STORY = "Tell a story in ten words."


async def probe(endpoint: Endpoint, key: Callable[[str], str | None]) -> Endpoint:
    """Return the endpoint with its capabilities, those all its replicas have; raises EndpointError if one cannot be used."""
    found = [await _probe_one(endpoint, url, key(url)) for url in endpoint.urls]
    model = found[0][0]
    others = sorted({name for name, _ in found} - {model})
    if others:
        raise EndpointError(
            "The replicas of {endpoint} serve different models, {model} and {others}.",
            endpoint=endpoint.name,
            model=model,
            others=others[0],
        )
    return replace(endpoint, model=model, can=_common([can for _, can in found]))


async def _probe_one(endpoint: Endpoint, url: str, key: str | None) -> tuple[str, Capabilities]:
    connection = Connection(url, key)
    try:
        return await _Probe(connection, endpoint).run()
    except Trouble as trouble:
        why = trouble.why.removesuffix(".") if trouble.why.endswith(".") else trouble.why
        raise EndpointError("{url} cannot be used as an endpoint: {why}.", url=url, why=why) from trouble
    finally:
        await connection.close()


def _common(found: list[Capabilities]) -> Capabilities:
    first, *rest = found
    for other in rest:
        first = replace(
            first,
            streaming=first.streaming and other.streaming,
            seed_bits=min(first.seed_bits, other.seed_bits),
            logprobs=first.logprobs if first.logprobs == other.logprobs else "dropped",
            continues=first.continues and other.continues,
            prompt_logprobs=first.prompt_logprobs and other.prompt_logprobs,
            echo=first.echo and other.echo,
            scoring=first.scoring if first.scoring == other.scoring else "",
            context=min(first.context, other.context),
        )
    return first


class _Probe:
    """One server, asked one thing after another; each answer narrows what is asked next."""

    def __init__(self, connection: Connection, endpoint: Endpoint) -> None:
        self._connection = connection
        self._endpoint = endpoint

    async def run(self) -> tuple[str, Capabilities]:
        listed = replies.names_of(await self._connection.get("/models", _SECONDS))
        entry = self._chosen(listed)
        model = str(entry["id"])
        dialect = await self._dialect(model)
        room = entry.get("max_model_len")
        can = Capabilities(
            models=tuple(str(one["id"]) for one in listed)[:200],
            server=str(entry.get("owned_by") or "")[:60],
            dialect=dialect,
            context=room if type(room) is int else 0,
            checked=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        self._path = "/chat/completions" if dialect == "chat" else "/completions"
        self._told = replace(self._endpoint, model=model, can=can)
        can = replace(can, streaming=await self._streams(), seed_bits=await self._seed_bits())
        can = replace(can, logprobs=await self._logprobs())
        if dialect == "chat":
            can = replace(can, continues=await self._continues())
            if can.continues:
                can = replace(can, prompt_logprobs=await self._holds(self._prompt_logprobs))
        else:
            can = replace(can, echo=await self._holds(self._echo))
        return model, replace(can, scoring=await self._scoring(can))

    def _chosen(self, listed: list[Mapping[str, Any]]) -> Mapping[str, Any]:
        if not listed:
            raise Trouble(said("it lists no models"), lasting=True)
        if not self._endpoint.model:
            return listed[0]
        for entry in listed:
            if entry["id"] == self._endpoint.model:
                return entry
        names = ", ".join(str(entry["id"]) for entry in listed[:5])
        raise Trouble(
            said("it has no model {model}, but {names}", model=self._endpoint.model, names=names), lasting=True
        )

    async def _dialect(self, model: str) -> Dialect:
        """Find out whether the model can be spoken to in turns; if not, it must complete texts."""
        body: dict[str, Any] = {"model": model, "max_tokens": 1, "temperature": 0}
        chat = {**body, "messages": [{"role": "user", "content": _QUESTION}]}
        try:
            replies.text_of(replies.first_choice(await self._connection.post("/chat/completions", chat, _SECONDS)))
        except Trouble as no_chat:
            text = {**body, "prompt": _QUESTION}
            try:
                replies.text_of(replies.first_choice(await self._connection.post("/completions", text, _SECONDS)))
            except Trouble:
                raise no_chat from None
            return "completions"
        return "chat"

    def _body(self, text: str, most: int, **more: Any) -> dict[str, Any]:
        words = {"messages": [{"role": "user", "content": text}]} if self._chats else {"prompt": text}
        return {"model": self._told.model, "max_tokens": most, **words, **more}

    @property
    def _chats(self) -> bool:
        return self._told.can.dialect == "chat"

    async def _choice(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return replies.first_choice(await self._connection.post(self._path, body, _SECONDS))

    async def _holds(self, question: Callable[[], Awaitable[bool]]) -> bool:
        try:
            return await question()
        except Trouble:
            return False

    async def _streams(self) -> bool:
        async def stream() -> bool:
            words: list[str] = []
            body = self._body(_STORY, 12, temperature=0)
            await self._connection.stream(self._path, body, _SECONDS, words.append)
            return bool(words)

        return await self._holds(stream)

    async def _seed_bits(self) -> int:
        """Draw twice with one seed and once with another: a server keeps seeds if the first two agree and the third does not."""
        for bits in (63, 31):
            seed = (1 << bits) - 12345
            try:
                texts = [await self._drawn(one) for one in (seed, seed, seed - 1, seed - 2)]
            except Trouble:
                continue
            if texts[0] == texts[1] and len(set(texts)) > 1:
                return bits
        return 0

    async def _drawn(self, seed: int) -> str:
        choice = await self._choice(self._body(_STORY, 16, temperature=1.0, seed=seed))
        return replies.text_of(choice)[0]

    async def _logprobs(self) -> Any:
        wish = {"logprobs": True, "top_logprobs": 5} if self._chats else {"logprobs": 5}
        try:
            choice = await self._choice(self._body(_QUESTION, 4, temperature=0, **wish))
            places = replies.spoken_logprobs(choice)
        except Trouble:
            return "refused"
        return "returned" if any(len(tops) > 1 for _, tops in places) else "dropped"

    async def _continues(self) -> bool:
        """Compare the lengths of a begun turn that is to be continued and one that is not: no new turn, fewer tokens."""

        async def compare() -> bool:
            turns = [{"role": "user", "content": _QUESTION}, {"role": "assistant", "content": "The answer is:"}]
            body = {"model": self._told.model, "messages": turns, "max_tokens": 1, "temperature": 0}
            begun = await self._connection.post(self._path, body | CONTINUING, _SECONDS)
            ended = await self._connection.post(self._path, body, _SECONDS)
            return 0 < replies.usage(begun, "prompt_tokens") < replies.usage(ended, "prompt_tokens")

        return await self._holds(compare)

    async def _prompt_logprobs(self) -> bool:
        turns = [{"role": "user", "content": _QUESTION}, {"role": "assistant", "content": "The answer is: (B)"}]
        body = {"model": self._told.model, "messages": turns, "max_tokens": 1, "prompt_logprobs": 0, **CONTINUING}
        found = replies.prompt_logprobs(await self._connection.post(self._path, body, _SECONDS))
        return any(value < 0 for _, value in found)

    async def _echo(self) -> bool:
        body = self._body(_QUESTION, 0, echo=True, logprobs=1, temperature=0)
        found = replies.echoed(await self._choice(body))
        return any(value < 0 for _, value in found) and "".join(token for token, _ in found).strip() != ""

    async def _scoring(self, can: Capabilities) -> Any:
        """Try the calls of vLLM and SGLang on two options that differ in one token."""
        told = replace(self._told, can=can)
        if self._chats and not can.continues:
            return ""
        opening = as_sent([Message("user", _QUESTION)], "The answer is:") if self._chats else _QUESTION
        texts = [f"{opening} ({letter})" for letter in "AB"]
        try:
            tokens = await asyncio.gather(*(tokenised(told, text, self._connection, _SECONDS) for text in texts))
        except Trouble:
            return ""
        fork = fork_of(tokens)
        if fork < 2 or any(fork >= len(option) for option in tokens):
            return ""
        body = {
            "model": told.model,
            "query": tokens[0][: fork - 1],
            "items": [tokens[0][fork - 1 : fork]],
            "label_token_ids": [option[fork] for option in tokens],
            "apply_softmax": True,
        }
        for name, path in (("vllm", "^/generative_scoring"), ("sglang", "/score")):
            try:
                replies.scores(await self._connection.post(path, body, _SECONDS), 2)
            except Trouble:
                continue
            return name
        return ""
