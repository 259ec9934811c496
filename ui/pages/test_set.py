"""What is said of an evaluation's test prompts beside its figures: which set, how many, and what does not compare with it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ui.widgets.texts import counted
from workbench.records.test_set import SHORT

if TYPE_CHECKING:
    from workbench.project.evaluations import Findings


def test_set_words(found: "Findings") -> str:
    """Return the set's short hash, what of it was asked, and how many prompts are not in the locked one."""
    asked, more = found.comparable.asked, found.comparable.unlocked
    lines = [_tr("Set {hash}").format(hash=asked.hash[:SHORT])]
    lines += [_tr("{count} {kind} prompts").format(count=count, kind=kind) for kind, count in found.prompts.items()]
    if asked.locked and asked.locked != asked.hash:
        part = _tr("{size} of the {of} prompts of the locked set {hash}")
        lines.append(part.format(size=asked.size, of=asked.of, hash=asked.locked[:SHORT]))
    if found.comparable.left_out:
        one, many = (
            _tr("1 prompt left out, too long for a model"),
            _tr("{count} prompts left out, too long for a model"),
        )
        lines.append(counted(found.comparable.left_out, one, many))
    if more:
        one, many = _tr("1 more test prompt is not in it"), _tr("{count} more test prompts are not in it")
        lines.append(counted(more, one, many))
    return "\n".join(lines)


def other_sets_words(found: "Findings") -> str:
    """Return which evaluations asked other prompts, so that nobody holds their figures against these; or nothing."""
    others = found.comparable.others
    if not others:
        return ""
    words = _tr("▲ Other prompts were asked in {runs}: those figures do not compare with these.")
    return words.format(runs=", ".join(others))


def _tr(text: str) -> str:
    return QCoreApplication.translate("test_set", text)
