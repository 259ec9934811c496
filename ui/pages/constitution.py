"""The constitution page: the principles in a list, one of them in the editor, the file itself, and versions compared."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QMenu, QSplitter, QTabWidget, QWidget

from ui.asker import Asker
from ui.draft_keeper import EXAMPLE, DraftKeeper
from ui.look.theme import Theme
from ui.pages.page import Page
from ui.places import Place
from ui.session import Session
from ui.widgets.change_panel import ChangePanel
from ui.widgets.coverage_view import CoverageView
from ui.widgets.example_editor import ExampleEditor
from ui.widgets.file_dialogs import ask_for_file, ask_where_to_save
from ui.widgets.inspector import Facts
from ui.widgets.principle_editor import PrincipleEditor
from ui.widgets.principle_list import PrincipleList
from ui.widgets.texts import button, label, scrolling, set_part
from ui.widgets.try_panel import TryPanel
from ui.widgets.versions_view import VersionsView
from ui.widgets.wording_edit import findings_text, worst_part
from ui.widgets.yaml_edit import YamlEdit

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.coverage import PrincipleCoverage
    from workbench.project.draft_state import DraftState
    from workbench.records.constitution import ConstitutionVersion, Principle, Use


class ConstitutionPage(Page):
    """Every edit goes into the draft; committing makes a version that never changes and that runs are made by."""

    def __init__(self, place: Place, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(place, parent)
        self._session = session
        self.keeper = DraftKeeper(session)
        self.state: DraftState | None = None
        self.saved = label(part="muted")
        self.edits = label(part="muted")
        self.message = QLineEdit()
        self.message.setPlaceholderText(self.tr("Why? One line for the history"))
        self.message.setAccessibleName(self.tr("Line that says why this version is committed"))
        self.message.setMinimumWidth(200)
        self.commit = button(self.tr("Commit version"), primary=True)
        self.undo = button(self.tr("Undo"), self.tr("Undo the last edit of the draft"))
        self.redo = button(self.tr("Redo"), self.tr("Redo what was undone in the draft"))
        self.file = button(self.tr("File"), self.tr("Import or export a constitution"))
        for widget in (self.edits, self.saved, self.undo, self.redo, self.file, self.message, self.commit):
            self.header.addWidget(widget)
        self.list = PrincipleList()
        self.editor = PrincipleEditor(theme)
        self.yaml = YamlEdit()
        self.versions = VersionsView(theme)
        self.findings = label(wrap=True)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(self.tr("Views of the constitution"))
        self.tabs.tabBar().setAccessibleName(self.tr("Principle, YAML or versions"))
        self.tabs.addTab(scrolling(self.editor), self.tr("Principle"))
        self.examples = ExampleEditor(theme)
        self.tabs.addTab(self.examples, self.tr("Examples"))
        self.tabs.addTab(self.yaml, self.tr("YAML"))
        self.tabs.addTab(self.versions, self.tr("Compare versions"))
        asker = Asker(session)
        self.trying = TryPanel(session, asker, theme)
        self.changing = ChangePanel(session, asker)
        self.below = QTabWidget()
        self.below.setAccessibleName(self.tr("What the wordings do"))
        self.below.tabBar().setAccessibleName(self.tr("Try it, or see what would change"))
        self.below.addTab(self.trying, self.tr("Try it now"))
        self.below.addTab(self.changing, self.tr("What would change"))
        self.coverage = CoverageView()
        self.below.addTab(self.coverage, self.tr("Coverage"))
        self._lay_out()
        self._connect()

    def refresh(self) -> None:
        """Read the draft again, since a file can be edited elsewhere."""
        if self._session.folder is not None:
            self.keeper.read()
            self._read_versions()

            self._session.ask(self.tr("Counting what principles did"), _coverage, self._show_coverage)

    def leave(self) -> None:
        """Save what was typed."""
        self.keeper.flush()

    def _lay_out(self) -> None:
        across, down = QSplitter(), QSplitter(Qt.Orientation.Vertical)
        across.addWidget(self.list)
        across.addWidget(self.tabs)
        across.setStretchFactor(1, 1)
        across.setSizes([330, 660])
        down.addWidget(across)
        down.addWidget(self.below)
        down.setStretchFactor(0, 1)
        down.setSizes([390, 300])
        for split in (across, down):
            split.setChildrenCollapsible(False)
        self.column.addWidget(down, 1)
        self.column.addWidget(self.findings)
        self._try_keys = [QShortcut(QKeySequence(keys), self) for keys in ("Ctrl+Return", "Ctrl+Enter")]
        for shortcut in self._try_keys:
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _connect(self) -> None:
        self.keeper.changed.connect(self._show)
        self.keeper.told.connect(self.saved.setText)
        self.list.chosen.connect(self._choose)
        self.list.switched.connect(lambda name, on: self.keeper.type_field(name, "enabled", str(on).lower()))
        self.list.moved.connect(self._move)
        self.list.wants_new.connect(self._add)
        self.list.wants_removed.connect(self._remove)
        self.editor.edited.connect(self.keeper.type_field)
        self.examples.edited.connect(lambda number, *edit: self.keeper.type_field(f"{EXAMPLE}{number}", *edit))
        self.examples.wants_new.connect(self._add_example)
        self.examples.wants_removed.connect(self._remove_example)
        self.yaml.edited.connect(lambda: self.keeper.type_whole(self.yaml.text.toPlainText()))
        self.tabs.currentChanged.connect(lambda _: self.keeper.flush())
        self.commit.clicked.connect(self._commit)
        self.undo.clicked.connect(self.keeper.undo)
        self.redo.clicked.connect(self.keeper.redo)
        for keys, do in (
            ("Ctrl+Z", self.keeper.undo),
            ("Ctrl+Shift+Z", self.keeper.redo),
            ("Ctrl+Y", self.keeper.redo),
        ):
            QShortcut(QKeySequence(keys), self, do, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._session.opened.connect(lambda _: self.keeper.forget())
        menu = QMenu(self)
        menu.addAction(self.tr("Import into the draft…"), self._import)
        menu.addAction(self.tr("Export the draft…"), partial(self._export, False))
        menu.addAction(self.tr("Export the committed version…"), partial(self._export, True))
        self.file.setMenu(menu)
        self.coverage.chosen.connect(self.list.choose)
        self.trying.wanted.connect(self._try)
        self.trying.inspect.connect(self.inspect.emit)
        self.changing.inspect.connect(self.inspect.emit)
        self.below.currentChanged.connect(lambda _: self._look_ahead())
        for shortcut in self._try_keys:
            shortcut.activated.connect(self._try)
        self.message.returnPressed.connect(self._commit)

    def _show(self, state: "DraftState") -> None:
        self.state = state
        if not self.keeper.whole_is_busy:
            self.yaml.show_text(state.text)
        self.yaml.show_problem(state.problem)
        self.versions.show_draft(state)
        readable = state.constitution is not None
        self.list.setEnabled(readable)
        self.editor.setEnabled(readable)
        self.undo.setEnabled(self.keeper.can_undo)
        self.redo.setEnabled(self.keeper.can_redo)
        edits = len(state.changes)
        self.edits.setText(self.tr("draft, {count} edits").format(count=edits) if edits else self.tr("as committed"))
        self.commit.setEnabled(readable and edits > 0)
        self.commit.setToolTip(state.problem or ("" if edits else self.tr("There is nothing to commit.")))
        self.examples.setEnabled(readable)
        if state.constitution is not None:
            numbers = range(1, len(state.constitution.few_shots) + 1)
            self.examples.show_draft(state, {number: self.keeper.typed(f"{EXAMPLE}{number}") for number in numbers})
            self.list.show_draft(state)
            self._choose(self.list.current)
        self._show_findings(state)

    def _show_findings(self, state: "DraftState") -> None:
        ids = {one.id for one in state.constitution.principles} if state.constitution else set()
        general = tuple(one for one in state.findings if one.where not in ids)
        problem = self.tr("✕ {problem} Mend it on the YAML tab.").format(problem=state.problem) if state.problem else ""
        self.findings.setText(problem or findings_text(general))
        self.findings.setVisible(bool(self.findings.text()))
        set_part(self.findings, "bad" if problem else worst_part(general))

    def _show_coverage(self, rows: "Sequence[PrincipleCoverage]") -> None:
        self.coverage.show_coverage(rows)
        self.list.show_coverage(rows)

    def _choose(self, principle_id: str) -> None:
        principle = self._principle(principle_id)
        if principle is not None and self.state is not None:
            self.editor.show_principle(principle, self.state, self.keeper.typed(principle_id))
            self.inspect.emit(self._facts(principle))
            self._look_ahead()

    def _look_ahead(self) -> None:
        """Let the tab that needs to know it what is edited, while it is looked at."""
        if self.below.currentWidget() is self.changing:
            self.changing.look(self.list.current)

    def _try(self) -> None:
        self.keeper.flush()  # the trial is asked after what was typed, and so is made by it
        self.below.setCurrentWidget(self.trying)
        if self.list.current:
            self.trying.begin(self.list.current)

    def _principle(self, principle_id: str) -> "Principle | None":
        constitution = self.state.constitution if self.state else None
        found = [one for one in constitution.principles if one.id == principle_id] if constitution else []
        return found[0] if found else None

    def _facts(self, principle: "Principle") -> Facts:
        assert self.state is not None
        return Facts(
            principle.title or principle.id,
            [
                (self.tr("Id, by which every row is traced to it"), principle.id),
                (self.tr("Drawn for prompts"), ", ".join(principle.applies_to) or self.tr("of every kind")),
                (self.tr("Source"), principle.source),
                (self.tr("Findings"), findings_text(self.state.finds(principle.id)) or self.tr("none")),
                (self.tr("Committed version"), self.state.committed[:12]),
            ],
        )

    def _move(self, principle_id: str, place: int) -> None:
        from workbench.interchange.constitution_order import moved  # noqa: PLC0415

        self.keeper.change(self.tr("Moving the principle"), lambda text: moved(text, principle_id, place))

    def _remove(self, principle_id: str) -> None:
        from workbench.interchange.constitution_order import removed  # noqa: PLC0415

        if not principle_id:
            return
        self.keeper.change(self.tr("Removing the principle"), lambda text: removed(text, principle_id))
        self.told.emit(self.tr("{id} is out of the draft; committed versions keep it.").format(id=principle_id))

    def _add_example(self, use: "Use") -> None:
        from workbench.interchange.example_edit import add_example  # noqa: PLC0415
        from workbench.records.constitution import FewShot  # noqa: PLC0415

        new = FewShot(use, self.tr("What is asked"), answer="" if use == "revision" else "A")
        count = len(self.state.constitution.few_shots) if self.state and self.state.constitution else 0
        then: Callable[[DraftState], None] = lambda _: self.examples.choose(count + 1)  # noqa: E731
        self.keeper.change(self.tr("Adding an example"), lambda text: add_example(text, new), then)

    def _remove_example(self, number: int) -> None:
        from workbench.interchange.example_edit import remove_example  # noqa: PLC0415

        self.keeper.change(self.tr("Removing the example"), lambda text: remove_example(text, number))
        self.told.emit(self.tr("The example is out of the draft; undo brings it back."))

    def _add(self) -> None:
        from workbench.interchange.constitution_order import added  # noqa: PLC0415
        from workbench.records.constitution import Principle  # noqa: PLC0415

        principles = self.state.constitution.principles if self.state and self.state.constitution else ()
        taken = {one.id for one in principles}
        number = next(number for number in range(1, len(taken) + 2) if f"principle-{number}" not in taken)
        new = Principle(f"principle-{number}", self.tr("New principle"))
        then = partial(self._added, new.id)
        self.keeper.change(self.tr("Adding a principle"), lambda text: added(text, new, len(principles)), then)

    def _added(self, principle_id: str, _: "DraftState") -> None:
        self.list.choose(principle_id)
        self.tabs.setCurrentIndex(0)
        self.editor.title.setFocus()
        self.editor.title.selectAll()

    def _commit(self) -> None:
        if self.commit.isEnabled():
            self.commit.setEnabled(False)
            self.keeper.commit(self.message.text().strip(), self._committed)

    def _committed(self, version: "ConstitutionVersion") -> None:
        self.message.clear()
        self.told.emit(self.tr("Committed as {hash}; new runs are made by it.").format(hash=version.hash[:12]))
        self._session.committed.emit(version.hash)
        self._session.refresh_overview()
        self._read_versions()

    def _read_versions(self) -> None:
        self._session.ask(
            self.tr("Reading the versions"),
            lambda project: project.constitution_versions(),
            self.versions.show_versions,
        )
        self._session.ask(self.tr("Finding where versions were used"), _uses, self.versions.show_uses)

    def _import(self) -> None:
        title, kinds = (
            self.tr("Import a constitution into the draft"),
            self.tr("Constitutions (*.yaml *.yml *.json);;All (*)"),
        )
        ask_for_file(self, title, kinds, lambda place: self.import_file(str(place)))

    def import_file(self, place: str) -> None:
        """Take a file's constitution into the draft; it can be undone."""
        self.keeper.flush()
        self._session.ask(
            self.tr("Importing {file}").format(file=Path(place).name),
            lambda project: _imported(project, place),
            lambda text: self.keeper.change(self.tr("Importing the constitution"), lambda _: text, self._have_imported),
        )

    def _have_imported(self, state: "DraftState") -> None:
        count = len(state.constitution.principles) if state.constitution else 0
        self.told.emit(self.tr("The draft has {count} principles now; undo takes that back.").format(count=count))

    def _export(self, committed: bool) -> None:
        title, kinds, place = (
            self.tr("Export the constitution"),
            self.tr("YAML (*.yaml)"),
            Path.home() / "constitution.yaml",
        )
        ask_where_to_save(self, title, kinds, lambda chosen: self.export_file(str(chosen), committed), place)

    def export_file(self, place: str, committed: bool) -> None:
        """Write the draft, or the committed version, to a file."""
        self.keeper.flush()
        self._session.ask(
            self.tr("Exporting to {file}").format(file=Path(place).name),
            lambda project: _exported(project, place, committed),
            lambda _: self.told.emit(self.tr("Written to {file}.").format(file=place)),
        )


def _coverage(project: "Project") -> "Sequence[PrincipleCoverage]":
    from workbench.project.coverage import coverage_of  # noqa: PLC0415

    return coverage_of(project)


def _uses(project: "Project") -> Mapping[str, Mapping[str, int]]:
    return {one.hash: project.store.coverage.used_by(one.hash) for one in project.constitution_versions()}


def _imported(project: "Project", place: str) -> str:
    from workbench.project.draft_state import imported_draft  # noqa: PLC0415

    return imported_draft(project, place)


def _exported(project: "Project", place: str, committed: bool) -> None:
    from workbench.project.draft_state import export_constitution  # noqa: PLC0415

    export_constitution(project, Path(place), committed)
