"""A project with prompts of every split, and results of runs as workers would append them."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.project import Project
from workbench.records.chain import Step
from workbench.records.comparison import Comparison, Label, OrderedAnswer
from workbench.records.constitution import Constitution, Principle
from workbench.records.prompt import HELPFUL, RED_TEAM, Prompt, prompt_of
from workbench.records.run import Output, RunState
from workbench.runs.contents import record_line
from workbench.runs.folder import RunFolder
from workbench.runs.lines import LineWriter

KIND = Constitution(
    "kind",
    principles=(
        Principle("kindness", critique_request="Is it?", revision_request="Be kind.", comparison_question="Which?"),
    ),
)
SPLITS = ("train", "sft", "preferences", "rl", "test")


def prompts(number: int = 3) -> list[Prompt]:
    return [
        prompt_of(f"{split} {kind} {place}", kind, split, "examples")
        for split in SPLITS
        for kind in (RED_TEAM, HELPFUL)
        for place in range(number)
    ]


def project(folder: Path, number: int = 3, sleep: str = "0") -> Project:
    made = Project.create(folder, KIND, "name: kind\n")
    made.import_prompts(dataclasses.replace(prompt, fields={"sleep": sleep}) for prompt in prompts(number))
    return made


def model_folder(path: Path) -> str:
    path.mkdir(parents=True, exist_ok=True)
    (path / "config.json").write_text("{}")
    (path / "model.safetensors").touch()
    return str(path)


def append(folder: RunFolder, records: Sequence[Any]) -> None:
    for record in records:
        if isinstance(record, Output):
            model_folder(folder.path / record.path)
    writer = LineWriter(folder.results_file)
    writer.append(record_line(record) for record in records)
    writer.close()


def ended(folder: RunFolder, state: RunState = RunState.FINISHED, reason: str = "") -> None:
    folder.write_status(dataclasses.replace(folder.status(), state=state, reason=reason, done=folder.plan.total))


def steps(run: str, prompt: Prompt, flagged: tuple[int, ...] = (), rounds: int = 2) -> list[Step]:
    made = []
    for index in range(1 if prompt.kind == HELPFUL else 1 + 2 * rounds):
        kind = "initial" if index == 0 else "critique" if index % 2 else "revision"
        name = f"{run}-{prompt.id}"
        made.append(
            Step(f"{name}-{index}", name, prompt.id, index, (index + 1) // 2, kind, f"{kind} {index}",  # type: ignore[arg-type]
                 verdicts=("unchanged",) if index in flagged else ())
        )  # fmt: skip
    return made


def comparison(run: str, prompt: Prompt) -> Comparison:
    return Comparison(f"{run}-{prompt.id}", prompt.id, "one", "two", "m", "m")


def label(run: str, of: Comparison, constitution: str, probability: float = 0.8) -> Label:
    return Label(
        f"{run}-{of.id}",
        of.id,
        ("kindness",),
        probability,
        (OrderedAnswer("ab", -0.2, -1.6),),
        constitution_hash=constitution,
    )
