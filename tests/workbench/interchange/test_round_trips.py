"""Whole files of whatever rows there may be, out in every format that comes in again: nothing of them is other."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.workbench.interchange.incoming import chosen_of
from workbench.interchange.exports import EXPORTS, form_for
from workbench.interchange.incoming.brought import Brought, Reading, comparison_of, review_of
from workbench.interchange.incoming.detection import detect
from workbench.interchange.incoming.reading import read_source
from workbench.interchange.lines import BadRow
from workbench.interchange.outgoing.annotated_pairs import Annotated, annotators, document, has_place_for
from workbench.interchange.outgoing.row_files import LAYOUTS, row_file
from workbench.interchange.sources.opening import open_source
from workbench.records.comparison import Label
from workbench.records.prompt import SPLITS, prompt_of_messages
from workbench.records.rows import PreferenceRow, SftRow
from workbench.records.transcript import Message

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
texts = any_text.filter(lambda text: bool(text.strip()))
#: A blank turn may stand before what is asked, and a system turn before all.
earlier = st.lists(st.builds(Message, st.sampled_from(["user", "assistant"]), any_text), max_size=3)
system = st.lists(st.builds(Message, st.just("system"), texts), max_size=1)
asked = st.builds(lambda first, more, last: (*first, *more, Message("user", last)), system, earlier, texts)
one_turn = st.builds(lambda text: (Message("user", text),), texts)
#: A file whose prompts are all one turn holds them as text, another as turns.
conversations = st.booleans().flatmap(lambda plain: st.lists(one_turn if plain else asked, min_size=1, max_size=4))
responses = st.tuples(any_text, any_text).filter(lambda pair: pair[0] != pair[1])
layouts = st.sampled_from(LAYOUTS)
Folders = pytest.TempPathFactory


def written(as_: str, rows: Iterable[Any], place: Path) -> list[Any]:
    """Write the rows a format has a place for, as an export does, and return these."""
    kept = [row for row in rows if EXPORTS[as_].has_place_for(row)]
    form = form_for(row.messages for row in kept)
    with row_file(place, place.suffix.removeprefix(".")) as file:
        for row in kept:
            columns = EXPORTS[as_].columns(row, form)
            assert columns is not None
            file.write(columns)
    return kept


def read_back(place: Path, format_name: str, rows: int) -> list[Brought]:
    """Read a file as whatever it looks like, every row of it."""
    if not rows:
        return []
    source = open_source(str(place))
    shape = detect(source)
    assert shape.format.name == format_name
    assert shape.guessed == ()
    found = list(read_source(source, shape, Reading("", "helpful", "rl")))
    assert [row for row in found if isinstance(row, BadRow)] == []
    return [row[1] for row in found if not isinstance(row, BadRow)]


@settings(max_examples=50, deadline=None)
@given(conversations, st.data(), layouts)
def test_prompts(tmp_path_factory: Folders, turns: list[tuple[Message, ...]], data: st.DataObject, layout: str) -> None:
    kinds, splits = st.sampled_from(["red-team", "helpful"]), st.sampled_from(SPLITS)
    prompts = [prompt_of_messages(one, data.draw(kinds), data.draw(splits)) for one in turns]
    place = tmp_path_factory.mktemp("x") / f"x.{layout}"
    kept = written("prompts", prompts, place)
    assert [row.prompts for row in read_back(place, "prompt", len(kept))] == [(prompt,) for prompt in prompts]


@settings(max_examples=50, deadline=None)
@given(conversations, st.lists(texts, min_size=4, max_size=4), layouts)
def test_what_is_learned(
    tmp_path_factory: Folders, turns: list[tuple[Message, ...]], said: list[str], layout: str
) -> None:
    rows = [SftRow(one, text) for one, text in zip(turns, said, strict=False)]
    place = tmp_path_factory.mktemp("x") / f"x.{layout}"
    kept = written("sft", rows, place)
    back = read_back(place, "prompt-completion", len(kept))
    assert [(row.prompts[0].messages, row.steps[0].text) for row in back] == [
        (row.messages, row.completion) for row in rows
    ]


def pairs_of(
    turns: list[tuple[Message, ...]], said: list[tuple[str, str]], better_a: list[bool]
) -> list[PreferenceRow]:
    told = zip(turns, said, better_a, strict=False)
    return [PreferenceRow(one, *pair, 0.9 if first else 0.2, origin="review:r") for one, pair, first in told]


@settings(max_examples=80, deadline=None)
@given(
    conversations,
    st.lists(responses, min_size=4, max_size=4),
    st.lists(st.booleans(), min_size=4, max_size=4),
    layouts,
    st.sampled_from([("preferences", "preference"), ("hh-rlhf", "hh-rlhf")]),
)
@example([(Message("user", "p"),)], [("", "\r\n")], [True], "parquet", ("hh-rlhf", "hh-rlhf"))
@example([(Message("user", "p"), Message("assistant", ""), Message("user", "q"))], [("", " ")], [False], "jsonl",
         ("preferences", "preference"))  # fmt: skip
def test_preferences(
    tmp_path_factory: Folders,
    turns: list[tuple[Message, ...]],
    said: list[tuple[str, str]],
    better_a: list[bool],
    layout: str,
    format_: tuple[str, str],
) -> None:
    place = tmp_path_factory.mktemp("x") / f"x.{layout}"
    kept = written(format_[0], pairs_of(turns, said, better_a), place)
    back = read_back(place, format_[1], len(kept))
    assert [(row.prompts[0].messages, chosen_of(row)) for row in back] == [(row.messages, sides(row)) for row in kept]


def sides(row: PreferenceRow) -> tuple[str, str]:
    return (row.response_a, row.response_b) if row.probability_a > 0.5 else (row.response_b, row.response_a)


@settings(max_examples=50, deadline=None)
@given(
    conversations,
    st.lists(responses, min_size=4, max_size=4),
    st.lists(st.lists(st.tuples(st.sampled_from(["ann", "bob"]), st.sampled_from(["a", "b", "tie", "both_bad"])),
                      max_size=2, unique_by=lambda one: one[0]), min_size=4, max_size=4),
)  # fmt: skip
def test_annotated_pairs(
    tmp_path_factory: Folders,
    turns: list[tuple[Message, ...]],
    said: list[tuple[str, str]],
    decided: list[list[tuple[str, str]]],
) -> None:
    """With whoever decided; the vote of a principle, which is a machine's, does not come back."""
    rows = []
    for one, pair, told in zip(turns, said, decided, strict=False):
        prompt = prompt_of_messages(one, "helpful", "rl")
        comparison = comparison_of(prompt, *pair, "m1", "m2")
        label = Label("l", comparison.id, ("kind",), 0.7, ())
        rows.append(
            Annotated(prompt, comparison, tuple(review_of(comparison, who, what) for who, what in told), (label,))
        )
    kept = [row for row in rows if has_place_for(row)]
    place = tmp_path_factory.mktemp("x") / "x.json"
    known = annotators(["ann", "bob"], {"kind": "Which is kinder?"})
    place.write_text("".join(document("x", known, kept, "2026-01-01")), encoding="utf-8", newline="\n")
    back = read_back(place, "annotated-pairs", len(kept))
    assert [(row.prompts, row.comparisons, row.reviews) for row in back] == [
        ((row.prompt,), (row.comparison,), row.reviews) for row in kept
    ]


def test_every_format_that_goes_out_is_tried_here() -> None:
    tried: dict[str, Callable[..., None]] = {
        "prompts": test_prompts,
        "sft": test_what_is_learned,
        "preferences": test_preferences,
        "hh-rlhf": test_preferences,
    }
    assert set(tried) == set(EXPORTS)
