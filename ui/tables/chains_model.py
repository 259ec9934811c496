"""Chains as a Qt table: state by sign and word, prompt, and how much the revisions changed."""

from functools import cache
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Qt

from ui.static_words import in_language
from ui.tables.paged_model import PagedModel

if TYPE_CHECKING:
    from workbench.store.chain_rows import ChainRow

_SIGNS = {
    "queued": "·",
    "running": "●",
    "broken off": "◌",
    "left out": "⤬",
    "done": "✓",
    "stale": "↻",
    "unchanged": "=",
}


class ChainsModel(PagedModel):
    """One chain a row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__((_tr("State"), _tr("Prompt"), _tr("Changed")), parent, {2})

    def cell(self, row: "ChainRow", column: int, role: int) -> Any:
        """Return what a cell of a chain shows."""
        if column == 0:
            return state_text(row) if role != Qt.ItemDataRole.ToolTipRole else state_hint(row)
        if column == 1:
            return " ".join(row.prompt.split()) if role != Qt.ItemDataRole.ToolTipRole else row.prompt
        return "" if row.changed is None else f"{row.changed:.0%}"


def state_text(row: "ChainRow") -> str:
    """Return a chain's state as sign and word, with signs for what people did to it."""
    state = _shown(row)
    part = f" {row.steps}/{row.expected}" if 0 < row.steps < row.expected else ""
    repeats = state == "done" and row.state == "flagged"  # why a filter lists it though it is done
    marks = "".join(mark for mark, there in ((" =", repeats), (" ✎", row.edited), (" ⊘", row.excluded)) if there)
    return f"{_SIGNS.get(state, '!')} {state_word(state)}{part}{marks}"


def _shown(row: "ChainRow") -> str:
    """Return a chain's state or, where filters flagged its last text, what they found.

    A last revision that changed nothing is no fault by itself: what was left to revise may have been revised before.
    """
    if row.state != "flagged":
        return row.state
    found = next((verdict for verdict in row.verdicts if verdict != "unchanged"), "unchanged")
    return "done" if found == "unchanged" and row.changed else found


@cache
def state_word(state: str) -> str:
    """Return a state in a word."""
    return {
        "queued": _tr("queued"),
        "running": _tr("writing"),
        "broken off": _tr("broken off"),
        "left out": _tr("left out"),
        "done": _tr("done"),
        "stale": _tr("stale"),
        "unchanged": _tr("unchanged"),
        "empty": _tr("empty"),
        "too_long": _tr("cut short"),
        "repetition": _tr("repeats"),
        "preamble": _tr("preamble"),
        "point_of_view": _tr("criticises"),
    }.get(state, state)


def state_hint(row: "ChainRow") -> str:
    """Return in words what the signs of a chain mean."""
    said = [_tr("{steps} of {expected} texts are written.").format(steps=row.steps, expected=row.expected)]
    if row.state == "left out":
        said.append(in_language(row.left_out))
    if row.verdicts:
        said.append(
            _tr("Filters found the last one: {verdicts}.").format(verdicts=", ".join(map(state_word, row.verdicts)))
        )
    if row.stale:
        said.append(_tr("A wording or text it follows from is another now."))
    if row.refusal:
        said.append(_tr("The last one declines."))
    if row.state == "flagged" and _shown(row) == "done":
        said.append(_tr("= The last revision repeats the one before it; training takes that one."))
    if row.edited:
        said.append(_tr("✎ A person worded a text anew."))
    if row.excluded:
        said.append(_tr("⊘ A person excluded it from training."))
    if row.superseded:
        said.append(_tr("A newer chain on this prompt counts."))
    return " ".join(said)


def _tr(text: str) -> str:
    return QCoreApplication.translate("chains", text)
