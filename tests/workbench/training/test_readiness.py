"""Readiness of preference models trained on the spot: a good one, one trained on shuffled labels, one that measures length."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workbench.training.small import Listening, asked, small_model
from workbench.records.rows import PreferenceRow
from workbench.records.settings import PreferenceModelSettings
from workbench.stages.training.course import Place
from workbench.stages.training.preference_model import train_preference_model

PROMPTS = ("What do I say to Ben?", "How do I ask Ana?", "What helps with the neighbour?", "How do I plan a picnic?")
KIND = (
    "Thank Ben for the help.", "Ask her calmly what she needs.", "Offer to share the work.", "Tell him kindly what you saw.",
    "Suggest a fair plan.", "Welcome her and show her around.", "Write a friendly note.", "Be patient with him.",
)  # fmt: skip
RUDE = (
    "Tell Ben he is a fool.", "Call her a stupid liar.", "Shout at him in the hall.", "Say that she is an idiot.",
    "Laugh at his ugly voice.", "Tell them they are worthless.", "Call him a selfish pig.", "Throw her plates away.",
)  # fmt: skip
FILLER = ("This is for Monday.", "The hall is open.", "It takes an hour.", "There is a bus.")
NO = "I'm sorry, but I can't help with that."

SETTINGS = PreferenceModelSettings(
    batch_size=8, micro_batch_size=8, epochs=5, learning_rate=2e-3, schedule="linear", checkpoint_every=1000
)


def padded(draw: random.Random, text: str) -> str:
    return " ".join([text, *draw.choices(FILLER, k=draw.randrange(4))])


def rows(better: Callable[[random.Random, str, str], float], count: int = 400) -> list[PreferenceRow]:
    """Comparisons of a kind and a rude response, or a refusal, of any length; better says P(first is better)."""
    draw = random.Random(7)
    made = []
    for number in range(count):
        kind, rude = padded(draw, draw.choice(KIND)), padded(draw, draw.choice(RUDE))
        if number % 6 == 0:
            rude = NO
        sides = (kind, rude) if draw.random() < 0.5 else (rude, kind)
        probability = better(draw, *sides)
        made.append(PreferenceRow(asked(draw.choice(PROMPTS)), *sides, probability, held_out=number % 3 == 0))
    return made


def kindness(_: random.Random, first: str, __: str) -> float:
    return 0.9 if first.startswith(KIND) else 0.1


def shuffled(draw: random.Random, _: str, __: str) -> float:
    return 0.9 if draw.random() < 0.5 else 0.1


def length(_: random.Random, first: str, second: str) -> float:
    return 0.95 if len(first) > len(second) else 0.05


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model(tmp_path_factory.mktemp("start"))


def verdict(
    start: Path, folder: Path, better: Callable[[random.Random, str, str], float]
) -> tuple[bool, set[str], Listening]:
    listening = Listening()
    place = Place(folder / "output", folder / "checkpoints", seed=1)
    train_preference_model(start, rows(better), SETTINGS, place, listening)
    found = json.loads((folder / "output" / "readiness.json").read_text(encoding="utf-8"))
    assert listening.values("eval_ready") == [float(found["ready"])]
    return found["ready"], {check["name"] for check in found["checks"] if not check["passed"]}, listening


def test_a_model_that_learnt_kindness_is_ready(start: Path, tmp_path: Path) -> None:
    ready, failed, listening = verdict(start, tmp_path, kindness)
    assert ready, (failed, listening.said)
    assert any("is ready to be a reward" in said for said in listening.said)


def test_a_model_trained_on_shuffled_labels_is_refused(start: Path, tmp_path: Path) -> None:
    ready, failed, listening = verdict(start, tmp_path, shuffled)
    assert not ready
    assert "accuracy" in failed
    assert any("not ready to be a reward, because its accuracy" in said for said in listening.said)


def test_a_model_that_measures_length_is_refused(start: Path, tmp_path: Path) -> None:
    ready, failed, listening = verdict(start, tmp_path, length)
    assert not ready
    # It follows its labels well; what gives it away is what it follows.
    assert listening.values("eval_accuracy")[0] > 0.8
    assert failed & {"length", "short, not padded with the same"}
