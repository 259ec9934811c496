"""The preference model: soft labels by the formula, a rule learnt, scores around zero, exact resuming."""

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.training.small import Listening, asked, preference_rows, small_model
from workbench.errors import BadInputError
from workbench.measurement import preference_models
from workbench.records.encoding import from_data
from workbench.records.prompt import HELPFUL, RED_TEAM
from workbench.records.rows import PreferenceRow
from workbench.records.settings import PreferenceModelSettings
from workbench.records.transcript import Message
from workbench.stages.training.course import Place
from workbench.stages.training.pair_steps import soft_preference_loss
from workbench.stages.training.pairs import encode_pairs, weighted
from workbench.stages.training.preference_model import train_preference_model
from workbench.stages.training.reference_set import choose_reference
from workbench.stages.training.scorer import Scorer, load_scorer
from workbench.stages.training.weights import load_preference_model, load_tokenizer

SETTINGS = PreferenceModelSettings(
    batch_size=8, micro_batch_size=4, epochs=2, learning_rate=2e-3, checkpoint_every=3, schedule="constant"
)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model(tmp_path_factory.mktemp("start"))


def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "output", tmp_path / "checkpoints", seed=5)


@settings(max_examples=50, deadline=None)
@given(
    pairs=st.lists(
        st.tuples(st.floats(-5, 5), st.floats(-5, 5), st.floats(0, 1), st.floats(0.1, 3)), min_size=1, max_size=6
    )
)
def test_the_loss_is_the_formula(pairs: list[tuple[float, float, float, float]]) -> None:
    expected = 0.0
    for chosen, rejected, probability, weight in pairs:
        better = 1 / (1 + math.exp(rejected - chosen))
        expected -= weight * (probability * math.log(better) + (1 - probability) * math.log(1 - better))
    columns = [torch.tensor(column, dtype=torch.float64) for column in zip(*pairs, strict=True)]
    assert float(soft_preference_loss(*columns)) == pytest.approx(expected / len(pairs), abs=1e-5)


def test_the_loss_has_its_lowest_point_at_the_probability() -> None:
    margin = torch.tensor([math.log(0.7 / 0.3)], requires_grad=True)
    soft_preference_loss(margin, torch.zeros(1), torch.tensor([0.7]), torch.ones(1)).backward()  # type: ignore[no-untyped-call]
    assert margin.grad is not None
    assert abs(float(margin.grad)) < 1e-6


def test_it_learns_a_rule_and_measures_it_on_what_it_never_saw(start: Path, tmp_path: Path) -> None:
    listening = Listening()
    rows = preference_rows(120, held_out_every=4)
    trained = train_preference_model(start, rows, SETTINGS, place(tmp_path), listening)
    assert trained.finished
    assert listening.values("eval_pairs") == [30.0]
    assert listening.values("eval_accuracy")[0] >= 0.95
    # The labels say 90 %: cross-entropy cannot be below this, and a model that trusts them comes near.
    floor = -(0.9 * math.log(0.9) + 0.1 * math.log(0.1))
    assert floor <= listening.values("eval_loss")[0] < floor + 0.15
    assert listening.values("eval_ece")[0] < 0.2


def read_report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return found


def test_scores_average_zero_over_a_reference_set_stored_with_the_model(start: Path, tmp_path: Path) -> None:
    rows = preference_rows(24, held_out_every=3)
    train_preference_model(start, rows, SETTINGS, place(tmp_path), Listening())
    scorer = load_scorer(tmp_path / "output")
    lines = [json.loads(line) for line in (tmp_path / "output" / "reference.jsonl").read_text("utf-8").splitlines()]
    held_out = {text for row in rows if row.held_out for text in (row.response_a, row.response_b)}
    assert {line["response"] for line in lines} == held_out
    turns = [tuple(Message(turn["role"], turn["content"]) for turn in line["prompt"]) for line in lines]
    scores = scorer.score(list(zip(turns, (line["response"] for line in lines), strict=True)))
    assert scores == pytest.approx([line["score"] for line in lines], abs=1e-5)
    assert abs(sum(scores) / len(scores)) < 1e-5
    assert scorer.offset != 0.0
    # Neither seed nor order of the rows changes which responses are the reference.
    assert set(choose_reference(rows)) == set(choose_reference(rows[::-1]))
    train_preference_model(start, preference_rows(8), SETTINGS, place(tmp_path / "none held out"), Listening())
    assert read_report(tmp_path / "none held out" / "output")["reference"]["held_out"] is False


