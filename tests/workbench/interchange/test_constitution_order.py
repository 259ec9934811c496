import pytest

from workbench.errors import BadInputError, MissingError
from workbench.interchange.bundled import bundled_names, load_constitution
from workbench.interchange.constitution_order import added, moved, removed
from workbench.interchange.constitution_yaml import read
from workbench.records.constitution import Principle

TEXT = """\
name: small  # ours
principles:
  # About manners.
  - id: kind
    critique_request: >-
      Is it unkind,
      or worse?
    revision_request: Be kind.

  - id: true
    # why not
    comparison_question: "Which is truer?"
  # About law.
  # Two lines.
  - id: law
    title: Law

# The examples.
few_shots:
  - use: comparison
    prompt: P
"""
TEXT = TEXT.replace("id: true", "id: honest")


def test_a_principle_moves_with_the_comments_above_it_and_nothing_else_changes() -> None:
    law = "  # About law.\n  # Two lines.\n  - id: law\n    title: Law\n"
    kind = TEXT[TEXT.index("  # About manners.") : TEXT.index("\n  - id: honest")]
    honest = TEXT[TEXT.index("  - id: honest") : TEXT.index("  # About law.")]
    after = TEXT[TEXT.index("\n# The examples.") :]
    # The blank line between the first two stays between the first two.
    assert moved(TEXT, "law", 0) == f"name: small  # ours\nprinciples:\n{law}\n{kind}{honest}{after}"


def test_moving_there_and_back_gives_the_same_text() -> None:
    assert moved(moved(TEXT, "law", 0), "law", 2) == TEXT


def test_a_new_principle_stands_where_it_was_put_and_can_be_removed_again() -> None:
    new = Principle("new", "A new one", critique_request="Is it: new? # really", rationale="It\nhas lines.")
    for place in range(4):
        text = added(TEXT, new, place)
        assert read(text).principles[place] == new
        assert removed(text, "new") == TEXT


def test_a_file_without_a_last_newline_keeps_its_principles() -> None:
    text = "name: x\nprinciples:\n- id: a\n  title: A\n- id: b\n  title: B"
    assert [one.id for one in read(moved(text, "b", 0)).principles] == ["b", "a"]
    assert [one.id for one in read(added(text, Principle("c"), 2)).principles] == ["a", "b", "c"]


def test_what_cannot_be_done_is_said() -> None:
    with pytest.raises(MissingError, match="there are kind, honest, law"):
        moved(TEXT, "lwa", 0)
    with pytest.raises(BadInputError, match="law already"):
        added(TEXT, Principle("law"), 0)
    with pytest.raises(BadInputError, match="at least one"):
        removed("name: x\nprinciples:\n  - id: a\n", "a")
    with pytest.raises(BadInputError, match="by hand"):
        added("name: x\nprinciples: []\n", Principle("a"), 0)


def test_hashes_inside_a_block_text_are_no_comments() -> None:
    text = "name: x\nprinciples:\n  - id: a\n    rationale: |-\n      one\n      # two\n  - id: b\n    title: B\n"
    swapped = moved(text, "b", 0)
    assert read(swapped).principles[1].rationale == "one\n# two"
    assert moved(swapped, "b", 1) == text


@pytest.mark.parametrize("name", bundled_names())
def test_any_bundled_principle_moves_and_comes_back(name: str) -> None:
    constitution, text = load_constitution(name)
    last = len(constitution.principles) - 1
    for source, target in ((0, last), (last, 0), (1, last - 1)):
        one = constitution.principles[source]
        there = moved(text, one.id, target)
        assert read(there).principles[target] == one
        assert moved(there, one.id, source) == text
