"""The gate before labelling: is a judge right often enough, steady under the order of options, and calibrated?"""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import BadInputError
from workbench.measurement.calibration import ReliabilityBin, expected_calibration_error, reliability_bins
from workbench.measurement.clusters import clustered_share
from workbench.measurement.intervals import Estimate

#: On fewer answers the calibration error is mostly chance, which only ever adds to it: it is said, and decides nothing.
ENOUGH_TO_CALIBRATE = 50


@dataclass(frozen=True)
class Given:
    """One answer of a judge: the item, whether it is right (1, 0 or 0.5), the probability of its first choice, and flips.

    order_flip is None where only one order was asked.
    """

    item: str
    right: float
    confidence: float
    order_flip: bool | None = None


@dataclass(frozen=True)
class GateLimits:
    """What a judge must reach before its labels are worth training on."""

    accuracy: float = 0.7
    order_flips: float = 0.3
    calibration_error: float = 0.15


@dataclass(frozen=True)
class GateVerdict:
    """What a judge reached on an evaluation set, whether that is enough, and a sentence that says so."""

    ready: bool
    sentence: str
    accuracy: Estimate
    order_flips: Estimate | None
    calibration_error: Estimate
    bins: tuple[ReliabilityBin, ...]


def judge_verdict(given: Sequence[Given], name: str, limits: GateLimits | None = None) -> GateVerdict:
    """Return the verdict on a judge; raises BadInputError where it gave no usable answer.

    Accuracy must reach its limit and lie above one half with its whole interval, for a coin reaches any limit on few items.
    Calibration sets the probability of the judge's first choice against how often it is right.
    """
    if not given:
        raise BadInputError(f"The {name} gave no usable answer on this set.")
    limits = limits or GateLimits()
    accuracy = clustered_share([one.right for one in given], [one.item for one in given])
    asked_twice = [one for one in given if one.order_flip is not None]
    flips = None
    if asked_twice:
        flips = clustered_share([float(bool(one.order_flip)) for one in asked_twice], [one.item for one in asked_twice])
    decided = [one for one in given if one.right in (0.0, 1.0)] or list(given)
    confidence = [one.confidence for one in decided]
    right = [one.right == 1 for one in decided]
    error = expected_calibration_error(confidence, right)
    wanting = _wanting(accuracy, flips, error, limits)
    reached = _reached(accuracy, flips, error)
    sentence = f"The {name} is ready to label: {reached}."
    if wanting:
        sentence = f"The {name} is not ready to label, because {' and '.join(wanting)} ({reached})."
    return GateVerdict(not wanting, sentence, accuracy, flips, error, tuple(reliability_bins(confidence, right)))


def _wanting(accuracy: Estimate, flips: Estimate | None, error: Estimate, limits: GateLimits) -> list[str]:
    found = []
    if accuracy.value < limits.accuracy:
        found.append(f"it is right less often than {limits.accuracy:.0%}")
    elif accuracy.low <= 0.5:
        found.append("on so few items it cannot be told from a coin")
    if flips is not None and flips.value > limits.order_flips:
        found.append(f"its answer turns with the order of the options more often than {limits.order_flips:.0%}")
    if error.value > limits.calibration_error and error.n >= ENOUGH_TO_CALIBRATE:
        found.append(f"its probabilities are off by more than {limits.calibration_error:.2f}")
    return found


def _reached(accuracy: Estimate, flips: Estimate | None, error: Estimate) -> str:
    turned = f", {flips.value:.0%} turn with the order" if flips else ", asked in one order only"
    return (
        f"right on {accuracy.value:.0%} ({accuracy.low:.0%} to {accuracy.high:.0%}) of {accuracy.n} answers{turned}, "
        f"calibration error {error.value:.2f}"
    )
