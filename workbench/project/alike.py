"""Whether a run that is done again makes what it made: a bundle carries a short print of each row, not the row."""

import hashlib
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from workbench.project.replaying import number_formats
from workbench.records.chain import Step
from workbench.records.comparison import Comparison, Label
from workbench.records.evaluation import Answer, Judgement
from workbench.records.run import Output, Plan
from workbench.runs.contents import read_records
from workbench.runs.folder import RunFolder

#: Where they lie in a project that was made from a bundle, each under its run's id.
PRINTS = "made_before"
_BYTES = 4
#: A probability is the same where it is to so many places: the rest is rounding.
_PLACES = 3
_LAYOUT = ("device", "dtype", "training_dtype", "threads", "training_threads", "processes", "attention")


class Alike(NamedTuple):
    """Of how many rows a run made before, as many as it made again."""

    same: int
    of: int


def prints_of(folder: RunFolder) -> Iterator[bytes]:
    """Yield the print of each row a run made: of its id with its text, verdict, probability or the hash of its weights."""
    for record in read_records(folder.results_file):
        content = _content(record)
        if content is not None:
            yield hashlib.sha256("\0".join(content).encode("utf-8", "surrogatepass")).digest()[:_BYTES]


def compared(project: Path, made: RunFolder) -> Alike | None:
    """Hold what a run made against what it made before; None where the bundle does not tell, as those of earlier versions."""
    path = project / PRINTS / made.id
    if not path.is_file():
        return None
    before, now = array("I"), array("I")
    before.frombytes(path.read_bytes())
    for one in prints_of(made):
        now.frombytes(one)
    return Alike(_common(before, now), len(before))


def _common(one: "array[int]", other: "array[int]") -> int:
    """Count what two have in common; few are objects at a time, of however many millions."""
    import numpy as np  # noqa: PLC0415 - nothing else a replay does needs it

    return int(np.isin(one, other).sum())


def apart(then: Plan, now: Plan) -> list[str]:
    """Return in what two runs of one plan were worked differently, as words: what rounds differently, or may."""
    before, after = ({**plan.machine, **number_formats(plan)} for plan in (then, now))
    words = [
        f"{name.replace('_', ' ')} {_of(after, name)} for {_of(before, name)}"
        for name in _LAYOUT
        if _of(before, name) != _of(after, name)
    ]
    one, other = before.get("machine", {}), after.get("machine", {})
    words += [f"another {name}" for name in ("processor", "torch", "cuda") if one.get(name) != other.get(name)]
    return words + (["one process for several"] if then.launcher and not now.launcher else [])


def _of(machine: Mapping[str, Any], name: str) -> object:
    return machine.get(name, "unknown")


def _content(record: Any) -> tuple[str, ...] | None:
    if isinstance(record, Step | Answer):
        return record.id, record.text
    if isinstance(record, Comparison):
        return record.id, record.response_a, record.response_b
    if isinstance(record, Label):
        return record.id, f"{record.probability_a:.{_PLACES}f}"
    if isinstance(record, Judgement):
        return record.id, str(record.verdict)
    return (record.path, record.weights) if isinstance(record, Output) else None