def test_the_report_measures_held_out_rows_by_group_and_counts_what_was_left_out(start: Path, tmp_path: Path) -> None:
    rows = [
        dataclasses.replace(
            row,
            kind=HELPFUL if number % 3 == 0 else RED_TEAM,
            origin="review:r" if number % 4 == 0 else "label:l",
            principle_ids=("kind", "calm") if number % 2 else ("calm",),
        )
        for number, row in enumerate(preference_rows(96, held_out_every=2))
    ]
    long = dataclasses.replace(rows[0], response_a="share " * 200)
    listening = Listening()
    settings_ = dataclasses.replace(SETTINGS, max_length=100)
    train_preference_model(start, [*rows, long], settings_, place(tmp_path), listening)
    report = read_report(tmp_path / "output")
    assert report["held_out"] == {"comparisons": 49, "left_out": 1, "left_out_by_kind": {HELPFUL: 1}}
    assert report["learnt"] == {"comparisons": 48, "left_out": 0, "left_out_by_kind": {}}
    measured = from_data(preference_models.Measured, report["measured"])
    assert measured.overall.accuracy is not None
    assert measured.overall.accuracy.value == listening.values("eval_accuracy")[0]
    assert measured.overall.accuracy.low < measured.overall.accuracy.value <= measured.overall.accuracy.high
    assert {name: found.n for name, found in measured.by["source"].items()} == {"review": 24, "label": 24}
    assert {name: found.n for name, found in measured.by["kind"].items()} == {HELPFUL: 16, RED_TEAM: 32}
    assert measured.by["principle"]["calm"].n == 48
    assert sum(found.n for found in measured.by["length"].values()) == 48
    assert sum(one.observed.n for one in measured.overall.reliability) == 48


def test_soft_and_hard_labels_are_read_in_one_order_from_one_start_and_measured_alike(
    start: Path, tmp_path: Path
) -> None:
    rows, soft, hard = preference_rows(40, held_out_every=4), Listening(), Listening()
    once = dataclasses.replace(SETTINGS, epochs=1)
    train_preference_model(start, rows, once, place(tmp_path / "soft"), soft)
    train_preference_model(start, rows, dataclasses.replace(once, soft_labels=False), place(tmp_path / "hard"), hard)
    # Before the first update both see the same pairs with the same scores; only the loss differs.
    assert soft.values("margin")[0] == hard.values("margin")[0]
    assert soft.values("mean_reward")[0] == hard.values("mean_reward")[0]
    assert soft.values("loss")[0] != hard.values("loss")[0]
    reports = [read_report(tmp_path / name / "output") for name in ("soft", "hard")]
    assert [report["labels"] for report in reports] == ["soft", "hard"]
    held_out = [row for row in rows if row.held_out]
    for report, folder in zip(reports, ("soft", "hard"), strict=True):
        scorer = load_scorer(tmp_path / folder / "output")
        scores = scorer.score([(row.messages, text) for row in held_out for text in (row.response_a, row.response_b)])
        margins = [first - second for first, second in zip(scores[::2], scores[1::2], strict=True)]
        truths = [row.probability_a for row in held_out]
        assert report["measured"]["overall"]["loss"] == pytest.approx(preference_models.loss(margins, truths), abs=1e-5)


def test_weights_count_over_the_data_and_not_over_a_batch(start: Path, tmp_path: Path) -> None:
    kinds = (RED_TEAM, RED_TEAM, RED_TEAM, HELPFUL)
    rows = [dataclasses.replace(row, kind=kinds[place_]) for place_, row in enumerate(preference_rows(4))]
    settings_ = PreferenceModelSettings(
        batch_size=4, micro_batch_size=1, harmless_weight=1.0, helpful_weight=5.0, learning_rate=1e-9
    )
    listening = Listening()
    train_preference_model(start, rows, settings_, place(tmp_path), listening)
    tokenizer = load_tokenizer(start)
    scorer = Scorer(load_preference_model(start, tokenizer, seed=5), tokenizer)
    expected = 0.0
    for row in rows:
        a, b = scorer.score([(row.messages, row.response_a), (row.messages, row.response_b)])
        weight = 5.0 if row.kind == HELPFUL else 1.0
        expected += weight / 8 * preference_models.loss([a - b], [row.probability_a])
    assert listening.values("loss")[0] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [((0.0, 0.0), "loss weight 0"), ((-1.0, 1.0), "harmless_weight must be 0 or more"), ((1.0, math.nan), "helpful")],
)
def test_weights_that_teach_nothing_are_one_sentence(start: Path, weights: tuple[float, float], sentence: str) -> None:
    settings_ = PreferenceModelSettings(harmless_weight=weights[0], helpful_weight=weights[1])
    pairs = encode_pairs(load_tokenizer(start), preference_rows(4), soft_labels=True)
    with pytest.raises(BadInputError, match=sentence):
        weighted(pairs, settings_)
    with pytest.raises(BadInputError, match="held_out_share smaller"):
        weighted([], settings_)


