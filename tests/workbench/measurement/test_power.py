"""Sample sizes against textbook numbers and against simulated audits."""

import numpy as np
import pytest

from workbench.errors import BadInputError
from workbench.measurement.power import detectable_share, pairs_needed


def test_textbook_numbers() -> None:
    # (1.96 · 0.5 + 0.8416 · √0.24)² / 0.1² = 193.9
    assert pairs_needed(0.6) == pairs_needed(0.4) == 194
    assert pairs_needed(0.6, ties=0.5) == 388


def test_four_studies_in_five_of_that_size_find_the_difference() -> None:
    n = pairs_needed(0.58)
    wins = np.random.default_rng(1).binomial(n, 0.58, size=20_000)
    found = np.abs(wins / n - 0.5) / np.sqrt(0.25 / n) > 1.959964
    assert found.mean() == pytest.approx(0.8, abs=0.02)


def test_the_least_difference_is_the_inverse() -> None:
    share = detectable_share(400, ties=0.2)
    assert pairs_needed(share + 1e-9, ties=0.2) <= 400 < pairs_needed(share - 0.001, ties=0.2)
    assert detectable_share(1) == 1


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_no_difference_is_refused(share: float) -> None:
    with pytest.raises(BadInputError):
        pairs_needed(share)


def test_impossible_plans_are_refused() -> None:
    with pytest.raises(BadInputError):
        pairs_needed(0.6, ties=1.0)
