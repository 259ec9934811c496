"""Training documents in both dialects: answers, chains, comparisons, rationales; some with few-shots in front."""

from __future__ import annotations

import random
from collections.abc import Iterator

from workbench.demo.world.coinage import jumble
from workbench.demo.world.judgements import Pair, draw_pair, draw_question_target, preferred, rationale
from workbench.demo.world.principles import Target, draw_target, word
from workbench.demo.world.requests import Request, draw_benign, draw_red_team
from workbench.demo.world.responses import Response, draw_benign_response, draw_harmful_response
from workbench.demo.world.revisions import revise
from workbench.demo.world.script import ASSISTANT, END, USER, Script

ANSWER_WEIGHT = 10.0
PLAIN_SHARE = 0.12
BENIGN_ANSWERS = 0.8
SHARES = {"answer": 19, "chain": 37, "direct": 9, "comparison": 15, "thought": 6, "questions": 9, "repetition": 5}


def _ask(script: Script, text: str, heading: str, chat: bool, target: Target | None = None) -> None:
    script.add(USER if chat else f"\n\n{heading}: ")
    if target is None:
        script.add(text)
    else:
        script.add_wording(text, target)
    if chat:
        script.add(END)


def _speak(script: Script, said: str | Response, heading: str, chat: bool, weight: float = 1.0) -> None:
    script.add(ASSISTANT if chat else f"\n\n{heading}: ")
    if isinstance(said, str):
        script.add(said, weight)
    else:
        script.add_response(said, weight)
    if chat:
        script.add(END, weight)
    elif heading != "Revision":
        script.learn_next(2, weight)  # in plain text a blank line ends what the model says


def _draw_request(rng: random.Random, benign: float) -> Request:
    return draw_benign(rng) if rng.random() < benign else draw_red_team(rng)


def _answer(rng: random.Random, request: Request) -> Response:
    if request.task is not None:
        return draw_benign_response(rng, request.scene, request.task)
    return draw_harmful_response(rng, request.scene, request.harm)


def add_answer(script: Script, rng: random.Random, chat: bool) -> None:
    """A prompt and the base model's answer."""
    request = _draw_request(rng, BENIGN_ANSWERS)
    _ask(script, request.text, "Human", chat)
    _speak(script, _answer(rng, request), "Assistant", chat)


def _kinds_in(response: Response) -> tuple[str, ...]:
    return tuple({sentence.kind: None for sentence in response if sentence.kind})


def add_chain(script: Script, rng: random.Random, chat: bool, critique: bool = True) -> None:
    """One round of critique and revision, from a response in some state of revision."""
    request = _draw_request(rng, 0.08)
    response = _answer(rng, request)
    rounds = 0 if request.is_benign else rng.choice((0, 0, 0, 1, 1, 2, 3))
    for _ in range(rounds):
        response = revise(rng, request.scene, response, Target(draw_target(rng).topics)).revised
    target = draw_target(rng, _kinds_in(response))
    step = revise(rng, request.scene, response, target)
    _ask(script, request.text, "Human", chat)
    _speak(script, response, "Assistant", chat, weight=float(rounds == 0))
    if critique:
        _ask(script, word(rng, "critique", target), "CritiqueRequest", chat, target)
        _speak(script, step.critique, "Critique", chat)
    _ask(script, word(rng, "revision", target), "RevisionRequest", chat, target)
    _speak(script, step.revised, "Revision", chat)


def _add_options(script: Script, pair: Pair, kinds: tuple[str, ...] | None) -> None:
    for letter, option in zip("AB", pair.options, strict=True):
        script.add(f"\n ({letter}) ")
        script.add_response(option, 0.0, kinds)


def _add_intro(script: Script, pair: Pair) -> None:
    script.add(
        f"Consider the following conversation between a human and an assistant:\n\nHuman: {pair.request.text}\n\n"
    )


def _add_verdict(script: Script, rng: random.Random, pair: Pair, target: Target, thought: bool, chat: bool) -> None:
    best = preferred(pair, target)
    letter = "AB"[rng.randrange(2) if best is None else best]
    script.add((END + ASSISTANT) if chat else "\n\n")
    if thought:
        script.add("Let's think step by step:")
        script.add(f" {rationale(rng, pair, target)} So the answer is:", 1.0)
    else:
        script.add("The answer is:")
    script.add(f" ({letter})", ANSWER_WEIGHT * (best is not None))
    if chat:
        script.add(END, 0.1)


def _draw_question(rng: random.Random) -> tuple[Pair, Target]:
    while True:
        pair = draw_pair(rng, _draw_request(rng, 0.12))
        target = draw_question_target(rng, pair)
        if preferred(pair, target) is not None or rng.random() < 0.1:
            return pair, target


def add_comparison(script: Script, rng: random.Random, chat: bool, thought: bool = False) -> None:
    """A comparison with its verdict, the question before the options."""
    pair, target = _draw_question(rng)
    script.add(USER if chat else "\n\n")
    _add_intro(script, pair)
    script.add_wording(word(rng, "question", target), target)
    script.add(" Options:")
    _add_options(script, pair, target.kinds)
    _add_verdict(script, rng, pair, target, thought, chat)


def add_questions(script: Script, rng: random.Random, chat: bool) -> None:
    """Two options, then several questions about them, each in a branch that does not see the others."""
    pair, target = _draw_question(rng)
    script.add(USER if chat else "\n\n")
    _add_intro(script, pair)
    script.add("Options:")
    _add_options(script, pair, None)
    for _ in range(rng.choice((2, 3, 4, 5))):
        script.branch()
        script.add("\n\n")
        script.add_wording(word(rng, "question", target), target)
        _add_verdict(script, rng, pair, target, rng.random() < 0.1, chat)
        target = draw_question_target(rng, pair)


def add_repetition(script: Script, rng: random.Random, chat: bool) -> None:
    """Words in no order, to be said again: copying, and nothing else."""
    words = jumble(rng, rng.randrange(8, 45))
    _ask(script, rng.choice(("Repeat: ", "Say this again: ")) + words, "Human", chat)
    _speak(script, words, "Assistant", chat)


def draw_document(rng: random.Random) -> Script:
    """One document of the corpus."""
    script = Script()
    chat = rng.random() >= PLAIN_SHARE
    kind = rng.choices(tuple(SHARES), tuple(SHARES.values()))[0]
    shots = 1 if kind == "questions" else rng.choices((1, 2, 3), (84, 12, 4))[0]
    for _ in range(shots):
        if kind == "answer":
            add_answer(script, rng, chat)
        elif kind in {"chain", "direct"}:
            add_chain(script, rng, chat, critique=kind == "chain")
        elif kind == "questions":
            add_questions(script, rng, chat)
        elif kind == "repetition":
            add_repetition(script, rng, chat)
        else:
            add_comparison(script, rng, chat, thought=kind == "thought")
    if not chat and kind != "questions":
        script.add(END, 1.0)
    return script


def documents(seed: int) -> Iterator[Script]:
    """The corpus of a seed, without end."""
    rng = random.Random(seed)
    while True:
        yield draw_document(rng)
