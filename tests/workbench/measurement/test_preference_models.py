"""What is measured of a preference model, against an independent computation."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import BadInputError
from workbench.measurement.intervals import wilson
from workbench.measurement.preference_models import (
    ScoredPair,
    accuracy,
    expected_calibration_error,
    loss,
    measure,
    reliability,
)

MARGINS, TRUTHS = [1.0, -1.0, 0.5, 2.0], [0.9, 0.2, 0.5, 0.4]


def test_accuracy_leaves_ties_out_and_calibration_is_seen_from_the_preferred_side() -> None:
    pairs = [ScoredPair(margin, 0.0, truth) for margin, truth in zip(MARGINS, TRUTHS, strict=True)]
    assert accuracy(pairs) == wilson(2, 3)
    # Two in the bin of sigmoid(1) = 0.731 agree by 0.9 and 0.8; 0.622 against 0.5; 0.881 against 0.4.
    expected = (abs(2 * 0.7310586 - 1.7) + abs(0.6224593 - 0.5) + abs(0.8807971 - 0.4)) / 4
    found = expected_calibration_error(MARGINS, TRUTHS)
    assert found.value == pytest.approx(expected, abs=1e-6)
    assert found.low <= found.value <= found.high


def test_comparisons_of_one_prompt_count_as_fewer() -> None:
    alone = [ScoredPair(1.0 if number % 20 < 16 else -1.0, 0.0, 0.9) for number in range(80)]
    together = [dataclasses.replace(pair, prompt=str(number // 4)) for number, pair in enumerate(alone)]
    first, second = accuracy(alone), accuracy(together)
    assert first == wilson(64, 80)
    assert second.value == first.value
    assert second.low < first.low < first.high < second.high


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-30, 30), st.floats(0, 1)), min_size=1, max_size=12))
def test_the_loss_is_the_cross_entropy(rows: list[tuple[float, float]]) -> None:
    expected = np.mean([p * math.log1p(math.exp(-m)) + (1 - p) * math.log1p(math.exp(m)) for m, p in rows])
    assert loss([m for m, _ in rows], [p for _, p in rows]) == pytest.approx(float(expected), abs=1e-9)


def test_a_model_that_repeats_its_labels_is_calibrated() -> None:
    truths = [0.03, 0.2, 0.5, 0.61, 0.99]
    margins = [math.log(p / (1 - p)) for p in truths]
    assert expected_calibration_error(margins, truths).value == pytest.approx(0.0, abs=1e-9)
    for one in reliability(margins, truths):
        assert one.mean_probability == pytest.approx(one.observed.value, abs=1e-9)
        assert one.low <= one.mean_probability <= one.high


def test_groups_hold_what_belongs_to_them_and_a_pair_counts_for_each_principle() -> None:
    pairs = [
        ScoredPair(1.0, 0.0, 0.9, "label", "red-team", ("kind", "calm"), 10, 20),
        ScoredPair(0.0, 1.0, 0.9, "review", "helpful", (), 40, 30),
        ScoredPair(0.0, 1.0, 0.5, "label", "red-team", ("kind",), 300, 300),
    ]
    found = measure(pairs)
    assert (found.overall.n, found.overall.decided) == (3, 2)
    assert found.overall.accuracy == wilson(1, 2)
    assert found.overall.margin is not None
    assert found.overall.margin.value == pytest.approx(0.0)
    counts = {by: {name: part.n for name, part in groups.items()} for by, groups in found.by.items()}
    assert counts == {
        "source": {"label": 2, "review": 1},
        "kind": {"red-team": 2, "helpful": 1},
        "principle": {"kind": 2, "calm": 1},
        "length": {"17 to 32 tokens": 1, "33 to 64 tokens": 1, "over 256 tokens": 1},
        "better_side": {"the longer is better": 1, "the shorter is better": 1},
    }
    assert found.by["source"]["review"].accuracy == wilson(0, 1)
    with pytest.raises(BadInputError):
        measure([])
