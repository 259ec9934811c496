import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workbench.project.pairs import add_labels
from tests.workbench.project.projects import append, comparison, ended, label, project
from workbench.errors import BadInputError, MissingError
from workbench.project import Project
from workbench.project.auditing import draw_sample
from workbench.project.reviewing import Answered, review
from workbench.project.would_change import (
    AFTER,
    BEFORE,
    Proposal,
    change_request,
    cost_of,
    shifts_of,
    what_changes,
)
from workbench.records.comparison import AUDIT, Review
from workbench.records.prompt import Prompt
from workbench.records.request import Labelled, LabelRequest

EDITED = """\
name: kind
principles:
  - {id: kindness, critique_request: "Is it?", revision_request: "Be kind.", comparison_question: "Which is kinder?"}
  - {id: truth, revision_request: "Be true."}
"""


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Project]:
    with project(tmp_path / "project", number=12) as made:
        run = made.make_run("comparisons")
        append(run, [comparison(run.id, prompt) for prompt in run.inputs(Prompt)])
        ended(run)
        made.collect(run)
        made.save_draft(EDITED)
        yield made


def labels(request: LabelRequest, before: float, after: float) -> list[Labelled]:
    return [
        Labelled(name, label(name, one, "", probability))
        for one in request.comparisons
        for name, probability in ((BEFORE, before), (AFTER, after))
    ]


def answered(name: str) -> Review:
    return review(name, "Ann", "a", "ab", Answered(AUDIT, True))


def test_the_sample_is_pinned_and_begins_with_what_people_reviewed(mine: Project) -> None:
    request = change_request(mine, Proposal("kindness", 20))
    assert len(request.comparisons) == 20
    assert [one.name for one in request.constitutions] == [BEFORE, AFTER]
    assert all(len(one.constitution.principles) == 1 for one in request.constitutions)
    last = mine.store.comparisons.pinned(1000)[-1]
    assert last not in request.comparisons
    mine.review([Review("r", last.id, "Ann", "a")])
    assert change_request(mine, Proposal("kindness", 20)).comparisons == (last, *request.comparisons[:-1])
    cost = cost_of(mine, change_request(mine, Proposal("kindness", 20)))
    assert (cost.comparisons, cost.reviewed, cost.calls, cost.seconds) == (20, 1, 80, None)
    assert not cost.reviewed_elsewhere
    unreviewed = change_request(mine, Proposal("kindness", 20))
    others = dataclasses.replace(unreviewed, comparisons=unreviewed.comparisons[1:])
    assert cost_of(mine, others).reviewed_elsewhere
    whole = change_request(mine, Proposal(sample=20))
    assert [len(one.constitution.principles) for one in whole.constitutions] == [1, 2]


def test_pairs_of_an_audit_that_is_not_done_are_passed_by(mine: Project) -> None:
    first, second = change_request(mine, Proposal("kindness", 20)).comparisons[:2]
    add_labels(mine, [first, second], [0.8, 0.2])
    drawn = draw_sample(mine.store, 2)
    mine.review([answered(first.id)])
    hidden = change_request(mine, Proposal("kindness", 20)).comparisons
    assert len(hidden) == 20
    assert not {one.id for one in hidden} & set(drawn.comparison_ids)
    mine.review([answered(second.id)])
    assert {one.id for one in change_request(mine, Proposal("kindness", 20)).comparisons[:2]} == {first.id, second.id}


def test_where_all_pairs_are_being_audited_it_says_what_to_do(mine: Project) -> None:
    add_labels(mine, pairs := mine.store.comparisons.select("1"), [0.8] * len(pairs))
    draw_sample(mine.store, len(pairs))
    with pytest.raises(MissingError, match="beside those of the audit that is not done: answer its sample first"):
        change_request(mine, Proposal("kindness", 20))


def test_flips_moves_and_agreement_are_counted_by_hand(mine: Project) -> None:
    request = change_request(mine, Proposal("kindness", 20))
    first, second, third, *_ = request.comparisons
    mine.review([
        Review("r1", first.id, "Ann", "b_much"),
        Review("r2", second.id, "Ann", "a"),
        Review("r3", third.id, "Ann", "a"),
        Review("r4", third.id, "Bo", "b"),  # divided: nothing is said
    ])  # fmt: skip
    made = labels(request, 0.8, 0.4)
    degenerate = dataclasses.replace(made[-1], label=dataclasses.replace(made[-1].label, verdict="degenerate"))
    found = what_changes(shifts_of(mine, request, [*made[:-1], degenerate]))
    assert (found.n, found.unusable, found.flipped) == (19, 1, 19)
    assert found.mean_move == pytest.approx(0.4)
    assert found.agreement_before is not None
    assert found.agreement_after is not None
    assert (found.agreement_before.value, found.agreement_after.value, found.agreement_after.n) == (0.5, 0.5, 2)
    undecided = what_changes(shifts_of(mine, request, labels(request, 0.5, 0.4)))
    assert undecided.flipped == 0, "a half favours neither"
    assert undecided.agreement_before is not None
    assert (undecided.agreement_before.value, undecided.agreement_before.n) == (0.5, 2)
    only_b = [one for one in shifts_of(mine, request, labels(request, 0.5, 0.5)) if one.people is False]
    assert what_changes(only_b).agreement_before == what_changes(only_b).agreement_after
    assert what_changes(only_b).agreement_before.value == 0.5  # type: ignore[union-attr]
    assert shifts_of(mine, request, made[:1]) == []
    assert what_changes([]).agreement_before is None


def test_what_cannot_change_is_said_before_anything_is_asked(mine: Project) -> None:
    with pytest.raises(MissingError, match="not in both versions"):
        change_request(mine, Proposal("truth"))
    with pytest.raises(BadInputError, match="20 to 200 comparisons, not 5"):
        change_request(mine, Proposal("kindness", 5))
    mine.save_draft(EDITED.replace("Which is kinder?", "Which?"))
    with pytest.raises(BadInputError, match="its comparison question is as committed"):
        change_request(mine, Proposal("kindness"))
