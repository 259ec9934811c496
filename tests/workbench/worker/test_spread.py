"""Several processes write what one would have written, and none outlives the worker."""

import dataclasses
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.workbench.runs.folders import run_folder, until
from workbench.demo.recipe import PROMPTS
from workbench.interchange.bundled import load_constitution
from workbench.interchange.lines import BadRow
from workbench.interchange.prompts import read_prompt_rows
from workbench.models.scripted import ScriptedModel
from workbench.records.chain import Step
from workbench.records.comparison import Comparison
from workbench.records.identity import record_id
from workbench.records.model import ModelRef
from workbench.records.prompt import Prompt
from workbench.records.run import Plan, RunState
from workbench.runs.folder import RunFolder
from workbench.runs.launcher import WORKER
from workbench.runs.states import state_of
from workbench.worker.spread import Layout, Told, layout_for, spread
from workbench.worker.work import Work

MODEL = Path(PROMPTS).parent / "model"
REF = ModelRef("folder", str(MODEL), "demo model", str(MODEL))
MACHINE = {"device": "cpu", "dtype": "float32", "threads": 1, "attention": "sdpa"}


def prompts(count: int) -> list[Prompt]:
    with PROMPTS.open("rb") as stream:
        rows = [row for row, _ in zip(read_prompt_rows(stream, "demo"), range(count), strict=False)]
    return [row for row in rows if not isinstance(row, BadRow)]


def folder_at(path: Path, processes: int, count: int, stage: str = "comparisons") -> RunFolder:
    settings = {"max_tokens": 24} | ({"rounds": 1, "few_shots": False} if stage == "chains" else {})
    models = {"response": REF, "critic": REF} if stage == "chains" else {"response": REF}
    machine = MACHINE | {"processes": processes}
    plan = Plan(f"{stage}-1", stage, models, settings=settings, seed=5, total=count, machine=machine)
    return RunFolder.create(path, plan, load_constitution("demo")[0], prompts(count))


def work(folder: RunFolder) -> None:
    subprocess.run([*WORKER, str(folder.path)], check=True)
    assert state_of(folder).state is RunState.FINISHED


def test_two_processes_write_what_one_writes(tmp_path: Path) -> None:
    alone, beside = (folder_at(tmp_path / str(count), count, 60) for count in (1, 2))
    work(alone)
    work(beside)
    one, two = ({item.id: item for item in folder.results(Comparison)} for folder in (alone, beside))
    assert len(one) == 60
    assert one == two
    assert beside.status().peak_memory_mb > 1.5 * alone.status().peak_memory_mb


@dataclasses.dataclass(frozen=True)
class ByFour:
    """Reads four inputs at a time, once two processes do, as labels are read by batches."""

    place: Path

    def __call__(self, inputs: Iterator[int], told: Told) -> Iterator[tuple[int, ...]]:
        (self.place / str(os.getpid())).touch()
        until(lambda: len(list(self.place.iterdir())) == 2)
        read: list[int] = []
        for number in inputs:
            time.sleep(0.01)
            read.append(number)
            if len(read) == 4:
                yield tuple(read)
                read = []


def test_what_is_read_together_goes_to_one_process_together(tmp_path: Path) -> None:
    work, place = Work(run_folder(tmp_path / "run", prompts(1))), tmp_path / "begun"
    place.mkdir()
    batches = sorted(spread(work, ByFour(place), range(12), Layout(2), together=4))
    assert batches == [(0, 1, 2, 3), (4, 5, 6, 7), (8, 9, 10, 11)]


def test_a_killed_worker_takes_its_processes_along_and_resuming_writes_the_rest(tmp_path: Path) -> None:
    folder = folder_at(tmp_path / "killed", 2, 80, "chains")
    worker = subprocess.Popen([*WORKER, str(folder.path)])
    until(lambda: folder.results_file.exists() and folder.results_file.stat().st_size > 0, 240)
    beside = psutil.Process(worker.pid).children(recursive=True)
    assert len([process for process in beside if "spawn_main" in " ".join(process.cmdline())]) == 2
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert psutil.wait_procs(beside, timeout=60)[1] == []
    work(folder)
    steps = [step.id for step in folder.results(Step)]
    ids = [record_id("chain", "chains-1", prompt.id) for prompt in prompts(80)]
    assert sorted(steps) == sorted(f"{identity}-{index}" for identity in ids for index in range(3))


def test_a_lost_process_fails_the_run_with_a_sentence(tmp_path: Path) -> None:
    folder = folder_at(tmp_path / "lost", 2, 80, "chains")
    worker = subprocess.Popen([*WORKER, str(folder.path)])
    until(lambda: folder.results_file.exists() and folder.results_file.stat().st_size > 0, 240)
    beside = [p for p in psutil.Process(worker.pid).children() if "spawn_main" in " ".join(p.cmdline())]
    beside[0].kill()
    assert worker.wait(240) == 1
    assert "ended from outside" in state_of(folder).reason


@pytest.mark.parametrize(
    ("machine", "inputs", "layout"),
    [
        ({"processes": 4, "threads": 1}, 1000, Layout(4, 1)),
        ({"processes": 4, "threads": 1}, 60, Layout(2, 1)),
        ({"processes": 4, "threads": 3}, 10, Layout(1, 3)),
        ({"processes": 1, "threads": 2}, 1000, Layout(1, 2)),
        ({"processes": 4, "threads": 1, "device": "cuda"}, 1000, Layout()),
    ],
)
def test_the_layout_follows_machine_and_inputs(machine: dict[str, object], inputs: int, layout: Layout) -> None:
    assert layout_for(machine, [REF, REF, None], inputs) == layout


def test_large_and_scripted_models_stay_in_one_process(tmp_path: Path) -> None:
    large = tmp_path / "model.safetensors"
    large.touch()
    os.truncate(large, 100 << 20)
    machine = {"processes": 4, "threads": 1}
    assert layout_for(machine, [dataclasses.replace(REF, folder=str(tmp_path))], 1000) == Layout()
    assert layout_for(machine, [ModelRef("scripted", "scripted")], 1000) == Layout()


def test_what_models_have_to_say_on_the_way_is_told_once() -> None:
    said: list[str] = []
    answers, revises = (ScriptedModel(notes=("asked over the network",)) for _ in range(2))
    told = Told(said.append, lambda walk, text: None, (answers, revises))
    told.notes()
    told.notes()
    assert said == ["asked over the network"]
    told.models = (ScriptedModel(notes=(*answers.notes, "one replica is gone")), revises)
    told.notes()
    told.notes()
    assert said == ["asked over the network", "one replica is gone"]
