"""The preference model: soft labels by the formula, a rule learnt, scores around zero, exact resuming."""

import math
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.training.small import Listening, asked, preference_rows, small_model
from workbench.records.rows import PreferenceRow
from workbench.records.settings import PreferenceModelSettings
from workbench.stages.training import calibration
from workbench.stages.training.course import Place
from workbench.stages.training.preference_model import encode_pairs, soft_preference_loss, train_preference_model
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
    expected, weights = 0.0, 0.0
    for chosen, rejected, probability, weight in pairs:
        better = 1 / (1 + math.exp(rejected - chosen))
        expected -= weight * (probability * math.log(better) + (1 - probability) * math.log(1 - better))
        weights += weight
    columns = [torch.tensor(column, dtype=torch.float64) for column in zip(*pairs, strict=True)]
    assert float(soft_preference_loss(*columns)) == pytest.approx(expected / weights, abs=1e-5)


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


def test_scores_average_zero_over_the_training_responses(start: Path, tmp_path: Path) -> None:
    rows = preference_rows(24, held_out_every=3)
    train_preference_model(start, rows, SETTINGS, place(tmp_path), Listening())
    scorer = load_scorer(tmp_path / "output")
    learnt = [row for row in rows if not row.held_out]
    scores = scorer.score([(row.messages, text) for row in learnt for text in (row.response_a, row.response_b)])
    assert abs(sum(scores) / len(scores)) < 1e-5
    assert scorer.offset != 0.0


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
        assert listening.values("loss")[-1] == pytest.approx(calibration.loss(margins, [0.8, 0.4]), abs=1e-5)


def test_hard_labels_are_rounded_and_ties_stay(start: Path) -> None:
    rows = [PreferenceRow(asked("plan"), "share", "rude", probability) for probability in (0.3, 0.5, 0.8)]
    tokenizer = load_tokenizer(start)
    assert [pair.probability for pair in encode_pairs(tokenizer, rows, soft_labels=False)] == [1.0, 0.5, 1.0]
    soft = encode_pairs(tokenizer, rows, soft_labels=True)
    assert [pair.probability for pair in soft] == [0.7, 0.5, 0.8]
    assert soft[0].chosen == soft[2].rejected


def test_accuracy_leaves_ties_out_and_calibration_is_seen_from_the_preferred_side() -> None:
    margins, truths = [1.0, -1.0, 0.5, 2.0], [0.9, 0.2, 0.5, 0.4]
    assert calibration.accuracy(margins, truths) == pytest.approx(2 / 3)
    # Two in the bin of sigmoid(1) = 0.731 agree by 0.9 and 0.8; 0.622 against 0.5; 0.881 against 0.4.
    expected = (abs(2 * 0.7310586 - 1.7) + abs(0.6224593 - 0.5) + abs(0.8807971 - 0.4)) / 4
    assert calibration.expected_calibration_error(margins, truths) == pytest.approx(expected, abs=1e-6)


def test_pairs_that_are_too_long_are_counted(start: Path, tmp_path: Path) -> None:
    rows = [*preference_rows(6), PreferenceRow(asked("plan"), "share " * 200, "rude", 0.6)]
    listening = Listening()
    settings_ = PreferenceModelSettings(max_length=100, batch_size=2, micro_batch_size=2)
    train_preference_model(start, rows, settings_, place(tmp_path), listening)
    assert listening.values("rows_left_out") == [1.0]


def test_stop_and_resume_is_the_uninterrupted_run(start: Path, tmp_path: Path) -> None:
    rows, whole = preference_rows(40, held_out_every=10), Listening()
    uninterrupted = train_preference_model(start, rows, SETTINGS, place(tmp_path / "a"), whole)
    first, second = Listening(stop_at=4), Listening()
    assert not train_preference_model(start, rows, SETTINGS, place(tmp_path / "b"), first).finished
    resumed = train_preference_model(start, rows, SETTINGS, place(tmp_path / "b"), second)
    assert resumed == uninterrupted
    for name in ("loss", "accuracy", "eval_loss"):
        assert first.values(name) + second.values(name) == whole.values(name)
