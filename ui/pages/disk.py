"""The page of disk use: what each run keeps, and how to get the room back without losing what cannot be made again."""

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from ui.pages.page import Page
from ui.places import Place
from ui.run_control import RunControl
from ui.session import Session
from ui.static_words import in_language
from ui.widgets.inspector import Facts
from ui.widgets.reading_table import reading_table
from ui.widgets.texts import button, label
from workbench.records.commands import quoted

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.disk_removal import Part

#: As long as the offer to undo is shown.
_UNDO_MS = 10_500


class DiskPage(Page):
    """A row for each run, largest first; removing puts aside at once and removes for good when nobody has undone it."""

    def __init__(self, place: Place, session: Session, control: RunControl, parent: QWidget | None = None) -> None:
        super().__init__(place, parent)
        self._session, self._control = session, control
        self._found: dict[str, Any] = {}
        self.summary = label(wrap=True)
        self.promise = label(
            self.tr(
                "Weights, checkpoints and snapshots can be removed: the run's command trains them again. Texts, labels, numbers "
                "and what people decided always stay."
            ),
            "muted",
            wrap=True,
        )
        self.table = _table(self.tr("Disk use of runs, largest first"))
        self.table.setHorizontalHeaderLabels(
            [
                self.tr("Run"),
                self.tr("Weights MB"),
                self.tr("Checkpoints MB"),
                self.tr("Snapshots MB"),
                self.tr("Rest MB"),
                self.tr("All MB"),
            ]
        )
        heading = self.table.horizontalHeaderItem(0)
        if heading is not None:
            heading.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.buttons: dict[Part, QPushButton] = {
            "model": button(self.tr("Remove weights")),
            "checkpoints": button(self.tr("Remove checkpoints")),
            "snapshots": button(self.tr("Remove snapshots")),
        }
        row = QHBoxLayout()
        for part, made in self.buttons.items():
            made.clicked.connect(partial(self._remove, part))
            row.addWidget(made)
        row.addStretch(1)
        for one in (self.summary, self.promise):
            self.column.addWidget(one)
        self.column.addWidget(self.table, 1)
        self.column.addLayout(row)
        self._timer = QTimer(self, interval=_UNDO_MS, singleShot=True)
        self._timer.timeout.connect(self._empty)
        self.table.currentCellChanged.connect(lambda *_: self._allow())
        self._allow()

    def refresh(self) -> None:
        """Measure again."""
        self._session.ask(self.tr("Measuring the disk"), _use, self._show)

    def leave(self) -> None:
        """Remove for good what was put aside."""
        if self._timer.isActive():
            self._timer.stop()
            self._empty()

    @property
    def current(self) -> str:
        """The id of the chosen run."""
        item = self.table.item(self.table.currentRow(), 0)
        return item.text() if item else ""

    def _show(self, found: dict[str, Any]) -> None:
        kept = self.current
        self._found = found
        rows = sorted(found["runs"], key=lambda row: -row["total_mb"])
        self.table.setRowCount(len(rows))
        for place, row in enumerate(rows):
            names = ("model_mb", "checkpoints_mb", "snapshots_mb", "rest_mb", "total_mb")
            for column, text in enumerate((row["run"], *(f"{row[name]:.1f}" if row[name] else "–" for name in names))):
                item = QTableWidgetItem(text)
                if column:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(place, column, item)
        there = [place for place, row in enumerate(rows) if row["run"] == kept]
        if rows:
            self.table.setCurrentCell(there[0] if there else 0, 0)
        self.summary.setText(
            self.tr("{total:.1f} MB in all, {rest:.1f} MB of them outside the runs; {free:.1f} GB are free.").format(
                total=found["total_mb"], rest=found["rest_of_project_mb"], free=found["free_mb"] / 1000
            )
        )
        self._allow()

    def _allow(self) -> None:
        objections = self._found.get("objections", {}).get(self.current, {})
        for part, made in self.buttons.items():
            reason = in_language(objections[part]) if part in objections else self.tr("Choose a run.")
            made.setEnabled(not reason)
            made.setToolTip(reason)
        self._tell(objections)

    def _tell(self, objections: "dict[Part, str]") -> None:
        """Say in the inspector of each part of the chosen run how to remove it, or why it stays."""
        run = self.current
        if not run or not self.isVisible():
            return
        lines = [
            (made.text(), in_language(objections.get(part, "")) or self._command(part, run))
            for part, made in self.buttons.items()
        ]
        self.inspect.emit(Facts(run, lines))

    def _command(self, part: "Part", run: str) -> str:
        return f"workbench disk {quoted(self._session.folder)} --delete {quoted(part)} --run {quoted(run)}"

    def _remove(self, part: "Part") -> None:
        run = self.current
        self._timer.stop()
        self.table.setFocus()  # the button has nothing to do any more, and Qt would hand the keyboard to the inspector
        self._session.ask(
            self.tr("Removing the {part} of {run}").format(part=self._words(part), run=run),
            lambda project: _remove(project, run, part),
            partial(self._have_removed, run, part),
        )

    def _have_removed(self, run: str, part: "Part", size: float) -> None:
        said = self.tr("Removed the {part} of {run}: {size:.1f} MB.")
        said = said.format(part=self._words(part), run=run, size=size)
        self._control.offered.emit(said, self.tr("Undo"), partial(self._put_back, run, part))
        self._timer.start()
        self.refresh()

    def _words(self, part: "Part") -> str:
        return {
            "model": self.tr("weights"),
            "checkpoints": self.tr("checkpoints"),
            "snapshots": self.tr("snapshots"),
        }[part]

    def _put_back(self, run: str, part: "Part") -> None:
        self._timer.stop()
        self._session.ask(
            self.tr("Putting the {part} of {run} back").format(part=self._words(part), run=run),
            lambda project: _restore(project, run, part),
            lambda _: self.refresh(),
        )

    def _empty(self) -> None:
        self._session.ask(self.tr("Removing for good"), _empty, lambda _: self.refresh() if self.isVisible() else None)


def _use(project: "Project") -> dict[str, Any]:
    from workbench.project.disk import project_disk  # noqa: PLC0415
    from workbench.project.disk_removal import PARTS, objection  # noqa: PLC0415

    found = project_disk(project)
    found["objections"] = {
        row["run"]: {part: objection(project, row["run"], part) for part in PARTS} for row in found["runs"]
    }
    return found


def _remove(project: "Project", run: str, part: "Part") -> float:
    from workbench.project.disk_removal import remove  # noqa: PLC0415

    return remove(project, run, part)


def _restore(project: "Project", run: str, part: "Part") -> None:
    from workbench.project.disk_removal import restore  # noqa: PLC0415

    restore(project, run, part)


def _empty(project: "Project") -> float:
    from workbench.project.disk_removal import empty  # noqa: PLC0415

    return empty(project)


def _table(name: str) -> QTableWidget:
    table = reading_table(name, 6)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setSectionResizeMode(
        0, QHeaderView.ResizeMode.Stretch
    )  # the others need their titles' width
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return table
