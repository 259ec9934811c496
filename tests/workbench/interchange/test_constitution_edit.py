"""Editing one field of a principle in place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.interchange.test_constitution_yaml import TEXT, texts
from workbench.errors import BadInputError, MissingError
from workbench.interchange.constitution_edit import edit
from workbench.interchange.constitution_yaml import read


def changed_lines(before: str, after: str) -> list[str]:
    return [line for line in after.splitlines() if line not in before.splitlines()]


def test_one_field_changes_and_every_other_line_stays() -> None:
    edited = edit(TEXT, "kindness", "revision_request", "Make it gentle.")
    assert edited == TEXT.replace('"Make it kind."', "Make it gentle.")


def test_a_folded_value_is_replaced_whole_and_comments_stay() -> None:
    edited = edit(TEXT, "kindness", "critique_request", "Name the unkind words.")
    assert changed_lines(TEXT, edited) == ["    critique_request: Name the unkind words."]
    assert "# House rules" in edited
    assert "# the first" in edited
    assert "Say what is" not in edited


def test_a_field_that_is_not_there_yet_is_added_to_its_principle() -> None:
    edited = edit(TEXT, "help", "weight", 0.5)
    assert changed_lines(TEXT, edited) == ["    weight: 0.5"]
    assert read(edited).principles[1].weight == 0.5


def test_comments_after_the_value_stay_even_where_the_new_value_is_long() -> None:
    text = "name: x\nprinciples:\n  - id: a\n    title: old  # why\n"
    edited = edit(text, "a", "title", "a long title " * 20)
    assert edited.endswith("  # why\n")
    assert read(edited).principles[0].title == ("a long title " * 20).strip()


def test_lists_and_switches() -> None:
    edited = edit(edit(TEXT, "kindness", "tags", ["a", "b, c"]), "kindness", "enabled", False)
    principle = read(edited).principles[0]
    assert (principle.tags, principle.enabled) == (("a", "b, c"), False)


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [("weight", "0.5", 0.5), ("enabled", "no", False), ("applies_to", "helpful, red-team", ("helpful", "red-team"))],
)
def test_values_may_be_given_as_people_type_them(field: str, typed: str, value: object) -> None:
    assert getattr(read(edit(TEXT, "kindness", field, typed)).principles[0], field) == value


def test_windows_line_ends_stay() -> None:
    text = TEXT.replace("\n", "\r\n")
    edited = edit(text, "kindness", "critique_request", "many words " * 30)
    assert "\n" not in edited.replace("\r\n", "")


@settings(max_examples=60, deadline=None)
@given(
    texts, st.sampled_from(["kindness", "help"]), st.sampled_from(["title", "critique_request", "comparison_question"])
)
def test_any_text_can_be_written_into_any_field(text: str, principle_id: str, field: str) -> None:
    edited = edit(TEXT, principle_id, field, text)
    principle = next(item for item in read(edited).principles if item.id == principle_id)
    assert getattr(principle, field) == text
    assert read(edit(edited, principle_id, field, "x")) == read(edit(TEXT, principle_id, field, "x"))


@pytest.mark.parametrize(
    ("principle_id", "field", "value", "sentence"),
    [
        ("kindnes", "title", "x", "There is no principle kindnes"),
        ("kindness", "titel", "x", "did you mean title"),
        ("kindness", "weight", "heavy", "weight must be a number"),
        ("kindness", "weight", "inf", "weight must be a number"),
        ("kindness", "enabled", "perhaps", "enabled must be true or false"),
        ("kindness", "title", "half \ud800", "half a character"),
        ("kindness", "id", "help", "already taken"),
    ],
)
def test_what_cannot_be_edited_says_why(principle_id: str, field: str, value: str, sentence: str) -> None:
    with pytest.raises((BadInputError, MissingError), match=sentence):
        edit(TEXT, principle_id, field, value)
