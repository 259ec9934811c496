"""Doing a bundle's runs again as they were done: each under its constitution, after what people had decided by then.

What a person said of texts that runs made cannot be taken over before those texts are there again; until then it waits in a file.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import get_args

from workbench.errors import BadInputError, MissingError
from workbench.project.project import Project
from workbench.project.repeating import asked_of
from workbench.records.encoding import from_data
from workbench.records.run import Plan, training_dtype
from workbench.store.decisions import Decided

PLANS = "plans.jsonl"
#: Where the configurations of accelerate lie that its trainings were spread by, each under its run's id.
LAUNCHERS = "launchers"
#: What people decided, beside what came in with files, in their order: one a line, its kind and the record as data.
TO_COME = "decisions_to_come.jsonl"
#: So many decisions are taken over at once.
_TOGETHER = 500
_KINDS = {kind.__name__: kind for kind in get_args(Decided)}


def plans_to_replay(folder: Path) -> list[tuple[Plan, dict[str, str]]]:
    """Return the plans a project was bundled with, in order, each with its settings as a person would give them."""
    path = folder / PLANS
    if not path.is_file():
        raise MissingError("{folder} has no {plans}: it was not made from a bundle.", folder=folder, plans=PLANS)
    with path.open(encoding="utf-8", newline="\n") as lines:
        plans = [from_data(Plan, json.loads(line)) for line in lines]
    return [(plan, asked_of(plan, folder / LAUNCHERS / f"{plan.id}.yaml")) for plan in plans]


def number_formats(plan: Plan) -> dict[str, str]:
    """Return in which types a plan's models wrote and learned, by the machine's names: another machine does as well."""
    return {"dtype": plan.machine.get("dtype", "float32"), "training_dtype": training_dtype(plan.machine)}


def decided(project: Project, already: Iterable[str]) -> Iterator[str]:
    """Yield what people decided in a project as lines, but for constitutions and what is carried otherwise (its ids)."""
    known = set(already)
    for kept in project.store.decisions.journal.read():
        if isinstance(kept, str) or kept.id in known:  # a damaged line, or what is carried already
            continue
        decision = kept.decision
        if decision.kind != "ConstitutionVersion":
            yield json.dumps({"kind": decision.kind, "data": decision.data}, separators=(",", ":")) + "\n"


def settle(project: Project, until: str = "") -> int:
    """Take over what was decided up to a time (all without one) as far as its texts are there; return how many decisions."""
    coming, settled = _to_come(project.folder, until), 0
    while some := list(islice(coming, _TOGETHER)):
        settled += _settled(project, some)
    return settled


def _to_come(folder: Path, until: str) -> Iterator[Decided]:
    path = folder / TO_COME
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                told = json.loads(line)
                decision: Decided = from_data(_KINDS[told["kind"]], told["data"])
            except (ValueError, KeyError, TypeError, AttributeError, BadInputError) as error:
                raise BadInputError(
                    "Line {number} of {path} is damaged: {error}.", number=number, path=path, error=error
                ) from error
            if not until or decision.created <= until:
                yield decision


def _settled(project: Project, some: Sequence[Decided]) -> int:
    """Take decisions over with one wait for the disk; where one is about what is not there yet, each half for itself."""
    try:
        return len(project.store.decide(some))
    except BadInputError:
        middle = len(some) // 2
        return _settled(project, some[:middle]) + _settled(project, some[middle:]) if middle else 0
