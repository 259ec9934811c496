"""Chains listed, found stale, written again, branched and reckoned beforehand."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.workbench.project.projects import KIND, append, ended, project, steps
from workbench.cli.chains import chain_text
from workbench.errors import BadInputError, MissingError
from workbench.project import Project
from workbench.project.chain_reading import read_chain, read_waiting
from workbench.project.chain_selection import next_seed, stale_prompts
from workbench.project.chain_sources import chain_runs, current_runs
from workbench.project.estimating import estimate_chains
from workbench.project.staleness import outdated
from workbench.records.chain import Step
from workbench.records.prompt import Prompt, prompt_of
from workbench.records.run import RunState
from workbench.records.settings import SftSettings
from workbench.runs.folder import RunFolder
from workbench.store.chain_rows import ChainQuery, ChainRow
from workbench.store.prompt_rows import PromptQuery
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES

Written = Callable[..., RunFolder]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Project]:
    with project(tmp_path / "p", number=2) as found:
        yield found


@pytest.fixture
def write(made: Project) -> Written:
    """Return what makes a run of chains and has a scripted model write it."""

    def written(**settings: str) -> RunFolder:
        folder = made.make_run("chains", {"response": "scripted", "rounds": "2", **settings})
        assert work_folder(folder, STAGES, beside=True) is RunState.FINISHED
        made.collect(folder)
        return folder

    return written


def rows(made: Project, only: str = "", **more: object) -> list[ChainRow]:
    query = ChainQuery(only=only, outdated=outdated(made.store), **more)  # type: ignore[arg-type]
    return made.store.chains.rows.rows(made.store.chains.rows.keys(query), query)


def reword(made: Project, **wording: str) -> None:
    principle = dataclasses.replace(KIND.principles[0], **wording)  # type: ignore[arg-type]
    made.commit(dataclasses.replace(KIND, principles=(principle,)))


def test_a_run_lists_its_chains_before_the_first_is_written(made: Project) -> None:
    folder = made.make_run("chains", {"response": "scripted", "rounds": "2"})
    waiting = rows(made)
    assert {row.state for row in waiting} == {"queued"}
    assert sorted(row.expected for row in waiting) == [1] * 4 + [5] * 4
    first, second = [prompt for prompt in folder.inputs(Prompt) if prompt.kind == "red-team"][:2]
    append(folder, [*steps(folder.id, first, flagged=(4,)), *steps(folder.id, second)[:2]])
    made.collect(folder)
    states = {row.prompt_id: row.state for row in rows(made)}
    assert (states[first.id], states[second.id]) == ("flagged", "running")
    assert [row.prompt_id for row in rows(made, "flagged")] == [first.id]
    assert read_waiting(made.store, folder.id, second.id).response(1) is None
    ended(folder, RunState.STOPPED)
    made.collect(folder)
    assert {row.state for row in rows(made)} == {"flagged", "broken off"}


def test_chains_are_found_by_words_and_sorted_by_how_much_changed(made: Project, write: Written) -> None:
    write()
    found = rows(made, words="red-team 1", order="most_changed")
    assert {row.prompt for row in found} == {"train red-team 1", "sft red-team 1"}
    assert [row.changed for row in found] == sorted((row.changed or 0 for row in found), reverse=True)
    counts = made.store.chains.rows.counts(ChainQuery())
    assert (counts[""], counts["done"], counts["queued"]) == (8, 8, 0)
    with pytest.raises(BadInputError, match="cannot be narrowed to 'lost'"):
        rows(made, "lost")


def test_a_changed_wording_makes_stale_what_was_written_by_it_until_it_is_redone(made: Project, write: Written) -> None:
    first = write()
    reword(made, comparison_question="Which is kinder?")  # no chain depends on it
    assert rows(made, "stale") == []
    reword(made, revision_request="Be very kind.")
    stale = rows(made, "stale")
    assert {(row.run_id, row.kind, row.state) for row in stale} == {(first.id, "red-team", "stale")}
    assert "worded otherwise now" in read_chain(made.store, stale[0].chain_id).stale[0]
    assert stale_prompts(made.store) == {first.id: [row.prompt_id for row in stale]}
    again = made.make_run("chains", {"response": "scripted", "rounds": "2", "only": "stale"})
    assert {prompt.id for prompt in again.inputs(Prompt)} == {row.prompt_id for row in stale}
    assert again.plan.amends == (first.id,)
    assert rows(made, "stale") == []  # they are about to be written
    work_folder(again, STAGES, beside=True)
    made.collect(again)
    assert {row.run_id for row in rows(made, current=True) if row.kind == "red-team"} == {again.id}
    with pytest.raises(MissingError, match="is stale"):
        made.make_run("chains", {"response": "scripted", "only": "stale"})
    reword(made)
    assert {row.run_id for row in rows(made, "stale")} == {again.id} == {*stale_prompts(made.store)}


def test_an_edit_makes_stale_what_was_written_after_it(made: Project, write: Written) -> None:
    write()
    row = next(row for row in rows(made) if row.kind == "red-team")
    made.edit(f"{row.chain_id}-4", "Better.", "Ada")
    assert rows(made, "stale") == []  # the last revision: nothing follows from it
    assert [found.chain_id for found in rows(made, "edited")] == [row.chain_id]
    made.edit(f"{row.chain_id}-2", "Good.", "Ada")
    assert [found.chain_id for found in rows(made, "stale")] == [row.chain_id]
    made.edit(f"{row.chain_id}-2", None, "Ada")
    assert rows(made, "stale") == []


def test_training_takes_a_redone_chain_and_all_others_from_the_run_it_amends(made: Project, write: Written) -> None:
    first = write()
    before = {item.prompt_id: item.origin for item in made.sft_rows(SftSettings(drop_flagged=False)) if item.round == 2}
    prompt_id = min(before)
    again = write(prompts=prompt_id, seed="5")
    after = {item.prompt_id: item.origin for item in made.sft_rows(SftSettings(drop_flagged=False)) if item.round == 2}
    assert after.keys() == before.keys()
    read, old = (read_chain(made.store, made.store.chains.id_of(run.id, prompt_id)) for run in (again, first))
    ended_with = old.steps[-1]
    assert (read.before, old.before) == ((first.id, ended_with.text), None)
    assert chain_text(read).endswith(f"HOW IT ENDED BEFORE, IN {first.id}\n{ended_with.text}")
    assert {key for key in after if after[key] != before[key]} == {prompt_id}
    made.exclude([made.store.chains.id_of(again.id, prompt_id)], "Ada", "worse")
    rest = {item.prompt_id: item.origin for item in made.sft_rows(SftSettings(drop_flagged=False)) if item.round == 2}
    assert rest == before
    fresh = write(tag="hard") if made.tag([prompt_id], "hard", "Ada") else first
    assert fresh.plan.amends == ()
    assert {item.prompt_id for item in made.sft_rows(SftSettings(drop_flagged=False)) if item.round} == {prompt_id}
    made.edit(ended_with.step.id, "Be kind to him.", "Ada")
    assert read_chain(made.store, read.id).before == (first.id, "Be kind to him.")


def test_chains_count_as_training_takes_them_whatever_became_of_later_runs(made: Project, write: Written) -> None:
    first = write(limit="3")
    prompts = {prompt.id: prompt for prompt in first.inputs(Prompt)}
    red_team = next(prompt for prompt in prompts.values() if prompt.kind == "red-team")

    def later(state: RunState, written: int, **settings: str) -> RunFolder:
        folder = made.make_run("chains", {"response": "scripted", "rounds": "2", **settings})
        append(folder, steps(folder.id, red_team)[:written])
        ended(folder, state)
        made.collect(folder)
        return folder

    for state, written in ((RunState.FAILED, 5), (RunState.FAILED, 0), (RunState.STOPPED, 5)):
        later(state, written)
        assert current_runs(made.store) == chain_runs(made.store) == (first.id,)
    assert not any(row.superseded for row in rows(made, runs=(first.id,)))
    half = later(RunState.STOPPED, 2, prompts=red_team.id)
    assert current_runs(made.store) == chain_runs(made.store) == (half.id, first.id)
    counting = rows(made, runs=current_runs(made.store), current=True)
    assert {row.chain_id for row in counting} >= {made.store.chains.id_of(first.id, one) for one in prompts}
    rest = made.make_run("chains", {"response": "scripted", "only": "new"})
    assert rest.plan.amends == (half.id, first.id)
    assert not {prompt.id for prompt in rest.inputs(Prompt)} & {*prompts}


def test_a_branch_begins_with_the_old_steps_in_peoples_wording_and_goes_on(made: Project, write: Written) -> None:
    first = write()
    row = next(row for row in rows(made) if row.kind == "red-team")
    old = made.store.chains.steps_of(row.chain_id)
    made.edit(old[2].id, "My own words.", "Ada")
    again = write(branch=old[2].id, seed=str(next_seed(made.store, [row.prompt_id])))
    new = made.store.chains.steps_of(made.store.chains.id_of(again.id, row.prompt_id))
    assert len(new) == len(old) == 5
    assert [step.text for step in new[:3]] == [old[0].text, old[1].text, "My own words."]
    assert new[2].origin.startswith(f"{old[2].id},edit-")
    assert [step.origin for step in new[3:]] == ["", ""]
    assert "My own words." in new[3].sent
    assert new[4].text != old[4].text
    assert (again.plan.seed, again.plan.amends) == (1, (first.id,))
    assert [step.id for step in again.results(Step)] == [step.id for step in new]
    assert rows(made, "stale") == []
    with pytest.raises(BadInputError, match="Nothing follows step"):
        made.make_run("chains", {"response": "scripted", "rounds": "2", "branch": old[4].id})
    with pytest.raises(MissingError, match="no step lost"):
        made.make_run("chains", {"response": "scripted", "branch": "lost"})


def test_only_prompts_without_a_chain_are_new(made: Project, write: Written) -> None:
    write(limit="3")
    rest = made.make_run("chains", {"response": "scripted", "only": "new"})
    assert len(list(rest.inputs(Prompt))) == 5
    with pytest.raises(MissingError, match="is new"):
        made.make_run("chains", {"response": "scripted", "only": "new"})
    with pytest.raises(BadInputError, match="only must be one of new, stale"):
        made.make_run("chains", {"response": "scripted", "only": "lost"})


def test_only_some_principles_may_be_drawn_from(made: Project, write: Written) -> None:
    write(principles="kindness")
    folder = made.make_run("chains", {"response": "scripted", "principles": "rudeness"})
    assert work_folder(folder, STAGES, beside=True) is RunState.FAILED
    assert "no principle rudeness" in folder.status().reason


def test_tags_are_said_and_unsaid_and_narrow_a_list(made: Project) -> None:
    ids = [prompt.id for prompt in made.store.prompts.select("split = 'train'")]
    assert made.tag(ids[:2], " hard  ones ", "Ada")
    assert not made.tag(ids[:1], "hard ones", "Ada")
    assert made.store.taggings.tags() == {"hard ones": 2}
    assert made.store.prompts.rows.ids(PromptQuery(tag="hard ones")) == ids[:2]
    made.tag(ids[:1], "hard ones", "Ada", tagged=False)
    found = made.store.prompts.rows
    assert [row.tags for row in found.rows(found.keys(PromptQuery(split="train")))] == [(), ("hard ones",), (), ()]
    assert made.check() == []
    long = prompt_of("Why? " * 100, split="rl")
    made.import_prompts([long])
    (row,) = found.rows(found.keys(PromptQuery(split="rl", words="Why")))
    assert row.text == long.text[:300] + "…"
    assert found.asks(long.text, "red-team")
    assert not found.asks(long.text, "helpful")
    assert not found.asks(long.text[:-5], "red-team")
    with pytest.raises(BadInputError, match="without a comma"):
        made.tag(ids, "a,b", "Ada")


def took(made: Project, folder: RunFolder, seconds: float) -> None:
    with made.store.write():
        made.store.runs.set(folder.id, seconds=seconds)


def test_an_estimate_counts_calls_and_learns_from_earlier_runs(made: Project, write: Written) -> None:
    before = estimate_chains(made.store, {"response": "scripted", "rounds": "2", "max_tokens": "10"}, {})
    assert (before.chains, before.calls, before.tokens, before.seconds) == (8, 8 + 4 * 4, 240, None)
    assert "at most" in before.basis
    folder = write()
    took(made, folder, 10)
    written = made.store.chains.written_tokens(folder.id)
    after = estimate_chains(made.store, {"response": "scripted", "rounds": "2"}, {})
    assert after.tokens == written
    assert after.seconds == pytest.approx(10)
    assert f"as {folder.id} took" in after.basis
    small = write(prompts=made.store.prompts.rows.ids(PromptQuery(split="sft"))[0], seed="9")
    took(made, small, 500)
    assert f"as {folder.id} took" in estimate_chains(made.store, {"response": "scripted"}, {}).basis
    half = estimate_chains(made.store, {"response": "scripted", "rounds": "2", "limit": "4", "critique": "false"}, {})
    assert (half.chains, half.calls) == (4, 4 + 2 * 2)
    with pytest.raises(MissingError):
        estimate_chains(made.store, {"response": "scripted", "only": "stale"}, {})
