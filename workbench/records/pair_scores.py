"""What a preference model in training makes of the same few pairs, so that a person can watch it learn."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PairScores:
    """A pinned comparison's scores at an optimiser step; their difference is the log-odds that a is better.

    held_out says whether the comparison only measures the model. Until a model is saved its scores have no zero.
    """

    id: str
    comparison_id: str
    step: int
    score_a: float
    score_b: float
    held_out: bool = False
