"""How a preference model does on comparisons it never trained on: accuracy, margin, loss and calibration, in all and by group."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from workbench.errors import BadInputError
from workbench.measurement.calibration import ReliabilityBin
from workbench.measurement.clusters import clustered_share
from workbench.measurement.intervals import Estimate, Floats, bootstrap, bootstrap_mean
from workbench.sentences import said

BINS = 10
_RESAMPLES = 1000
#: Upper ends, in tokens, of the groups by length.
_LENGTHS = (16, 32, 64, 128, 256)


@dataclass(frozen=True)
class ScoredPair:
    """A held-out comparison with a preference model's scores; probability_a is what labels or reviews say.

    Lengths are the responses' tokens; refusals say whether a response declines.
    """

    score_a: float
    score_b: float
    probability_a: float
    source: str = "label"
    kind: str = ""
    principles: tuple[str, ...] = ()
    length_a: int = 0
    length_b: int = 0
    refuses_a: bool = False
    refuses_b: bool = False
    #: Comparisons of one prompt share responses, so their errors come together; "" stands alone.
    prompt: str = ""

    @property
    def margin(self) -> float:
        """Score of a over b: the log-odds the model gives a."""
        return self.score_a - self.score_b


@dataclass(frozen=True)
class Slice:
    """What was measured on some comparisons; accuracy and margin leave out ties, which have no better side."""

    n: int
    decided: int
    loss: float
    ece: Estimate
    accuracy: Estimate | None = None
    margin: Estimate | None = None
    reliability: tuple[ReliabilityBin, ...] = ()


@dataclass(frozen=True)
class Measured:
    """A preference model measured: over all held-out comparisons, and by source, kind, principle and length."""

    overall: Slice
    by: dict[str, dict[str, Slice]] = field(default_factory=dict)


def measure(pairs: Sequence[ScoredPair]) -> Measured:
    """Return accuracy, margin, loss and calibration with 95 % intervals; a comparison counts for each of its principles."""
    groups: dict[str, Callable[[ScoredPair], tuple[str, ...]]] = {
        "source": lambda pair: (pair.source,),
        "kind": lambda pair: (pair.kind,) if pair.kind else (),
        "principle": lambda pair: pair.principles,
        "length": lambda pair: (_length(max(pair.length_a, pair.length_b)),),
        "better_side": _better_side,
    }
    return Measured(measure_slice(pairs), {name: _grouped(pairs, keys) for name, keys in groups.items()})


def measure_slice(pairs: Sequence[ScoredPair]) -> Slice:
    """Return what a preference model does on comparisons; raises BadInputError where there are none."""
    margins, truths = [pair.margin for pair in pairs], [pair.probability_a for pair in pairs]
    decided = [(margin, truth) for margin, truth in zip(margins, truths, strict=True) if truth != 0.5]
    return Slice(
        len(pairs),
        len(decided),
        loss(margins, truths),
        expected_calibration_error(margins, truths),
        accuracy(pairs) if decided else None,
        bootstrap_mean([m if t > 0.5 else -m for m, t in decided], resamples=_RESAMPLES) if decided else None,
        tuple(reliability(margins, truths)),
    )


def accuracy(pairs: Sequence[ScoredPair]) -> Estimate:
    """Return the share of comparisons whose margin points to the side the probability favours; the interval knows of prompts.

    Ties of the labels are left out; a margin of nought is wrong. Raises BadInputError where nothing is left.
    """
    decided = [pair for pair in pairs if pair.probability_a != 0.5]
    hits = [float(pair.margin != 0 and (pair.margin > 0) == (pair.probability_a > 0.5)) for pair in decided]
    return clustered_share(hits, [pair.prompt or f"pair {place}" for place, pair in enumerate(decided)])


def loss(margins: Sequence[float], truths: Sequence[float]) -> float:
    """Return the mean cross-entropy (nats) between probabilities and sigmoid(margin)."""
    rows = _rows(margins, truths)
    return float((np.logaddexp(0.0, rows[:, 0]) - rows[:, 0] * rows[:, 1]).mean())


def expected_calibration_error(margins: Sequence[float], truths: Sequence[float]) -> Estimate:
    """Return the mean gap, over ten bins of predicted probability, between prediction and labels, with a bootstrap interval.

    Each comparison is seen from the side the model prefers, so predictions lie between one half and one; a bin counts by its
    comparisons. Labels are probabilities, and a model that repeats them is calibrated. Biased upwards on few comparisons.
    """
    return bootstrap(_seen_from_preferred(margins, truths), _errors, resamples=_RESAMPLES)


def reliability(margins: Sequence[float], truths: Sequence[float]) -> list[ReliabilityBin]:
    """Return the ten bins that hold a comparison: mean prediction, and the labels' mean probability with its interval."""
    rows = _seen_from_preferred(margins, truths)
    places = _places(rows[:, 0])
    found = []
    for place in range(BINS):
        inside = rows[places == place]
        if len(inside):
            observed = bootstrap_mean(inside[:, 1].tolist(), resamples=_RESAMPLES)
            low, high = 0.5 + place / (2 * BINS), 0.5 + (place + 1) / (2 * BINS)
            found.append(ReliabilityBin(low, high, float(inside[:, 0].mean()), observed))
    return found


