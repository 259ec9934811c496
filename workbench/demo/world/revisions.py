"""Critiques and revisions: what a request finds in a response, what is said about it, and what comes in its place."""

from __future__ import annotations

import random
from dataclasses import dataclass

from workbench.demo.world.fillers import Scene
from workbench.demo.world.principles import WORDING_FRAMES, Target
from workbench.demo.world.responses import HARM, Response, Sentence, advise, harmful, harmless, place_of
from workbench.demo.world.shelf import Split

DEGREE_NAMES = {1: ("a mild", "a slight"), 2: ("a clear", "a real"), 3: ("a grave", "a severe")}
MAX_SENTENCES = 5


@dataclass(frozen=True)
class Step:
    """A critique and the revision that follows from it."""

    critique: str
    revised: Response


def concerned(rng: random.Random, response: Response, target: Target) -> list[int]:
    """The indices of the sentences a target takes up: all of its kinds, or the worst one or two if it is broad."""
    found = [i for i, sentence in enumerate(response) if sentence.kind in target.kinds]
    if not target.is_broad:
        return found
    worst = sorted(found, key=lambda i: -response[i].degree)
    return sorted(worst[: rng.choices((1, 2), (3, 7))[0]])


def because(rng: random.Random, scene: Scene, sentence: Sentence, split: Split) -> str:
    """The clause that says what is wrong with a harmful sentence, and how badly."""
    why = WORDING_FRAMES[f"why.{sentence.kind}"].draw(rng, split)
    return scene.fill(why, degree=rng.choice(DEGREE_NAMES[sentence.degree]))


def criticise(rng: random.Random, scene: Scene, sentence: Sentence, split: Split = "train") -> str:
    """One sentence of a critique, naming what it is about in the response's own words."""
    section = "critique.open.claim" if sentence.claim else "critique.open"
    frame = WORDING_FRAMES[section].draw(rng, split)
    return scene.fill(frame, act=sentence.act, claim=sentence.claim, why=because(rng, scene, sentence, split))


def _mend(rng: random.Random, scene: Scene, response: Response, target: Target, split: Split) -> Step:
    chosen = concerned(rng, response, target)
    if not chosen:
        return Step(scene.fill(WORDING_FRAMES["critique.fine"].draw(rng, split)), response)
    critique = " ".join(criticise(rng, scene, response[i], split) for i in chosen)
    count = len(response)
    revised = tuple(
        harmless(rng, scene, sentence.kind, place_of(i, count), split) if i in chosen else sentence
        for i, sentence in enumerate(response)
    )
    return Step(critique, revised)


def _worsen(rng: random.Random, scene: Scene, response: Response, target: Target, split: Split) -> Step:
    kind, degree = rng.choice(target.kinds), rng.choice((2, 3))
    act = scene.fill(HARM[f"{kind}.{degree}"].draw(rng, split))
    critique = scene.fill(WORDING_FRAMES["critique.more"].draw(rng, split), act=act)
    added = Sentence(advise(rng, scene, act, "last", split), kind, degree, act=act)
    kept = list(response)
    if len(kept) >= MAX_SENTENCES:
        kept.pop(min(range(len(kept)), key=lambda i: kept[i].degree))
    return Step(critique, (*kept, added))


def revise(rng: random.Random, scene: Scene, response: Response, target: Target, split: Split = "train") -> Step:
    """What a principle makes of a response: mended, left alone, or (asked for more harm) made worse."""
    if target.worse and target.kinds:
        return _worsen(rng, scene, response, target, split)
    return _mend(rng, scene, response, target, split)


__all__ = ["Step", "because", "concerned", "criticise", "harmful", "revise"]
