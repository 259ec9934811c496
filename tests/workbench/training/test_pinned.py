"""Pinned prompts: they show the policy beside its reference, change nothing, and decide which step is kept."""

import math
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.workbench.training.small import Listening, prompts, reinforce, small_model
from workbench.errors import BadInputError
from workbench.records.settings import RlSettings
from workbench.stages.training import checkpoints
from workbench.stages.training.course import Place
from workbench.stages.training.generation import Draw
from workbench.stages.training.picking import Picking
from workbench.stages.training.pinned import divide
from workbench.stages.training.players import Starts
from workbench.stages.training.rollouts import RlPrompt, Rollouts
from workbench.stages.training.shards import LEARNT
from workbench.stages.training.weights import load_policy

SETTINGS = RlSettings(
    episodes=48,
    batch_size=16,
    micro_batch_size=8,
    mini_batches=2,
    learning_rate=3e-3,
    checkpoint_every=1,
    ignore_alarms="all",
    pinned=3,
    pinned_every=1,
)


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Starts:
    base = small_model(tmp_path_factory.mktemp("base"))
    return Starts(base, base, base)


def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "output", tmp_path / "checkpoints", 5, run="rl-1")


def apart(folder: Path, tmp_path: Path) -> Path:
    """Return the same model in another folder."""
    return Path(shutil.copytree(folder, tmp_path / "apart"))


def changed(**changes: float | str | bool) -> RlSettings:
    return RlSettings(**{**SETTINGS.__dict__, **changes})


def test_they_are_drawn_by_the_seed_and_may_be_kept_out() -> None:
    encoded = [RlPrompt(str(number), [number]) for number in range(20)]
    training, pinned = divide(encoded, changed(pinned=5), seed=1)
    assert (training, len(pinned)) == (encoded, 5)
    assert divide(list(reversed(encoded)), changed(pinned=5), seed=1)[1] == pinned
    assert divide(encoded, changed(pinned=5), seed=2)[1] != pinned
    rest, apart = divide(encoded, changed(pinned=5, hold_out_pinned=True), seed=1)
    assert apart == pinned
    assert sorted([*rest, *apart], key=lambda prompt: prompt.ids) == encoded
    assert divide(encoded, changed(pinned=0), seed=1) == (encoded, [])
    with pytest.raises(BadInputError, match="leaves none of 20"):
        divide(encoded, changed(pinned=20, hold_out_pinned=True), seed=1)


def test_they_are_answered_on_schedule_and_change_nothing(starts: Starts, tmp_path: Path) -> None:
    watched, alone = Listening(), Listening()
    one = reinforce(starts, prompts(7), changed(pinned_every=2), place(tmp_path / "a"), watched, max_tokens=8)
    assert one == reinforce(starts, prompts(7), changed(pinned=0), place(tmp_path / "b"), alone, max_tokens=8)
    # After every second batch of two steps, and at the end.
    assert sorted({sample.step for sample in watched.samples}) == [4, 6]
    assert len({sample.id for sample in watched.samples}) == len(watched.samples) == 6
    for prompt_id in {sample.prompt_id for sample in watched.samples}:
        first, last = (sample for sample in watched.samples if sample.prompt_id == prompt_id)
        assert first.reference_text == last.reference_text
        assert first.reference_score == last.reference_score
    assert [len(watched.values(f"pinned/{name}")) for name in ("score", "kl", "held_out_score")] == [2, 2, 2]
    assert not alone.samples


def test_a_short_training_is_looked_at_four_times_where_nobody_says_how_often(starts: Starts, tmp_path: Path) -> None:
    listening = Listening()
    settings = changed(pinned_every=0, pinned=1, episodes=144)
    reinforce(starts, prompts(7), settings, place(tmp_path), listening, max_tokens=4)
    # Nine batches of two steps: after every second, and at the end.
    assert sorted({sample.step for sample in listening.samples}) == [4, 8, 12, 16, 18]
    with pytest.raises(BadInputError, match="pinned and pinned_every must be 0 or more"):
        reinforce(starts, prompts(7), changed(pinned_every=-1), place(tmp_path / "no"), listening, max_tokens=4)


def test_a_policy_that_has_not_moved_answers_as_its_reference(starts: Starts, tmp_path: Path) -> None:
    listening = Listening()
    reinforce(starts, prompts(7), changed(learning_rate=1e-12), place(tmp_path), listening, max_tokens=8)
    for sample in listening.samples:
        assert sample.text == sample.reference_text
        assert sample.kl == pytest.approx(0.0, abs=1e-4)


