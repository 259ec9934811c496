"""Choice scoring against lm-evaluation-harness: 16 principles in both orders, identical requests, float32 on both sides."""

import sys
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.contest import Result, Side, pairs, timed
from tests.benchmarks.workloads import scoring_requests

PRINCIPLES = 16
BATCHES = (1, 8, 64)
#: The largest difference of a probability that is let through.
GATE = 1e-5


@dataclass(frozen=True)
class ScoringContest:
    """One model and one order of the template."""

    folder: Path
    vocabulary: int
    options_first: bool
    target: float
    comparisons: int
    repeats: int

    def run(self, ours: Side, baseline: Side) -> Result:
        """Pass the gate, find the baseline's best batch size, then time pairs."""
        requests = scoring_requests(self.comparisons, PRINCIPLES, self.vocabulary, self.options_first)
        ours.open(self.folder, "float32")
        baseline.open(self.folder, "float32")
        apart = self._gate(ours, baseline, requests)
        some = requests[: max(64, len(requests) // 2)]
        tried = {batch: self._seconds(baseline, some, batch) for batch in BATCHES}
        best = min(tried, key=lambda batch: tried[batch])
        theirs, own = pairs(
            self.repeats,
            lambda: self._seconds(baseline, requests, best),
            lambda: timed(lambda: ours.ask("score", prompts=requests)),
        )
        order = "options before the principle" if self.options_first else "the paper's order"
        details = f"{len(requests)} requests, baseline's batch {best}, largest difference of a probability {apart:.1e}"
        return Result(f"scoring, {self.folder.name}, {order}", theirs, own, self.target, details)

    def _seconds(self, baseline: Side, requests: list[str], batch: int) -> float:
        return timed(lambda: baseline.ask("score", prompts=requests, batch=batch))

    def _gate(self, ours: Side, baseline: Side, requests: list[str]) -> float:
        """Return the largest difference between the sides' probabilities; end where it is too large."""
        own = ours.ask("score", prompts=requests)[0]
        theirs = baseline.ask("score", prompts=requests, batch=8)[0]
        apart = max(abs(one - other) for one, other in zip(own, theirs, strict=True))
        if apart > GATE:
            sys.exit(f"Scoring differs from the baseline by {apart:.1e}, more than {GATE:.0e}: no speed is reported.")
        return float(apart)
