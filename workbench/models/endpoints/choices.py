"""An option's probability, read as exactly as the endpoint allows.

exact: every token of each option is scored, and the options are normalised over one another (the paper's soft label); where an
engine's own scoring call is used, the token that tells the options apart is.
top_logprobs: the model answers, and where its answer tells the options apart, the likely tokens there are added up by option; an
option that is not among them gets the least likely one's probability, an upper bound. votes: as many answers are drawn as the
endpoint has votes, half a vote is added to each option. text: one likeliest answer, as a single such vote.
"""

import asyncio
import json
import math
import re
from collections.abc import Sequence

from workbench.models.endpoints import replies
from workbench.models.endpoints.connection import Connection
from workbench.models.endpoints.dialect import CONTINUING, body_of, turns_of
from workbench.models.endpoints.replies import Trouble
from workbench.models.language_model import ChoiceRequest
from workbench.records.draws import stream_seed
from workbench.records.endpoint import Endpoint
from workbench.sentences import said

#: Tokens of an answer that is read, and how many likely ones are asked for in each place.
_ANSWER_TOKENS, _TOPS = 12, 20
_HINT = "\n\nAnswer with {options} and nothing else."

Logprobs = tuple[float, ...]


async def choose(endpoint: Endpoint, request: ChoiceRequest, connection: Connection, seconds: float) -> Logprobs:
    """Return the options' log-probabilities, normalised; not a number where the answer names none of them."""
    if endpoint.reading == "exact":
        return await _exact(endpoint, request, connection, seconds)
    if endpoint.reading == "top_logprobs":
        return await _likely(endpoint, request, connection, seconds)
    return await _voted(endpoint, request, connection, seconds)


async def _exact(endpoint: Endpoint, request: ChoiceRequest, connection: Connection, seconds: float) -> Logprobs:
    if endpoint.can.scoring:
        return await _scored(endpoint, request, connection, seconds)
    texts = [request.prompt + option for option in request.options]
    read = _echoed if endpoint.can.dialect == "completions" else _prompted
    found = await asyncio.gather(*(read(endpoint, text, connection, seconds) for text in texts))
    return normalised(after_fork(found))


async def _echoed(endpoint: Endpoint, text: str, connection: Connection, seconds: float) -> list[tuple[str, float]]:
    body = {"model": endpoint.model, "prompt": text, "max_tokens": 0, "echo": True, "logprobs": 1, "temperature": 0}
    return replies.echoed(replies.first_choice(await connection.post("/completions", body, seconds)))


async def _prompted(endpoint: Endpoint, text: str, connection: Connection, seconds: float) -> list[tuple[str, float]]:
    _, body = body_of(endpoint, text)
    body |= {"max_tokens": 1, "temperature": 0, "prompt_logprobs": 0}
    return replies.prompt_logprobs(await connection.post("/chat/completions", body, seconds))


async def _scored(endpoint: Endpoint, request: ChoiceRequest, connection: Connection, seconds: float) -> Logprobs:
    """Let the engine score the token that tells the options apart; the tokens before it are the question."""
    texts = [request.prompt + option for option in request.options]
    tokens = await asyncio.gather(*(tokenised(endpoint, text, connection, seconds) for text in texts))
    fork = fork_of(tokens)
    if fork < 1 or any(fork >= len(option) for option in tokens):
        raise Trouble(said("its tokens do not tell the options apart"), lasting=True)
    vllm = endpoint.can.scoring == "vllm"
    body = {
        "model": endpoint.model,
        "query": tokens[0][: fork - 1],
        "items": [tokens[0][fork - 1 : fork]],
        "label_token_ids": [option[fork] for option in tokens],
        "apply_softmax": True,
    }
    data = await connection.post("^/generative_scoring" if vllm else "/score", body, seconds)
    values = replies.scores(data, len(request.options))
    return normalised([math.log(max(value, 1e-30)) for value in values])


async def tokenised(endpoint: Endpoint, text: str, connection: Connection, seconds: float) -> list[int]:
    """Return the tokens the server makes of a sent text."""
    body: dict[str, object] = {"model": endpoint.model, "prompt": text, "add_special_tokens": False}
    if endpoint.can.dialect == "chat":
        turns, begun = turns_of(text)
        messages = [*turns, {"role": "assistant", "content": begun}]
        body = {"model": endpoint.model, "messages": messages, **CONTINUING}
    return replies.token_ids(await connection.post("^/tokenize", body, seconds))


