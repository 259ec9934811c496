"""What is asked before and after a training: presets, estimates, repetitions, retries, curves, signs, logs."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.project.projects import append, ended, model_folder, project
from workbench.errors import BadInputError, MissingError
from workbench.measurement.rl_health import signs
from workbench.project import Project
from workbench.project.bundling import open_bundle, write_bundle
from workbench.project.curves import MOST_POINTS, curves_since
from workbench.project.repeating import asked_of, command_of
from workbench.project.replaying import plans_to_replay
from workbench.project.retrying import make_retry, retry_of
from workbench.project.training_estimate import estimate
from workbench.records.encoding import to_data
from workbench.records.model import ModelRef
from workbench.records.presets import FIRST, PRESETS, preset
from workbench.records.run import Metric, Plan
from workbench.records.settings import SETTINGS, parse_settings
from workbench.runs.control import ask, keep
from workbench.runs.events import Event, Message, Progress, Started, event_line
from workbench.runs.folder import LAUNCHER, RunFolder
from workbench.runs.journal import said_by
from workbench.runs.pace import elapsed


def plan(stage: str, **changes: Any) -> Plan:
    return Plan(f"{stage}-1", stage, settings=to_data(SETTINGS[stage](**changes)))


@pytest.mark.parametrize("stage", FIRST)
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_asked_for(stage: str, name: str) -> None:
    parse_settings(stage, preset(stage, name))
    assert set(FIRST[stage]) <= {one.name for one in dataclasses.fields(SETTINGS[stage])}


def test_a_retry_keeps_the_effective_batch() -> None:
    assert retry_of(plan("sft", batch_size=12, micro_batch_size=12)).changes == {"micro_batch_size": "6"}
    assert retry_of(plan("sft", batch_size=9, micro_batch_size=9)).changes == {"micro_batch_size": "3"}
    rl = retry_of(plan("rl", batch_size=64, mini_batches=4, micro_batch_size=64))
    assert rl.changes == {"micro_batch_size": "8"}  # 16 at most are in memory at once
    assert "effective batch stays 16" in rl.sentence
    assert retry_of(plan("sft", micro_batch_size=1)).changes == {"gradient_checkpointing": "true"}
    assert retry_of(plan("chains")).changes == {"slots": "4"}
    with pytest.raises(BadInputError, match="smaller model"):
        retry_of(plan("rl", micro_batch_size=1, gradient_checkpointing=True))


@pytest.fixture
def made(tmp_path: Path) -> Any:
    with project(tmp_path / "project") as opened:
        yield opened


def rl(made: Project, **texts: str) -> RunFolder:
    model = model_folder(made.folder.parent / "model")
    return made.make_run("rl", {"policy": model, "reward": model, "override_readiness": "true", **texts}, seed=3)


def test_a_run_is_repeated_with_its_settings_models_and_seed(made: Project) -> None:
    first = rl(made, micro_batch_size="8", kl_coef="0.5")
    words = command_of(made.folder, made.run(first.id))
    assert words.startswith(f"workbench run {made.folder} rl ")
    assert words.endswith("--seed 3")
    again = made.make_run("rl", asked_of(first.plan), seed=3)
    assert again.plan.settings == first.plan.settings
    assert again.plan.models == first.plan.models
    folder, retry = make_retry(made, first.id)
    assert folder.plan.settings == {**first.plan.settings, "micro_batch_size": 4}
    assert "4 at once instead of 8" in retry.sentence


TWO = "distributed_type: MULTI_CPU\nnum_machines: 1\nnum_processes: 2\n"


def test_a_run_of_several_processes_is_repeated_by_several(made: Project) -> None:
    """By what its plan names while that is what the run was made with, else by the copy in the run's folder."""
    file = made.folder.parent / "two.yaml"
    file.write_text(TWO)
    first = rl(made, launcher=str(file))
    kept = first.path / LAUNCHER
    assert asked_of(first.plan, kept)["launcher"] == str(file)
    file.write_text(TWO.replace("processes: 2", "processes: 4"))
    assert asked_of(first.plan, kept)["launcher"] == str(kept)
    file.unlink()
    assert asked_of(first.plan, kept)["launcher"] == str(kept)
    assert f"--set launcher={kept}" in command_of(made.folder, made.run(first.id))
    folder, _ = make_retry(made, first.id)
    assert (folder.path / LAUNCHER).read_text() == kept.read_text()
    assert "launcher" not in asked_of(rl(made).plan)


