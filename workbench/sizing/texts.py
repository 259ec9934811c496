"""How long texts are in tokens: by the model's own tokenizer on a sample of them, by their letters where it has none."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from workbench.records.draws import stream
from workbench.records.rows import PreferenceRow, SftRow

#: So many texts say how long all are.
_SAMPLE = 200
#: Letters to a token in English, about; only where there is no tokenizer.json.
_LETTERS = 4.0


@dataclass(frozen=True)
class Lengths:
    """Rows and their tokens: of a whole row on average and at most, and of what is written or learnt of it on average."""

    rows: int
    mean: float
    longest: float
    response: float


def lengths_of(rows: Sequence[Any], model: Path, most_response: int = 128) -> Lengths:
    """Measure rows of a training; what RL will write is taken to be half as long as it may be."""
    if not rows:
        return Lengths(0, 0.0, 0.0, 0.0)
    drawn = stream(0, "sample of lengths").sample(list(rows), min(_SAMPLE, len(rows)))
    prompts, responses = zip(*(_texts(row) for row in drawn), strict=True)
    read, written = _counts(prompts, model), _counts(responses, model)
    if not any(responses):
        written = [most_response / 2] * len(read)
    whole = [one + other for one, other in zip(read, written, strict=True)]
    return Lengths(len(rows), mean(whole), max(whole), mean(written))


def _texts(row: Any) -> tuple[str, str]:
    said = "\n\n".join(turn.text for turn in row.messages)
    if isinstance(row, SftRow):
        return said, row.completion
    if isinstance(row, PreferenceRow):
        return said, max(row.response_a, row.response_b, key=len)
    return said, ""


def _counts(texts: Sequence[str], model: Path) -> list[float]:
    file = model / "tokenizer.json"
    if not file.is_file():
        return [len(text) / _LETTERS for text in texts]
    from tokenizers import Tokenizer  # noqa: PLC0415 - only where something is estimated

    tokenizer = Tokenizer.from_file(str(file))
    return [float(len(found.ids)) for found in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
