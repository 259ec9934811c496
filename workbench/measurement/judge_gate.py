"""The gate before labelling: is a judge right often enough, steady under the order of options, and calibrated?"""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import BadInputError
from workbench.measurement.calibration import ReliabilityBin, expected_calibration_error, reliability_bins
from workbench.measurement.clusters import clustered_share
from workbench.measurement.intervals import Estimate
from workbench.sentences import joined, said

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
        raise BadInputError("The {name} gave no usable answer on this set.", name=name)
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
    sentence = said("The {name} is ready to label: {reached}.", name=name, reached=reached)
    if wanting:
        sentence = said(
            "The {name} is not ready to label, because {wanting} ({reached}).",
            name=name,
            wanting=joined(said(" and "), wanting),
            reached=reached,
        )
    return GateVerdict(not wanting, sentence, accuracy, flips, error, tuple(reliability_bins(confidence, right)))


def _wanting(accuracy: Estimate, flips: Estimate | None, error: Estimate, limits: GateLimits) -> list[str]:
    found: list[str] = []
    if accuracy.value < limits.accuracy:
        found.append(said("it is right less often than {accuracy:.0%}", accuracy=limits.accuracy))
    elif accuracy.low <= 0.5:
        found.append(said("on so few items it cannot be told from a coin"))
    if flips is not None and flips.value > limits.order_flips:
        found.append(
            said(
                "its answer turns with the order of the options more often than {order_flips:.0%}",
                order_flips=limits.order_flips,
            )
        )
    if error.value > limits.calibration_error and error.n >= ENOUGH_TO_CALIBRATE:
        found.append(
            said(
                "its probabilities are off by more than {calibration_error:.2f}",
                calibration_error=limits.calibration_error,
            )
        )
    return found


def _reached(accuracy: Estimate, flips: Estimate | None, error: Estimate) -> str:
    turned = (
        said(", {flips:.0%} turn with the order", flips=flips.value) if flips else said(", asked in one order only")
    )
    return said(
        "right on {accuracy:.0%} ({low:.0%} to {high:.0%}) of {n} answers{turned}, calibration error {error:.2f}",
        accuracy=accuracy.value,
        low=accuracy.low,
        high=accuracy.high,
        n=accuracy.n,
        turned=turned,
        error=error.value,
    )