def test_a_bundle_carries_what_its_trainings_were_spread_by(made: Project, tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(TWO)
    first = rl(made, launcher=str(file))
    ended(first)
    made.collect(first)
    write_bundle(made, tmp_path / "walk.zip")
    open_bundle(tmp_path / "walk.zip", tmp_path / "other")
    file.unlink()
    ((again, texts),) = [(one, texts) for one, texts in plans_to_replay(tmp_path / "other") if one.id == first.id]
    assert again.launcher == str(file)
    assert Path(texts["launcher"]).is_relative_to(tmp_path / "other")
    with Project.open(tmp_path / "other") as other:
        done = other.make_run("rl", texts, again=again)
    assert (done.path / LAUNCHER).read_text() == (first.path / LAUNCHER).read_text()


def test_curves_come_piece_by_piece_and_are_put_together_when_long(made: Project) -> None:
    run = rl(made)
    append(run, [Metric("loss", step, float(step)) for step in range(1, 101)])
    made.collect(run)
    first = curves_since(made, run.id)
    assert first.anew
    assert len(first.points["loss"]) == 100
    append(run, [Metric("loss", 101, 7.0)])
    made.collect(run)
    more = curves_since(made, run.id, first.reached)
    assert not more.anew
    assert [point.step for point in more.points["loss"]] == [100, 101]
    append(run, [Metric("loss", step, float(step % 2)) for step in range(102, 2 * MOST_POINTS + 10)])
    made.collect(run)
    wide = curves_since(made, run.id, more.reached)
    assert wide.anew
    assert len(wide.points["loss"]) <= MOST_POINTS
    assert (wide.points["loss"][-1].low, wide.points["loss"][-1].high, wide.points["loss"][-1].mean) == (0.0, 1.0, 0.5)


def test_seconds_of_work_leave_pauses_out(made: Project, tmp_path: Path) -> None:
    run = rl(made)
    told: list[tuple[float, Event]] = [
        (100.0, Started(1, "here")), (110.0, Progress(1, 9)), (120.0, Progress(2, 9)), (121.0, Message("I rest")),
        (500.0, Started(2, "here", resumed=True)), (505.0, Progress(2, 9)), (515.0, Progress(3, 9)),
    ]  # fmt: skip
    lines = [event_line(event) for _, event in told]
    with run.events_file.open("w") as file:
        for (when, _), line in zip(told, lines, strict=True):
            file.write(line.replace(line.split('"time":')[1].split(",")[0], str(when)) + "\n")
    assert elapsed(run) == [(1, 10.0), (2, 25.0), (3, 35.0)]
    assert [line.text for line in said_by(run)] == [
        "Began as process 1 on here.", "I rest", "Went on as process 2 on here."]  # fmt: skip


def test_a_long_run_is_read_here_and_there_up_to_its_end(made: Project) -> None:
    run = rl(made)
    with run.events_file.open("w") as file:
        for step in range(1, 20_001):
            file.write(f'{{"type":"Progress","time":{step / 2},"data":{{"done":{step},"total":20000}}}}\n')
    found = elapsed(run)
    assert len(found) < 5000
    assert found[-1][0] == 20_000
    assert all(seconds == pytest.approx((step - 1) / 2) for step, seconds in found)


def test_a_discarded_run_can_be_kept_after_all(made: Project) -> None:
    run = rl(made)
    ask(run, "discard")
    made.collect(run)
    assert made.run(run.id).discarded
    keep(run)
    made.collect(run)
    assert not made.run(run.id).discarded
    with pytest.raises(BadInputError, match="not discarded"):
        keep(run)


def test_an_estimate_is_corrected_by_what_a_similar_run_took(made: Project) -> None:
    texts = {"policy": "demo", "reference": "demo", "reward": "demo", "rewards": "reward"}
    machine = {"device": "cpu", "threads": 1, "seconds": {"training, float32, 1 threads": 0.5}}
    first = estimate(made, "rl", texts, machine)
    assert first.similar == ()
    assert first.models["policy"] == "demo"
    assert first.steps == 32 * 4
    run = made.make_run("rl", {**texts, "override_readiness": "true"})
    ended(run)
    run.write_status(dataclasses.replace(run.status(), seconds=2 * (first.seconds or 0), peak_memory_mb=5000.0))
    made.collect(run)
    again = estimate(made, "rl", texts, machine)
    assert again.similar == (run.id,)
    assert again.memory_mb == pytest.approx(5000 * 1.048576)
    assert again.seconds == pytest.approx(2 * (first.seconds or 0), rel=0.01)
    assert estimate(made, "rl", {**texts, "algorithm": "ppo"}, {"device": "cuda"}).seconds is None


def test_an_estimate_of_several_processes_says_what_each_needs(made: Project) -> None:
    texts = {"policy": "demo", "reference": "demo", "reward": "demo", "rewards": "reward"}
    gpu = {"device": "cuda", "seconds": {"training, float32, 1 threads": 0.5}}
    processors = gpu | {"device": "cpu", "cores": 2}
    file = made.folder.parent / "several.yaml"
    file.write_text("distributed_type: FSDP\nnum_machines: 2\nnum_processes: 8\n")
    alone, shards = (estimate(made, "rl", texts | more, gpu) for more in ({}, {"launcher": str(file)}))
    assert alone.spread == ""
    assert shards.spread.startswith("8 processes on 2 machines, a shard of the model each: memory of one process")
    assert shards.parts["gradients and optimiser"] == pytest.approx(alone.parts["gradients and optimiser"] / 8)
    assert shards.seconds == pytest.approx((alone.seconds or 0) / 8)
    file.write_text(TWO)
    one, two = (estimate(made, "rl", texts | more, processors) for more in ({}, {"launcher": str(file)}))
    assert two.parts["weights"] == pytest.approx(2 * one.parts["weights"]), "both have one machine's memory"
    assert two.memory_mb == pytest.approx(sum(two.parts.values()))
    assert two.seconds == pytest.approx((one.seconds or 0) / 2)
    assert "of all processes on one machine" in two.spread
    with pytest.raises(MissingError, match="There is no file"):
        estimate(made, "rl", texts | {"launcher": "nowhere"}, gpu)


def test_an_estimate_is_corrected_for_as_many_processes_as_a_run_had(made: Project) -> None:
    texts = {"policy": "demo", "reference": "demo", "reward": "demo", "rewards": "reward"}
    machine = {"device": "cuda", "seconds": {"training, float32, 1 threads": 0.5}}
    file = made.folder.parent / "two.yaml"
    file.write_text(TWO.replace("MULTI_CPU", "MULTI_GPU"))
    spread = texts | {"launcher": str(file)}
    first, alone = estimate(made, "rl", spread, machine), estimate(made, "rl", texts, machine)
    run = made.make_run("rl", {**spread, "override_readiness": "true"}, machine)
    ended(run)
    peak = first.memory_mb / 1.048576
    run.write_status(dataclasses.replace(run.status(), seconds=first.seconds or 0.0, peak_memory_mb=peak))
    made.collect(run)
    again = estimate(made, "rl", texts, machine)
    assert again.similar == (run.id,)
    assert again.seconds == pytest.approx(alone.seconds, rel=0.01), "what two did in its time, one does in twice that"
    assert again.memory_mb == pytest.approx(alone.memory_mb, rel=0.01)


def test_signs_go_from_good_to_bad_as_they_near_the_alarms() -> None:
    settings = to_data(SETTINGS["rl"]())
    curves = {
        "objective/scores": [0.0, 1.0], "objective/kl": [60.0] * 5, "policy/entropy_avg": [1.0] * 4 + [0.5] * 4,
        "response_length": [10.0] * 4 + [11.0] * 4, "val/missing_eos": [0.0] * 4 + [0.5] * 4,
        "policy/clipfrac_avg": [0.3] * 4, "objective/token_kl": [0.1, 0.2, 0.2, 0.2],
    }  # fmt: skip
    found = {one.name: one.level for one in signs(curves, settings)}
    assert found == {
        "Reward": "watch", "KL": "bad", "KL per token": "watch",
        "Entropy": "watch", "Length": "good", "Endings": "bad", "Clipped steps": "watch",
        "Value loss": "unknown", "Agreement with gold": "unknown",
    }  # fmt: skip


def test_a_reward_nobody_watches_is_said_and_one_that_gold_contradicts_is_bad() -> None:
    scores = {"objective/scores": [0.1, 0.5, 0.9]}
    for agreement, level, words in (
        ([], "unknown", "as gold"),
        ([0.9, 0.95], "good", "0.93"),
        ([0.6, 0.5, 0.4], "watch", "half way"),
        ([0.9, 0.1, -0.4], "bad", "exploited"),
    ):
        found = signs({**scores, "objective/gold_agreement": agreement}, {"gold_agreement": 0.3})
        sign = next(one for one in found if one.name == "Agreement with gold")
        assert (sign.level, words in sign.sentence) == (level, True), sign


def test_models_of_every_kind_are_named_as_a_person_would(tmp_path: Path) -> None:
    models = {"policy": ModelRef("run", "sft-2", "sft of sft-2", "x"), "reward": ModelRef("demo", "demo", "demo", "y")}
    asked = asked_of(dataclasses.replace(plan("rl", kl_coef=0.1), models=models))
    assert asked == {"kl_coef": "0.1", "policy": "sft-2", "reward": "demo"}
