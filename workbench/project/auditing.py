"""Auditing labels: drawing and locking a sample, how far its reviewers are, and what their blind answers say.

Estimates rest on nothing but answers given in the audit's queue, without having seen the label, on a sample locked before:
answers on pairs that somebody picked say something of those pairs alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from workbench.errors import BadInputError, MissingError
from workbench.interchange.csv_rows import write_csv
from workbench.measurement.audit import AuditFigures, BlindAnswer, audit_figures
from workbench.measurement.audit_size import pairs_for_bound, pairs_for_width
from workbench.measurement.intervals import Estimate, wilson
from workbench.records.audit import AuditSample, SampleAside
from workbench.records.commands import quoted
from workbench.records.comparison import AUDIT, Label, Review
from workbench.records.draws import stream_seed
from workbench.records.identity import record_id
from workbench.sentences import said
from workbench.store.comparison_states import Wanted
from workbench.store.database import Store

_BATCH = 400
#: What is told of each review, in this order; before is the decision it replaced.
_HISTORY = (
    "created", "reviewer", "comparison_id", "before", "decision", "blind", "after_reveal", "side_shown", "seconds", "queue",
    "overall", "reason", "label_id", "guidelines", "id", "supersedes",
)  # fmt: skip
#: Orders and states of comparisons by which one would see a label without its being shown.
TELLING = ("probability", "doubt", "score", "flips", "disputed", "overruled")
_CHOSE_A: Mapping[str, bool | None] = {
    "a_much": True,
    "a": True,
    "b": False,
    "b_much": False,
    "tie": None,
    "both_bad": None,
}


@dataclass(frozen=True)
class Aim:
    """What an audit is to find out: agreement within so much of a share one expects, or that errors are below most_errors."""

    within: float = 0.05
    expect: float = 0.8
    most_errors: float = 0.0
    misses: int = 2

    def size(self, pool: int) -> int:
        """Return how many of a pool's pairs it needs."""
        if self.most_errors:
            return pairs_for_bound(self.most_errors, self.misses, pool)
        return pairs_for_width(self.within, self.expect, pool)

    @property
    def words(self) -> str:
        """The aim in words."""
        if self.most_errors:
            return said(
                "errors at most {most_errors:.3g} with up to {misses} misses",
                most_errors=self.most_errors,
                misses=self.misses,
            )
        return said("agreement within ±{within:.3g}, expecting {expect:.3g}", within=self.within, expect=self.expect)


@dataclass(frozen=True)
class AuditProgress:
    """A sample and how many of its pairs each reviewer has answered; skipped and flagged ones count as answered.

    aside says by whom and why it was set aside, if it was.
    """

    sample: AuditSample
    done: Mapping[str, int]
    aside: SampleAside | None = None

    def complete_for(self, reviewer: str) -> bool:
        """Say whether a reviewer has answered the whole sample, so that its labels may be shown to them."""
        return self.done.get(reviewer, 0) >= self.sample.size

    @property
    def complete(self) -> bool:
        """Whether anybody has answered the whole sample."""
        return bool(self.finished)

    @property
    def finished(self) -> tuple[str, ...]:
        """Who has answered the whole sample."""
        return tuple(reviewer for reviewer in self.done if self.complete_for(reviewer))

    @property
    def open(self) -> bool:
        """Whether it waits for answers: nobody has answered all of it, or somebody who began has not."""
        midway = any(0 < done < self.sample.size for done in self.done.values())
        return self.aside is None and (midway or not self.complete)


@dataclass(frozen=True)
class AuditReport:
    """What a sample's blind answers say, beside what is counted over all labels rather than estimated.

    figures are None while they are told to nobody, or not to whoever asks: see being_answered.
    """

    progress: AuditProgress
    figures: AuditFigures | None
    labels: int
    order_flips: Estimate | None
    seconds_median: float | None


def draw_sample(store: Store, size: int, seed: int = 0, purpose: str = "", person: str = "") -> AuditSample:
    """Draw and lock a sample of labelled comparisons; with the same seed a larger one holds the smaller, if the pool is the same.

    The same once more, as by a double click, is the one there is. Pairs of a sample that was set aside are in none that follows.
    Raises BadInputError where the size cannot be, MissingError where there is nothing to draw from.
    """
    pool = pool_to_draw(store)
    if not pool and not store.audit_samples.pool():
        raise MissingError(
            "No comparison has a label yet; make them with: workbench run {folder} labels",
            folder=quoted(store.folder),
        )
    if not 0 < size <= len(pool):
        if store.samples_aside.count():
            raise BadInputError(
                "A sample of {size} cannot be drawn from {pool_count} labelled comparisons that were in no sample set aside.",
                size=size,
                pool_count=len(pool),
            )
        raise BadInputError(
            "A sample of {size} cannot be drawn from {pool_count} labelled comparisons.",
            size=size,
            pool_count=len(pool),
        )
    drawn = sorted(pool, key=lambda name: (stream_seed(seed, AUDIT, name), name))[:size]
    newest, now = store.audit_samples.newest(), _now()
    if newest is not None and newest.comparison_ids == tuple(drawn):
        return newest
    name = record_id("sample", seed, *drawn, now)
    sample = AuditSample(name, seed, size, len(pool), tuple(drawn), purpose, person, now)
    store.decide([sample])
    return sample


