from pathlib import Path

import pytest

from tests.workbench.project.pairs import labelled
from workbench.errors import BadInputError, MissingError
from workbench.project import reviewing
from workbench.project.auditing import draw_sample
from workbench.project.reviewing import (
    Answered,
    decided,
    override,
    review,
    review_items,
    review_queue,
    side_of,
    taken_back,
    undo_override,
)
from workbench.records.comparison import AUDIT
from workbench.records.preference import standing_reviews
from workbench.store.comparison_states import Wanted


def test_sides_are_even_and_stay_and_swap_what_an_answer_means() -> None:
    sides = [side_of("ann", f"c{number}") for number in range(2000)]
    assert 900 < sides.count("ab") < 1100
    assert sides == [side_of("ann", f"c{number}") for number in range(2000)]
    assert sides != [side_of("bo", f"c{number}") for number in range(2000)]
    assert [decided(shown, "ba") for shown in ("a_much", "a", "tie", "b", "b_much", "skip")] == [
        "b_much", "b", "tie", "a", "a_much", "skip",
    ]  # fmt: skip
    assert decided("a", "ab") == "a"


def test_queues_hold_labelled_pairs_in_their_order_and_the_reviewers_standing_answers(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", (0.9, 0.52, 0.2, 0.6), flips=(0, 2)) as made:
        ids = made.store.comparison_states.ids(Wanted())
        assert review_queue(made, "uncertain", "ann").ids == (ids[1], ids[3], ids[2], ids[0])
        assert set(review_queue(made, "flips", "ann").ids) == {ids[0], ids[2]}
        assert review_queue(made, "principle", "ann", "kindness").ids == (ids[1], ids[3], ids[2], ids[0])
        assert review_queue(made, "principle", "ann", "other").ids == ()
        assert review_queue(made, AUDIT, "ann").ids == ()
        first = review(ids[0], "ann", "a", "ab", Answered("uncertain", True))
        again = review(ids[0], "ann", "b", "ab", Answered("uncertain", False, True), first)
        made.review([first, again, review(ids[1], "bo", "flag", "ba", Answered("uncertain", True))])
        queue = review_queue(made, "uncertain", "ann")
        assert {name: one.decision for name, one in queue.reviews.items()} == {ids[0]: "b"}
        assert queue.answered == queue.seen == {ids[0]}
        assert review_queue(made, "flagged", "bo").ids == (ids[1],)
        assert review_queue(made, "flagged", "bo").answered == frozenset()
        (item,) = review_items(made, [ids[2]])
        assert (item.question, item.label and item.label.probability_a) == ("Which?", 0.2)
        with pytest.raises(BadInputError, match="no queue 'best'"):
            review_queue(made, "best", "ann")


def test_a_long_queue_is_read_in_parts_that_hold_open_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviewing, "MOST_OPEN", 2)
    with labelled(tmp_path / "p", (0.9, 0.52, 0.2, 0.6)) as made:
        first = review_queue(made, "uncertain", "ann")
        assert (len(first.ids), first.more) == (2, True)
        made.review([review(name, "ann", "a", "ab", Answered("uncertain", True)) for name in first.ids])
        second = review_queue(made, "uncertain", "ann")
        assert (second.ids[:2], len(second.ids), second.more) == (first.ids, 4, False)


def test_the_pairs_of_an_audit_are_in_no_other_queue_until_it_is_done(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", (0.9, 0.52, 0.2, 0.6)) as made:
        sample = draw_sample(made.store, 2)
        assert not set(review_queue(made, "uncertain", "ann").ids) & set(sample.comparison_ids)
        assert review_queue(made, AUDIT, "ann").ids == sample.comparison_ids
        how = Answered(AUDIT, True)
        made.review([review(name, "ann", "a", "ab", how) for name in sample.comparison_ids])
        assert len(review_queue(made, "uncertain", "ann").ids) == 4
        assert len(review_queue(made, "uncertain", "bo").ids) == 2


def test_what_is_taken_back_leaves_what_was_said_before() -> None:
    first = review("c", "ann", "a", "ab", Answered(AUDIT, True))
    changed = review("c", "ann", "b", "ab", Answered(AUDIT, False, True), first)
    assert [one.decision for one in standing_reviews([first, changed, taken_back(changed, first)])] == ["a"]
    assert standing_reviews([first, taken_back(first, None)]) == []


def test_an_override_is_one_step_that_can_be_undone(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", (0.9, 0.52, 0.2)) as made:
        ids = made.store.comparison_states.ids(Wanted())
        made.review([review(ids[0], "ann", "b", "ab", Answered("uncertain", True))])
        done = override(made, ids, "ann", "a_much", "The judge misread them all")
        assert {state.decision for state in made.store.comparison_states.of(ids).values()} == {"a_much"}
        assert {one.blind for one in done} == {False}
        undo_override(made, done)
        assert [made.store.comparison_states.of(ids)[name].decision for name in ids] == ["b", "", ""]
        assert made.check() == []
        before = made.store.reviews.count()
        with pytest.raises(BadInputError, match="Say in a line why"):
            override(made, ids, "ann", "a", " ")
        with pytest.raises(BadInputError, match="cannot be 'withdrawn'"):
            override(made, ids, "ann", "withdrawn", "x")
        with pytest.raises(MissingError, match="no comparison nothing"):
            override(made, [*ids, "nothing"], "ann", "a", "why")
        sample = draw_sample(made.store, 1)
        with pytest.raises(BadInputError, match=f"audit that is not done: {sample.comparison_ids[0]}"):
            override(made, ids, "ann", "a", "why")
        assert made.store.reviews.count() == before
        made.review([review(sample.comparison_ids[0], "bo", "a", "ab", Answered(AUDIT, True))])
        assert len(override(made, ids, "ann", "a", "why")) == 3  # who has no part in an audit that is done
