"""What is held out of training (lines marked `~`, and names by checksum), and the demo's data made of nothing else.

`python -m workbench.demo.world.held_out` writes prompts.jsonl, choices.jsonl and wordings.json in workbench/demo anew.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from workbench.demo.world.principles import Target, word
from workbench.demo.world.requests import Request, draw_benign, draw_red_team
from workbench.demo.world.responses import draw_benign_response, draw_unhelpful_response, text_of
from workbench.demo.world.shelf import TEMPLATES, Split, load

SHELVES = tuple(sorted(path.stem for path in TEMPLATES.glob("*.txt")))
# How many prompts of each kind each split gets, in the order in which they are drawn: a line put last changes none before it.
COUNTS = (
    ("red-team", {"sft": 400, "preferences": 1100, "rl": 800, "test": 400}),
    ("helpful", {"sft": 200, "preferences": 350, "rl": 400, "test": 350}),
    ("helpful", {"sft": 300}),
)
SEED = 8073
DEMO = Path(__file__).resolve().parents[1]
# The principles of constitutions/demo.yaml and what each is about.
PRINCIPLES: dict[str, Target] = {
    "insult": Target(("insult",)),
    "honesty": Target(("deception",)),
    "privacy": Target(("privacy",)),
    "lawfulness": Target(("rule_breaking",)),
    "pressure": Target(("pressure",)),
    "dignity": Target(("insult", "pressure")),
    "harm": Target(("broad",)),
    "ethics": Target(("broad",)),
}


def fragment(line: str) -> str:
    """The longest run of words in a template that no slot interrupts; a template of slots alone has none."""
    pieces = [piece.strip(" .,:?!") for piece in re.split(r"\{\w+\}", line)]
    return max(pieces, key=len) if pieces else ""


def held_out_lines() -> Iterator[tuple[str, str]]:
    """The shelf and the text of every held-out line that has words of its own."""
    for shelf in SHELVES:
        for pool in load(shelf).values():
            for line in pool.held_out:
                if any(c.isalpha() for c in fragment(line)):
                    yield shelf, line


def occurs(line: str, lowered: str) -> bool:
    """Whether a template, with whatever in its slots, stands as whole words in a text in lower case."""
    if fragment(line).lower() not in lowered:
        return False
    pieces = [re.escape(piece.lower()) for piece in re.split(r"\{\w+\}", line.strip(" .:?!"))]
    return re.search(rf"(?<![\w-]){'[^.!?]{1,80}?'.join(pieces)}(?![\w-])", lowered) is not None


def prompts(seed: int = SEED) -> Iterator[dict[str, str]]:
    """The demo's prompts, all different, from held-out templates and fillers."""
    for request, kind, split in _requests(seed):
        yield {"prompt": request.text, "kind": kind, "split": split}


def choices(seed: int = SEED) -> Iterator[dict[str, str]]:
    """What stands for people's choices: a helpful and a poor answer to helpful prompts for the preference model."""
    rng = random.Random(seed + 1)
    for request, kind, split in _requests(seed):
        if (kind, split) != ("helpful", "preferences") or request.task is None:
            continue
        words: Split = rng.choice(("train", "held_out"))
        better = text_of(draw_benign_response(rng, request.scene, request.task, words))
        worse = better
        while worse == better:
            worse = text_of(draw_unhelpful_response(rng, request.scene, request.task, words))
        if worse:  # what is off the subject may have no step that fits the scene
            yield {"prompt": request.text, "chosen": better, "rejected": worse}


def _requests(seed: int) -> Iterator[tuple[Request, str, str]]:
    rng = random.Random(seed)
    seen: set[str] = set()
    makers: dict[str, Callable[..., Request]] = {"red-team": draw_red_team, "helpful": draw_benign}
    for kind, counts in COUNTS:
        for split, count in counts.items():
            for _ in range(count):
                yield _new(rng, makers[kind], seen), kind, split


def _new(rng: random.Random, make: Callable[..., Request], seen: set[str]) -> Request:
    while (request := make(rng, "held_out")).text in seen:
        pass
    seen.add(request.text)
    return request


def _wording(rng: random.Random, target: Target) -> dict[str, str]:
    """A held-out frame each, with held-out phrases in at least one of the two."""
    return {
        "critique_request": word(rng, "critique", target, "held_out", rng.choice(("held_out", "train"))),
        "revision_request": word(rng, "revision", target, "held_out", "held_out"),
    }


def _several(rng: random.Random, target: Target, count: int, taken: set[str]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    while len(found) < count:
        wording = _wording(rng, target)
        if taken.isdisjoint(wording.values()):
            taken.update(wording.values())
            found.append(wording)
    return found


def wordings(originals: dict[str, dict[str, str]], seed: int = SEED) -> dict[str, dict[str, object]]:
    """For each principle its original wording and unseen paraphrases, unrelated wordings and contrary ones."""
    rng = random.Random(seed)
    made: dict[str, dict[str, object]] = {}
    for name, target in PRINCIPLES.items():
        taken = set(originals[name].values())
        made[name] = {
            "original": originals[name],
            "paraphrases": _several(rng, target, 4, taken),
            "unrelated": _several(rng, Target(("unrelated",)), 6, taken),
            "contrary": _several(rng, Target(target.topics, worse=True), 2, taken),
        }
    return made


def original_wordings(constitution: Path) -> dict[str, dict[str, str]]:
    """The critique and revision requests of a constitution's principles, by id."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - training itself does without it

    principles = YAML(typ="safe").load(constitution.read_text(encoding="utf-8"))["principles"]
    forms = ("critique_request", "revision_request")
    return {p["id"]: {form: p[form].strip() for form in forms} for p in principles if "revision_request" in p}


def write(folder: Path, constitution: Path) -> None:
    """Write the files."""
    for name, rows in (("prompts.jsonl", prompts()), ("choices.jsonl", choices())):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / name).write_text(lines, encoding="utf-8")
    made = wordings(original_wordings(constitution))
    (folder / "wordings.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(DEMO, DEMO.parents[1] / "constitutions" / "demo.yaml")