def _seen_from_preferred(margins: Sequence[float], truths: Sequence[float]) -> Floats:
    """Predictions of the side the model prefers, and the labels' probability of that side: (n, 2)."""
    rows = _rows(margins, truths)
    predicted = 1.0 / (1.0 + np.exp(-np.abs(rows[:, 0])))
    return np.column_stack([predicted, np.where(rows[:, 0] >= 0, rows[:, 1], 1.0 - rows[:, 1])])


def _errors(drawn: Floats) -> Floats:
    """The calibration error of each resample: (resamples, n, 2) → (resamples,)."""
    count, n = drawn.shape[:2]
    places = _places(drawn[:, :, 0]) + BINS * np.arange(count)[:, None]
    gaps = np.bincount(places.ravel(), weights=(drawn[:, :, 1] - drawn[:, :, 0]).ravel(), minlength=BINS * count)
    return np.asarray(np.abs(gaps).reshape(count, BINS).sum(axis=1) / n, dtype=np.float64)


def _places(predicted: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.minimum(((predicted - 0.5) * 2 * BINS).astype(np.int64), np.int64(BINS - 1))


def _rows(margins: Sequence[float], truths: Sequence[float]) -> Floats:
    if len(margins) != len(truths) or not margins:
        raise BadInputError(
            "Measuring needs a probability for each margin; got {margins_count} and {truths_count}.",
            margins_count=len(margins),
            truths_count=len(truths),
        )
    return np.column_stack([np.asarray(margins, dtype=np.float64), np.asarray(truths, dtype=np.float64)])


def _grouped(pairs: Sequence[ScoredPair], keys: Callable[[ScoredPair], tuple[str, ...]]) -> dict[str, Slice]:
    groups: dict[str, list[ScoredPair]] = {}
    for pair in pairs:
        for key in keys(pair):
            groups.setdefault(key, []).append(pair)
    return _measured(groups)


def _measured(groups: Mapping[str, Sequence[ScoredPair]]) -> dict[str, Slice]:
    by_size = sorted(groups, key=lambda name: (-len(groups[name]), name))
    return {name: measure_slice(groups[name]) for name in by_size}


def _length(tokens: int) -> str:
    above = 0
    for end in _LENGTHS:
        if tokens <= end:
            return said("{above} to {end} tokens", above=above + 1, end=end)
        above = end
    return said("over {above} tokens", above=above)


def _better_side(pair: ScoredPair) -> tuple[str, ...]:
    if pair.probability_a == 0.5:
        return ()
    longer = (pair.length_a - pair.length_b) * (pair.probability_a - 0.5)
    return (
        said("the longer is better")
        if longer > 0
        else said("the shorter is better")
        if longer < 0
        else said("same length"),
    )
