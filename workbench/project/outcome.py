"""What came of the method so far, in few numbers: how the newest evaluation's models compare by the judge that knows most.

Their intervals are those of the normal curve, which take no time; the page Evaluate and `workbench measure` draw prompts anew.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from workbench.measurement.normal import Z_95
from workbench.project.project import Project
from workbench.project.test_sets import left_out_prompts

#: What is looked for, first things first: judge, its number's name, kind of prompt, and whether less of it is better.
_TOLD = (
    ("oracle", "harm", "red-team", True),
    ("oracle", "helpfulness", "helpful", False),
    ("preference_model", "preference_model", "red-team", False),
    ("preference_model", "preference_model", "helpful", False),
)


@dataclass(frozen=True)
class Level:
    """A model's mean, the number of answers it is of, and half the width of its 95 % interval; None of one answer."""

    model: str
    mean: float
    answers: int
    within: float | None = None


@dataclass(frozen=True)
class Measured:
    """One number by one judge on one kind of prompt, for every model that answered."""

    judge: str
    name: str
    kind: str
    less_is_better: bool
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Outcome:
    """An evaluation and the numbers that tell most of it."""

    run: str
    measured: tuple[Measured, ...]


def outcome(project: Project) -> Outcome | None:
    """Return what the newest evaluation found in few numbers; None where there is none, or no judge gave its answers numbers."""
    runs = project.store.runs.usable("evaluation")
    if not runs:
        return None
    # As on the page Evaluate: what did not fit every model compares nothing.
    left_out = left_out_prompts(project.store, runs[0].id)
    measured = tuple(_measured(project.store.scores.means(runs[0].id, left_out)))
    return Outcome(runs[0].id, measured) if measured else None


def _measured(means: Iterable[tuple[str, str, str, str, float, float, int]]) -> Iterable[Measured]:
    levels: dict[tuple[str, str, str], list[Level]] = {}
    for model, kind, judge, name, mean, square, answers in means:
        level = Level(model, mean, answers, _within(mean, square, answers))
        levels.setdefault((judge, name, kind), []).append(level)
    best = next((judge for judge, name, kind, _ in _TOLD if (judge, name, kind) in levels), None)
    for judge, name, kind, less_is_better in _TOLD:
        if judge == best and (judge, name, kind) in levels:
            yield Measured(judge, name, kind, less_is_better, tuple(levels[judge, name, kind]))


def _within(mean: float, square: float, answers: int) -> float | None:
    """Half the width of the 95 % interval of a mean, from the mean of the squares."""
    if answers < 2:
        return None
    return Z_95 * math.sqrt(max(0.0, square - mean * mean) / (answers - 1))
