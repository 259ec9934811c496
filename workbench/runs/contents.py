"""What the lines of inputs.jsonl and results.jsonl may hold: a record and the name of its kind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError
from workbench.records.chain import Step
from workbench.records.comparison import Comparison, Label, Review
from workbench.records.encoding import as_json, from_data, to_data
from workbench.records.evaluation import Answer, Judgement, Score
from workbench.records.evaluation_set import EvaluationItem, ItemAnswer
from workbench.records.pair_scores import PairScores
from workbench.records.policy_sample import PolicySample
from workbench.records.prompt import Prompt
from workbench.records.rows import PreferenceRow, SftRow
from workbench.records.run import Done, Metric, Output
from workbench.runs.lines import encodes, parse_typed, read_lines, typed_line

KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        Prompt, Step, Comparison, Label, Review, Answer, Score, Judgement, SftRow, PreferenceRow, Metric, Output, Done,
        PolicySample, PairScores,
        EvaluationItem, ItemAnswer,
    )
}  # fmt: skip


def record_line(record: Any) -> str:
    """Return the line that holds a record."""
    kind = type(record).__name__
    line = f'{{"type":"{kind}","data":{as_json(record)}}}'
    return line if line.isascii() or encodes(line) else typed_line(kind, to_data(record))


def parse_record(line: bytes, path: Path) -> Any:
    """Read a record back from its line."""
    content = parse_typed(line, path)
    kind = KINDS.get(content["type"])
    if kind is None:
        raise BadInputError(
            "{path} holds a {content}, which this version does not know.", path=path, content=content["type"]
        )
    return from_data(kind, content["data"])


def read_records(path: Path, offset: int = 0) -> Iterator[Any]:
    """Yield the records of a file from a byte offset on, as far as whole lines go."""
    while True:
        lines, offset = read_lines(path, offset)
        if not lines:
            return
        for line in lines:
            yield parse_record(line, path)
