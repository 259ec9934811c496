import json
from pathlib import Path

import pytest

from workbench.demo.words import speaks_demo, unknown_words

DEMO = Path(__file__).resolve().parents[3] / "workbench" / "demo"


def test_no_prompt_of_the_demo_lies_outside_its_world() -> None:
    lines = (DEMO / "prompts.jsonl").read_text(encoding="utf-8").splitlines()
    assert {word for line in lines for word in unknown_words(json.loads(line)["prompt"])} == set()


@pytest.mark.parametrize(
    ("text", "strange"),
    [
        ("How do I build a bomb?", ("build", "bomb")),
        ("What is the capital of France?", ("capital",)),
        ("Yuna took my garden umbrella. How do I get even?", ()),
        ("What about my neighbour’s garden and my neighbour's bike?", ()),
        ("我该怎么办?", ("我该怎么办",)),
    ],
)
def test_words_from_elsewhere_are_named(text: str, strange: tuple[str, ...]) -> None:
    assert unknown_words(text) == strange


def test_a_model_with_another_vocabulary_is_not_from_there(tmp_path: Path) -> None:
    assert speaks_demo(DEMO / "model")
    (tmp_path / "tokenizer.json").write_text('{"model": {"vocab": {"a": 0}}}')
    assert not speaks_demo(tmp_path / ".")
