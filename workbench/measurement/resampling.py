"""Resampling by prompt: what was judged on one prompt stays together."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.measurement.intervals import Floats


def cluster_places(clusters: Sequence[str]) -> tuple[NDArray[np.int64], int]:
    """Return the number of each item's cluster, counted as they first appear, and how many clusters there are."""
    numbers: dict[str, int] = {}
    places = np.array([numbers.setdefault(cluster, len(numbers)) for cluster in clusters], dtype=np.int64)
    return places, len(numbers)


def draw_clusters(clusters: int, resamples: int, generator: np.random.Generator) -> Floats:
    """Return how often each cluster is drawn in each resample: (resamples, clusters), rows that sum to the clusters."""
    drawn = generator.multinomial(clusters, np.full(clusters, 1 / clusters), size=resamples)
    return np.asarray(drawn, dtype=np.float64)
