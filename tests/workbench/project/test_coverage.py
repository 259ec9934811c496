import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.project.projects import append, comparison, ended, label, project, steps
from workbench.project import Project
from workbench.project.coverage import coverage_of, word_change
from workbench.records.comparison import Comparison, Review
from workbench.records.constitution import Constitution, Principle
from workbench.records.prompt import RED_TEAM, Prompt


def test_a_principle_is_covered_by_its_revisions_labels_and_blind_reviews(tmp_path: Path) -> None:
    with project(tmp_path / "project") as mine:
        chains = mine.make_run("chains", {"rounds": "2"})
        prompt = next(one for one in chains.inputs(Prompt) if one.kind == RED_TEAM)
        made = steps(chains.id, prompt)
        texts = ("Go away.", "rude", "Go away.", "rude", "Go now.")
        append(
            chains,
            [
                dataclasses.replace(step, text=text, principle_id="kindness" if step.index else None)
                for step, text in zip(made, texts, strict=True)
            ],
        )
        ended(chains)
        comparisons = mine.make_run("comparisons")
        pairs = [comparison(comparisons.id, one) for one in list(comparisons.inputs(Prompt))[:4]]
        append(comparisons, pairs)
        ended(comparisons)
        mine.collect(chains)
        mine.collect(comparisons)
        labels = mine.make_run("labels")
        append(labels, [label(labels.id, one, mine.constitution.hash) for one in pairs])
        ended(labels)
        mine.collect(labels)
        _review(mine, pairs)
        (found,) = coverage_of(mine)
        assert (found.counted.drawn, found.unchanged, found.counted.labels, found.order_flips) == (2, 0.5, 4, 0.0)
        assert found.changed == pytest.approx((0 + 1 / 2) / 2)
        assert found.agreement is not None
        assert (found.agreement.value, found.agreement.n) == (0.5, 2)
        assert coverage_of(mine, mine.constitution.hash[:8]) == [found]
        assert coverage_of(mine, "no version")[0].counted.drawn == 0
        assert mine.store.coverage.used_by(mine.constitution.hash) == {"chains": 1, "comparisons": 1, "labels": 1}
        mine.commit(Constitution("other", principles=(Principle("truth", revision_request="Be true."),)))
        assert [(one.id, one.in_constitution, one.counted.drawn) for one in coverage_of(mine)] == [
            ("truth", True, 0),
            ("kindness", False, 2),
        ]


def _review(mine: Project, pairs: list[Comparison]) -> None:
    decided = Review("r0", pairs[0].id, "Ann", "b", blind=True)
    mine.review([
        decided,
        dataclasses.replace(decided, id="r1", decision="a", supersedes="r0"),  # agrees, in place of the first
        dataclasses.replace(decided, id="r2", comparison_id=pairs[1].id, decision="b_much"),  # disagrees
        dataclasses.replace(decided, id="r3", comparison_id=pairs[2].id, blind=False),  # had seen the label
        dataclasses.replace(decided, id="r4", comparison_id=pairs[3].id, decision="tie"),  # decides nothing
    ])  # fmt: skip


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_share_of_words_changed_lies_between_none_and_all(before: str, after: str) -> None:
    assert 0 <= word_change(before, after) <= 1
    assert word_change(before, before) == 0
