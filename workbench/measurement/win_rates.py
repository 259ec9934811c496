"""Win rates between two models: wins, losses and ties counted apart, each with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.errors import BadInputError
from workbench.measurement.intervals import Estimate, wilson

Verdict = Literal["a", "b", "tie"]
#: Ties are left out of what is estimated and counted (the paper's way), or count as half a win for each side.
Ties = Literal["left_out", "half_win"]


@dataclass(frozen=True)
class Match:
    """One judged pair of answers to the same prompt, with their lengths in words where known."""

    model_a: str
    model_b: str
    verdict: Verdict
    prompt: str = ""
    length_a: int = 0
    length_b: int = 0

    @property
    def models(self) -> frozenset[str]:
        """The two models that met."""
        return frozenset((self.model_a, self.model_b))


@dataclass(frozen=True)
class WinRate:
    """How one model fares against another: shares of all matches, the share of those decided, the score with ties as half."""

    wins: Estimate
    losses: Estimate
    ties: Estimate
    #: Wins among the matches that were decided; None where all were ties.
    decided: Estimate | None
    score: float


def win_rate(matches: Sequence[Match], model: str, against: str) -> WinRate:
    """Return the win rate of a model against another over the matches between them, whichever was shown first.

    Raises BadInputError where the two never met.
    """
    results = [result_for(match, model) for match in matches if match.models == {model, against}]
    n = len(results)
    if not n:
        raise BadInputError("“{model}” and “{against}” were never compared.", model=model, against=against)
    wins, losses = results.count(1.0), results.count(0.0)
    ties = n - wins - losses
    decided = wilson(wins, wins + losses) if wins + losses else None
    return WinRate(wilson(wins, n), wilson(losses, n), wilson(ties, n), decided, (wins + ties / 2) / n)


def result_for(match: Match, model: str) -> float:
    """Return 1 where the model won the match, 0 where it lost, 0.5 for a tie."""
    if match.verdict == "tie":
        return 0.5
    return float((match.verdict == "a") == (match.model_a == model))


def clusters_of(matches: Sequence[Match]) -> list[str]:
    """Return which prompt each match belongs to; a match without a prompt stands for itself."""
    return [match.prompt or f"#{place}" for place, match in enumerate(matches)]
