"""What a person decides about texts and comparisons, as the records that say so and supersede what was said before."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import get_args

from workbench.errors import BadInputError, MissingError
from workbench.records.commands import quoted
from workbench.records.comparison import Decision, Review
from workbench.records.identity import record_id
from workbench.records.intervention import Edit, Exclusion, Tagging
from workbench.records.preference import standing_reviews
from workbench.store.database import Store


def review_of(
    store: Store,
    comparison_id: str,
    decision: str,
    person: str,
    reason: str = "",
    *,
    blind: bool = False,
    overall: bool = False,
) -> Review:
    """Return a person's review of a comparison; it supersedes the one they gave before.

    blind: given without having seen the label; overall: asked which response is better on the whole, not by a principle.
    """
    known = get_args(Decision)
    if decision not in known:
        raise BadInputError(
            "A review cannot be '{decision}'; it is one of {known}.", decision=decision, known=", ".join(known)
        )
    if store.comparisons.get(comparison_id) is None:
        raise MissingError(
            "There is no comparison {comparison_id}; list them with: workbench show {folder} comparisons",
            comparison_id=comparison_id,
            folder=quoted(store.folder),
        )
    standing = standing_reviews(store.reviews.of([comparison_id])[comparison_id])
    mine = [review.id for review in standing if review.reviewer == person]
    before = mine[-1] if mine else None
    if decision == "withdrawn" and before is None:
        raise BadInputError(
            "{person} has no review of {comparison_id} to withdraw.", person=person, comparison_id=comparison_id
        )
    now = _now()
    name = record_id("review", comparison_id, person, decision, reason, before or "", now)
    return Review(
        name,
        comparison_id,
        person,
        next(one for one in known if one == decision),
        blind=blind,
        reason=reason,
        supersedes=before,
        created=now,
        overall=overall,
    )


def exclusions_of(store: Store, targets: Sequence[str], person: str, reason: str) -> list[Exclusion]:
    """Return the exclusions of chains, revisions, comparisons or labels from training; those excluded already are left out."""
    standing = store.exclusions.standing()
    for target in targets:
        _must_be_excludable(store, target)
    now = _now()
    return [
        _exclusion(target, True, person, reason, _last(store, target), now)
        for target in dict.fromkeys(targets)
        if target not in standing
    ]


def inclusions_of(store: Store, targets: Sequence[str], person: str, reason: str = "") -> list[Exclusion]:
    """Return the rows that supersede the exclusions of these; raises BadInputError where one is not excluded."""
    standing = store.exclusions.standing()
    if missing := [target for target in targets if target not in standing]:
        raise BadInputError("{missing} is not excluded from training.", missing=", ".join(missing))
    now = _now()
    return [_exclusion(target, False, person, reason, standing[target].id, now) for target in dict.fromkeys(targets)]


def edit_of(store: Store, step_id: str, text: str | None, person: str, reason: str = "") -> Edit | None:
    """Return a person's wording of a step (None: what the model wrote), or None where it reads so already."""
    step = store.chains.get(step_id)
    if step is None:
        raise MissingError(
            "There is no step {step_id}; list them with: workbench show {folder} steps",
            step_id=step_id,
            folder=quoted(store.folder),
        )
    if text is not None and not text.strip():
        raise BadInputError("An empty text teaches nothing; exclude the step from training instead.")
    last = store.edits.last(step_id)
    wanted = None if text == step.text else text
    if wanted == (last.text if last else None):
        return None
    before, now = last.id if last else None, _now()
    name = record_id("edit", step_id, wanted is None, wanted or "", person, reason, before or "", now)
    return Edit(name, step_id, wanted, reason, person, before, now)


def tagging_of(store: Store, prompt_ids: Sequence[str], tag: str, person: str, tagged: bool = True) -> Tagging | None:
    """Return a person's word that prompts bear a tag or (tagged false) no longer do; None where that is so already."""
    name = " ".join(tag.split())
    if not name or "," in name:
        raise BadInputError("A tag is a word or some, without a comma.")
    there = store.prompts.get_many(list(prompt_ids))
    if unknown := [one for one in prompt_ids if one not in there]:
        raise MissingError(
            "There is no prompt {unknown}; list them with: workbench show {folder} prompts",
            unknown=unknown[0],
            folder=quoted(store.folder),
        )
    bearing = set(store.taggings.bearing(name))
    changed = tuple(one for one in dict.fromkeys(prompt_ids) if (one in bearing) != tagged)
    if not changed:
        return None
    identity = record_id("tagging", name, tagged, person, *changed, time.time_ns())
    return Tagging(identity, name, changed, tagged, person, _now())


def _must_be_excludable(store: Store, target: str) -> None:
    kind = store.exclusions.kind_of(target)
    if kind is None:
        raise MissingError(
            "There is no chain, step, comparison or label {target}; list some with: workbench show {folder} chains",
            target=target,
            folder=quoted(store.folder),
        )
    step = store.chains.get(target) if kind == "steps" else None
    if step is not None and step.kind == "critique":
        raise BadInputError(
            "{target} is a critique, which nothing is trained on; exclude its revision or its chain.",
            target=target,
        )


def _last(store: Store, target: str) -> str | None:
    found = store.exclusions.select("target = ?", (target,), limit=1, order="seq DESC")
    return found[0].id if found else None


def _exclusion(target: str, excluded: bool, person: str, reason: str, before: str | None, now: str) -> Exclusion:
    name = record_id("exclusion", target, excluded, person, reason, before or "", now)
    return Exclusion(name, target, excluded, reason, person, before, now)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
