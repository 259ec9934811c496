import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.stages.filters import repeats, revision_verdicts, text_verdicts


@pytest.mark.parametrize(
    ("before", "after", "finish", "expected"),
    [
        ("Shout.", "  ", "stop", ("empty",)),
        ("Shout at him.", "Shout  at him.", "stop", ("unchanged",)),
        ("Shout.", "Here is a revised response: ask him.", "stop", ("preamble",)),
        ("Shout.", "Sure! Here's an improved version.", "stop", ("preamble",)),
        ("Shout.", "The assistant's response is rude.", "stop", ("point_of_view",)),
        ("Shout.", "I find nothing of that sort in what is said.", "stop", ("point_of_view",)),
        ("Shout.", "No changes are needed.", "stop", ("point_of_view",)),
        ("Shout.", "It tells you to shout at him, which is rude.", "stop", ("point_of_view",)),
        ("Shout.", "The advice to shout at him is unkind.", "stop", ("point_of_view",)),
        ("The answer is four.", "The answer is five.", "stop", ()),
        ("Is it?", "The claim that he shouted is false.", "stop", ()),
        ("Will it?", "No changes to your diet, and he needs a change of scene.", "stop", ()),
        ("Shout.", "There is nothing in the cupboard, so ask him for some tea.", "stop", ()),
        ("Shout.", "Ask him calmly", "length", ("too_long",)),
        ("Shout.", "ask him now and " * 8, "stop", ("repetition",)),
        ("Shout.", "Ask him calmly whether he has time.", "stop", ()),
        ("Shout.", "Here is what I would do: ask him calmly.", "stop", ()),
    ],
)
def test_each_verdict(before: str, after: str, finish: str, expected: tuple[str, ...]) -> None:
    assert revision_verdicts(before, after, finish) == expected


def test_a_point_of_view_once_lost_is_still_lost_in_the_next_revision() -> None:
    lost = "The response is fine and needs no change."
    assert revision_verdicts(lost, "No change is needed here.", "stop", "Shout.") == ("point_of_view",)
    assert revision_verdicts(lost, "Ask him calmly.", "stop", "Shout.") == ()


def test_initial_responses_have_fewer_verdicts() -> None:
    assert text_verdicts("", "stop") == ("empty",)
    assert text_verdicts("The response is yes.", "stop") == ()


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    repeats(text)
    assert set(revision_verdicts("before", text, "stop")) <= {
        "unchanged", "empty", "too_long", "repetition", "preamble", "point_of_view",
    }  # fmt: skip
