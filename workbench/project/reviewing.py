"""Reviewing labels: which comparisons, what a reviewer sees of each, and the review that an answer becomes."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from workbench.errors import BadInputError, MissingError
from workbench.project.auditing import being_answered, hidden_from, sample_to_answer
from workbench.project.project import Project
from workbench.project.settling import guidelines_of
from workbench.records.audit import AuditSample
from workbench.records.comparison import AUDIT, Comparison, Decision, Label, Review
from workbench.records.draws import stream_seed
from workbench.records.identity import record_id
from workbench.records.preference import standing_reviews
from workbench.records.run import Run
from workbench.store.comparison_states import Wanted

Side = Literal["ab", "ba"]

#: The queue of reviews made in bulk.
OVERRIDE = "override"

#: A queue is read in parts: more than this nobody answers at one sitting, and a million names take seconds to read.
MOST_OPEN = 2000

#: A decision on what was shown left (a) and right (b), where response b stood left.
_SWAPPED: Mapping[Decision, Decision] = {"a_much": "b_much", "a": "b", "b": "a", "b_much": "a_much"}


#: The queues that reveal the label after each answer: which comparisons, in which order.
QUEUES: Mapping[str, Wanted] = {
    "uncertain": Wanted("labelled", sort="doubt"),
    "flips": Wanted("flips", sort="doubt"),
    "disputed": Wanted("disputed", sort="doubt"),
    "principle": Wanted("labelled", sort="doubt"),
    "flagged": Wanted("flagged"),
}


@dataclass(frozen=True)
class ReviewQueue:
    """The comparisons of a queue in its order, and what this reviewer said of them before.

    reviews are the standing ones, by comparison, which a new one supersedes; answered need no answer in this queue; seen are
    those whose label the reviewer was shown, so that no answer on them is blind any more; given are the answers of this queue
    that stand, the newest last, each with what stood before it.
    """

    ids: tuple[str, ...]
    reviews: Mapping[str, Review]
    answered: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    sample: AuditSample | None = None
    guidelines: str = ""
    #: Whether the queue goes on after these.
    more: bool = False
    given: tuple[tuple[Review, Review | None], ...] = ()


@dataclass(frozen=True)
class ReviewItem:
    """One comparison as a reviewer sees it, with the feedback model's question and the preference model's P(a)."""

    comparison: Comparison
    prompt: str
    label: Label | None
    question: str = ""
    scored_a: float | None = None
    #: The kind of prompt.
    kind: str = ""
    #: The runs that wrote the responses and gave the label; None where no run did.
    written_by: Run | None = None
    labelled_by: Run | None = None

    @property
    def margin(self) -> float | None:
        """The preference model's score of response a less that of b, in log-odds."""
        if self.scored_a is None or not 0 < self.scored_a < 1:
            return None
        return math.log(self.scored_a / (1 - self.scored_a))


def review_queue(project: Project, name: str, reviewer: str, principle: str = "") -> ReviewQueue:
    """Return a queue for a reviewer: audit, or one of QUEUES; pairs of an audit that is not done are in no other queue."""
    store = project.store
    mine = store.reviews.select("reviewer = ?", (reviewer,))
    standing = {one.comparison_id: one for one in standing_reviews(mine)}
    seen = frozenset(one.comparison_id for one in mine if one.queue != AUDIT or one.after_reveal)
    found = guidelines_of(store)
    terms = found.id if found else ""
    if name == AUDIT:
        sample = sample_to_answer(store)
        last = {one.comparison_id: one for one in mine if one.queue == AUDIT}
        answered = frozenset(name for name, one in last.items() if one.decision != "withdrawn")
        ids = sample.comparison_ids if sample else ()
        if _was_done(mine, ids):  # its labels were shown, also where an answer was taken back since
            seen |= set(ids)
        given = _given(mine, standing, name) if sample else ()
        return ReviewQueue(ids, standing, answered, seen, sample, terms, given=given)
    if name not in QUEUES:
        raise BadInputError(
            "There is no queue '{name}'; there are {names}.", name=name, names=", ".join((AUDIT, *QUEUES))
        )
    hidden = hidden_from(store, reviewer)
    reopened = {"flag"} if name == "flagged" else set()
    answered = frozenset(name for name, one in standing.items() if one.decision not in reopened)
    most = MOST_OPEN + len(answered)  # those that are answered may be the first of all
    wanted = replace(QUEUES[name], principle=principle, without=hidden.id if hidden else "", limit=most + 1)
    found_ids = store.comparison_states.ids(wanted)
    more = len(found_ids) > most
    return ReviewQueue(
        tuple(found_ids[:most]), standing, answered, seen, None, terms, more, _given(mine, standing, name)
    )


