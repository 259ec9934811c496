"""Resampling by prompt: what was judged on one prompt stays together."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from workbench.measurement.intervals import Floats

#: Numbers that are kept of one draw.
_MOST_KEPT = 1_000_000


def cluster_places(clusters: Sequence[str]) -> tuple[NDArray[np.int64], int]:
    """Return the number of each item's cluster, counted as they first appear, and how many clusters there are."""
    numbers: dict[str, int] = {}
    places = np.array([numbers.setdefault(cluster, len(numbers)) for cluster in clusters], dtype=np.int64)
    return places, len(numbers)


def draw_clusters(clusters: int, resamples: int, seed: int) -> Floats:
    """Return how often each cluster is drawn in each resample: (resamples, clusters), rows that sum to the clusters.

    What was drawn last is kept and is not to be written to: one evaluation asks for the same again and again.
    """
    return (_kept if clusters * resamples <= _MOST_KEPT else _drawn)(clusters, resamples, seed)


def _drawn(clusters: int, resamples: int, seed: int) -> Floats:
    shares = np.full(clusters, 1 / clusters)
    drawn = np.random.default_rng(seed).multinomial(clusters, shares, size=resamples).astype(np.float64)
    drawn.setflags(write=False)
    return drawn


#: Of each of two kinds of prompt, once for Elo scores and once for win rates.
_kept = lru_cache(maxsize=4)(_drawn)
