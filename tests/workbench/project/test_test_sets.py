"""Which test prompts evaluations ask: the same as long as nobody wants more, and never others unsaid."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.project.evaluated import evaluated
from tests.workbench.project.projects import append, ended, project, prompts
from workbench.errors import BadInputError
from workbench.project import Project
from workbench.project.evaluations import findings
from workbench.project.figures import MeasureRequest
from workbench.project.overview import overview_of
from workbench.project.report_markdown import project_markdown
from workbench.project.test_sets import locked_set
from workbench.records.encoding import to_data
from workbench.records.evaluation import Answer
from workbench.records.prompt import Prompt, prompt_of
from workbench.records.run import Done, RunState
from workbench.records.test_set import set_hash
from workbench.runs.folder import RunFolder

LATER = [prompt_of(f"later {n}", "red-team", "test", "more") for n in range(4)]


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Project]:
    with project(tmp_path / "project") as made:
        yield made


def evaluation(of: Project, **settings: str) -> RunFolder:
    made = of.make_run("evaluation", {"judges": "feedback", "base": "scripted", "feedback": "scripted", **settings})
    asked = made.inputs(Prompt)
    append(made, [Answer(f"{made.id}-{one.id}", one.id, "base", "yes", one.kind) for one in asked])
    ended(made)
    of.collect(made)
    return made


def asked(made: RunFolder) -> set[str]:
    return {prompt.id for prompt in made.inputs(Prompt)}


def test_the_first_evaluation_locks_what_is_there_and_later_ones_ask_the_same(mine: Project) -> None:
    first = evaluation(mine)
    assert first.plan.test_set is not None
    assert (first.plan.test_set.size, first.plan.test_set.hash) == (6, set_hash(asked(first)))
    mine.import_prompts(LATER)
    second = evaluation(mine)
    assert asked(second) == asked(first)
    assert second.plan.test_set == first.plan.test_set
    assert "4 more test prompts are not in the set" in second.plan.selection
    overview = overview_of(mine)
    assert (overview.rows["unlocked_test_prompts"], overview.test_set) == (4, first.plan.test_set.hash[:8])
    found = findings(mine, second.id)
    assert (found.comparable.unlocked, found.comparable.others) == (4, ())


def test_a_prompt_that_was_left_out_counts_in_no_figure_and_is_told_of(mine: Project) -> None:
    first, second = evaluation(mine), evaluation(mine)
    gone = next(iter(asked(second)))
    append(second, [Done(gone, "A prompt of 9 tokens does not fit the model, which holds 8 with its answer.")])
    mine.collect(second)
    found = findings(mine, second.id)
    assert (found.comparable.left_out, found.comparable.others) == (1, (first.id,))
    assert sum(found.prompts.values()) == 5
    lines = mine.measure(second.id, MeasureRequest())["test_set"]["lines"]
    assert "1 prompt of it was left out, too long for one of the models." in lines
    assert findings(mine, first.id).comparable.others == (second.id,)


def test_all_prompts_make_a_set_of_their_own_which_holds_from_then_on(mine: Project) -> None:
    first = evaluation(mine)
    mine.import_prompts(LATER)
    larger = evaluation(mine, test_set="all")
    assert asked(larger) == asked(first) | {prompt.id for prompt in LATER}
    assert "more" not in larger.plan.selection
    third = evaluation(mine)
    assert third.plan.test_set == larger.plan.test_set
    assert evaluation(mine, test_set="all").plan.test_set == larger.plan.test_set
    assert first.plan.test_set is not None
    again = evaluation(mine, test_set=first.plan.test_set.hash[:8])
    assert asked(again) == asked(first)
    assert locked_set(mine.store) == mine.store.test_sets.kept()[0]
    assert mine.store.test_sets.count() == 2
    assert findings(mine, third.id).comparable.others == (first.id, again.id)
    lines = mine.measure(first.id, MeasureRequest())["test_set"]["lines"]
    assert lines[-1].startswith(f"{larger.id}, {third.id}, evaluation-4 asked other test prompts")
    assert f"Test set {first.plan.test_set.hash[:8]}, 6 prompts." in project_markdown(mine.store, "mine")
    with pytest.raises(BadInputError, match=r"There is no test set 'old'; there are locked, all, "):
        evaluation(mine, test_set="old")


def test_a_part_of_the_set_is_no_other_set_unsaid(mine: Project) -> None:
    few = evaluation(mine, limit="2")
    assert few.plan.test_set is not None
    assert (few.plan.test_set.size, few.plan.test_set.of) == (4, 6)
    whole = evaluation(mine)
    assert whole.plan.test_set is not None
    assert few.plan.test_set.locked == whole.plan.test_set.hash
    assert few.plan.selection.startswith("4 test prompts of the 6 of set ")
    assert findings(mine, whole.id).comparable.others == (few.id,)


def test_what_a_discarded_evaluation_locked_is_open_again(mine: Project) -> None:
    first = evaluation(mine)
    mine.import_prompts(LATER)
    with mine.store.write():
        mine.store.runs.set(first.id, discarded=1, state=str(RunState.STOPPED))
    assert locked_set(mine.store) is None
    assert len(asked(evaluation(mine))) == 10


def test_an_evaluation_older_than_locked_sets_locks_what_its_models_answered(mine: Project) -> None:
    made = mine.make_run("evaluation", {"judges": "feedback", "base": "scripted", "feedback": "scripted"})
    old = dataclasses.replace(made.plan, test_set=None)
    with mine.store.write():
        mine.store.db.conn.execute("DROP TRIGGER test_sets_no_delete")
        mine.store.db.conn.execute("DELETE FROM test_sets")
        mine.store.runs.set(made.id, plan=json.dumps(to_data(old)))
    append(made, [Answer(f"a-{one.id}", one.id, "base", "yes", one.kind) for one in made.inputs(Prompt)])
    ended(made)
    mine.collect(made)
    mine.import_prompts(LATER)
    found = locked_set(mine.store)
    assert found is not None
    assert (set(found.prompt_ids), found.run_id) == (asked(made), made.id)
    assert asked(evaluation(mine)) == asked(made)
    assert findings(mine, made.id).comparable.others == ()


@given(st.permutations([one.id for one in prompts()]))
def test_a_set_is_known_by_its_prompts_not_their_order(ids: list[str]) -> None:
    assert set_hash(ids) == set_hash(sorted(ids))
    assert set_hash(ids) != set_hash(ids[1:])


def test_what_people_found_before_is_told_with_what_compares_now(tmp_path: Path) -> None:
    with evaluated(tmp_path / "p") as made:
        before = findings(made)
        made.import_prompts(LATER)
        assert findings(made, before.run, before).comparable.unlocked == 4
