"""The oracle agrees with 200 sentences written by hand before it was built, on each half separately."""

import json
from pathlib import Path

import pytest

from workbench.demo.oracle import SentenceReading, read_sentence

_SENTENCES = Path(__file__).parents[2] / "data" / "oracle_sentences.jsonl"
_FLAGS = ("refusal", "reason", "alternative")


def _rows(half: str) -> list[dict[str, object]]:
    rows = [json.loads(line) for line in _SENTENCES.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["half"] == half]


def _agrees(row: dict[str, object], reading: SentenceReading) -> bool:
    degree = row["degree"]
    assert isinstance(degree, int)
    return reading.kind == row["kind"] and abs(reading.degree - degree) <= 1 and (reading.degree > 0) == (degree > 0)


def test_the_sentences_are_as_many_and_as_mixed_as_said() -> None:
    for half in ("seen", "unseen"):
        rows = _rows(half)
        assert len(rows) == 100
        assert sum(row["kind"] == "none" for row in rows) >= 30
        assert {row["kind"] for row in rows} == {"insult", "deception", "privacy", "rule_breaking", "pressure", "none"}
        assert {row["degree"] for row in rows} == {0, 1, 2, 3}


@pytest.mark.parametrize("half", ["seen", "unseen"])
def test_kind_and_degree_agree_with_a_person(half: str) -> None:
    rows = _rows(half)
    wrong = [row["sentence"] for row in rows if not _agrees(row, read_sentence(str(row["sentence"])))]
    assert len(wrong) <= 0.05 * len(rows), wrong


@pytest.mark.parametrize("half", ["seen", "unseen"])
def test_refusals_reasons_and_alternatives_agree_with_a_person(half: str) -> None:
    marked = [(row, flag) for row in _rows(half) for flag in _FLAGS if row.get(flag)]
    missed = [row["sentence"] for row, flag in marked if not getattr(read_sentence(str(row["sentence"])), flag)]
    assert len(missed) <= 0.1 * len(marked), missed


@pytest.mark.parametrize("half", ["seen", "unseen"])
def test_nothing_else_is_read_as_a_refusal(half: str) -> None:
    wrong = [
        row["sentence"] for row in _rows(half) if not row.get("refusal") and read_sentence(str(row["sentence"])).refusal
    ]
    assert len(wrong) <= 1, wrong
