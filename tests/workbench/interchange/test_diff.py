"""Differences between constitutions."""

from dataclasses import replace

from hypothesis import given, settings

from tests.workbench.interchange.test_constitution_yaml import constitutions
from workbench.interchange.diff import Change, compare, difference_text, words_changed
from workbench.records.constitution import Constitution, FewShot, Principle

A, B, C = (Principle(name, revision_request=f"Do {name} now.") for name in "abc")
SHOT = FewShot("comparison", "A prompt", response_a="x", response_b="y", answer="A")
OLD = Constitution("c", principles=(A, B, C), few_shots=(SHOT,))


def test_words_weight_and_place_are_told_by_principle_and_field() -> None:
    new = replace(OLD, principles=(B, replace(C, weight=2.0, revision_request="Do c today."), A))
    assert compare(OLD, new) == [
        Change("changed", "principle c", "revision_request", "Do c now.", "Do c today."),
        Change("changed", "principle c", "weight", "1.0", "2.0"),
        Change("moved", "principle a", "", "1", "3"),
    ]
    assert difference_text(compare(OLD, new)) == (
        "principle c\n"
        "  revision_request: Do c [-now.-] {+today.+}\n"
        "  weight: [-1.0-] {+2.0+}\n"
        "principle a moved from place 1 to 3\n"
    )


def test_added_and_removed_principles_and_examples_are_told_whole() -> None:
    new = replace(OLD, title="New", principles=(A, C, Principle("d", title="D")), few_shots=())
    assert difference_text(compare(OLD, new)) == (
        "the whole\n"
        "  title: {+New+}\n"
        "principle b removed\n"
        "  revision_request: Do b now.\n"
        "principle d added\n"
        "  title: D\n"
        "comparison example 'A prompt' removed\n"
        "  prompt: A prompt\n"
        "  response_a: x\n"
        "  response_b: y\n"
        "  answer: A\n"
    )


def test_a_principle_in_between_moves_nobody() -> None:
    new = replace(OLD, principles=(Principle("d"), A, B, C))
    assert [change.kind for change in compare(OLD, new)] == ["added"]


def test_two_examples_with_one_prompt_are_told_apart() -> None:
    old = replace(OLD, few_shots=(SHOT, SHOT))
    new = replace(OLD, few_shots=(SHOT, replace(SHOT, answer="B")))
    (change,) = compare(old, new)
    assert (change.where, change.field) == ("comparison example 'A prompt' (2)", "answer")


def test_examples_that_change_places_are_told() -> None:
    other = replace(SHOT, prompt="Another prompt")
    (change,) = compare(replace(OLD, few_shots=(SHOT, other)), replace(OLD, few_shots=(other, SHOT)))
    assert (change.kind, change.before, change.after) == ("moved", "2", "1")


def test_words_changed_keeps_white_space() -> None:
    assert words_changed("a  b\nc", "a  b\nc") == "a  b\nc"
    assert words_changed("one two", "one three two") == "one {+three+} two"


@settings(max_examples=40, deadline=None)
@given(constitutions, constitutions)
def test_only_equal_constitutions_have_no_difference(one: Constitution, other: Constitution) -> None:
    assert (compare(one, other) == []) == (one == other)
    assert compare(one, one) == []
    assert difference_text(compare(one, other)).endswith("\n")
