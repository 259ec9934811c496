"""Two processes, started by accelerate on the CPU, learn what one process learns from the same batches."""

import subprocess
from pathlib import Path

import pytest

from tests.workbench.training.five_updates import updates, written_down
from tests.workbench.training.small import preference_rows, prompts, sft_rows, small_model
from workbench.errors import BadInputError, MissingError
from workbench.records.constitution import Constitution
from workbench.records.encoding import to_data
from workbench.records.model import ModelRef
from workbench.records.run import Metric, Plan, RunState
from workbench.records.settings import PreferenceModelSettings, RlSettings, SftSettings
from workbench.runs.folder import LAUNCHER, RunFolder
from workbench.runs.launcher import WORKER, environment
from workbench.runs.launchers import program_of, read_launcher
from workbench.stages.training.ranks import Ranks
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES

TWO = """compute_environment: LOCAL_MACHINE
distributed_type: MULTI_GPU
use_cpu: true
num_machines: 1
num_processes: 2
machine_rank: 0
main_process_port: 0
rdzv_backend: static
same_network: true
"""
MACHINE = {"device": "cpu", "training_dtype": "float32", "training_threads": 1}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model(tmp_path_factory.mktemp("base") / "model")


def make(
    place: Path, stage: str, models: dict[str, Path], settings: object, rows: list[object], launcher: str
) -> RunFolder:
    refs = {role: ModelRef("folder", str(folder), folder=str(folder)) for role, folder in models.items()}
    plan = Plan(
        place.name,
        stage,
        refs,
        settings=to_data(settings),
        seed=3,
        total=len(rows),
        machine=MACHINE,
        launcher="two" if launcher else "",
    )
    return RunFolder.create(place, plan, Constitution("none"), rows, launcher=launcher)


def worked(folder: RunFolder, worker: str = "") -> RunFolder:
    """Work a folder to its end: in this process, or as the queue would where several are to, by another worker if one is named."""
    if not folder.plan.launcher:
        assert work_folder(folder, STAGES, beside=True) is RunState.FINISHED, folder.status().reason
        return folder
    program = program_of(folder, WORKER)
    command = [*program[:-1], worker or program[-1], str(folder.path), "--beside"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert folder.status().state is RunState.FINISHED, done.stderr[-3000:]
    return folder


def numbers(folder: RunFolder, name: str) -> list[float]:
    return [metric.value for metric in folder.results(Metric) if metric.name == name]


def alike(first: RunFolder, second: RunFolder, name: str, first_steps: int = 0) -> None:
    one, two = (numbers(folder, name)[: first_steps or None] for folder in (first, second))
    assert one
    assert two == pytest.approx(one, abs=2e-4, rel=2e-3), name


@pytest.mark.model
def test_sft_and_preference_model_learn_the_same(base: Path, tmp_path: Path) -> None:
    sft = SftSettings(batch_size=8, micro_batch_size=4, epochs=1, learning_rate=1e-3)
    judge = PreferenceModelSettings(batch_size=8, micro_batch_size=4, epochs=1, learning_rate=1e-3)
    for stage, settings, rows in (("sft", sft, sft_rows(32)), ("preference_model", judge, preference_rows(32, 4))):
        one, two = (
            worked(make(tmp_path / f"{stage}-{name}", stage, {"policy": base}, settings, list(rows), launcher))
            for name, launcher in (("one", ""), ("two", TWO))
        )
        alike(one, two, "loss")
        alike(one, two, "grad_norm")
        assert (two.path / "output" / "model.safetensors").is_file()


@pytest.mark.model
def test_ppo_learns_the_same_in_its_first_five_updates(base: Path, tmp_path: Path) -> None:
    """Five passes over the first batch of responses: what is learnt from does not change between the updates."""
    judge = PreferenceModelSettings(batch_size=8, micro_batch_size=8, epochs=1, learning_rate=1e-3)
    reward = worked(
        make(tmp_path / "judge", "preference_model", {"policy": base}, judge, list(preference_rows(24, 4)), "")
    )
    settings = RlSettings(
        episodes=16,
        batch_size=8,
        micro_batch_size=2,
        mini_batches=1,
        ppo_epochs=5,
        pinned=2,
        learning_rate=1e-3,
        max_tokens=8,
    )
    models = {"policy": base, "reward": reward.path / "output"}
    one, two = (make(tmp_path / f"rl-{name}", "rl", models, settings, list(prompts(12)), TWO) for name in ("1", "2"))
    (one.path / LAUNCHER).unlink()
    with written_down():
        assert work_folder(one, STAGES, beside=True) is RunState.FINISHED, one.status().reason
    worked(two, "tests.workbench.training.five_updates")
    first, second = updates(one, 1)[:5], updates(two, 2)[:5]
    assert len({round(loss, 4) for loss, _ in first}) == 5, "each update begins from other weights"
    assert second == [pytest.approx(update, abs=2e-4, rel=2e-3) for update in first]
    for name in ("objective/kl", "objective/scores", "response_length", "loss/policy_avg", "loss/value_avg"):
        alike(one, two, name, 1)
    assert len(numbers(two, "objective/kl")) == 2


def test_configurations_that_cannot_serve_are_told(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    for text, said in (
        ("a: [", "not YAML"),
        ("{}", "num_processes"),
        (TWO.replace("MULTI_GPU", "FSDP"), "cuts a model"),
    ):
        file.write_text(text)
        with pytest.raises(BadInputError, match=said):
            read_launcher(str(file), "sft")
    file.write_text(TWO)
    assert read_launcher(str(file), "rl") == TWO
    with pytest.raises(BadInputError, match="is for trainings"):
        read_launcher(str(file), "chains")
    with pytest.raises(MissingError, match="There is no file"):
        read_launcher(str(tmp_path / "other.yaml"), "sft")


def test_a_batch_that_cannot_be_shared_is_told() -> None:
    assert Ranks(1, 2).share(8, "micro_batch_size") == 4
    with pytest.raises(BadInputError, match="must be a multiple of the number of processes"):
        Ranks(0, 2).share(3, "micro_batch_size")
