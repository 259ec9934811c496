"""A field that a format needs and no row has: a file is not taken for less than it is, and what is missing is named."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.interchange.broken_rows import GOOD
from tests.workbench.interchange.incoming import results_of, source_of
from workbench.errors import BadInputError
from workbench.interchange.incoming.detection import detect
from workbench.interchange.incoming.formats import BY_NAME, FORMATS
from workbench.interchange.lines import BadRow, JsonRow
from workbench.interchange.sources.json_objects import table_rows
from workbench.interchange.sources.opening import open_source

DATA = Path(__file__).parents[2] / "data" / "formats"
NEEDED = [(format_.name, role.name) for format_ in FORMATS for role in format_.roles if role.needed]
#: What is left without the one field that tells the format.
NOTHING_LEFT = {("prompt", "prompt"): "in no format known here", ("messages", "messages"): "in no format known here"}
#: What a file without a field is, rather than a broken one.
SOMETHING_ELSE = {("prompt-completion", "completion"): "prompt", ("preference", "prompt"): "preference-texts"}


def rows_of(format_name: str) -> tuple[list[dict[str, Any]], Mapping[str, str]]:
    source = open_source(str(DATA / GOOD[format_name]))
    return [row.fields for row in source.rows() if isinstance(row, JsonRow)], detect(source).mapping


def without(row: Mapping[str, Any], column: str, emptied: bool) -> dict[str, Any]:
    """A row that lacks a column, or has it empty; a tool's nested fields are looked into."""
    left = {name: value for name, value in row.items() if name != column} | ({column: None} if emptied else {})
    return left | {
        name: without(row[name], column, emptied) for name in ("fields", "data") if isinstance(row.get(name), dict)
    }


def test_every_format_has_good_rows() -> None:
    assert set(GOOD) == set(BY_NAME)


@pytest.mark.parametrize("emptied", [False, True])
@pytest.mark.parametrize(("format_name", "field"), NEEDED)
def test_a_field_that_no_row_has_is_named(format_name: str, field: str, emptied: bool) -> None:
    rows, mapping = rows_of(format_name)
    column = mapping[field]
    source = source_of(*(without(row, column, emptied) for row in rows))
    other = SOMETHING_ELSE.get((format_name, field))
    if other and not (emptied and other == "prompt"):
        assert detect(source).format.name == other
        return
    with pytest.raises(BadInputError) as caught:
        detect(source)
    told = str(caught.value)
    if (format_name, field) in NOTHING_LEFT and not (emptied and format_name == "messages"):
        assert NOTHING_LEFT[format_name, field] in told
        return
    assert told.startswith(f"rows.jsonl looks like {format_name} ({BY_NAME[format_name].title}), but ")
    if emptied:
        assert f"its column {column} is empty in most rows." in told
    else:
        assert f"it has no column {field}" in told or "without the file's annotators" in told


@pytest.mark.parametrize(
    ("row", "format_name", "lacks"),
    [
        ({"prompt": "p", "corrects": ["x"]}, "evaluation-set", "it has no column incorrects"),
        ({"prompt": "p", "text_correct": "x"}, "evaluation-set", "it has no column corrects and no column incorrects"),
        ({"prompt": "p", "chosen": "x"}, "preference", "it has no column rejected"),
        ({"question": "p", "chosen": "x"}, "preference", "it has no column rejected"),
        ({"prompt": "p", "completion": None}, "prompt-completion", "its column completion is empty in most rows"),
        (
            {"prompt": "p", "messages": "hi"},
            "messages",
            "row 1 does not fit: messages must be a list of turns, not 'hi'",
        ),
        ({"chosen": 3, "rejected": 4}, "preference-texts", "row 1 does not fit: chosen must be text, not the number 3"),
        ({"chosen": "\n\nHuman: a\n\nAssistant: b"}, "hh-rlhf", "it has no column rejected"),
        (
            {"prompt": "p", "response_a": {"text": "x"}, "response_b": {"text": "y"}, "annotations": {}},
            "annotated-pairs",
            "its comparisons stand without the file's annotators, who say whose word counts",
        ),
    ],
)
def test_what_is_more_than_prompts_is_not_taken_for_prompts(row: dict[str, Any], format_name: str, lacks: str) -> None:
    with pytest.raises(BadInputError) as caught:
        detect(source_of(row))
    told = str(caught.value)
    assert told.startswith(f"rows.jsonl looks like {format_name} (")
    assert lacks in told
    has_prompts = isinstance(row.get("prompt", row.get("question")), str)
    assert told.endswith(" For its prompts alone add: --as prompts.") == has_prompts
    if has_prompts:
        assert detect(source_of(row), as_="prompts").format.name == "prompt"
        assert detect(source_of(row), format_name="prompt").format.name == "prompt"


@pytest.mark.parametrize(
    "row", [{"prompt": "p", "note": 3}, {"prompt": "p", "info": 3}, {"prompt": "p", "choice": "x"}]
)
def test_prompts_with_columns_of_their_own_stay_prompts(row: dict[str, Any]) -> None:
    assert detect(source_of(row)).format.name == "prompt"


PAIRS = json.loads((DATA / "annotated_pairs.json").read_text())
FIRST = {"id": "c", "prompt": "p", "text_a": "x", "text_b": "y", "annotations": {"aa11": {"pref": "text_a"}}}


@pytest.mark.parametrize(
    ("document", "lacks"),
    [
        ({**PAIRS, "comparisons": [FIRST]}, "it is of version 1 (text_a, text_b), which is not read; write it anew as"),
        ({name: part for name, part in PAIRS.items() if name != "annotators"}, "it names no annotators beside its"),
        ({name: part for name, part in PAIRS.items() if name != "comparisons"}, "it has no comparisons"),
    ],
)
def test_annotated_pairs_that_lack_a_part_say_which(document: dict[str, Any], lacks: str) -> None:
    with pytest.raises(BadInputError, match="looks like annotated-pairs ") as caught:
        detect(source_of(*table_rows(document)))
    assert f"but {lacks}" in str(caught.value)
    assert "--map" not in str(caught.value)


def test_an_answer_that_is_not_offered_is_told() -> None:
    rows, _ = rows_of("evaluation-set")
    asked = rows[0] | {"corrects": [" (C)"]}
    written = {"prompt": "Which one?", "corrects": [" (A)"], "incorrects": [" (B)"]}
    for form in ("(A) x\n(B) y", " A. x\n B. y", "A) x\nB) y"):
        assert not isinstance(results_of(written | {"prompt": f"Which?\n{form}\n"})[0], BadRow)
    found = results_of(asked, written, format_name="evaluation-set")
    assert [row.reason for row in found if isinstance(row, BadRow)] == [
        "the answer (C) is not offered by its prompt; its options are (A), (B)",
        "the answer (A) is not offered by its prompt; it writes out no options",
    ]