def pool_to_draw(store: Store) -> list[str]:
    """Return the comparisons a sample may be drawn from: labelled, not left out, and in no sample that was set aside.

    The labels of those could be seen; the rest of a random sample is as good to draw from as the whole.
    """
    aside = store.audit_samples.get_many([one.sample_id for one in store.samples_aside.select("1")])
    seen = frozenset(name for sample in aside.values() for name in sample.comparison_ids)
    return [name for name in store.audit_samples.pool() if name not in seen]


def set_aside(store: Store, sample: AuditSample, reason: str, person: str = "") -> SampleAside:
    """Set a sample aside, on record: nobody goes on with it and its labels may be seen; twice is once.

    Raises BadInputError without a reason, and where it is no longer answered.
    """
    if (there := store.samples_aside.of(sample)) is not None:
        return there
    if not reason.strip():
        raise BadInputError(
            "Say in a line why the sample is set aside; whoever reads the report later will want to know."
        )
    if sample != store.audit_samples.newest():
        raise BadInputError("{sample} is no longer answered: a newer sample took its place.", sample=sample.id)
    if not audit_progress(store, sample).open:
        raise BadInputError("{sample} is answered by all who began it; what they said stands.", sample=sample.id)
    now = _now()
    made = SampleAside(record_id("aside", sample.id, now), sample.id, reason.strip(), person, now)
    store.decide([made])
    return made


def sample_named(store: Store, name: str = "") -> AuditSample:
    """Return a sample by the beginning of its id, or the newest; raises MissingError where there is none."""
    found = [one for one in store.audit_samples.select("1", order="seq DESC") if one.id.startswith(name)]
    found = found or [one for one in store.audit_samples.select("1") if one.id.startswith(f"sample-{name}")]
    if not found:
        what = said("no sample {name}", name=name) if name else said("no sample yet")
        raise MissingError(
            "There is {what}; draw one with: workbench audit {folder} draw", what=what, folder=quoted(store.folder)
        )
    return found[0]


def audit_progress(store: Store, sample: AuditSample) -> AuditProgress:
    """Count what each reviewer has answered of a sample."""
    done: dict[str, int] = {}
    for review in _last(_audit_reviews(store, sample)):
        done[review.reviewer] = done.get(review.reviewer, 0) + 1
    return AuditProgress(sample, dict(sorted(done.items())), store.samples_aside.of(sample))