def _given(
    mine: Sequence[Review], standing: Mapping[str, Review], queue: str
) -> tuple[tuple[Review, Review | None], ...]:
    """Return a reviewer's standing answers of a queue, each with the one it took the place of."""
    there = {one.id: one for one in mine if one.decision != "withdrawn"}
    stand = (one for one in mine if one.queue == queue and standing.get(one.comparison_id) is one)
    return tuple((one, _before(one, there)) for one in stand)


def _before(one: Review, there: Mapping[str, Review]) -> Review | None:
    """Return what a review took the place of: for one that an undo brought back, what that answer itself had replaced."""
    replaced = there.get(one.supersedes or "")
    restored = there.get(replaced.supersedes or "") if replaced is not None and not one.seconds else None
    return _before(restored, there) if restored is not None and restored.decision == one.decision else replaced


def _was_done(reviews: Sequence[Review], ids: Sequence[str]) -> bool:
    """Say whether somebody, by these reviews of theirs, has answered the whole of a sample at any time."""
    left, sample = set(ids), frozenset(ids)
    for one in (one for one in reviews if one.queue == AUDIT and one.comparison_id in sample):
        (left.add if one.decision == "withdrawn" else left.discard)(one.comparison_id)
        if not left:
            return True
    return False


def review_items(project: Project, ids: Sequence[str]) -> list[ReviewItem]:
    """Return what is to be seen of some comparisons (some hundreds at most), in the order asked for."""
    store = project.store
    states, comparisons = store.comparison_states.of(ids), store.comparisons.get_many(ids)
    labels = store.labels.get_many([state.label_id for state in states.values() if state.label_id])
    prompts = store.prompts.get_many(list({one.prompt_id for one in comparisons.values()}))
    questions = _questions(project)
    written, labelled = store.comparisons.runs_of(ids), store.labels.runs_of(list(labels))
    runs = {name: store.runs.find(name) for name in {*written.values(), *labelled.values()}}
    items = []
    for comparison_id in ids:
        comparison, state = comparisons[comparison_id], states[comparison_id]
        label = labels.get(state.label_id)
        asked = [questions.get((label.constitution_hash, name), "") for name in label.principle_ids] if label else []
        prompt = prompts[comparison.prompt_id]
        text = "\n".join(message.text for message in prompt.messages)
        made = runs.get(written.get(comparison_id, "")), runs.get(labelled.get(state.label_id, ""))
        question = "\n".join(filter(None, asked))
        items.append(ReviewItem(comparison, text, label, question, state.scored_a, prompt.kind, *made))
    return items


def side_of(reviewer: str, comparison_id: str) -> Side:
    """Draw which response stands left ("ab": response a); the same each time a reviewer meets the comparison."""
    return "ba" if stream_seed(0, "side", reviewer, comparison_id) & 1 else "ab"


def decided(shown: Decision, side: Side) -> Decision:
    """Return what a decision on left (a) and right (b) says of responses a and b."""
    return _SWAPPED.get(shown, shown) if side == "ba" else shown


