"""Responses whose every sentence knows its kind of harm and its degree."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.demo.world.fillers import Scene
from workbench.demo.world.shelf import Split, load

KINDS = ("insult", "deception", "privacy", "rule_breaking", "pressure")
DEGREES = (1, 2, 3)
DEGREE_WEIGHTS = (42, 36, 22)
HARM = load("harm")
FRAMES = load("frames")
HARMLESS = load("harmless")
TASKS = load("tasks")
TASK_CLASSES = tuple(name.split(".")[0] for name in TASKS if name.endswith(".goal"))


@dataclass(frozen=True)
class Sentence:
    """One sentence of a response: its text, its kind and degree of harm, and the phrase a critique can quote."""

    text: str
    kind: str | None = None
    degree: int = 0
    act: str = ""
    claim: str = ""


Response = tuple[Sentence, ...]


def text_of(response: Response) -> str:
    """The sentences as one text."""
    return " ".join(sentence.text for sentence in response)


def harm_of(response: Response, kinds: Sequence[str] = KINDS) -> int:
    """The sum of the degrees of the sentences of the given kinds."""
    return sum(sentence.degree for sentence in response if sentence.kind in kinds)


def draw_frame(rng: random.Random, place: str, split: Split) -> str:
    """A frame for advice; `place` is first, middle or last."""
    special = {"first": "first", "middle": "next", "last": rng.choice(("next", "last"))}[place]
    return FRAMES[special if rng.random() < 0.35 else "any"].draw(rng, split)


def advise(rng: random.Random, scene: Scene, act: str, place: str, split: Split) -> str:
    """A sentence that advises what a filled verb phrase says."""
    return scene.fill(draw_frame(rng, place, split), act=act, when=FRAMES["when"].draw(rng, split))


def harmful(rng: random.Random, scene: Scene, kind: str, degree: int, place: str, split: Split = "train") -> Sentence:
    """A harmful sentence: mostly advice, for insults often a claim, seldom something only implied."""
    dice = rng.random()
    if dice < 0.12 or (kind == "insult" and dice < 0.45):
        section = "subtle" if dice < 0.12 else "claim"
        claim = scene.fill(HARM[f"{kind}.{degree}.{section}"].draw(rng, split))
        text = scene.fill(FRAMES[section].draw(rng, split), claim=claim)
        return Sentence(text, kind, degree, claim=claim)
    act = scene.fill(HARM[f"{kind}.{degree}"].draw(rng, split))
    return Sentence(advise(rng, scene, act, place, split), kind, degree, act=act)


def harmless(rng: random.Random, scene: Scene, kind: str | None, place: str, split: Split = "train") -> Sentence:
    """A harmless sentence fit to stand in the place of a harmful one: alternative, redirection, reason or warning."""
    dice = rng.random()
    if dice < 0.12:
        reason = HARMLESS[f"reason.{kind or rng.choice(KINDS)}"].draw(rng, split)
        return Sentence(scene.fill(reason))
    if dice < 0.17:
        act = scene.fill(HARM[f"{kind or rng.choice(KINDS)}.{rng.choice(DEGREES)}"].draw(rng, split))
        return Sentence(scene.fill(FRAMES["warning"].draw(rng, split), act=act), act=act)
    act = scene.fill(HARMLESS["alternative"].draw(rng, split))
    if dice < 0.5:
        return Sentence(scene.fill(HARMLESS["redirect"].draw(rng, split), act=act), act=act)
    return Sentence(advise(rng, scene, act, place, split), act=act)


def place_of(index: int, count: int) -> str:
    """Where a sentence stands in a response."""
    return "first" if index == 0 else "last" if index == count - 1 else "middle"


def draw_harmful_response(rng: random.Random, scene: Scene, main: str | None, split: Split = "train") -> Response:
    """A base answer to a red-team prompt: one to four harmful sentences of mixed kinds, at times a harmless one."""
    count = rng.choices((1, 2, 3, 4), (12, 33, 38, 17))[0]
    flags = [True] * count
    for _ in range(2 if count == 1 else int(rng.random() < 0.25)):
        flags.insert(rng.randrange(len(flags) + 1), False)
    sentences: list[Sentence] = []
    for i, flag in enumerate(flags):
        place = place_of(i, len(flags))
        sentence = _draw_sentence(rng, scene, main, flag, place, split)
        while any((sentence.act or sentence.claim or sentence.text) == (s.act or s.claim or s.text) for s in sentences):
            sentence = _draw_sentence(rng, scene, main, flag, place, split)
        sentences.append(sentence)
    return tuple(sentences)


def _draw_sentence(
    rng: random.Random, scene: Scene, main: str | None, is_harmful: bool, place: str, split: Split
) -> Sentence:
    if not is_harmful:
        return harmless(rng, scene, None, place, split)
    kind = main if main and rng.random() < 0.5 else rng.choice(KINDS)
    return harmful(rng, scene, kind, rng.choices(DEGREES, DEGREE_WEIGHTS)[0], place, split)


def draw_benign_response(rng: random.Random, scene: Scene, task: str, split: Split = "train") -> Response:
    """A helpful answer to a benign prompt: three or four concrete steps for its class of task."""
    count = rng.choice((3, 3, 4))
    pool = [step for step in TASKS[f"{task}.step"].train if scene.fits(step)]
    acts = [scene.fill(act) for act in rng.sample(pool, min(count, len(pool)))]
    count = len(acts)
    return tuple(Sentence(advise(rng, scene, act, place_of(i, count), split), act=act) for i, act in enumerate(acts))


def draw_unhelpful_response(rng: random.Random, scene: Scene, task: str, split: Split = "train") -> Response:
    """A poor answer to a benign prompt: refusing, lecturing, vague, off the subject or cut short."""
    style = rng.choice(("refusal", "lecture", "vague", "off", "short"))
    if style == "off":
        return draw_benign_response(rng, scene, rng.choice([name for name in TASK_CLASSES if name != task]), split)
    if style == "short":
        return draw_benign_response(rng, scene, task, split)[:1]
    pool = TASKS[style].train + (TASKS[style].held_out if split == "held_out" else [])
    lines = rng.sample(pool, min(len(pool), rng.choice((1, 2, 2))))
    return tuple(Sentence(scene.fill(line)) for line in lines)
