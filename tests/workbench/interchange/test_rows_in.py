"""Prompts and comparisons from other tools."""

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.interchange.incoming import brought_by, chosen_of, results_of, source_of
from workbench.errors import BadInputError
from workbench.interchange import lines
from workbench.interchange.incoming.detection import detect
from workbench.interchange.lines import BadRow, Line, text_lines
from workbench.interchange.prompts import read_prompt_rows
from workbench.records.preference import preference_of
from workbench.records.prompt import Prompt
from workbench.records.transcript import Message

USER = {"role": "user", "content": "p"}
SAID, OTHER = ({"role": "assistant", "content": text} for text in ("x", "y"))
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
    lambda text: bool(text.strip())
)


def stream(*rows: Any) -> io.BytesIO:
    return io.BytesIO("".join(json.dumps(row) + "\n" for row in rows).encode())


def lines_of(data: bytes) -> list[Line | BadRow]:
    return list(text_lines(io.BytesIO(data), "p.txt"))


def reasons(rows: list[Any]) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in rows if isinstance(row, BadRow)]


def test_text_lines_keep_their_bytes_and_blank_lines_are_left_out() -> None:
    rows = lines_of(b"\xef\xbb\xbf one \r\n\n  \ntwo\u2028".replace(b"\\u2028", b"") + "\u2028x".encode())
    assert [row.text for row in rows if isinstance(row, Line)] == [" one ", "two\u2028x"]


def test_a_line_that_is_not_utf8_is_listed_and_the_rest_is_read() -> None:
    rows = lines_of(b"good\nba\xffd\nfine\n")
    assert reasons(rows) == [(2, "byte 3 of the line is not UTF-8; save the file as UTF-8")]
    assert [row.text for row in rows if isinstance(row, Line)] == ["good", "fine"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_another_encoding_is_one_sentence(encoding: str) -> None:
    with pytest.raises(BadInputError, match="save it as UTF-8"):
        lines_of("hello\n".encode(encoding))


def test_a_line_without_end_is_left_out_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 10)
    rows = lines_of(b"x" * 95 + b"\nshort\n" + b"y" * 11)
    assert [row.line for row in rows if isinstance(row, BadRow)] == [1, 3]
    assert [row.text for row in rows if isinstance(row, Line)] == ["short"]


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, max_size=4), st.booleans())
def test_prompts_in_jsonl_keep_their_text(prompts: list[str], as_turns: bool) -> None:
    rows = [{"prompt": [{"role": "user", "content": text}] if as_turns else text} for text in prompts]
    data = "\r\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    assert [getattr(row, "text", row) for row in read_prompt_rows(io.BytesIO(data), "p.jsonl")] == prompts


def test_turns_kind_and_split_are_read() -> None:
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "How are you?"},
    ]
    (prompt,) = read_prompt_rows(stream({"prompt": turns, "kind": "helpful", "split": "test", "note": 3}), "p")
    assert isinstance(prompt, Prompt)
    assert (prompt.kind, prompt.split, prompt.source) == ("helpful", "test", "p")
    assert prompt.messages[0] == Message("system", "Be brief.")
    assert prompt.text == "How are you?"


def test_two_responses_become_a_comparison_without_a_review() -> None:
    (row,) = brought_by({"prompt": "p", "response_a": " a\n", "response_b": "b"})
    (comparison,) = row.comparisons
    assert (comparison.response_a, comparison.response_b, row.reviews) == (" a\n", "b", ())
    assert comparison.prompt_id == row.prompts[0].id


@settings(max_examples=60, deadline=None)
@given(texts, any_text, any_text)
def test_the_chosen_response_is_preferred_whichever_side_it_stands_on(prompt: str, one: str, other: str) -> None:
    if one == other:
        return
    first, second = brought_by(
        {"prompt": prompt, "chosen": one, "rejected": other}, {"prompt": prompt, "chosen": other, "rejected": one}
    )
    assert first.comparisons == second.comparisons
    for row, chosen in ((first, one), (second, other)):
        ((comparison,), (review,)) = row.comparisons, row.reviews
        assert review.reviewer == "import"
        preference = preference_of(comparison, [], [review])
        assert preference is not None
        better = comparison.response_a if preference.probability_a > 0.5 else comparison.response_b
        assert better == chosen


def test_a_choice_under_another_name_or_in_another_word_is_not_lost() -> None:
    pair = {"prompt": "p", "response_a": "x", "response_b": "y"}
    rows = [pair | {"winner": "model_b"}, pair | {"winner": "tie"}]
    shape = detect(source_of(*rows))
    assert (shape.format.name, shape.guessed) == ("pair", ("preferred",))
    found = [row.reviews[0].decision for row in brought_by(*rows)]
    assert found == ["b", "tie"]
    assert detect(source_of(pair | {"winner": "whoever"})).left_out == ("winner",)
    assert detect(source_of(pair | {"winner": "a"}), as_="prompts").format.name == "prompt"


def test_a_response_marked_as_bad_is_not_learned() -> None:
    rows = [{"prompt": "p", "completion": f"c{label}", "label": label} for label in (True, False)]
    assert reasons(results_of(*rows)) == [
        (2, "its label is false: a response to avoid, from which alone nothing can be learned")
    ]


def test_turns_as_sharegpt_spells_them_are_turns() -> None:
    (row,) = brought_by({"conversations": [{"from": "human", "value": "p"}, {"from": "gpt", "value": "x"}]})
    assert (row.prompts[0].text, row.steps[0].text) == ("p", "x")


def test_the_side_says_nothing_about_the_choice() -> None:
    rows = brought_by(*({"prompt": f"p{n}", "chosen": f"good {n}", "rejected": f"bad {n}"} for n in range(400)))
    on_a = sum(row.comparisons[0].response_a.startswith("good") for row in rows)
    assert 150 < on_a < 250


def test_a_machines_choice_is_no_review() -> None:
    (row,) = brought_by({"prompt": "p", "chosen": "x", "rejected": "y", "source": "label:label-1", "chosen_prob": 0.9})
    assert row.comparisons
    assert row.reviews == ()


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": [USER], "chosen": [SAID], "rejected": [OTHER]},
        {"chosen": [USER, SAID], "rejected": [USER, OTHER]},
        {
            "prompt": "p",
            "chosen": [USER, SAID],
            "rejected": [USER, OTHER],
            "messages": [USER, SAID],
            "score_chosen": 8.5,
        },
        {"prompt": [USER], "chosen": [USER, SAID], "rejected": [USER, OTHER]},
    ],
)
def test_trl_turns_are_read_wherever_the_prompt_stands(row: dict[str, Any]) -> None:
    (brought,) = brought_by(row)
    assert chosen_of(brought) == ("x", "y")
    assert brought.prompts[0].text == "p"
