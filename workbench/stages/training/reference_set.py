"""The zero of a preference model's scores: the mean over a fixed set of responses that is stored with the model.

Scores of different preference models are comparable only once each has a zero of its own (arXiv 2204.05862, arXiv 2009.01325).
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.records.draws import stream_seed
from workbench.records.rows import PreferenceRow
from workbench.stages.training.scorer import Scorer
from workbench.stages.training.weights import SCORE_OFFSET

#: Name of the file beside the weights.
REFERENCE = "reference.jsonl"
_COMPARISONS = 256


@dataclass(frozen=True)
class ReferenceSet:
    """Comparisons whose responses average zero; scores holds those of a and b in turn, raw until they are centred."""

    rows: tuple[PreferenceRow, ...]
    scores: tuple[float, ...]

    @property
    def standard_deviation(self) -> float:
        """How far the scores spread around their mean."""
        mean = sum(self.scores) / len(self.scores)
        return math.sqrt(sum((score - mean) ** 2 for score in self.scores) / len(self.scores))

    def lines(self) -> str:
        """Return the set as JSONL: prompt as turns, response, score."""
        texts = [(row, text) for row in self.rows for text in (row.response_a, row.response_b)]
        return "".join(
            json.dumps(
                {
                    "prompt": [{"role": turn.role, "content": turn.text} for turn in row.messages],
                    "response": text,
                    "score": score,
                },
                ensure_ascii=False,
            )
            + "\n"
            for (row, text), score in zip(texts, self.scores, strict=True)
        )


def choose_reference(rows: Sequence[PreferenceRow]) -> list[PreferenceRow]:
    """Return at most 256 comparisons, of those held out where there are any, the same whatever the seed and the order."""
    candidates = [row for row in rows if row.held_out] or list(rows)
    return sorted(candidates, key=lambda row: stream_seed(0, "reference", *_content(row)))[:_COMPARISONS]


def centre(scorer: Scorer, rows: Sequence[PreferenceRow]) -> ReferenceSet:
    """Move the scorer's zero to the mean score of the rows' responses and note it in the model's configuration."""
    scores = scorer.score([(row.messages, text) for row in rows for text in (row.response_a, row.response_b)])
    mean = sum(scores) / len(scores)
    scorer.offset += mean
    setattr(scorer.model.config, SCORE_OFFSET, scorer.offset)
    return ReferenceSet(tuple(rows), tuple(score - mean for score in scores))


def _content(row: PreferenceRow) -> tuple[str, ...]:
    return (*(turn.text for turn in row.messages), row.response_a, row.response_b)
