"""A project with labelled comparisons, as many and as sure as a test asks for."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.workbench.project.projects import append, comparison, ended, label, project
from workbench.project import Project
from workbench.records.comparison import Comparison
from workbench.records.prompt import Prompt


def labelled(folder: Path, probabilities: Sequence[float], flips: Sequence[int] = ()) -> Project:
    """Return an open project whose comparisons have these labels, in the order of their seq."""
    made = project(folder, number=len(probabilities))
    pairs = made.make_run("comparisons", {"response": "scripted"})
    found = [comparison(pairs.id, prompt) for prompt in pairs.inputs(Prompt)][: len(probabilities)]
    append(pairs, found)
    ended(pairs)
    made.collect(pairs.id)
    add_labels(made, found, probabilities, flips)
    return made


def add_labels(
    made: Project, pairs: Sequence[Comparison], probabilities: Sequence[float], flips: Sequence[int] = ()
) -> str:
    """Label comparisons in a run of their own and return its id."""
    run = made.make_run("labels", {"feedback": "scripted", "rationale": "true"} if made.store.labels.count() else
                        {"feedback": "scripted"})  # fmt: skip
    labels = [label(run.id, one, made.constitution.hash, p) for one, p in zip(pairs, probabilities, strict=True)]
    append(run, [replace(one, order_flip=place in flips) for place, one in enumerate(labels)])
    ended(run)
    made.collect(run.id)
    return run.id
