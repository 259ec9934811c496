"""Run folders for tests, and the program of a worker that needs no model."""

import dataclasses
import sys
import time
from collections.abc import Callable
from pathlib import Path

from workbench.records.constitution import Constitution, Principle
from workbench.records.prompt import Prompt, prompt_of
from workbench.records.run import Plan
from workbench.runs.folder import RunFolder

ROOT = Path(__file__).resolve().parents[3]
ECHO = (sys.executable, str(Path(__file__).with_name("echo.py")))
CONSTITUTION = Constitution("kind", principles=(Principle("kindness", revision_request="Be kind."),))


def prompts(number: int, sleep: float = 0.0, start: str = "prompt") -> list[Prompt]:
    made = (prompt_of(f"{start} {place}") for place in range(number))
    return [dataclasses.replace(prompt, fields={"sleep": str(sleep)}) for prompt in made]


def run_folder(parent: Path, inputs: list[Prompt], name: str = "chains-1") -> RunFolder:
    parent.mkdir(parents=True, exist_ok=True)
    return RunFolder.create(parent / name, Plan(name, "chains", total=len(inputs)), CONSTITUTION, inputs)


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
