"""The head of a training: how it stands, what can be done with it, and what to do where it needs somebody."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.places import stage_title
from ui.static_words import in_language
from ui.tables.runs_model import can_stop, duration_text, progress_text, retry_text, retry_words, state_text
from ui.widgets.texts import button, label, set_part
from workbench.project.readiness import override_words

if TYPE_CHECKING:
    from ui.run_watch import RunNow

#: A worker beats every two seconds; after this many without a beat the head says so.
_SILENT = 30.0


class RunHead(QWidget):
    """Buttons name what they ask for: pause, resume, stop, discard, end, keep, again, copy, retry."""

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label(part="heading", wrap=True)
        self.state = label(part="muted", wrap=True)
        row = QHBoxLayout()
        self.buttons = {key: self._button(key, text, hint) for key, text, hint in self._texts()}
        # What leaves the run as it is stands beside its name: all in one row have no room where texts are large.
        aside = ("again", "copy")
        for key, made in self.buttons.items():
            made.hide()  # until there is a run: all at once would take room from the inspector
            if key not in aside:
                row.addWidget(made)
        row.addStretch(1)
        self.card = QFrame()
        set_part(self.card, "error")
        self.trouble = label(wrap=True)
        self._helps = ""
        #: Whether the keyboard was moved aside until a run has left.
        self._parked = False
        self.help = button("", primary=True)
        self.help.clicked.connect(lambda: self.asked.emit(self._helps))
        inner = QHBoxLayout(self.card)
        inner.addWidget(self.trouble, 1)
        inner.addWidget(self.help)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        name, top = QVBoxLayout(), QHBoxLayout()
        name.setSpacing(0)
        name.addWidget(self.title)
        name.addWidget(self.state)
        top.addLayout(name, 1)
        for key in aside:
            top.addWidget(self.buttons[key])
        column.addLayout(top)
        column.addLayout(row)
        column.addWidget(self.card)

    def _texts(self) -> tuple[tuple[str, str, str], ...]:
        """Return what each button asks for, its words and its hint."""
        return (
            (
                "pause",
                self.tr("Pause"),
                self.tr("Stop at the next step and keep the place; Resume goes on from there."),
            ),
            ("resume", self.tr("Resume"), self.tr("Go on where it stands.")),
            ("stop", self.tr("Stop and keep"), self.tr("End it for good at the next step; what it made stays.")),
            (
                "discard",
                self.tr("Stop and discard"),
                self.tr("End it, and leave out what it made. This can be undone."),
            ),
            (
                "end",
                self.tr("End now"),
                self.tr("Do not wait for the step in hand. A training is left at its newest checkpoint."),
            ),
            ("keep", self.tr("Keep after all"), self.tr("Count what it made again.")),
            ("again", self.tr("Again…"), self.tr("Set up a new run with the settings of this one, to change some.")),
            ("copy", self.tr("Copy as command"), self.tr("Copy the command that makes this run again.")),
        )

    def show_run(self, one: "RunNow") -> None:
        """Show a run as it is now."""
        run = one.run
        self.title.setText(f"{run.id}   {stage_title(run.stage)}")
        parts = [state_text(run), progress_text(one)]
        parts += [self.tr("worked {time}").format(time=duration_text(run.seconds))] if run.seconds else []
        parts += [self._beat(run.folder)] if one.active else []
        # Lines break between parts, not within one.
        self.state.setText("   ·   ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts if part))
        waits = run.state == "queued"
        made_only = waits and run.reason.startswith("made but")
        begins = made_only or _prepared(one)
        self.buttons["resume"].setText(self.tr("Start here") if begins else self.tr("Resume"))
        stopping = run.state == "stopping"
        shown = {
            "pause": one.active or (waits and not made_only),
            "resume": run.state.resumable or made_only,
            "stop": can_stop(run),
            "discard": not run.state.over,
            "end": stopping,
            "keep": run.discarded,
            "again": run.plan is not None and not stopping,
            "copy": True,
        }
        # Qt would hand the keyboard of a button that goes to the one beside it, which is Stop.
        had_keyboard = self.help.hasFocus() or any(one.hasFocus() for one in self.buttons.values())
        stood = self.focusWidget()
        self._show_trouble(one)
        shown["resume"] = shown["resume"] and self._helps != "resume"  # once is enough
        for key, visible in shown.items():
            self.buttons[key].setVisible(visible)
        self._hold_still(stopping)
        if had_keyboard and stood is not None and stood.isHidden():
            next_ = (self.help, self.buttons["resume"], self.buttons["pause"], self.buttons["copy"])
            next(one for one in next_ if not one.isHidden()).setFocus()

    def _hold_still(self, stopping: bool) -> None:
        """Keep what was pressed in its place while it has its effect: the second click of two in haste would end the run."""
        pressed = [self.buttons[key] for key in ("pause", "stop", "discard")]
        if stopping and any(one.hasFocus() for one in pressed):
            self.buttons["copy"].setFocus()
            self._parked = True
        elif not stopping and self._parked:
            self._parked = False
            if self.buttons["copy"].hasFocus() and not self.buttons["resume"].isHidden():
                self.buttons["resume"].setFocus()
        for one in pressed:
            one.setEnabled(not stopping)

    def _show_trouble(self, one: "RunNow") -> None:
        run = one.run
        said, helps, text = "", "", ""
        if run.discarded:
            said = self.tr("This run is discarded: what it made is left out of every later step.")
        elif run.out_of_memory or run.out_of_room:
            said, text = retry_words(run), retry_text(run)
            helps = "retry" if text else ""
        elif run.state == "paused" and run.reason.startswith("Alarm "):
            said, helps, text = in_language(run.reason), "resume", self.tr("Resume without this alarm")
        elif run.state in ("failed", "interrupted"):
            said, helps, text = in_language(run.reason), "resume", self.tr("Resume now")
        elif _prepared(one):
            said, helps, text = in_language(run.reason), "work", self.tr("Copy that command")
        elif run.reason:
            said = in_language(run.reason)
        elif run.plan is not None and (overridden := override_words(run.plan)):
            said = f"! {in_language(overridden)}"
        self._helps = helps
        self.trouble.setText(f"{said[:1].upper()}{said[1:]}")  # reasons are written to stand after a colon
        self.help.setText(text)
        self.help.setAccessibleName(text)
        self.help.setVisible(bool(helps))
        self.card.setVisible(bool(said))
        set_part(self.card, "error" if run.state in ("failed", "interrupted") or "Alarm" in said else "card")

    def _beat(self, folder: str) -> str:
        try:
            silent = time.time() - (Path(folder) / "heartbeat").stat().st_mtime
        except OSError:
            return ""
        if silent > _SILENT:
            return self.tr("! no sign of life for {seconds:.0f} s").format(seconds=silent)
        return self.tr("last sign of life {seconds:.0f} s ago").format(seconds=max(0.0, silent))

    def _button(self, key: str, text: str, hint: str) -> QPushButton:
        made = button(text, self.tr("{do} this training").format(do=text))
        made.setToolTip(hint)
        made.clicked.connect(lambda: self.asked.emit(key))
        return made


def _prepared(one: "RunNow") -> bool:
    """Whether a run was made to be worked by hand, and nobody has begun."""
    return one.run.state == "paused" and one.run.reason.startswith("prepared")
