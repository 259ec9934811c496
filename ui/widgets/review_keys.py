"""The keys of the review: what each does, the usual ones, and those a person chose instead."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence

#: What a key can do, with the usual key; the answers stand where the hand finds them.
USUAL: Mapping[str, str] = {
    "a_much": "1",
    "a": "2",
    "tie": "3",
    "b": "4",
    "b_much": "5",
    "both_bad": "0",
    "skip": "Space",
    "flag": "F",
    "note": "N",
    "undo": "Backspace",
    "guidelines": "G",
    "change": "C",
    "next": "Return",
}
#: Those that are answers.
ANSWERS = ("a_much", "a", "tie", "b", "b_much", "both_bad", "skip", "flag")


@dataclass(frozen=True)
class ReviewKeys:
    """The keys in force."""

    chosen: Mapping[str, str]

    def of(self, name: str) -> str:
        """Return the key of something, as Qt writes it."""
        return self.chosen.get(name) or USUAL[name]

    def shown(self, name: str) -> str:
        """Return the key of something as a person reads it."""
        key = self.of(name)
        short = {"Backspace": "⌫", "Return": "⏎"}.get(key)
        return short or QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)

    def changed(self, name: str, key: str) -> "ReviewKeys":
        """Give something a key; whatever had it takes the key that becomes free, so that no key does two things."""
        keys = {other: self.of(other) for other in USUAL}
        for other, its in keys.items():
            if its == key:
                keys[other] = keys[name]
        keys[name] = key
        return ReviewKeys({other: its for other, its in keys.items() if its != USUAL[other]})


def key_words() -> dict[str, str]:
    """Return what each key does, in the words of its button."""
    return {
        "a_much": _tr("A much better"),
        "a": _tr("A better"),
        "tie": _tr("Tie"),
        "b": _tr("B better"),
        "b_much": _tr("B much better"),
        "both_bad": _tr("Both bad"),
        "skip": _tr("Skip"),
        "flag": _tr("Flag"),
        "note": _tr("Note"),
        "undo": _tr("Undo"),
        "guidelines": _tr("Guidelines"),
        "change": _tr("Change my answer"),
        "next": _tr("Next pair"),
    }


def _tr(text: str) -> str:
    return QCoreApplication.translate("review_keys", text)
