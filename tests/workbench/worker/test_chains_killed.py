"""A chains run that is killed again and again ends with the same steps as one that was left alone."""

import random
import subprocess
import time
from pathlib import Path

from tests.workbench.runs.folders import until
from workbench.records.chain import Step
from workbench.records.constitution import Constitution, Principle
from workbench.records.model import ModelRef
from workbench.records.prompt import HELPFUL, Prompt, prompt_of
from workbench.records.run import Done, Plan, RunState
from workbench.runs.folder import RunFolder
from workbench.runs.launcher import WORKER
from workbench.runs.states import state_of

PRINCIPLES = tuple(
    Principle(name, critique_request=f"{name}?", revision_request=f"More {name}.") for name in ("kind", "true")
)
#: So many that four sittings of some hundredths of a second leave most of them to write.
PROMPTS = [prompt_of(f"Question {number}?", HELPFUL if number % 10 == 0 else "red-team") for number in range(1000)]


def folder_at(path: Path) -> RunFolder:
    scripted = ModelRef("scripted", "scripted")
    plan = Plan("chains-1", "chains", {"response": scripted, "critic": scripted}, seed=5, total=len(PROMPTS))
    return RunFolder.create(path, plan, Constitution("test", principles=PRINCIPLES), PROMPTS)


def finish(folder: RunFolder) -> dict[str, Step]:
    subprocess.run([*WORKER, str(folder.path)], check=True)
    assert state_of(folder).state is RunState.FINISHED
    steps = list(folder.results(Step))
    assert len({step.id for step in steps}) == len(steps)
    done = [one.input for one in folder.results(Done)]
    assert sorted(done) == sorted(prompt.id for prompt in folder.inputs(Prompt))
    return {step.id: step for step in steps}


def kill_in_the_middle(folder: RunFolder, delay: float) -> None:
    before = folder.results_file.stat().st_size if folder.results_file.exists() else 0
    worker = subprocess.Popen([*WORKER, str(folder.path)])
    until(
        lambda: (
            worker.poll() is not None or (folder.results_file.exists() and folder.results_file.stat().st_size > before)
        )
    )
    time.sleep(delay)
    worker.kill()
    worker.wait()


def test_kills_change_no_step(tmp_path: Path) -> None:
    alone = finish(folder_at(tmp_path / "alone"))
    assert len(alone) == 100 + 900 * 9
    often = folder_at(tmp_path / "often")
    delays = random.Random(1)
    for _ in range(4):
        kill_in_the_middle(often, delays.uniform(0, 0.03))
    assert state_of(often).state is RunState.INTERRUPTED
    assert finish(often) == alone