def audit_report(store: Store, sample: AuditSample, reviewer: str = "") -> AuditReport:
    """Measure the labels of a project by the blind answers on a sample, for whoever asks."""
    # What was changed after the label was shown is no evidence; what was said before that is.
    before = (review for review in _audit_reviews(store, sample) if not review.after_reveal)
    reviews = [review for review in _last(before) if review.blind]
    progress = audit_progress(store, sample)
    if progress.aside is not None:  # who stopped midway may have stopped where it pleased
        reviews = [review for review in reviews if review.reviewer in progress.finished]
    labels, flips = order_flips(store)
    seconds = sorted(review.seconds for review in reviews if review.seconds)
    answering = being_answered(store, reviewer)
    told = answering is None or set(answering.comparison_ids).isdisjoint(sample.comparison_ids)
    told = told and (progress.aside is None or progress.complete)
    return AuditReport(
        progress,
        audit_figures(list(_blind_answers(store, reviews))) if told else None,
        labels,
        flips,
        seconds[len(seconds) // 2] if seconds else None,
    )


def order_flips(store: Store) -> tuple[int, Estimate | None]:
    """Return how many labels there are, and in what share the responses' order turned the answer: counted, not estimated."""
    counts = store.comparison_states.counts()
    return counts["labelled"], wilson(counts["flips"], counts["labelled"]) if counts["labelled"] else None


def hidden_from(store: Store, reviewer: str) -> AuditSample | None:
    """Return the sample whose labels a reviewer must not see yet, or None."""
    progress = _newest(store)
    if progress is None or progress.complete_for(reviewer):
        return None
    return progress.sample


def open_sample(store: Store) -> AuditSample | None:
    """Return the newest locked sample while nobody has answered all of it, or somebody who began has not; else None."""
    progress = _newest(store)
    return progress.sample if progress is not None and progress.open else None


def being_answered(store: Store, reviewer: str = "") -> AuditSample | None:
    """Return the newest sample while nobody has answered all of it, or whoever asks is in the midst of it; else None.

    Figures that move with each answer would give its label away, and invite stopping where they please.
    """
    progress = _newest(store)
    if progress is None:
        return None
    midway = 0 < progress.done.get(reviewer, 0) < progress.sample.size
    return progress.sample if midway or not progress.complete else None


def sample_to_answer(store: Store) -> AuditSample | None:
    """Return the newest sample, unless it was set aside."""
    progress = _newest(store)
    return progress.sample if progress is not None else None


def _newest(store: Store) -> AuditProgress | None:
    """Return how far the newest sample is; None where there is none, or it was set aside."""
    sample = store.audit_samples.newest()
    return None if sample is None or store.samples_aside.of(sample) is not None else audit_progress(store, sample)


def under_audit(store: Store) -> frozenset[str]:
    """Return the comparisons of the open sample: what a model says of them is told to nobody who may be judging them."""
    sample = open_sample(store)
    return frozenset(sample.comparison_ids if sample else ())


def given_up(store: Store) -> frozenset[str]:
    """Return the comparisons of samples that were set aside before anybody had answered all: no estimate comes from them."""
    aside = store.audit_samples.get_many([one.sample_id for one in store.samples_aside.select("1")])
    unfinished = (one for one in aside.values() if not audit_progress(store, one).complete)
    return frozenset(name for sample in unfinished for name in sample.comparison_ids)


def untelling(wanted: Wanted, hidden: AuditSample | None) -> Wanted:
    """Leave a hidden sample out of what would tell its labels by choice or order alone."""
    telling = hidden is not None and (wanted.sort in TELLING or wanted.state in TELLING)
    return replace(wanted, without=hidden.id) if hidden is not None and telling else wanted


def review_history(store: Store, comparison_id: str = "") -> list[dict[str, object]]:
    """Return every review as it was made, oldest first, each with what it replaced, as rows of a table."""
    where, arguments = ("comparison_id = ?", (comparison_id,)) if comparison_id else ("1", ())
    made: dict[str, str] = {}
    rows: list[dict[str, object]] = []
    for review in store.reviews.each(where, arguments):
        rows.append(_history_row(review, made.get(review.supersedes or "", "")))
        made[review.id] = review.decision
    return rows


def write_history(store: Store, file: Path) -> int:
    """Write every review as a row of a CSV file, and return how many there are."""
    rows = review_history(store)
    write_csv(file, rows, _HISTORY)
    return len(rows)


def last_reviews(store: Store, most: int) -> list[dict[str, object]]:
    """Return the last reviews, newest first, as rows of a table."""
    reviews = store.reviews.select("1", limit=most, order="seq DESC")
    before = store.reviews.get_many([review.supersedes for review in reviews if review.supersedes])
    decisions = {name: review.decision for name, review in before.items()}
    return [_history_row(review, decisions.get(review.supersedes or "", "")) for review in reviews]


def _history_row(review: Review, before: str) -> dict[str, object]:
    told = {"before": before, "supersedes": review.supersedes or ""}
    return {name: told[name] if name in told else getattr(review, name) for name in _HISTORY}


def _audit_reviews(store: Store, sample: AuditSample) -> Iterator[Review]:
    ids = sample.comparison_ids
    for start in range(0, len(ids), _BATCH):
        for reviews in store.reviews.of(ids[start : start + _BATCH]).values():
            yield from (one for one in reviews if one.queue == AUDIT and not one.overall)


def _last(reviews: Iterable[Review]) -> list[Review]:
    """The last answer of each reviewer on each comparison, those taken back left out."""
    last = {(one.comparison_id, one.reviewer): one for one in reviews}
    return [one for one in last.values() if one.decision != "withdrawn"]


def _blind_answers(store: Store, reviews: Sequence[Review]) -> Iterator[BlindAnswer]:
    wanted = {review.label_id for review in reviews if review.label_id}
    labels = store.labels.get_many(list(wanted))
    newest = _newest_labels(store, [review.comparison_id for review in reviews if review.label_id not in labels])
    for review in reviews:
        label = labels.get(review.label_id) or newest.get(review.comparison_id)
        if label is None or review.decision not in _CHOSE_A:
            continue
        chose_a = _CHOSE_A[review.decision]
        left = None if chose_a is None else chose_a == (review.side_shown == "ab")
        yield BlindAnswer(
            review.comparison_id,
            review.reviewer,
            chose_a,
            left,
            review.decision == "both_bad",
            label.probability_a,
            label.principle_ids[0] if label.principle_ids else "",
        )


def _newest_labels(store: Store, comparison_ids: Sequence[str]) -> dict[str, Label]:
    found: dict[str, Label] = {}
    for start in range(0, len(comparison_ids), _BATCH):
        for name, labels in store.labels.of(comparison_ids[start : start + _BATCH]).items():
            usable = [label for label in labels if label.verdict == "ok"]
            if usable:
                found[name] = usable[-1]
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
