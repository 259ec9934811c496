"""Preferences: not stored but derived, by the recorded rule, from comparisons, labels and reviews."""

from collections.abc import Iterator

from workbench.records.comparison import Comparison, Label, Preference, PreferenceRule
from workbench.records.preference import preference_of
from workbench.store.comparisons import KEPT, Comparisons
from workbench.store.exclusions import Exclusions
from workbench.store.labels import Labels
from workbench.store.reviews import Reviews

_BATCH = 400


class Preferences:
    """What training would see of each comparison now."""

    def __init__(self, comparisons: Comparisons, labels: Labels, reviews: Reviews, exclusions: Exclusions) -> None:
        self._comparisons = comparisons
        self._labels = labels
        self._reviews = reviews
        self._exclusions = exclusions

    def each(
        self, rule: PreferenceRule | None = None, constitution_hash: str = "", after: int = 0
    ) -> Iterator[tuple[int, Comparison, Preference]]:
        """Yield (key, comparison, preference) for every comparison somebody has answered, after a key.

        A comparison labelled under this constitution version is not averaged with its labels under others; comparisons and labels
        that a person excluded are passed by.
        """
        excluded = self._exclusions.standing()
        while page := self._comparisons.page(after, _BATCH, KEPT):
            ids = [comparison.id for _, comparison in page]
            labels, reviews = self._labels.of(ids), self._reviews.of(ids)
            for key, comparison in page:
                if comparison.id in excluded:
                    continue
                mine = [label for label in labels.get(comparison.id, []) if label.id not in excluded]
                preference = preference_of(
                    comparison, _of_version(mine, constitution_hash), reviews.get(comparison.id, []), rule
                )
                if preference is not None:
                    yield key, comparison, preference
            after = page[-1][0]


def _of_version(labels: list[Label], constitution_hash: str) -> list[Label]:
    usable = [label for label in labels if label.verdict == "ok" and label.constitution_hash == constitution_hash]
    return usable or labels
