"""The recorded rule by which labels and reviews become preferences: a person's word stands above a machine's."""

from collections.abc import Sequence

from workbench.records.comparison import Comparison, Label, Preference, PreferenceRule, Review

#: Decisions that leave the comparison out of training.
_LEFT_OUT = frozenset({"skip", "flag"})


def standing_reviews(reviews: Sequence[Review]) -> list[Review]:
    """Return the reviews no later one supersedes, withdrawals left out, in the order they were made."""
    superseded = {review.supersedes for review in reviews if review.supersedes}
    return [review for review in reviews if review.id not in superseded and review.decision != "withdrawn"]


def preference_of(
    comparison: Comparison, labels: Sequence[Label], reviews: Sequence[Review], rule: PreferenceRule | None = None
) -> Preference | None:
    """Derive what training sees of a comparison, or None where nobody gave a usable answer.

    Several standing reviews are averaged; so are the usable labels of the rule's method, or of any where it has none.
    """
    rule = rule or PreferenceRule()
    standing = standing_reviews(reviews) if rule.reviews_override else []
    if standing:
        return _from_reviews(comparison, standing, rule)
    usable = [label for label in labels if label.verdict == "ok"]
    usable = [label for label in usable if label.method == rule.method] or usable
    if not usable:
        return None
    probability = sum(label.probability_a for label in usable) / len(usable)
    principles = tuple(dict.fromkeys(name for label in usable for name in label.principle_ids))
    origin = "label:" + ",".join(label.id for label in usable)
    hashes = ",".join(dict.fromkeys(label.constitution_hash for label in usable))
    return Preference(comparison.id, comparison.prompt_id, probability, origin, principles, constitution_hash=hashes)


def _from_reviews(comparison: Comparison, standing: Sequence[Review], rule: PreferenceRule) -> Preference | None:
    values = {
        "a_much": rule.much_better,
        "a": rule.better,
        "tie": rule.tie,
        "b": 1 - rule.better,
        "b_much": 1 - rule.much_better,
        "both_bad": rule.tie,
    }
    left_out = _LEFT_OUT | {"both_bad"} if rule.both_bad_left_out else _LEFT_OUT
    if any(review.decision in left_out for review in standing):
        return None
    probability = sum(values[review.decision] for review in standing) / len(standing)
    origin = "review:" + ",".join(review.id for review in standing)
    reviewers = tuple(dict.fromkeys(review.reviewer for review in standing))
    return Preference(comparison.id, comparison.prompt_id, probability, origin, reviewers=reviewers)
