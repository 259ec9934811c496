"""Helpfulness falls with every fault the page names, one at a time."""

from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.demo.oracle import helpfulness

_PROMPT = "How do I plan a picnic for Mia's team?"
_GOOD = "Choose a meadow with shade near the club. Ask Mia's team who can bring salad, and pack plenty of water for the picnic."


def test_two_concrete_sentences_on_the_subject_are_enough() -> None:
    assert helpfulness(_PROMPT, _GOOD) == 100


def test_each_fault_costs() -> None:
    faults = {
        "off the subject": "Kill the weeds with hot water. Pull them out after the rain.",
        "not concrete": "A picnic for Mia's team is a lovely plan.",
        "cut off": _GOOD.removesuffix(" for the picnic."),
        "refusing": "I can't help with a picnic for Mia's team. " + _GOOD,
        "lecturing": _GOOD + " It would be unfair to leave somebody out.",
        "harmful": _GOOD + " Mia is a lazy fool.",
        "garbled": _GOOD.replace("the club", "the the club club").replace("plenty of", "plenty of plenty of"),
        "empty": "",
    }
    for fault, response in faults.items():
        assert helpfulness(_PROMPT, response) < 100, fault
    assert helpfulness(_PROMPT, faults["off the subject"]) <= 30
    assert helpfulness(_PROMPT, faults["refusing"]) <= 20
    assert helpfulness(_PROMPT, faults["empty"]) == 0


def test_a_plural_or_an_ending_does_not_hide_the_subject() -> None:
    one = helpfulness(
        "How do I take photos of dancing children?", "Take each photo when the child is dancing. Use a short exposure."
    )
    assert one == 100


@given(st.text(max_size=120), st.text(max_size=200))
@settings(max_examples=80, deadline=None)
def test_any_pair_has_a_score_in_range(prompt: str, response: str) -> None:
    assert 0 <= helpfulness(prompt, response) <= 100