def test_a_score_does_not_depend_on_what_is_scored_with_it(start: Path) -> None:
    tokenizer = load_tokenizer(start)
    pairs = [(row.messages, row.response_a) for row in preference_rows(9)]
    scorer = Scorer(load_preference_model(start, tokenizer, seed=1), tokenizer, batch_size=4)
    together, alone = scorer.score(pairs), [scorer.score([pair])[0] for pair in pairs]
    assert together == pytest.approx(alone, abs=1e-5)


def test_training_and_scoring_read_the_same_number(start: Path, tmp_path: Path) -> None:
    # This tokenizer pads with a token that plain texts end with: where the score is read must not depend on padding.
    rows = [
        PreferenceRow(asked("plan"), "share", "ask everyone help trust", 0.8),
        PreferenceRow(asked("help"), "ask everyone answer", "rude", 0.4),
    ]
    listening = Listening()
    once = PreferenceModelSettings(batch_size=2, micro_batch_size=2)
    for folder in (start, small_model(tmp_path / "plain", chat=False)):
        train_preference_model(folder, rows, once, place(tmp_path), listening)
        tokenizer = load_tokenizer(folder)
        scorer = Scorer(load_preference_model(folder, tokenizer, seed=5), tokenizer)
        scores = scorer.score([(row.messages, text) for row in rows for text in (row.response_a, row.response_b)])
        margins = [scores[0] - scores[1], scores[2] - scores[3]]
        assert listening.values("loss")[-1] == pytest.approx(preference_models.loss(margins, [0.8, 0.4]), abs=1e-5)


def test_hard_labels_are_rounded_and_ties_stay(start: Path) -> None:
    rows = [PreferenceRow(asked("plan"), "share", "rude", probability) for probability in (0.3, 0.5, 0.8)]
    tokenizer = load_tokenizer(start)
    assert [pair.probability for pair in encode_pairs(tokenizer, rows, soft_labels=False)] == [1.0, 0.5, 1.0]
    soft = encode_pairs(tokenizer, rows, soft_labels=True)
    assert [pair.probability for pair in soft] == [0.7, 0.5, 0.8]
    assert soft[0].chosen == soft[2].rejected
    held_out = [dataclasses.replace(row, held_out=True) for row in rows]
    assert [pair.probability for pair in encode_pairs(tokenizer, held_out, soft_labels=False)] == [0.7, 0.5, 0.8]


def test_pairs_that_are_too_long_are_counted(start: Path, tmp_path: Path) -> None:
    rows = [*preference_rows(6), PreferenceRow(asked("plan"), "share " * 200, "rude", 0.6)]
    listening = Listening()
    settings_ = PreferenceModelSettings(max_length=100, batch_size=2, micro_batch_size=2)
    train_preference_model(start, rows, settings_, place(tmp_path), listening)
    assert listening.values("rows_left_out") == [1.0]


def test_stop_and_resume_is_the_uninterrupted_run(start: Path, tmp_path: Path) -> None:
    rows, whole = preference_rows(40, held_out_every=10), Listening()
    exact = dataclasses.replace(SETTINGS, schedule="cosine")
    dropping = dataclasses.replace(exact, dropout=0.2)
    assert SETTINGS.batch_size == 2 * SETTINGS.micro_batch_size
    uninterrupted = train_preference_model(start, rows, dropping, place(tmp_path / "a"), whole)
    first, second = Listening(stop_at=4), Listening()
    assert not train_preference_model(start, rows, dropping, place(tmp_path / "b"), first).finished
    resumed = train_preference_model(start, rows, dropping, place(tmp_path / "b"), second)
    assert resumed == uninterrupted != train_preference_model(start, rows, exact, place(tmp_path / "c"), Listening())
    for name in ("loss", "accuracy", "eval_loss"):
        assert first.values(name) + second.values(name) == whole.values(name)
