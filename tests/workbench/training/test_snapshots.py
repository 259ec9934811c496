"""Snapshots: a policy kept on the way is what a shorter run would have ended with, whatever interrupts the longer one."""

from pathlib import Path

import pytest

from tests.workbench.training.small import Listening, prompts, reinforce, small_model
from workbench.errors import BadInputError
from workbench.records.settings import RlSettings
from workbench.records.snapshots import snapshot_responses
from workbench.stages.training.course import Place
from workbench.stages.training.players import Starts
from workbench.stages.training.weights import load_policy, weights_hash

SETTINGS = RlSettings(
    episodes=48, batch_size=16, micro_batch_size=8, mini_batches=1, learning_rate=1e-3, schedule="constant",
    checkpoint_every=1, pinned=0,
)  # fmt: skip


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Starts:
    base = small_model(tmp_path_factory.mktemp("base"))
    return Starts(base, base, base)


def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "output", tmp_path / "checkpoints", 5)


def changed(**changes: float | str) -> RlSettings:
    return RlSettings(**{**SETTINGS.__dict__, **changes})


@pytest.mark.parametrize("adapter", [{}, {"lora_rank": 2}])
def test_a_snapshot_is_what_a_shorter_run_ends_with(starts: Starts, tmp_path: Path, adapter: dict[str, float]) -> None:
    short, long = changed(episodes=16, **adapter), changed(snapshots=2, **adapter)
    ended = reinforce(starts, prompts(5), short, place(tmp_path / "short"), Listening(), 8)
    first, second = Listening(stop_at=1), Listening()
    assert not reinforce(starts, prompts(5), long, place(tmp_path / "long"), first, 8).finished
    reinforce(starts, prompts(5), long, place(tmp_path / "long"), second, 8)
    made = [*first.models, *second.models]
    assert [(one.path, one.kind, one.step) for one in made] == [
        ("snapshots/16", "rl_snapshot", 1), ("snapshots/32", "rl_snapshot", 2),
    ]  # fmt: skip
    assert made[0].weights == ended.weights == weights_hash(tmp_path / "long" / "snapshots" / "16")
    assert made[1].weights != made[0].weights
    assert load_policy(tmp_path / "long" / "snapshots" / "32").config.model_type == "llama"


def test_snapshots_are_spaced_evenly_and_never_the_last() -> None:
    assert snapshot_responses(RlSettings(episodes=640, batch_size=64, snapshots=4)) == (128, 256, 384, 512)
    assert snapshot_responses(RlSettings(episodes=640)) == ()
    for wrong in (-1, 3):
        with pytest.raises(BadInputError, match="below the number of batches"):
            snapshot_responses(changed(snapshots=wrong))
