"""Whatever a file holds, reading it gives rows, listed bad rows, or one sentence."""

import io
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.workbench.interchange.incoming import results_of
from tests.workbench.interchange.test_constitution_yaml import TEXT
from workbench.errors import BadInputError
from workbench.interchange.constitution_yaml import read
from workbench.interchange.incoming.formats import FORMATS
from workbench.interchange.lines import text_lines
from workbench.interchange.prompts import read_prompt_rows
from workbench.interchange.sources.csv_rows import csv_rows
from workbench.interchange.sources.json_documents import json_document_rows

json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
columns = (*dict.fromkeys(role.name for format_ in FORMATS for role in format_.roles),
    "source", "fields", "responses", "annotations", "data", "annotators", "x.responses", "worker", "extra",
)  # fmt: skip


def rows_of(reader: Any, data: bytes) -> list[Any]:
    return list(reader(io.BytesIO(data), "x"))


def outcome(work: Callable[[], Any]) -> tuple[Any, str]:
    """Return what reading gave, or the sentence it refused with."""
    try:
        return work(), ""
    except BadInputError as error:
        return None, str(error)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60))
@example(b"\xef\xbb\xbf\xef\xbb\xbfx")
@example(b"\x00\n\r\r\n\x85")
def test_any_bytes_are_prompts_or_bad_rows(data: bytes) -> None:
    for reader in (text_lines, read_prompt_rows, json_document_rows, csv_rows):
        rows, sentence = outcome(partial(rows_of, reader, data))
        assert sentence or len(rows) <= data.count(b"\n") + data.count(b"\r") + data.count(b",") + 1


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(columns), json_values, max_size=6))
def test_any_object_is_a_row_or_a_bad_row(row: dict[str, object]) -> None:
    assert len(list(read_prompt_rows(io.BytesIO(json.dumps(row).encode()), "x"))) == 1
    for format_ in FORMATS:
        assert len(results_of(row, format_name=format_.name)) == 1


@settings(max_examples=150, deadline=None)
@given(st.text("ab:-[]{}&*!|>'\"#%@`?, \n\t<1.", max_size=40))
def test_any_text_is_a_constitution_or_one_sentence(text: str) -> None:
    for whole in (text, TEXT + text, "name: x\nprinciples:\n  - id: a\n    title: " + text):
        _, sentence = outcome(partial(read, whole, "f.yaml"))
        assert sentence == "" or sentence.startswith("f.yaml")
        assert "\n" not in sentence


@pytest.mark.timeout(20)
def test_aliases_that_multiply_do_not_fill_memory() -> None:
    layers = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30)]
    with pytest.raises(BadInputError):
        read("\n".join(["l0: &l0 x", *layers, "name: x", "principles: *l29"]), "f.yaml")


def test_a_part_that_holds_itself_is_refused() -> None:
    with pytest.raises(BadInputError):
        read("name: x\nprinciples: &p\n  - *p\n", "f.yaml")