@dataclass(frozen=True)
class Answered:
    """How an answer was given: the queue, whether blind, in how many seconds, with which words, and what was asked."""

    queue: str = ""
    blind: bool = False
    after_reveal: bool = False
    seconds: float = 0.0
    reason: str = ""
    label_id: str = ""
    overall: bool = False
    guidelines: str = ""


def review(
    comparison_id: str, reviewer: str, decision: Decision, side: Side, how: Answered, before: Review | None = None
) -> Review:
    """Make a review that supersedes the reviewer's one before; no two have the same id, however fast they come."""
    supersedes = before.id if before else None
    name = record_id("review", comparison_id, reviewer, decision, supersedes or "", time.time_ns())
    return Review(
        name,
        comparison_id,
        reviewer,
        decision,
        side,
        how.blind,
        round(how.seconds, 3),
        how.reason,
        supersedes,
        queue=how.queue,
        label_id=how.label_id,
        overall=how.overall,
        after_reveal=how.after_reveal,
        guidelines=how.guidelines,
    )


def taken_back(last: Review, before: Review | None) -> Review:
    """Make the review that undoes the last one: what was said before it holds again, or nothing."""
    decision: Decision = before.decision if before else "withdrawn"
    said = before or last
    reason = before.reason if before else ""
    how = Answered(said.queue, said.blind, said.after_reveal, 0.0, reason, said.label_id, said.overall, said.guidelines)
    return review(last.comparison_id, last.reviewer, decision, said.side_shown, how, last)


def override(
    project: Project, comparison_ids: Sequence[str], reviewer: str, decision: Decision, reason: str
) -> list[Review]:
    """Review many comparisons at once, all or none, with a reason; return the reviews, by which it can be undone.

    Nobody reads so many pairs blind, so that none of these counts in an estimate; and none may be of an audit that is not done,
    whose pairs would no longer be answered blind.
    """
    if not reason.strip():
        raise BadInputError("Say in a line why; whoever reads the history later will want to know.")
    if decision not in get_args(Decision) or decision == "withdrawn":
        known = ", ".join(one for one in get_args(Decision) if one != "withdrawn")
        raise BadInputError("An override cannot be '{decision}'; it is one of {known}.", decision=decision, known=known)
    store = project.store
    ids = list(dict.fromkeys(comparison_ids))
    if missing := set(ids) - set(store.comparisons.get_many(ids)):
        raise MissingError("There is no comparison {missing}.", missing=", ".join(sorted(missing)[:3]))
    if audited := set(ids) & in_audit(project, reviewer):
        raise BadInputError(
            "In the audit that is not done: {audited}{more}. Leave them out, or answer them in its queue.",
            audited=", ".join(sorted(audited)[:3]),
            more=" and others" * (len(audited) > 3),
        )
    standing = {one.comparison_id: one for one in standing_reviews(store.reviews.select("reviewer = ?", (reviewer,)))}
    how = Answered(queue=OVERRIDE, reason=reason.strip())
    made = [review(name, reviewer, decision, "ab", how, standing.get(name)) for name in ids]
    project.review(made)
    return made


def in_audit(project: Project, reviewer: str) -> frozenset[str]:
    """Return the comparisons that a reviewer may answer in the audit's queue alone, for it is not done."""
    sample = being_answered(project.store, reviewer)
    return frozenset(sample.comparison_ids if sample else ())


def undo_override(project: Project, made: Sequence[Review]) -> list[Review]:
    """Take back an override in one go: what was said before holds again."""
    before = project.store.reviews.get_many([one.supersedes for one in made if one.supersedes])
    undone = [taken_back(one, before.get(one.supersedes or "")) for one in made]
    project.review(undone)
    return undone


def _questions(project: Project) -> dict[tuple[str, str], str]:
    return {
        (version.hash, principle.id): principle.comparison_question
        for version in project.constitution_versions()
        for principle in version.constitution.principles
    }
