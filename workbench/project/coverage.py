"""What each principle does: how often it was drawn, how much it changed, and whether people agree with its labels."""

from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher

from workbench.measurement.intervals import Estimate, wilson
from workbench.project.auditing import given_up, under_audit
from workbench.project.project import Project
from workbench.store.coverage import Counted

#: Revisions of one principle whose texts are compared, the newest ones.
_COMPARED = 60


@dataclass(frozen=True)
class PrincipleCoverage:
    """One principle: counts, the share of words its revisions changed, and agreement with blind reviews of its pairs.

    changed is a mean over the newest revisions; shares are None where there is nothing to take them from. Pairs of an audit that
    is not done are left out of the agreement, which would move with each answer and so tell what the label says; so are those of
    one that was set aside unfinished.
    """

    id: str
    title: str
    in_constitution: bool
    counted: Counted
    changed: float | None
    agreement: Estimate | None

    @property
    def unchanged(self) -> float | None:
        """The share of its revisions that are what they began from."""
        return self.counted.unchanged / self.counted.drawn if self.counted.drawn else None

    @property
    def order_flips(self) -> float | None:
        """The share of its labels that turned with the order of the responses."""
        return self.counted.flips / self.counted.labels if self.counted.labels else None


def coverage_of(project: Project, version: str = "") -> list[PrincipleCoverage]:
    """Return the coverage of the committed principles in their order, then of others that runs drew in earlier versions.

    version, a hash or the beginning of one, counts the runs made by that version alone.
    """
    counts = project.store.coverage.counts(version, under_audit(project.store) | given_up(project.store))
    changed = _changed(project, version)
    titles = {one.id: one.title or one.id for one in project.constitution.constitution.principles}
    names = [*titles, *sorted(set(counts) - set(titles))]
    return [
        PrincipleCoverage(
            name,
            titles.get(name, name),
            name in titles,
            counted := counts.get(name, Counted()),
            changed.get(name),
            wilson(counted.agreed, counted.reviews) if counted.reviews else None,
        )
        for name in names
    ]


def _changed(project: Project, version: str) -> dict[str, float]:
    shares: dict[str, list[float]] = defaultdict(list)
    for name, before, after in project.store.coverage.revised(_COMPARED, version):
        shares[name].append(word_change(before, after))
    return {name: sum(found) / len(found) for name, found in shares.items()}


def word_change(before: str, after: str) -> float:
    """Return the share of words that differ between two texts: 0 for the same words, 1 for none in common."""
    return 1 - SequenceMatcher(None, before.split(), after.split(), autojunk=False).ratio()
