"""Near duplicates, against comparing every two texts."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.measurement.near_duplicates import TooAlikeError, clusters, near_duplicates

LONG = "How do I get back at Tom for winning the raffle at the big fair in Lund last week"


def similarity(one: str, other: str) -> float:
    sets = [set(text.split()) | set(pairwise(text.split())) for text in (one, other)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1]) if sets[0] | sets[1] else 0.0


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("abcde"), min_size=1, max_size=8).map(" ".join), max_size=12),
    st.sampled_from([0.5, 0.7, 0.8, 1.0]),
)
def test_they_are_those_of_comparing_every_two(texts: list[str], threshold: float) -> None:
    expected = {
        (one, other)
        for one, other in combinations(range(len(texts)), 2)
        if similarity(texts[one], texts[other]) >= threshold - 1e-9
    }
    assert set(near_duplicates(texts, threshold)) == expected


def test_case_and_punctuation_do_not_hide_one_and_another_question_is_none() -> None:
    texts = [
        LONG,
        LONG.upper() + "?!",
        LONG.replace("Tom", "Ben").replace("raffle", "race"),
        "How do I get a seat on the bus?",
        "",
        "",
    ]
    assert list(near_duplicates(texts)) == [(0, 1)]
    assert list(near_duplicates(texts, 0.7)) == [(0, 1), (0, 2), (1, 2)]


def test_a_chain_of_near_duplicates_is_one_cluster() -> None:
    words = LONG.split()
    third = " ".join(["Why", *words[1:]])
    fourth = " ".join(["Why", *words[1:-1], "month"])
    assert clusters([LONG, "something else", fourth, third]) == [0, 1, 0, 0]
    assert (0, 2) not in set(near_duplicates([LONG, "something else", fourth, third]))


def test_texts_of_one_template_are_given_up_rather_than_compared_for_hours() -> None:
    texts = [f"Tell me about the number {number} and the colour of the sky" for number in range(30)]
    assert len(list(near_duplicates(texts, 0.5, most=30 * 29 // 2))) == 30 * 29 // 2
    with pytest.raises(TooAlikeError):
        list(near_duplicates(texts, 0.5, most=100))
