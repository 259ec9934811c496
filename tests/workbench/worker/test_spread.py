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
COUNT = 120
MACHINE = {"device": "cpu", "dtype": "float32", "threads": 1, "attention": "sdpa"}


def prompts(count: int) -> list[Prompt]:
    with PROMPTS.open("rb") as stream:
        rows = [row for row, _ in zip(read_prompt_rows(stream, "demo"), range(count), strict=False)]
    return [row for row in rows if not isinstance(row, BadRow)]


def folder_at(path: Path, processes: int) -> RunFolder:
    """Have chains to write, so many that two processes are worth it after some sittings as well."""
    settings = {"max_tokens": 24, "rounds": 1, "few_shots": False}
    machine = MACHINE | {"processes": processes}
    models = {"response": REF, "critic": REF}
    plan = Plan("chains-1", "chains", models, settings=settings, seed=5, total=COUNT, machine=machine)
    return RunFolder.create(path, plan, load_constitution("demo")[0], prompts(COUNT))


def work(folder: RunFolder) -> dict[str, Step]:
    """Work a folder to its end and return what was written, each once."""
    subprocess.run([*WORKER, str(folder.path)], check=True)
    assert state_of(folder).state is RunState.FINISHED
    steps = {step.id: step for step in folder.results(Step)}
    assert len(steps) == sum(1 for _ in folder.results(Step))
    return steps


@dataclasses.dataclass(frozen=True)
class ByFour:
    """Reads four inputs at a time, once two processes do, as labels are read by batches."""

    place: Path

    def __call__(self, inputs: Iterator[int], told: Told) -> Iterator[tuple[int, ...]]:
        (self.place / str(os.getpid())).touch()
        until(lambda: len(list(self.place.iterdir())) == 2, 240)
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


def begun(folder: RunFolder) -> tuple["subprocess.Popen[bytes]", list[psutil.Process]]:
    """Start a worker; return it, and the two that write beside it, once there is more than there was."""
    before = folder.results_file.stat().st_size if folder.results_file.exists() else 0
    worker = subprocess.Popen([*WORKER, str(folder.path)])
    until(lambda: folder.results_file.exists() and folder.results_file.stat().st_size > before, 240)
    children = psutil.Process(worker.pid).children(recursive=True)
    beside = [process for process in children if "spawn_main" in " ".join(process.cmdline())]
    assert len(beside) == 2
    return worker, beside


@pytest.mark.timeout(900)
def test_two_processes_that_are_lost_and_killed_write_what_one_writes(tmp_path: Path) -> None:
    alone, folder = (folder_at(tmp_path / str(count), count) for count in (1, 2))
    # One of them is lost: the run fails with a sentence.
    worker, (lost, _) = begun(folder)
    lost.kill()
    assert worker.wait(240) == 1
    assert "ended from outside" in state_of(folder).reason
    # The worker is killed: its processes go, too.
    worker, beside = begun(folder)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert psutil.wait_procs(beside, timeout=60)[1] == []
    one, two = work(alone), work(folder)
    assert len(one) == 3 * COUNT
    assert one == two
    # What those beside the worker hold is counted; it loads no model itself, so that two hold less than twice as much.
    assert folder.status().peak_memory_mb > 1.2 * alone.status().peak_memory_mb


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
