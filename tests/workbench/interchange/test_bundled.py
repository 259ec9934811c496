"""Constitutions that come with the workbench."""

from pathlib import Path

import pytest

from workbench.errors import MissingError
from workbench.interchange.bundled import bundled_heads, bundled_names, find_constitution, load_constitution


@pytest.mark.parametrize("name", bundled_names())
def test_each_bundled_constitution_reads_and_is_named_like_its_file(name: str) -> None:
    constitution, text = load_constitution(name)
    assert constitution.name == name
    assert constitution.principles
    assert text.startswith("#") or text.startswith("name:")


def test_a_file_is_found_before_a_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\n", encoding="utf-8")
    assert find_constitution(str(path)) == path


def test_a_misspelt_name_suggests_one() -> None:
    with pytest.raises(MissingError, match="did you mean harmlessness"):
        find_constitution("harmlesness")


def test_heads_say_what_the_constitutions_are() -> None:
    for head in bundled_heads():
        constitution, _ = load_constitution(head.name)
        told = (constitution.title, constitution.description, len(constitution.principles))
        assert (head.title, head.description, head.principles) == told
