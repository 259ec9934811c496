"""What the review says: its queues' names, why one is empty, what drawing a sample means, and who reviews."""

from PySide6.QtCore import QCoreApplication

from workbench.records.comparison import AUDIT

#: Letters of a reviewer's name that a button has room for.
_MOST_LETTERS = 24


def queue_titles() -> dict[str, str]:
    """Return the queues by name, in the order in which they are offered."""
    return {
        AUDIT: _tr("Random audit"),
        "uncertain": _tr("Uncertain first"),
        "flips": _tr("Order flips"),
        "disputed": _tr("AI against preference model"),
        "principle": _tr("By principle"),
        "flagged": _tr("Flagged"),
    }


def why_empty(name: str) -> str:
    """Say why a queue holds no pair."""
    return {
        "flips": _tr("No label changes with the order of the answers."),
        "disputed": _tr("AI and preference model agree wherever both judged; an evaluation judges more pairs."),
        "flagged": _tr("Nothing is flagged."),
    }.get(name, _tr("No pair is in this queue; those of an audit that is not done are not shown here."))


def why_draw(labels: int) -> str:
    """Say what a sample is good for and how many pairs it asks somebody to read, with so many labels."""
    from workbench.project.auditing import Aim  # noqa: PLC0415

    words = _tr(
        "A random sample is drawn and locked first, so that what you find holds for all labels. About {size} pairs, as here, "
        "tell the agreement to within ±5%, if it is about 80%; the tab Quality plans others."
    )
    return words.format(size=Aim().size(labels))


def reviewer_words(name: str) -> str:
    """Say who reviews, on a button that stays narrow whatever the name."""
    short = name if len(name) <= _MOST_LETTERS else f"{name[:_MOST_LETTERS].rstrip()}…"
    return _tr("Reviewer {name} · Keys…").format(name=short)


def _tr(text: str) -> str:
    return QCoreApplication.translate("review", text)
