import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadInputError, MissingError
from workbench.interchange.bundled import load_constitution
from workbench.interchange.constitution_yaml import read
from workbench.interchange.example_edit import add_example, edit_example, remove_example
from workbench.records.constitution import FewShot

BARE = "name: small  # ours\nprinciples:\n  - id: kind\n    critique_request: Is it?\n    revision_request: Be kind.\n"
SHOT = FewShot("revision", "Help me.", "Go away.", "Is it rude?", "It is.", "Mend it.", "Gladly.")


def test_an_example_comes_and_goes_without_a_trace() -> None:
    one = add_example(BARE, SHOT)
    two = add_example(one, FewShot("comparison", "Why?", response_a="So.", response_b="No.", answer="A"))
    assert [shot.use for shot in read(two).few_shots] == ["revision", "comparison"]
    assert remove_example(two, 2) == one
    assert remove_example(one, 1) == BARE


def test_one_field_changes_and_the_rest_of_the_text_stays() -> None:
    _, text = load_constitution("demo")
    edited = edit_example(text, 1, "critique", "It is rude.")
    assert read(edited).few_shots[0].critique == "It is rude."
    assert edit_example(edited, 1, "critique", read(text).few_shots[0].critique) == text
    assert (
        read(edit_example(add_example(BARE, FewShot("rationale", "Why?")), 1, "rationale", "Since."))
        .few_shots[0]
        .rationale
        == "Since."
    )


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=80))
def test_any_text_comes_back_as_it_was_written(value: str) -> None:
    text = edit_example(add_example(BARE, SHOT), 1, "revision", value)
    assert read(text).few_shots[0].revision == value.strip()
    assert "# ours" in text


def test_what_does_not_fit_is_a_sentence() -> None:
    text = add_example(BARE, SHOT)
    with pytest.raises(MissingError, match="no example 2; there are 1"):
        edit_example(text, 2, "critique", "x")
    with pytest.raises(BadInputError, match="use revision has no field answer"):
        edit_example(text, 1, "answer", "A")
    with pytest.raises(BadInputError, match="prompt"):
        edit_example(text, 1, "prompt", "")
