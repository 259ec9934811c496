"""What a part of a file brings to a run: the lines of its folder and the rows of the store, made where the file is read."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from workbench.interchange.incoming.brought import Brought
from workbench.records.chain import Step
from workbench.records.run import Done
from workbench.runs.contents import record_line
from workbench.store.chain_rows import row_of_chain
from workbench.store.ready import Rows
from workbench.store.rows import row_of


class RunPart(NamedTuple):
    """Lines of inputs and results, texts and scores as rows, the prompts that are done, and the most rounds of a chain.

    names are the ids of the texts, one after the other, by which a file is known again.
    """

    inputs: str
    results: str
    steps: Rows
    #: What lists show of each chain.
    chains: Rows
    answers: Rows
    scores: Rows
    done: Sequence[Done]
    names: str
    rounds: int


def run_part_of(good: Sequence[Brought]) -> RunPart | None:
    """Return what some rows bring to a run; None where they bring no texts of models."""
    steps = [step for one in good for step in one.steps]
    answers = [answer for one in good for answer in one.answers]
    if not steps and not answers:
        return None
    scores = [score for one in good for score in one.scores]
    prompts = [prompt for one in good for prompt in one.prompts]
    done = [Done(prompt.id) for prompt in prompts]
    return RunPart(
        _lines(prompts),
        "".join(_lines([*one.steps, *one.answers, *one.scores, *(Done(p.id) for p in one.prompts)]) for one in good),
        [row_of(step) for step in steps],
        [row_of_chain(chain) for one in good for chain in _chains(one.steps)],
        [row_of(answer) for answer in answers],
        [row_of(score) for score in scores],
        done,
        "".join([*(step.id for step in steps), *(answer.id for answer in answers)]),
        max((step.round for step in steps), default=0),
    )


def _chains(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Yield the steps of each chain of a row, in order."""
    chains: dict[str, list[Step]] = {}
    for step in steps:
        chains.setdefault(step.chain_id, []).append(step)
    yield from (sorted(chain, key=attrgetter("index")) for chain in chains.values())


def _lines(records: Sequence[object]) -> str:
    return "".join([record_line(record) + "\n" for record in records])
