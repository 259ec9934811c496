from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.records.chain import Step
from workbench.records.comparison import Comparison, Label
from workbench.records.constitution import Constitution, Principle
from workbench.records.evaluation_set import EvaluationItem, ItemAnswer
from workbench.records.model import ModelRef
from workbench.records.prompt import HELPFUL, prompt_of
from workbench.records.run import Done, Plan, RunState
from workbench.runs.folder import RunFolder
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES

SCRIPTED = ModelRef("scripted", "scripted")
CONSTITUTION = Constitution(
    "test",
    principles=(
        Principle(
            "kind", critique_request="What is unkind?", revision_request="Be kind.", comparison_question="Kinder?"
        ),
        Principle(
            "true", critique_request="What is untrue?", revision_request="Be true.", comparison_question="Truer?"
        ),
    ),
)
PROMPTS = [*(prompt_of(f"Question {number}?") for number in range(5)), prompt_of("How do I bake?", HELPFUL)]
COMPARISONS = [Comparison(f"c{number}", PROMPTS[number % 5].id, "Yes.", "No.") for number in range(40)]

ITEMS = [EvaluationItem(f"i{number}", "set", PROMPTS[number % 5].messages, ("Yes.",), ("No.",)) for number in range(40)]


def folder_of(path: Path, stage: str, inputs: list[Any], settings: dict[str, Any] | None = None) -> RunFolder:
    roles = ("response", "critic", "feedback")
    plan = Plan("run-1", stage, dict.fromkeys(roles, SCRIPTED), settings=settings or {}, seed=3, total=len(inputs))
    return RunFolder.create(path / "run-1", plan, CONSTITUTION, inputs)


def asked_after(looks: int) -> Callable[[], str | None]:
    """Ask to pause once the stage has looked so many times."""
    seen = iter(range(looks))
    return lambda: "pause" if next(seen, None) is None else None


CASES: list[tuple[str, list[Any], type[Any], int]] = [
    ("chains", PROMPTS, Step, 5 * 9 + 1),
    ("comparisons", PROMPTS, Comparison, 6),
    ("evaluation_set", ITEMS, ItemAnswer, 40),
    ("labels", [*PROMPTS, *COMPARISONS], Label, 40),
]


@pytest.mark.parametrize(("stage", "inputs", "kind", "expected"), CASES)
def test_a_run_saves_each_record_once_and_finishes(
    tmp_path: Path, stage: str, inputs: list[Any], kind: type[Any], expected: int
) -> None:
    folder = folder_of(tmp_path, stage, inputs)
    assert work_folder(folder, STAGES) is RunState.FINISHED
    records = list(folder.results(kind))
    assert len(records) == len({record.id for record in records}) == expected
    status = folder.status()
    assert status.done == status.total == len(list(folder.results(Done)))


@pytest.mark.parametrize(("stage", "inputs", "kind", "expected"), CASES)
@pytest.mark.parametrize("looks", [0, 1, 7])
def test_paused_and_resumed_equals_uninterrupted(
    tmp_path: Path, stage: str, inputs: list[Any], kind: type[Any], expected: int, looks: int
) -> None:
    whole = folder_of(tmp_path / "whole", stage, inputs)
    work_folder(whole, STAGES)
    folder = folder_of(tmp_path / "paused", stage, inputs)
    work_folder(folder, STAGES, asked_after(looks))
    while work_folder(folder, STAGES, asked_after(7)) is not RunState.FINISHED:
        pass
    by_id = {record.id: record for record in folder.results(kind)}
    assert by_id == {record.id: record for record in whole.results(kind)}
    assert len(list(folder.results(kind))) == expected


def test_a_wrong_setting_fails_with_a_sentence(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "chains", PROMPTS, {"rounds": 2, "colour": "red"})
    assert work_folder(folder, STAGES) is RunState.FAILED
    assert "colour" in folder.status().reason
