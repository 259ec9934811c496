"""Verdicts on judges whose worth is known."""

import pytest

from workbench.errors import BadInputError
from workbench.measurement.judge_gate import GateLimits, Given, judge_verdict


def answers(right: int, wrong: int, confidence: float, flips: int = 0) -> list[Given]:
    rights = [1.0] * right + [0.0] * wrong
    return [Given(f"i{place}", one, confidence, place < flips) for place, one in enumerate(rights)]


def test_a_good_judge_is_ready() -> None:
    verdict = judge_verdict(answers(170, 30, 0.85, flips=10), "feedback model")
    assert verdict.ready
    assert verdict.accuracy.value == 0.85
    assert verdict.order_flips is not None
    assert verdict.order_flips.value == 0.05
    assert verdict.calibration_error.value == pytest.approx(0)
    assert verdict.sentence == (
        "The feedback model is ready to label: right on 85% (79% to 89%) of 200 answers, 5% turn with the order, "
        "calibration error 0.00."
    )


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (answers(100, 100, 0.5), "right less often than 70%"),
        (answers(4, 1, 0.8), "cannot be told from a coin"),
        (answers(170, 30, 0.85, flips=100), "turns with the order of the options more often than 30%"),
        (answers(150, 50, 0.99), "off by more than 0.15"),
    ],
)
def test_what_is_wanting_is_said(given: list[Given], reason: str) -> None:
    verdict = judge_verdict(given, "feedback model")
    assert not verdict.ready
    assert verdict.sentence.startswith("The feedback model is not ready to label, because ")
    assert reason in verdict.sentence


def test_limits_are_the_persons_and_one_order_is_said() -> None:
    once = [Given(f"i{place}", float(place < 60), 0.6) for place in range(100)]
    assert judge_verdict(once, "judge", GateLimits(accuracy=0.55)).ready
    assert "asked in one order only" in judge_verdict(once, "judge").sentence


def test_calibration_decides_nothing_on_few_answers() -> None:
    few = judge_verdict(answers(20, 0, 0.7), "judge")
    assert few.ready
    assert few.calibration_error.value == pytest.approx(0.3)
    assert not judge_verdict(answers(60, 0, 0.7), "judge").ready


def test_no_answer_is_refused() -> None:
    with pytest.raises(BadInputError, match="no usable answer"):
        judge_verdict([], "judge")
