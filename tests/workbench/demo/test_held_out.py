"""None of what is held out occurs in the corpus that the demo model is trained on, and every figure uses it."""

import json
import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pytest

from workbench.demo.world.coinage import is_held_out
from workbench.demo.world.documents import documents
from workbench.demo.world.held_out import (
    DEMO,
    choices,
    fragment,
    held_out_lines,
    occurs,
    original_wordings,
    prompts,
    wordings,
)
from workbench.demo.world.shelf import load

CONSTITUTION = Path(__file__).parents[3] / "constitutions" / "demo.yaml"


@pytest.fixture(scope="module")
def corpus() -> str:
    return "\n".join(script.text for script in islice(documents(4), 1500))


def people(texts: Iterable[str]) -> set[str]:
    return {name for text in texts for name in re.findall(r"(?<=[a-z] )[A-Z][a-z]{2,}(?=\W)", text)}


def test_a_template_occurs_whatever_stands_in_its_slots() -> None:
    assert occurs("call {P} a {T} fool", "you could call dana a greedy fool. then go.")
    assert not occurs("call {P} a {T} fool", "you could call dana a name. what a greedy fool.")
    assert not occurs("kettle", "the kettles are new.")


def test_no_held_out_line_occurs_in_the_corpus(corpus: str) -> None:
    lowered = corpus.lower()
    assert [(shelf, line) for shelf, line in held_out_lines() if occurs(line, lowered)] == []


def test_no_held_out_name_occurs_in_the_corpus(corpus: str) -> None:
    names = people(row["prompt"] for row in prompts())
    assert len(names) > 1000
    assert names.isdisjoint(re.findall(r"\b[A-Z][a-z]+\b", corpus))


def test_the_corpus_shows_what_the_training_lines_are(corpus: str) -> None:
    lines = [line for pool in load("principles").values() for line in pool.train if "{" not in line[:9]]
    shown = sum(line.split("{")[0].strip() in corpus for line in lines)
    assert shown > 0.9 * len(lines)


def test_the_demo_prompts_are_held_out_and_distinct(corpus: str) -> None:
    rows = [json.loads(line) for line in (DEMO / "prompts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert rows == list(prompts())
    texts = [row["prompt"] for row in rows]
    assert len(set(texts)) == len(texts) == 4300
    assert not [text for text in texts[::20] if text in corpus]
    fragments = [fragment(line) for shelf, line in held_out_lines() if shelf in {"requests", "tasks"}]
    assert [text for text in texts if not any(words in text for words in fragments)] == []


def test_the_demo_choices_are_as_written_on_helpful_prompts_for_the_preference_model() -> None:
    rows = [json.loads(line) for line in (DEMO / "choices.jsonl").read_text(encoding="utf-8").splitlines()]
    assert rows == list(choices())
    asked = {row["prompt"] for row in prompts() if (row["kind"], row["split"]) == ("helpful", "preferences")}
    assert {row["prompt"] for row in rows} <= asked
    assert len(rows) > 0.95 * len(asked)
    assert [row for row in rows if not row["rejected"] or row["chosen"] == row["rejected"]] == []


def test_the_demo_prompts_name_held_out_people() -> None:
    assert [name for name in people(row["prompt"] for row in prompts()) if not is_held_out(name)] == []


def test_the_wordings_are_held_out_and_as_written(corpus: str) -> None:
    written = json.loads((DEMO / "wordings.json").read_text(encoding="utf-8"))
    assert written == wordings(original_wordings(CONSTITUTION))
    for groups in written.values():
        several = [groups["original"], *groups["paraphrases"], *groups["unrelated"], *groups["contrary"]]
        texts = [text for wording in several for text in wording.values()]
        assert len(set(texts)) == len(texts)
        assert not [text for text in texts if text in corpus]


def test_the_constitution_of_the_demo_is_held_out(corpus: str) -> None:
    text = CONSTITUTION.read_text(encoding="utf-8")
    quoted = re.findall(r'(?:request|question): "(.+)"', text)
    assert len(quoted) == 29
    assert not [wording for wording in quoted if wording in corpus]
