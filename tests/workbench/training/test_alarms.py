"""Alarms: what raises each, what does not, and that one which was seen does not come back."""

import json
import math

import pytest

from tests.workbench.training.small import Listening
from workbench.errors import BadInputError
from workbench.records.settings import RlSettings
from workbench.stages.training.alarms import RULES, Alarms, BrokenError

STATS = {
    "objective/kl": 1.0,
    "policy/entropy_avg": 0.9,
    "response_length": 50.0,
    "val/missing_eos": 0.02,
    "objective/scores": 0.1,
    "objective/gold": 0.0,
    "objective/gold_error": 0.05,
    "objective/gold_agreement": 0.9,
}
#: KL, entropy and length over a healthy run of the demo.
KL = (
    0,
    0.6,
    1,
    1.9,
    2.7,
    3.3,
    3.2,
    4.2,
    5.4,
    5.6,
    7.6,
    7.7,
    8.9,
    8.7,
    8.8,
    8.1,
    11.4,
    11.2,
    11.3,
    11.6,
    12.3,
    11,
    12.6,
)
ENTROPY = (
    0.93,
    0.95,
    0.92,
    0.87,
    0.88,
    0.82,
    0.79,
    0.75,
    0.75,
    0.8,
    0.77,
    0.72,
    0.7,
    0.65,
    0.63,
    0.62,
    0.59,
    0.58,
    0.54,
)
LENGTH = (
    58,
    54,
    56,
    51,
    50,
    50,
    47,
    52,
    51,
    55,
    58,
    60,
    66,
    67,
    69,
    69,
    74,
    73,
    73,
    72,
    72,
    72,
    68,
    70,
    69,
    63,
    67,
    72,
)


def alarms(**changes: float | str) -> tuple[Alarms, Listening]:
    listening = Listening()
    return Alarms(RlSettings(**changes), listening), listening  # type: ignore[arg-type]


def look(made: Alarms, *batches: dict[str, float]) -> None:
    for number, batch in enumerate(batches):
        made.look({**STATS, **batch}, step=4 * (number + 1))


def raised(made: Alarms) -> str | None:
    return made.raised.name if made.raised else None


def test_a_healthy_run_raises_none() -> None:
    made, listening = alarms()
    for number in range(max(len(KL), len(ENTROPY), len(LENGTH))):
        kl, entropy, length = (series[min(number, len(series) - 1)] for series in (KL, ENTROPY, LENGTH))
        batch = {"objective/kl": kl, "policy/entropy_avg": entropy, "response_length": length}
        look(made, {**batch, "objective/scores": 0.1 * number, "objective/gold": 0.05 * number})
    assert (made.raised, listening.said, listening.metrics) == (None, [], [])


@pytest.mark.parametrize(
    ("name", "batches"),
    [
        ("kl", [{"response_length": 900.0}, {"response_length": 900.0, "objective/kl": 120.0}]),
        ("token_kl", [{"objective/kl": 1.0}, {"objective/kl": 14.0}, {"objective/kl": 20.0}]),
        ("entropy", [{}] * 4 + [{"policy/entropy_avg": 0.1}] * 4),
        ("length", [{}] * 4 + [{"response_length": 101.0}] * 4),
        ("missing_eos", [{}] * 4 + [{"val/missing_eos": 0.4}] * 4),
        (
            "over_optimisation",
            [{"objective/gold": 0.5}] * 4 + [{"objective/scores": 2.0, "objective/gold": 0.1}] * 4,
        ),
        ("disagreement", [{}] * 4 + [{"objective/gold_agreement": value} for value in (0.5, 0.4, 0.4, 0.2)]),
    ],
)
def test_each_says_its_value_its_limit_and_what_to_do(name: str, batches: list[dict[str, float]]) -> None:
    made, listening = alarms()
    look(made, *batches[:-1])
    assert made.raised is None
    made.look({**STATS, **batches[-1]}, step=40)
    assert made.raised is not None
    assert made.raised.name == name
    assert made.raised.value > made.raised.limit or name in ("entropy", "disagreement")
    assert listening.said == [made.raised.sentence]
    assert made.raised.sentence.startswith(f"Alarm {name}: ")
    for part in (f"{made.raised.value:.3g}", f"(limit {made.raised.limit:.3g})", "resume", f"ignore_alarms={name}"):
        assert part in made.raised.sentence
    assert [(metric.name, metric.step, metric.value) for metric in listening.metrics] == [
        (f"alarm/{name}", 40, made.raised.value)
    ]