def test_what_the_policy_writes_while_it_is_its_reference_counts_as_the_reference_s(
    starts: Starts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrote: list[Any] = []
    write = Rollouts.write

    def noted(self: Rollouts, model: Any, draws: Sequence[Draw]) -> list[list[int]]:
        wrote.append(model)
        return write(self, model, draws)

    monkeypatch.setattr(Rollouts, "write", noted)
    found = {}
    for name, begins in (("same", starts), ("apart", replace(starts, reference=apart(starts.reference, tmp_path)))):
        wrote.clear()
        listening = Listening()
        reinforce(begins, prompts(7), SETTINGS, place(tmp_path / name), listening, max_tokens=8)
        found[name] = (len({id(model) for model in wrote}), set(listening.samples))
    assert (found["same"][0], found["apart"][0]) == (1, 2)
    assert found["same"][1] == found["apart"][1]


def test_the_best_step_is_kept_and_resuming_finds_the_same(starts: Starts, tmp_path: Path) -> None:
    best = changed(pick="best", kl_coef=0.0)
    whole = Listening()
    uninterrupted = reinforce(starts, prompts(7), best, place(tmp_path / "a"), whole, max_tokens=8)
    scores = {m.step: m.value for m in whole.metrics if m.name == "pinned/held_out_score"}
    assert list(scores) == [0, 2, 4, 6]
    assert uninterrupted.steps == max(scores, key=lambda step: scores[step])
    stopped = reinforce(starts, prompts(7), best, place(tmp_path / "b"), Listening(stop_at=3), max_tokens=8)
    assert (stopped.finished, stopped.steps) == (False, 4)
    assert reinforce(starts, prompts(7), best, place(tmp_path / "b"), Listening(), max_tokens=8) == uninterrupted


def test_a_run_that_is_stopped_has_been_looked_at_and_its_answers_are_the_same(starts: Starts, tmp_path: Path) -> None:
    whole, before, after = Listening(), Listening(stop_at=3), Listening()
    reinforce(starts, prompts(7), SETTINGS, place(tmp_path / "a"), whole, max_tokens=8)
    reinforce(starts, prompts(7), SETTINGS, place(tmp_path / "b"), before, max_tokens=8)
    reinforce(starts, prompts(7), SETTINGS, place(tmp_path / "b"), after, max_tokens=8)
    assert {sample.step for sample in before.samples} == {2, 4}
    # Where the run went on it is looked at again, with the same outcome.
    assert {sample.step for sample in after.samples} == {4, 6}
    assert {*before.samples, *after.samples} == {*whole.samples}


def test_where_every_step_costs_more_than_it_gains_the_start_is_kept(starts: Starts, tmp_path: Path) -> None:
    # With such a penalty whatever the policy learns from whitened noise counts against it.
    costly = changed(pick="best", kl_coef=1e4, learning_rate=1e-2)
    trained = reinforce(starts, prompts(7), costly, place(tmp_path), Listening(), max_tokens=8)
    assert (trained.finished, trained.steps) == (True, 0)
    before, after = load_policy(starts.policy), load_policy(tmp_path / "output")
    assert all(torch.equal(one, two) for one, two in zip(before.parameters(), after.parameters(), strict=True))


def test_picking_keeps_one_whole_policy(starts: Starts, tmp_path: Path) -> None:
    policy = load_policy(starts.policy)
    picking = Picking(changed(pick="best"), tmp_path)
    for step, score in ((0, 1.0), (2, math.nan), (4, 3.0), (6, 2.0)):
        picking.consider(policy, step, score)
    assert [folder.name for folder in tmp_path.iterdir()] == ["best-4"]
    assert picking.best(last=6) == tmp_path / "best-4"
    again = Picking(changed(pick="best"), tmp_path)
    again.restore(picking.state())
    assert (again.best(last=6), again.best(last=4)) == (tmp_path / "best-4", None)
    assert not again.lost(last=6)
    with (tmp_path / "best-4" / LEARNT).open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x55")
    assert again.best(last=6) is None
    assert (again.lost(last=6), again.lost(last=4)) == (True, False)
    checkpoints.clear(tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_picked_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="pick must be one of last, best"):
        Picking(changed(pick="first"), tmp_path)
    with pytest.raises(BadInputError, match="set pinned"):
        Picking(changed(pick="best", pinned=0), tmp_path)
