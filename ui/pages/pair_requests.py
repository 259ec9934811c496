"""What the table of pairs asks of the project; each runs where the project is open, never in the window's thread."""

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.reviewing import ReviewItem
    from workbench.records.comparison import Review
    from workbench.store.comparison_states import Wanted
    from workbench.store.keys import Keys

    Sorted = tuple[Keys, list[str], frozenset[str], int]


def sorted_pairs(project: "Project", wanted: "Wanted", reviewer: str) -> "Sorted":
    """Return keys in an order, principles, the ids whose labels are hidden, and how many the order omits."""
    from workbench.project.auditing import hidden_from, untelling  # noqa: PLC0415

    hidden, states = hidden_from(project.store, reviewer), project.store.comparison_states
    asked = untelling(wanted, hidden)
    if hidden is not None and wanted.sort == "decision":  # which would tell what others decided
        asked = replace(asked, without=hidden.id)
    ids = frozenset(hidden.comparison_ids if hidden else ())
    return states.keys(asked), states.principles(), ids, len(ids) if asked.without else 0


def number_of(project: "Project", comparison_id: str) -> int | None:
    """Return by which number the table knows a pair; None where there is no such pair."""
    found = project.store.comparison_states.of([comparison_id]).get(comparison_id)
    return found.seq if found else None


def read_pair(project: "Project", comparison_id: str) -> "tuple[ReviewItem, list[dict[str, object]]]":
    """Return what is to be seen of a pair, and every review of it."""
    from workbench.project.auditing import review_history  # noqa: PLC0415
    from workbench.project.reviewing import review_items  # noqa: PLC0415

    return review_items(project, [comparison_id])[0], review_history(project.store, comparison_id)


def read_pinned(project: "Project", comparison_id: str) -> "tuple[ReviewItem, list[dict[str, object]], bool]":
    """Return what is to be seen of a pair, every review of it, and whether its label may be told."""
    from workbench.project.auditing import under_audit  # noqa: PLC0415

    return *read_pair(project, comparison_id), comparison_id not in under_audit(project.store)


def override_pairs(project: "Project", keys: list[int], reviewer: str, decision: str, reason: str) -> "list[Review]":
    """Decide pairs, by their numbers, at once, but for those of an audit that is not done; return the reviews."""
    from workbench.errors import BadInputError  # noqa: PLC0415
    from workbench.project.reviewing import in_audit, override  # noqa: PLC0415

    audited = in_audit(project, reviewer)
    ids = [one for one in project.store.comparison_states.ids_of(keys) if one not in audited]
    if not ids:
        raise BadInputError("Pairs of an audit that is not done are answered on the tab Review, one by one.")
    return override(project, ids, reviewer, decision, reason)  # type: ignore[arg-type]


def undone(project: "Project", made: "list[Review]") -> "list[Review]":
    """Take an override back; return the reviews."""
    from workbench.project.reviewing import undo_override  # noqa: PLC0415

    return undo_override(project, made)
