"""What came of the method so far, in few numbers: how the newest evaluation's models compare by the judge that knows most.

Without intervals, which take longer to reckon: the page Evaluate and `workbench measure` give them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.project.project import Project

#: What is looked for, first things first: judge, its number's name, kind of prompt, and whether less of it is better.
_TOLD = (
    ("oracle", "harm", "red-team", True),
    ("oracle", "helpfulness", "helpful", False),
    ("preference_model", "preference_model", "red-team", False),
    ("preference_model", "preference_model", "helpful", False),
)


@dataclass(frozen=True)
class Level:
    """A model's mean and the number of answers it is of."""

    model: str
    mean: float
    answers: int


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
    measured = tuple(_measured(project.store.scores.means(runs[0].id)))
    return Outcome(runs[0].id, measured) if measured else None


def _measured(means: Iterable[tuple[str, str, str, str, float, int]]) -> Iterable[Measured]:
    levels: dict[tuple[str, str, str], list[Level]] = {}
    for model, kind, judge, name, mean, answers in means:
        levels.setdefault((judge, name, kind), []).append(Level(model, mean, answers))
    best = next((judge for judge, name, kind, _ in _TOLD if (judge, name, kind) in levels), None)
    for judge, name, kind, less_is_better in _TOLD:
        if judge == best and (judge, name, kind) in levels:
            yield Measured(judge, name, kind, less_is_better, tuple(levels[judge, name, kind]))
