"""What a person leaves out, words anew or judges is honoured by training, can be undone, and is never overwritten."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workbench.project.projects import KIND, append, comparison, ended, label, model_folder, project, steps
from workbench.errors import BadInputError, MissingError
from workbench.project import Project
from workbench.project.deciding import review_of
from workbench.records.comparison import Comparison
from workbench.records.prompt import RED_TEAM, Prompt
from workbench.records.rows import PreferenceRow, SftRow
from workbench.records.settings import SftSettings
from workbench.runs.folder import RunFolder


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Project]:
    """A project with a run of chains, one of comparisons and two of labels."""
    made = project(tmp_path / "p", number=2)
    model = model_folder(tmp_path / "model")
    chains = made.make_run("chains", {"response": model, "rounds": "2"})
    append(chains, [step for prompt in chains.inputs(Prompt) for step in steps(chains.id, prompt)])
    end(made, chains)
    pairs = made.make_run("comparisons", {"response": model})
    append(pairs, [comparison(pairs.id, prompt) for prompt in pairs.inputs(Prompt)])
    end(made, pairs)
    for method, probability in (("logprobs", 0.8), ("rationale", 0.6)):
        labels = made.make_run("labels", {"feedback": model, "rationale": str(method == "rationale")})
        append(labels, [label(labels.id, pair, KIND.hash, probability) for pair in labels.inputs(Comparison)])
        end(made, labels)
    yield made
    made.close()


def end(made: Project, folder: RunFolder) -> None:
    ended(folder)
    made.collect(folder)


def revisions(made: Project, which: str = "all") -> dict[str, str]:
    """Return what SFT would learn from revisions: text by origin."""
    return {row.origin: row.completion for row in made.sft_rows(SftSettings(revisions=which)) if row.round}


def a_chain(made: Project) -> str:
    red_team = {prompt.id for prompt in made.store.prompts.each() if prompt.kind == RED_TEAM}
    return next(chain.id for _, chain in made.store.chains.chains() if chain.prompt_id in red_team)


def test_an_excluded_chain_teaches_nothing_until_it_is_included_again(mine: Project) -> None:
    before, chain = revisions(mine), a_chain(mine)
    assert mine.exclude([chain], "Ada", "off topic") == [chain]
    assert revisions(mine) == {name: text for name, text in before.items() if not name.startswith(chain)}
    assert len(revisions(mine)) == len(before) - 2
    assert mine.exclude([chain], "Ada", "again") == []
    mine.include([chain], "Bo", "it is on topic")
    assert revisions(mine) == before
    assert [(row.excluded, row.person) for row in mine.store.exclusions.each()] == [(True, "Ada"), (False, "Bo")]
    assert mine.check() == []


def test_an_excluded_revision_leaves_the_one_before_as_the_last(mine: Project) -> None:
    chain = a_chain(mine)
    assert f"{chain}-4" in revisions(mine, "last")
    mine.exclude([f"{chain}-4"], "Ada", "rude")
    assert f"{chain}-2" in revisions(mine, "last")
    assert f"{chain}-4" not in revisions(mine)


def test_an_excluded_comparison_and_an_excluded_label_do_not_count(mine: Project) -> None:
    rows = {row.comparison_id: row for row in mine.preference_rows()}
    first, second, *_ = sorted(rows)
    assert rows[first].probability_a == pytest.approx(0.7)
    labels = {one.probability_a: one.id for one in mine.store.labels.of([second])[second]}
    mine.exclude([first, labels[0.6]], "Ada", "nonsense")
    left = {row.comparison_id: row for row in mine.preference_rows()}
    assert set(left) == set(rows) - {first}
    assert left[second].probability_a == 0.8
    assert left[second].origin == f"label:{labels[0.8]}"
    mine.exclude([labels[0.8]], "Ada", "nonsense too")
    assert second not in {row.comparison_id for row in mine.preference_rows()}


def test_an_edited_revision_is_learned_as_edited_and_names_its_edit(mine: Project) -> None:
    step = f"{a_chain(mine)}-2"
    order = [row.prompt_id for row in mine.sft_rows(SftSettings())]
    assert mine.edit(step, "Mine.\r\n", "Ada", "kinder")
    (edit,) = mine.store.edits.each()
    assert revisions(mine)[f"{step},{edit.id}"] == "Mine.\r\n"
    assert step not in revisions(mine)
    assert [row.prompt_id for row in mine.sft_rows(SftSettings())] == order
    original = mine.store.chains.get(step)
    assert original is not None
    assert original.text == "revision 2"
    chain = mine.store.chains.chain(a_chain(mine))
    assert chain is not None
    assert (chain.revisions[0].text, chain.revisions[0].id, chain.edited) == ("Mine.\r\n", step, (step,))
    assert not mine.edit(step, "Mine.\r\n", "Ada")
    assert mine.edit(step, None, "Bo")
    assert revisions(mine)[step] == "revision 2"
    assert [row.text for row in mine.store.edits.each()] == ["Mine.\r\n", None]
    assert mine.check() == []


def test_an_edited_critique_is_shown_with_its_revision(mine: Project) -> None:
    mine.edit(f"{a_chain(mine)}-1", "It insults him.", "Ada")
    chain = mine.store.chains.chain(a_chain(mine))
    assert chain is not None
    assert [revision.critique for revision in chain.revisions] == ["It insults him.", "critique 3"]
    assert "It insults him." in str(mine.rows("chains", 0))


def test_an_edited_text_is_learned_though_a_filter_flagged_the_original(mine: Project, tmp_path: Path) -> None:
    flagged = mine.make_run("chains", {"response": str(tmp_path / "model"), "rounds": "2"})
    append(flagged, [step for prompt in flagged.inputs(Prompt) for step in steps(flagged.id, prompt, flagged=(4,))])
    end(mine, flagged)
    step = next(name for name in revisions(mine) if name.endswith("-2"))[:-1] + "4"
    assert step not in revisions(mine)
    mine.edit(step, "Better.", "Ada")
    assert "Better." in revisions(mine).values()


def test_a_run_says_what_people_changed_and_takes_it_along(mine: Project, tmp_path: Path) -> None:
    chain = a_chain(mine)
    mine.exclude([f"{chain}-4"], "Ada", "rude")
    mine.edit(f"{chain}-2", "Mine.", "Ada")
    sft = mine.make_run("sft", {"policy": str(tmp_path / "model")})
    assert sft.plan.selection.endswith("(1 edited and 1 excluded by people)")
    assert "Mine." in [row.completion for row in sft.inputs(SftRow)]
    before = mine.make_run("preference_model", {"policy": str(tmp_path / "model")})
    pair = next(before.inputs(PreferenceRow)).comparison_id
    mine.exclude([pair], "Ada", "unclear")
    after = mine.make_run("preference_model", {"policy": str(tmp_path / "model")})
    assert pair not in {row.comparison_id for row in after.inputs(PreferenceRow)}
    assert "1 excluded by people" in after.plan.selection


def test_a_later_review_stands_in_place_of_the_same_persons_earlier_one(mine: Project) -> None:
    pair = next(mine.store.comparisons.each()).id
    for person, decision in (("Ada", "a_much"), ("Bo", "b"), ("Ada", "tie")):
        mine.review([review_of(mine.store, pair, decision, person)])
    row = next(row for row in mine.preference_rows() if row.comparison_id == pair)
    assert row.probability_a == pytest.approx((0.25 + 0.5) / 2)
    for person in ("Ada", "Bo"):
        mine.review([review_of(mine.store, pair, "withdrawn", person)])
    row = next(row for row in mine.preference_rows() if row.comparison_id == pair)
    assert row.origin.startswith("label:")
    with pytest.raises(BadInputError, match="no review of"):
        review_of(mine.store, pair, "withdrawn", "Cy")
    with pytest.raises(BadInputError, match="one of a_much, a, tie"):
        review_of(mine.store, pair, "left", "Ada")
    with pytest.raises(MissingError, match="There is no comparison nothing"):
        review_of(mine.store, "nothing", "a", "Ada")


def test_what_cannot_be_decided_is_one_sentence_and_decides_nothing(mine: Project) -> None:
    chain = a_chain(mine)
    with pytest.raises(MissingError, match="no chain, step, comparison or label nothing"):
        mine.exclude([chain, "nothing"], "Ada", "why")
    with pytest.raises(BadInputError, match="is a critique"):
        mine.exclude([f"{chain}-1"], "Ada", "why")
    with pytest.raises(BadInputError, match="is not excluded"):
        mine.include([chain], "Ada")
    with pytest.raises(MissingError, match="There is no step nothing"):
        mine.edit("nothing", "text", "Ada")
    with pytest.raises(BadInputError, match="exclude the step"):
        mine.edit(f"{chain}-2", " \n", "Ada")
    assert mine.store.exclusions.count() == mine.store.edits.count() == 0


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=12))
def test_any_order_of_decisions_leaves_what_was_said_last(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[int, bool]]
) -> None:
    made = project(tmp_path_factory.mktemp("any"), number=2)
    pairs = made.make_run("comparisons", {"response": model_folder(made.folder / "model")})
    append(pairs, [comparison(pairs.id, prompt) for prompt in pairs.inputs(Prompt)])
    end(made, pairs)
    ids = [pair.id for pair in made.store.comparisons.each()]
    out: set[str] = set()
    for place, excluded in said:
        if excluded:
            made.exclude([ids[place]], "Ada", "why")
            out.add(ids[place])
        elif ids[place] in out:
            made.include([ids[place]], "Ada")
            out.remove(ids[place])
    made.close()
    with Project.open(made.folder) as again:
        assert set(again.store.exclusions.standing()) == out
        assert again.check() == []
