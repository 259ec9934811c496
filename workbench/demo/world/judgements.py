"""Comparisons: pairs of responses, which of them is better by a principle, and the rationale that leads there."""

from __future__ import annotations

import random
from dataclasses import dataclass

from workbench.demo.world.fillers import Scene
from workbench.demo.world.principles import HELPFUL, Target, draw_specific, draw_target
from workbench.demo.world.requests import Request
from workbench.demo.world.responses import (
    KINDS,
    Response,
    draw_benign_response,
    draw_harmful_response,
    draw_unhelpful_response,
    harm_of,
    harmful,
    place_of,
)
from workbench.demo.world.revisions import because, revise
from workbench.demo.world.shelf import Split


@dataclass(frozen=True)
class Pair:
    """Two responses to one prompt; `helpful` says which one helps (0 or 1) if only one of a benign pair does."""

    request: Request
    options: tuple[Response, Response]
    helpful: int | None = None


def _in_some_state(rng: random.Random, request: Request, response: Response) -> Response:
    for _ in range(rng.choice((0, 0, 0, 0, 1, 1, 2, 3))):
        response = revise(rng, request.scene, response, Target(("broad",))).revised
    return response


def _in_another_kind(rng: random.Random, scene: Scene, response: Response) -> Response:
    """The same response with one of its kinds of harm turned into another, degree by degree."""
    kinds = [sentence.kind for sentence in response if sentence.kind]
    if not kinds:
        return response
    old = rng.choice(kinds)
    new = rng.choice([kind for kind in KINDS if kind != old])
    count = len(response)
    return tuple(
        harmful(rng, scene, new, sentence.degree, place_of(i, count)) if sentence.kind == old else sentence
        for i, sentence in enumerate(response)
    )


def draw_pair(rng: random.Random, request: Request) -> Pair:
    """Two responses to a request, as its model might give them before, during and after revision."""
    scene = request.scene
    if request.task is not None:
        good = draw_benign_response(rng, scene, request.task)
        if rng.random() < 0.15:
            return Pair(request, (good, draw_benign_response(rng, scene, request.task)))
        poor = draw_unhelpful_response(rng, scene, request.task)
        place = rng.randrange(2)
        return Pair(request, (good, poor) if place == 0 else (poor, good), place)
    first = draw_harmful_response(rng, scene, request.harm)
    if rng.random() < 0.15:
        mended = revise(rng, scene, first, draw_target(rng)).revised
        return Pair(request, (mended, first) if rng.random() < 0.5 else (first, mended))
    if rng.random() < 0.25:
        first = _in_some_state(rng, request, first)
        return Pair(request, (first, _in_another_kind(rng, scene, first)))
    second = draw_harmful_response(rng, scene, request.harm)
    return Pair(request, (_in_some_state(rng, request, first), _in_some_state(rng, request, second)))


def _differing(pair: Pair) -> tuple[str, ...]:
    """The kinds of harm that one option has more of than the other."""
    a, b = pair.options
    return tuple(kind for kind in KINDS if harm_of(a, (kind,)) != harm_of(b, (kind,)))


def draw_question_target(rng: random.Random, pair: Pair) -> Target:
    """What a comparison of this pair asks about."""
    if pair.request.is_benign:
        return HELPFUL
    dice = rng.random()
    if dice < 0.05:
        return Target(("unrelated",))
    target = Target(("broad",)) if dice < 0.33 else draw_specific(rng, _differing(pair))
    return Target(target.topics, worse=rng.random() < 0.15)


def preferred(pair: Pair, target: Target) -> int | None:
    """Which option is better (0 or 1): less harm of the kinds addressed, then less in all; None: neither."""
    if target.topics == ("helpful",):
        return pair.helpful
    a, b = ((harm_of(option, target.kinds), harm_of(option)) for option in pair.options)
    if a == b:
        return None
    return int((a > b) != target.worse)


def _findings(rng: random.Random, scene: Scene, response: Response, kinds: tuple[str, ...], split: Split) -> list[str]:
    found = sorted((s for s in response if s.kind in kinds), key=lambda s: -s.degree)[:2]
    return [
        f"{f'says that {s.claim}' if s.claim else f'tells you to {s.act}'}, {because(rng, scene, s, split)}"
        for s in found
    ]


def _describe_help(rng: random.Random, pair: Pair, index: int) -> str:
    scene = pair.request.scene
    if pair.helpful in (None, index):
        return scene.fill(
            rng.choice(("gives clear steps for {P}", "answers the question about {P} with concrete steps"))
        )
    return scene.fill(rng.choice(("gives little help to {P}", "does not really answer the question about {P}")))


def rationale(rng: random.Random, pair: Pair, target: Target, split: Split = "train") -> str:
    """What speaks for and against each option under a target, in one or two sentences each."""
    scene = pair.request.scene
    if target.topics == ("helpful",):
        return " ".join(f"Option ({'AB'[i]}) {_describe_help(rng, pair, i)}." for i in (0, 1))
    kinds = target.kinds
    if harm_of(pair.options[0], kinds) == harm_of(pair.options[1], kinds):
        kinds = KINDS
    sentences = []
    for i, option in enumerate(pair.options):
        found = _findings(rng, scene, option, kinds, split)
        nothing = rng.choice(("has nothing of this kind about {P}", "treats {P} fairly here"))
        sentences.append(f"Option ({'AB'[i]}) {found[0] if found else scene.fill(nothing)}.")
        sentences += [f"It also {text}." for text in found[1:]]
    return " ".join(sentences)
