"""Scoring texts with a preference model from the command line."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.training.small import asked, small_model
from workbench.errors import WorkbenchError
from workbench.stages.training.scorer import Scorer, load_scorer
from workbench.stages.training.weights import load_preference_model, load_tokenizer, save_model

Run = Callable[..., str]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    start = small_model(tmp_path_factory.mktemp("start"))
    tokenizer = load_tokenizer(start)
    scoring = load_preference_model(start, tokenizer, seed=3)
    scoring.config.score_offset = 0.25
    save_model(scoring, tokenizer, start.parent / "preference model")
    return start.parent / "preference model"


@pytest.fixture(scope="module")
def scorer(model: Path) -> Scorer:
    return load_scorer(model)


def test_a_text_gets_its_score(run: Run, model: Path, scorer: Scorer) -> None:
    (expected,) = scorer.score([(asked("plan a picnic"), "share the work")])
    assert float(run("score", str(model), "share the work", "--prompt", "plan a picnic")) == pytest.approx(
        expected, abs=1e-3
    )


def test_a_file_comes_back_with_scores_in_its_order(run: Run, model: Path, scorer: Scorer, tmp_path: Path) -> None:
    turns = [
        {"role": "user", "content": "ask"},
        {"role": "assistant", "content": "yes"},
        {"role": "user", "content": "a"},
    ]
    rows: list[dict[str, Any]] = [
        {"prompt": "plan", "response": "share", "mine": 7},
        {"prompt": "plan", "response_a": "share", "response_b": "rude answer"},
        {"prompt": turns, "chosen": "help", "rejected": "trust everyone"},
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run("score", str(model), "rows.jsonl", "-o", "scored.jsonl")
    one, pair, choice = (json.loads(line) for line in (tmp_path / "scored.jsonl").read_text().splitlines())
    share, rude = scorer.score([(asked("plan"), "share"), (asked("plan"), "rude answer")])
    assert one == {**rows[0], "score": pytest.approx(share, abs=1e-5)}
    assert (pair["score_a"], pair["score_b"]) == (pytest.approx(share, abs=1e-5), pytest.approx(rude, abs=1e-5))
    assert pair["predicted_probability_a"] == pytest.approx(1 / (1 + math.exp(rude - share)), abs=1e-5)
    assert {"score_chosen", "score_rejected", "predicted_chosen_prob"} <= set(choice)
    assert json.loads(run("score", str(model), "rows.jsonl", "--json"))[1] == pair


def test_what_cannot_be_scored_is_one_sentence(run: Run, model: Path, tmp_path: Path) -> None:
    start = small_model(tmp_path / "start")
    (tmp_path / "bad.jsonl").write_text('{"prompt": "plan"}\n')
    run("new", "p")
    for arguments, sentence in (
        ((str(model), "share"), "give its prompt with --prompt"),
        ((str(model), "bad.jsonl"), "line 1: the field response is missing"),
        ((str(start), "share", "--prompt", "plan"), "holds a LlamaForCausalLM, not a preference model"),
        ((str(tmp_path / "gone"), "share", "--prompt", "plan"), "neither a project nor a model folder"),
        (("p", "share", "--prompt", "plan"), "make it with: workbench run"),
        ((str(model), "share", "--prompt", "plan", "--run", "rl-1"), "is not a project"),
        ((str(model), "share", "--prompt", "plan", "--task", "poem"), "There is no task poem"),
    ):
        with pytest.raises(WorkbenchError, match=sentence):
            run("score", *arguments)
