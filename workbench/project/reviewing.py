"""Reviewing labels: which comparisons, what a reviewer sees of each, and the review that an answer becomes."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.project.project import Project
from workbench.records.comparison import Comparison, Decision, Label, Review
from workbench.records.draws import stream_seed
from workbench.records.identity import record_id
from workbench.records.preference import standing_reviews

Side = Literal["ab", "ba"]

#: A decision on what was shown left (a) and right (b), where response b stood left.
_SWAPPED: Mapping[Decision, Decision] = {"a_much": "b_much", "a": "b", "b": "a", "b_much": "a_much"}


@dataclass(frozen=True)
class ReviewQueue:
    """The comparisons of a queue in its order, and this reviewer's standing reviews by comparison."""

    ids: tuple[str, ...]
    reviews: Mapping[str, Review]


@dataclass(frozen=True)
class ReviewItem:
    """One comparison as a reviewer sees it; question is what the feedback model was asked."""

    comparison: Comparison
    prompt: str
    label: Label | None
    question: str = ""


def review_queue(project: Project, name: str, reviewer: str) -> ReviewQueue:
    """Return a queue (random, uncertain or flips) for a reviewer."""
    standing = standing_reviews(project.store.reviews.select("reviewer = ?", (reviewer,)))
    return ReviewQueue(tuple(project.store.comparisons.queue(name)), {one.comparison_id: one for one in standing})


def review_items(project: Project, ids: Sequence[str]) -> list[ReviewItem]:
    """Return what is to be seen of some comparisons (some hundreds at most), in the order asked for."""
    store = project.store
    comparisons, labels = store.comparisons.get_many(ids), store.labels.of(ids)
    prompts = store.prompts.get_many(list({one.prompt_id for one in comparisons.values()}))
    questions = _questions(project)
    items = []
    for comparison_id in ids:
        comparison = comparisons[comparison_id]
        usable = [label for label in labels.get(comparison_id, []) if label.verdict == "ok"]
        label = usable[-1] if usable else None
        asked = [questions.get((label.constitution_hash, name), "") for name in label.principle_ids] if label else []
        text = "\n".join(message.text for message in prompts[comparison.prompt_id].messages)
        items.append(ReviewItem(comparison, text, label, "\n".join(filter(None, asked))))
    return items


def side_of(reviewer: str, comparison_id: str) -> Side:
    """Draw which response stands left ("ab": response a); the same each time a reviewer meets the comparison."""
    return "ba" if stream_seed(0, "side", reviewer, comparison_id) & 1 else "ab"


def decided(shown: Decision, side: Side) -> Decision:
    """Return what a decision on left (a) and right (b) says of responses a and b."""
    return _SWAPPED.get(shown, shown) if side == "ba" else shown


def review(
    comparison_id: str,
    reviewer: str,
    decision: Decision,
    side: Side,
    before: Review | None = None,
    blind: bool = True,
    seconds: float = 0.0,
    reason: str = "",
) -> Review:
    """Make a review that supersedes the reviewer's one before; no two have the same id, however fast they come."""
    name = record_id("review", comparison_id, reviewer, decision, before.id if before else "", time.time_ns())
    supersedes = before.id if before else None
    return Review(name, comparison_id, reviewer, decision, side, blind, round(seconds, 3), reason, supersedes)


def _questions(project: Project) -> dict[tuple[str, str], str]:
    return {
        (version.hash, principle.id): principle.comparison_question
        for version in project.constitution_versions()
        for principle in version.constitution.principles
    }
