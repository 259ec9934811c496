from pathlib import Path

from tests.workbench.project.projects import append, comparison, ended, label, project
from workbench.project.reviewing import decided, review, review_items, review_queue, side_of
from workbench.records.prompt import Prompt


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
    with project(tmp_path / "p") as made:
        pairs = made.make_run("comparisons", {"response": "scripted"})
        found = [comparison(pairs.id, prompt) for prompt in pairs.inputs(Prompt)][:4]
        append(pairs, found)
        ended(pairs)
        made.collect(pairs.id)
        labels = made.make_run("labels", {"feedback": "scripted"})
        chances = (0.9, 0.52, 0.2)
        append(
            labels, [label(labels.id, one, made.constitution.hash, p) for one, p in zip(found, chances, strict=False)]
        )
        ended(labels)
        made.collect(labels.id)
        ids = [one.id for one in found]
        assert review_queue(made, "random", "ann").ids == tuple(sorted(ids[:3]))
        assert review_queue(made, "uncertain", "ann").ids == (ids[1], ids[2], ids[0])
        assert review_queue(made, "flips", "ann").ids == ()
        first = review(ids[0], "ann", "a", "ab")
        again = review(ids[0], "ann", "b", "ab", first)
        made.review([first, again, review(ids[1], "bo", "tie", "ba")])
        assert {name: one.decision for name, one in review_queue(made, "random", "ann").reviews.items()} == {
            ids[0]: "b"
        }
        (item,) = review_items(made, [ids[2]])
        assert (item.question, item.label and item.label.probability_a) == ("Which?", 0.2)
