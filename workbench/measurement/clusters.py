"""Intervals for shares of comparisons of which several belong to one prompt: Wilson's, on as many cases as they are worth.

Comparisons of one prompt share its responses, so that errors come together and n of them tell less than n independent ones. The
design effect (Kish 1965) says by how much: the variance between prompts' sums over the variance of independent cases.
"""

import math
from collections.abc import Sequence

import numpy as np

from workbench.errors import BadInputError
from workbench.measurement.intervals import Estimate, Floats, wilson_score
from workbench.measurement.normal import Z_95
from workbench.measurement.resampling import cluster_places


def clustered_share(hits: Sequence[float], clusters: Sequence[str]) -> Estimate:
    """Return the mean of hits (1 right, 0 wrong, 0.5 undecided) with a 95 % interval that knows of clusters.

    Wilson's score interval on n / design effect cases, with Student's quantile for the number of clusters where any has two
    cases; without such it is Wilson's own. n is the number of cases. Raises BadInputError where there are none or lengths differ.
    """
    if not hits or len(hits) != len(clusters):
        raise BadInputError(
            "A share needs one cluster for each case; got {hits_count} and {clusters_count}.",
            hits_count=len(hits),
            clusters_count=len(clusters),
        )
    values = np.asarray(hits, dtype=np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise BadInputError("Hits lie between 0 and 1.")
    share, n = float(values.mean()), len(values)
    places, count = cluster_places(clusters)
    if count == n:
        return wilson_score(share, n, n)
    z = student_quantile(count - 1) if count > 1 else math.inf
    if math.isinf(z):
        return Estimate(share, 0.0, 1.0, n)
    sums = np.bincount(places, weights=values - share, minlength=count).astype(np.float64)
    return wilson_score(share, n / _design_effect(sums, share, n), n, z)


def _design_effect(sums: Floats, share: float, n: int) -> float:
    """Variance of the mean from the clusters' sums of deviations, over that of n independent cases; never below one."""
    independent = share * (1 - share) / n
    if independent == 0:
        # Where all is right, or all wrong, nothing says how errors cluster: each cluster counts once.
        return n / len(sums)
    between = len(sums) / (len(sums) - 1) * float((sums**2).sum()) / n**2
    return max(1.0, between / independent)


def student_quantile(freedom: int, normal: float = Z_95) -> float:
    """Return Student's t quantile for the share that `normal` cuts off, by Fisher's expansion; infinite without freedom."""
    if freedom < 1:
        return math.inf
    z, v = normal, float(freedom)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / v**power for power, term in enumerate(terms, 1))
