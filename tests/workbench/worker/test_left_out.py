"""Prompts that do not fit a model: they are left out and told of, and everything else is done."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.project.projects import project
from tests.workbench.worker.test_generation import COMPARISONS, CONSTITUTION, PROMPTS, asked_after, folder_of
from workbench.models.scripted import ScriptedModel
from workbench.project.chain_reading import read_waiting
from workbench.project.chain_selection import wanted_prompts
from workbench.project.collection import adopt
from workbench.project.measuring import evaluated
from workbench.records.chain import Step
from workbench.records.comparison import Comparison, Label
from workbench.records.evaluation import Answer, Judgement
from workbench.records.model import ModelRef
from workbench.records.prompt import prompt_of
from workbench.records.run import Done, Plan, RunState
from workbench.records.settings import ChainSettings
from workbench.runs.folder import RunFolder
from workbench.store.chain_rows import ChainQuery
from workbench.worker import evaluation, opening
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES

ROOM = 60
LONG = prompt_of("word " * ROOM)
#: Its answer fits, and then its critique does not.
WORDY = prompt_of("word " * 52)
WHY = f"A prompt of {ROOM + 2} tokens does not fit the model, which holds {ROOM} with its answer."


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "ScriptedModel", partial(ScriptedModel, lambda _: "Yes, do.", room=ROOM))


@pytest.mark.parametrize(("stage", "kind", "each", "cut"), [("chains", Step, 5, 1), ("comparisons", Comparison, 1, 1)])
@pytest.mark.parametrize("looks", [0, 1, 7])
def test_what_does_not_fit_is_left_out_and_the_rest_is_done_however_often_it_pauses(
    narrow: None, tmp_path: Path, stage: str, kind: type[Any], each: int, cut: int, looks: int
) -> None:
    asked = [PROMPTS[0], LONG, PROMPTS[1], WORDY, PROMPTS[2]]
    folder = folder_of(tmp_path, stage, asked, {"rounds": 2} if stage == "chains" else {})
    state = work_folder(folder, STAGES, asked_after(looks))
    while state is RunState.PAUSED:
        state = work_folder(folder, STAGES, asked_after(7))
    status = folder.status()
    assert (status.state, status.done, status.total) == (RunState.FINISHED, 5, 5)
    left = folder.left_out()
    assert left[LONG.id] == WHY
    records = list(folder.results(kind))
    by_prompt = {prompt.id: sum(record.prompt_id == prompt.id for record in records) for prompt in asked}
    assert by_prompt == {one.id: each for one in PROMPTS[:3]} | {LONG.id: 0, WORDY.id: cut}
    assert (WORDY.id in left) == (stage == "chains")
    assert len(list(folder.results(Done))) == 5
    told = folder.events_file.read_text()
    assert told.count("2 prompts were left out, too long" if len(left) == 2 else "1 prompt was left out, too long") == 1


def test_a_run_of_nothing_that_fits_fails_and_says_what_helps(narrow: None, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "chains", [LONG], {"few_shots": True})
    assert work_folder(folder, STAGES) is RunState.FAILED
    assert folder.status().reason.startswith(f"None of the prompts fits. {WHY}")
    assert "few_shots=false" in folder.status().reason


def test_labels_whose_questions_do_not_fit_are_excluded(narrow: None, tmp_path: Path) -> None:
    pairs = [*COMPARISONS[:2], Comparison("long", PROMPTS[0].id, "word " * ROOM, "No.")]
    folder = folder_of(tmp_path, "labels", [*PROMPTS, *pairs])
    assert work_folder(folder, STAGES) is RunState.FINISHED
    assert {label.comparison_id: label.verdict for label in folder.results(Label)} == {
        "c0": "ok", "c1": "ok", "long": "too_long",
    }  # fmt: skip
    assert "1 label is excluded: its question does not fit the feedback model." in folder.events_file.read_text()


@pytest.mark.parametrize("looks", [1, 3, 100])
def test_an_evaluation_compares_answers_to_prompts_that_fit_every_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    def opened(ref: ModelRef, *_: Any) -> ScriptedModel:
        return ScriptedModel(room=ROOM if ref.label == "small" else 1000)

    monkeypatch.setattr(evaluation, "open_model", opened)
    models = {name: ModelRef("scripted", "scripted", label) for name, label in (("base", "large"), ("rl_cai", "small"))}
    models["feedback"] = ModelRef("scripted", "scripted", "large")
    asked = [*PROMPTS[:3], LONG]
    plan = Plan("evaluation-1", "evaluation", models, settings={"judges": "feedback"}, seed=3, total=len(asked))
    folder = RunFolder.create(tmp_path / "run", plan, CONSTITUTION, asked)
    while work_folder(folder, STAGES, asked_after(looks)) is RunState.PAUSED:
        pass
    status = folder.status()
    assert status.state is RunState.FINISHED
    assert (status.done, status.total) == (9, 9)  # 3 answers of 2 models, and 3 pairs judged
    answers = list(folder.results(Answer))
    assert {(one.model, one.prompt_id) for one in answers if one.prompt_id == LONG.id} == {("base", LONG.id)}
    assert folder.left_out() == {LONG.id: WHY}
    assert {one.prompt_id for one in folder.results(Judgement)} == {prompt.id for prompt in PROMPTS[:3]}
    with project(tmp_path / "project") as made:
        adopt(made.store, folder)
        made.collect(folder)
        assert len(evaluated(made.store, folder.plan.id).answers) == 6


def test_a_chain_that_was_left_out_is_listed_with_its_reason_and_can_be_asked_for_again(
    narrow: None, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path, "chains", [PROMPTS[0], LONG, WORDY], {"rounds": 1})
    assert work_folder(folder, STAGES) is RunState.FINISHED
    with project(tmp_path / "project") as made:
        store = made.store
        adopt(store, folder)
        made.collect(folder)
        rows = store.chains.rows
        query = ChainQuery((folder.plan.id,))
        states = {row.prompt_id: (row.state, row.left_out) for row in rows.rows(rows.keys(query), query)}
        assert states[PROMPTS[0].id] == ("flagged", "")
        assert states[LONG.id] == ("left out", WHY)
        assert states[WORDY.id][0] == "left out"
        counts = rows.counts(query)
        assert (counts["left_out"], counts["queued"], counts["running"], counts["done"]) == (2, 0, 0, 1)
        read = read_waiting(store, folder.plan.id, LONG.id)
        assert (read.over, read.complete, read.left_out) == (True, False, WHY)
        assert wanted_prompts(store, ChainSettings(only="left_out")) == {LONG.id, WORDY.id}
