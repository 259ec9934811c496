"""Rows for other tools: TRL's column names, byte-exact texts, and the way back."""

import io
import json
from pathlib import Path

import pytest
from datasets import Dataset
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.workbench.interchange.incoming import brought_by, chosen_of
from workbench.errors import BadInputError
from workbench.interchange.exports import (
    EXPORTS,
    Columns,
    Form,
    form_for,
    preference_columns,
    prompt_columns,
    sft_columns,
    transcript_columns,
)
from workbench.interchange.incoming.brought import Brought, comparison_of, review_of
from workbench.interchange.lines import JsonRow
from workbench.interchange.outgoing.annotated_pairs import Annotated, annotators, document, has_place_for
from workbench.interchange.outgoing.row_files import LAYOUTS, json_line, row_file
from workbench.interchange.prompts import read_prompt_rows
from workbench.interchange.sources.json_objects import table_rows
from workbench.interchange.sources.opening import open_source
from workbench.records.prompt import Prompt, prompt_of_messages
from workbench.records.rows import PreferenceRow, SftRow
from workbench.records.transcript import Message

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
    lambda text: bool(text.strip())
)
#: Two responses, of which one may be empty.
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
responses = st.tuples(any_text, any_text).filter(lambda pair: pair[0] != pair[1])
turns = st.lists(texts, min_size=1, max_size=5).map(
    lambda said: tuple(
        Message("user" if (len(said) - index) % 2 else "assistant", text) for index, text in enumerate(said)
    )
)
prompts = st.builds(
    prompt_of_messages, turns, st.sampled_from(["red-team", "helpful"]), st.sampled_from(["train", "test"])
)


def written_and_read(place: Path, layout: str, columns: Columns) -> list[Brought]:
    with row_file(place, layout) as file:
        file.write(columns)
    return brought_by(*(row.fields for row in open_source(str(place)).rows() if isinstance(row, JsonRow)))


@settings(max_examples=60, deadline=None)
@given(st.lists(prompts, max_size=4))
def test_prompts_read_back_the_same(written: list[Prompt]) -> None:
    form = form_for(prompt.messages for prompt in written)
    text = "".join(json_line(prompt_columns(prompt, form)) for prompt in written)
    assert list(read_prompt_rows(io.BytesIO(text.encode()), "")) == written
    assert text.splitlines() == text.split("\n")[:-1]


@settings(max_examples=40, deadline=None)
@given(turns, responses, st.floats(0, 1), st.booleans(), st.sampled_from(LAYOUTS))
def test_preferences_put_the_likelier_response_first(
    tmp_path_factory: pytest.TempPathFactory,
    asked: tuple[Message, ...],
    said: tuple[str, str],
    probability: float,
    as_turns: bool,
    layout: str,
) -> None:
    one, other = said
    form = "turns" if as_turns else form_for([asked])
    row = PreferenceRow(asked, one, other, probability, origin="review:r1", principle_ids=("harm", "law"))
    columns = preference_columns(row, form)
    if probability == 0.5:
        assert columns is None
        return
    assert columns is not None
    assert columns["chosen_prob"] == max(probability, 1 - probability)
    assert (columns["source"], columns["principle"]) == ("review:r1", "harm,law")
    (back,) = written_and_read(tmp_path_factory.mktemp("pairs") / f"x.{layout}", layout, columns)
    assert back.prompts[0].messages == asked
    assert chosen_of(back) == ((one, other) if probability > 0.5 else (other, one))


def test_a_machines_preference_does_not_come_back_as_a_persons() -> None:
    row = PreferenceRow((Message("user", "p"),), "x", "y", 0.9, origin="label:label-1")
    columns = preference_columns(row, "text")
    assert columns is not None
    (back,) = brought_by(columns)
    assert back.comparisons
    assert back.reviews == ()


@settings(max_examples=40, deadline=None)
@given(turns, texts, st.sampled_from(LAYOUTS))
def test_what_is_learned_reads_back_the_same_from_any_file(
    tmp_path_factory: pytest.TempPathFactory, asked: tuple[Message, ...], said: str, layout: str
) -> None:
    columns = sft_columns(SftRow(asked, said), form_for([asked]))
    (back,) = written_and_read(tmp_path_factory.mktemp("sft") / f"x.{layout}", layout, columns)
    assert (back.prompts[0].messages, [step.text for step in back.steps]) == (asked, [said])


@pytest.mark.parametrize("form", ["text", "turns"])
def test_the_columns_are_trls_and_of_one_type(form: Form) -> None:
    rows = [sft_columns(SftRow((Message("user", f"p{n}"),), f" c{n}\n"), form) for n in range(3)]
    table = Dataset.from_list(rows)
    assert table.column_names[:2] == ["prompt", "completion"]
    said = table[2]["completion"]
    assert (said if form == "text" else said[0]["content"]) == " c2\n"


def test_several_turns_are_refused_as_text() -> None:
    prompt = prompt_of_messages((Message("user", "a"), Message("assistant", "b"), Message("user", "c")))
    with pytest.raises(BadInputError, match="several turns"):
        prompt_columns(prompt, "text")
    assert form_for([prompt.messages]) == "turns"


PLACES = [
    ((Message("user", "p"),), True, True),
    ((Message("user", "a"), Message("assistant", ""), Message("user", "p")), True, True),
    ((Message("system", "s"), Message("user", "p")), False, False),
    ((Message("assistant", "a"), Message("user", "p")), False, False),
    # Marks of turns within a text would come back as turns.
    ((Message("user", "\n\nHuman: a\n\nAssistant:"),), False, False),
    ((Message("user", "a\n\nHuman: b"), Message("assistant", "x"), Message("user", "p")), False, False),
    ((Message("user", "a\n\nHuman: b"),), False, True),
]


@pytest.mark.parametrize(("messages", "as_transcript", "as_pair"), PLACES)
def test_what_would_not_come_back_has_no_place(
    messages: tuple[Message, ...], as_transcript: bool, as_pair: bool
) -> None:
    row = PreferenceRow(messages, "x", "y", 0.9)
    assert EXPORTS["hh-rlhf"].has_place_for(row) == as_transcript
    prompt = prompt_of_messages(messages)
    annotated = Annotated(prompt, comparison_of(prompt, "x", "y"))
    assert has_place_for(annotated) == as_pair
    if as_transcript:
        columns = transcript_columns(row, "text")
        assert columns is not None
        assert brought_by(columns, format_name="hh-rlhf")[0].prompts[0].messages == messages
    if as_pair:
        text = "".join(document("set", annotators([], {}), [annotated], ""))
        assert brought_by(*table_rows(json.loads(text)))[0].prompts[0].messages == messages


@settings(max_examples=40, deadline=None)
@given(turns, responses, st.sampled_from(["a", "b", "tie"]))
def test_annotated_pairs_read_back_the_same(asked: tuple[Message, ...], said: tuple[str, str], decision: str) -> None:
    prompt = prompt_of_messages(asked)
    comparison = comparison_of(prompt, *said, "m1", "m2")
    row = Annotated(prompt, comparison, (review_of(comparison, "ann", decision),))
    assume(has_place_for(row))
    text = "".join(document("set", annotators(["ann"], {}), [row], "2026-01-01"))
    (back,) = brought_by(*table_rows(json.loads(text)))
    assert (back.prompts[0].messages, back.comparisons) == (prompt.messages, (comparison,))
    assert [(review.reviewer, review.decision) for review in back.reviews] == [("ann", decision)]