async def _likely(endpoint: Endpoint, request: ChoiceRequest, connection: Connection, seconds: float) -> Logprobs:
    path, body = body_of(endpoint, _hinted(endpoint, request))
    chat = endpoint.can.dialect == "chat"
    body |= {"max_tokens": _ANSWER_TOKENS, "temperature": 0}
    body |= {"logprobs": True, "top_logprobs": _TOPS} if chat else {"logprobs": 5}
    choice = replies.first_choice(await connection.post(path, body, seconds))
    return read_likely(replies.spoken_logprobs(choice), request.options)


async def _voted(endpoint: Endpoint, request: ChoiceRequest, connection: Connection, seconds: float) -> Logprobs:
    path, body = body_of(endpoint, _hinted(endpoint, request))
    count = 1 if endpoint.reading == "text" else endpoint.votes
    body |= {"max_tokens": _ANSWER_TOKENS, "temperature": 0 if count == 1 else 1}
    # Each vote has its own seed, so that a server that keeps seeds gives the same votes again.
    seeds = [stream_seed(0, request.prompt, vote) & 0x7FFFFFFF for vote in range(count)]
    bodies = [{**body, "seed": seed} if endpoint.can.seed_bits else body for seed in seeds]
    answers = await asyncio.gather(*(connection.post(path, one, seconds) for one in bodies))
    texts = [replies.text_of(replies.first_choice(answer))[0] for answer in answers]
    return tallied([named_in(text, request.options) for text in texts], len(request.options))


def _hinted(endpoint: Endpoint, request: ChoiceRequest) -> str:
    """Return what is sent where an answer is to be read: a chat is told how to answer."""
    if endpoint.can.dialect != "chat":
        return request.prompt
    line, _, begun = request.prompt.partition("\n")
    turns, _ = turns_of(line)
    options = " or ".join(option.strip() for option in request.options)
    turns[-1] = {**turns[-1], "content": turns[-1]["content"] + _HINT.format(options=options)}
    return json.dumps(turns, ensure_ascii=False) + "\n" + (begun if endpoint.can.continues else "")


def normalised(scores: Sequence[float]) -> Logprobs:
    """Return log-weights as log-probabilities over themselves; not a number where none is finite."""
    top = max(scores)
    if not math.isfinite(top):
        return tuple(math.nan for _ in scores)
    total = top + math.log(sum(math.exp(score - top) for score in scores))
    return tuple(score - total for score in scores)


def fork_of(texts: Sequence[Sequence[object]]) -> int:
    """Return where texts first differ."""
    fork = 0
    while all(fork < len(text) for text in texts) and len({text[fork] for text in texts}) == 1:
        fork += 1
    return fork


def after_fork(texts: Sequence[Sequence[tuple[str, float]]]) -> list[float]:
    """Return each text's log-probability from the token on at which they differ; what is before is common to all."""
    fork = fork_of([[token for token, _ in text] for text in texts])
    if fork < 1 or any(fork >= len(text) for text in texts):
        raise Trouble(said("its tokens do not tell the options apart"), lasting=True)
    return [sum(value for _, value in text[fork:]) for text in texts]


def core(option: str) -> str:
    """Return what tells an option from others: its letters and digits."""
    return "".join(re.findall(r"\w+", option))


def named_in(text: str, options: Sequence[str]) -> int | None:
    """Return which option a text names first, standing alone as a word; None where it names none."""
    cores = [core(option) for option in options]
    pattern = "|".join(re.escape(one) for one in sorted(cores, key=len, reverse=True))
    found = re.search(rf"(?<!\w)({pattern})(?!\w)", text)
    return cores.index(found.group(1)) if found else None


def read_likely(places: Sequence[tuple[str, dict[str, float]]], options: Sequence[str]) -> Logprobs:
    """Return the options' log-probabilities at the first place whose token is an option."""
    cores = [core(option) for option in options]
    for token, tops in places:
        if core(token) not in cores:
            continue
        masses = [0.0] * len(options)
        for name, value in tops.items():
            if core(name) in cores:
                masses[cores.index(core(name))] += math.exp(value)
        least = math.exp(min(tops.values()))
        return normalised([math.log(mass or least) if mass or least else -math.inf for mass in masses])
    return tuple(math.nan for _ in options)


def tallied(votes: Sequence[int | None], options: int) -> Logprobs:
    """Return votes as log-probabilities, half a vote added to each option; not a number where nobody named any."""
    counted = [vote for vote in votes if vote is not None]
    if not counted:
        return tuple(math.nan for _ in range(options))
    return normalised([math.log(counted.count(option) + 0.5) for option in range(options)])
