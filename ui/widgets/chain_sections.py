"""A chain's steps as sections to read, in one of the ways a reader may choose."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QCoreApplication

from ui.tables.chains_model import state_word
from ui.widgets.chain_text import Section
from ui.widgets.diff_view import difference

if TYPE_CHECKING:
    from workbench.project.chain_reading import ChainRead, StepRead

Way = Literal["unified", "side", "clean"]


def sections_of(read: "ChainRead", way: Way, critiques: bool) -> Iterator[Section]:
    """Yield a chain's sections; unified marks what a revision changed, critiques may be folded away.

    A revision is set against what the model was given, also where a person has worded that anew since.
    """
    before = ""
    for one in read.steps:
        step = one.step
        if step.kind == "critique":
            if critiques:
                yield Section(
                    step.index, heading_of(step.kind, step.index, step.round), _note(one), [("same", one.text)]
                )
            continue
        marked = way == "unified" and step.kind == "revision"
        pieces = list(difference(before, one.text)) if marked else [("same", one.text or _tr("(empty)"))]
        yield Section(step.index, heading_of(step.kind, step.index, step.round), _note(one), pieces)
        before = one.step.text


def growing_section(read: "ChainRead", index: int, text: str) -> Section:
    """Return the section of a step that is being written."""
    critique = bool(read.run.plan and read.run.plan.settings.get("critique", True))
    if index == 0:
        kind, number = "initial", 0
    elif critique:
        kind, number = ("critique", "revision")[(index + 1) % 2], (index + 1) // 2
    else:
        kind, number = "revision", index
    return Section(index, heading_of(kind, index, number), _tr("● being written"), [("same", text)])


def heading_of(kind: str, index: int, number: int) -> str:
    """Return a step's heading, numbered in its chain."""
    sign = chr(0x2460 + index) if index < 20 else f"{index + 1}."
    texts = {
        "initial": _tr("Initial response"),
        "critique": _tr("Critique {round}"),
        "revision": _tr("Revision {round}"),
    }
    return f"{sign} {texts[kind].format(round=number)}"


def _note(one: "StepRead") -> str:
    said = [one.principle.title or one.principle.id] if one.principle else []
    said += (
        [_tr("flagged: {verdicts}").format(verdicts=", ".join(map(state_word, one.step.verdicts)))]
        if one.step.verdicts and not one.edit
        else []
    )
    said += [_tr("✎ worded by {person}").format(person=one.edit.person)] if one.edit else []
    said += [_tr("⊘ excluded")] if one.exclusion else []
    said += [_tr("taken over")] if one.step.origin else []
    return " · ".join(said)


def _tr(text: str) -> str:
    return QCoreApplication.translate("chains", text)
