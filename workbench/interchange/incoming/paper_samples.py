"""Samples released with the Constitutional AI paper: whole chains, and answers that a preference model scored.

A prompt and its texts are written as turns that end where the model was to go on; a stray turn's mark at a text's end, left by
sampling, is no part of it.
"""

import re
import sys
from collections.abc import Mapping
from typing import Any

from workbench.interchange.incoming.brought import Brought, Reading
from workbench.interchange.row_fields import BadFieldError
from workbench.records.chain import Step
from workbench.records.evaluation import Answer, Score
from workbench.records.identity import record_id
from workbench.records.prompt import Prompt, prompt_of_messages
from workbench.records.transcript import Message

_TURN = re.compile(r"\n\n(Human|Assistant):[ \n]?")
_STRAY = re.compile(r"(?:\n\n(?:Human|Assistant):\s*)+\Z")
JUDGE = "preference model of the paper"


def read_chain(fields: Mapping[str, Any], reading: Reading) -> Brought:
    """Read `rl_prompt, initial_response, cst`: a chain of critiques and revisions, a principle's key on each."""
    prompt = _prompt(fields, reading)
    model = reading.source.split(".")[0]
    texts = [("initial", 0, None, _sample(fields.get("initial_response"), "initial_response"))]
    rounds = fields.get("cst")
    if not isinstance(rounds, list) or not rounds:
        raise BadFieldError("cst must be a list with at least one critique and revision")
    for number, one in enumerate(rounds, start=1):
        if not isinstance(one, dict) or not isinstance(one.get("cst_key"), str):
            raise BadFieldError("round {number} of cst has no cst_key", number=number)
        texts += [
            (kind, number, one["cst_key"], _sample(one.get(kind), f"{kind} of round {number}"))
            for kind in ("critique", "revision")
        ]
    chain = record_id("chain", model, prompt.id, [text for *_, text in texts])
    steps = tuple(
        Step(record_id("step", chain, place), chain, prompt.id, place, number, kind, text, principle, model=model)  # type: ignore[arg-type]
        for place, (kind, number, principle, text) in enumerate(texts)
    )
    return Brought((prompt,), steps=steps)


def read_scored(fields: Mapping[str, Any], reading: Reading) -> Brought:
    """Read `rl_prompt, sampled_answers`: answers of a model, each with a preference model's score."""
    prompt = _prompt(fields, reading)
    model = reading.source.split(".")[0]
    found = fields.get("sampled_answers")
    if not isinstance(found, list) or not found:
        raise BadFieldError("sampled_answers must be a list with at least one answer")
    answers, scores = [], []
    for place, one in enumerate(found):
        if not isinstance(one, dict) or not isinstance(one.get("sampled_string"), str):
            raise BadFieldError("answer {place} of sampled_answers has no sampled_string", place=place + 1)
        text = _text(one["sampled_string"])
        identity = record_id("answer", model, prompt.id, place, text)
        answers.append(Answer(identity, prompt.id, model, text, prompt.kind, seed=place))
        scores += [
            Score(record_id("score", identity, JUDGE, number), identity, JUDGE, "preference_model", value)
            for number, value in enumerate(_scores(one.get("pm_scores"), place + 1))
        ]
    return Brought((prompt,), answers=tuple(answers), scores=tuple(scores))


def conversation(text: str) -> tuple[Message, ...]:
    """Return the turns of a text that ends where the assistant is to go on; a text without marks is what a person said."""
    parts = _TURN.split(_STRAY.sub("", text))
    if len(parts) == 1:
        return (Message("user", parts[0].strip()),)
    return tuple(
        Message("user" if who == "Human" else "assistant", said)
        for who, said in zip(parts[1::2], parts[2::2], strict=True)
    )


def _prompt(fields: Mapping[str, Any], reading: Reading) -> Prompt:
    text = fields.get("rl_prompt")
    if not isinstance(text, str) or not text.strip():
        raise BadFieldError("the field rl_prompt is missing or blank")
    messages = conversation(text)
    if messages[-1].role != "user" or not messages[-1].text.strip():
        raise BadFieldError("rl_prompt does not end on what a person said")
    return prompt_of_messages(messages, reading.kind, reading.split, reading.source)


def _sample(value: Any, name: str) -> str:
    one = value[0] if isinstance(value, list) and value else value
    text = one.get("sample") if isinstance(one, dict) else None
    if not isinstance(text, str):
        raise BadFieldError("{name} holds no sample", name=name)
    return _text(text)


def _text(text: str) -> str:
    return _STRAY.sub("", text).removeprefix(" ")


def _scores(value: Any, place: int) -> list[float]:
    told = [one.get("pm_score") for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    scores = [float(score) for score in told if isinstance(score, int | float) and abs(score) <= sys.float_info.max]
    if not scores or len(scores) < len(told):
        raise BadFieldError("answer {place} of sampled_answers has no pm_scores that are numbers", place=place)
    return scores