@pytest.mark.parametrize("ignored", ["kl", "all", "length, kl"])
def test_an_ignored_alarm_is_told_once_and_does_not_pause(ignored: str) -> None:
    made, listening = alarms(ignore_alarms=ignored, max_token_kl=0.0)
    look(made, *[{"objective/kl": 90.0}] * 3)
    assert made.raised is None
    assert len(listening.said) == 1


@pytest.mark.parametrize(
    ("name", "off"),
    [
        ("max_kl", {"objective/kl": 900.0}),
        ("max_token_kl", {"objective/kl": 40.0}),
        ("entropy_floor", {"policy/entropy_avg": 0.001}),
        ("length_growth", {"response_length": 900.0}),
        ("missing_eos_rise", {"val/missing_eos": 1.0}),
        ("gold_fall", {"objective/gold": -9.0, "objective/scores": 9.0}),
        ("gold_agreement", {"objective/gold_agreement": -1.0}),
    ],
)
def test_a_limit_of_zero_never_raises(name: str, off: dict[str, float]) -> None:
    made, _ = alarms(**{"max_token_kl": 0.0, name: 0.0})
    look(made, *[{}] * 4, *[off] * 6)
    assert made.raised is None


def test_a_fall_within_the_noise_or_with_the_reward_is_no_over_optimisation() -> None:
    noisy, _ = alarms()
    loud = {"objective/gold_error": 1.0}
    look(noisy, *[{**loud, "objective/gold": 0.5}] * 4, *[{**loud, "objective/scores": 2.0, "objective/gold": 0.1}] * 6)
    assert noisy.raised is None
    together, _ = alarms()
    look(together, *[{"objective/gold": 0.5}] * 4, *[{"objective/scores": -1.0, "objective/gold": 0.1}] * 6)
    assert together.raised is None


def test_short_responses_leave_the_language_at_a_smaller_distance() -> None:
    short, _ = alarms()
    look(short, *[{"objective/kl": 12.0, "response_length": 24.0}] * 2)
    assert raised(short) == "token_kl"
    long, _ = alarms()
    look(long, *[{"objective/kl": 12.0, "response_length": 80.0}] * 6)
    assert long.raised is None
    jump, _ = alarms()
    look(jump, {"objective/kl": 1.0}, {"objective/kl": 20.0}, {"objective/kl": 1.0})
    assert jump.raised is None


def test_the_fall_is_measured_between_windows_of_four_batches() -> None:
    made, _ = alarms(gold_fall=0.25)
    gold = [0.0, 0.2, 0.4, 0.6, 0.4, 0.2, 0.1, 0.1, 0.1]
    for number, value in enumerate(gold):
        look(made, {"objective/gold": value, "objective/gold_error": 0.0, "objective/scores": float(number)})
        means = [sum(gold[at : at + 4]) / 4 for at in range(max(0, number - 2))]
        fallen = number >= 7 and max(means) - means[-1] > 0.25
        assert (raised(made) == "over_optimisation") == fallen, number
    assert raised(made) == "over_optimisation"


def test_whoever_resumes_has_seen_the_alarm() -> None:
    made, _ = alarms(max_token_kl=0.0)
    look(made, {"objective/kl": 90.0})
    assert raised(made) == "kl"
    resumed, listening = alarms(max_token_kl=0.0)
    resumed.restore(json.loads(json.dumps(made.state())))
    look(resumed, {"objective/kl": 90.0}, {}, {})
    assert (resumed.raised, listening.said) == (None, [])
    look(resumed, *[{"response_length": 400.0}] * 4)
    assert raised(resumed) == "length"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_ends_the_training_even_if_all_is_ignored(value: float) -> None:
    made, _ = alarms(ignore_alarms="all")
    with pytest.raises(BrokenError, match=r"objective/kl is not a finite number .* learning_rate"):
        look(made, {"objective/kl": value})


def test_an_unknown_alarm_is_one_sentence() -> None:
    with pytest.raises(BadInputError, match=f"no alarm noise; there are {', '.join(RULES)}, or all"):
        alarms(ignore_alarms="kl,noise")
