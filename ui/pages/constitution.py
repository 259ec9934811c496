"""The constitution page: the principles in a list, one of them in the editor, the file itself, and versions compared."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QSplitter, QTabWidget, QWidget

from ui.asker import Asker
from ui.deeds import Deed, of_button
from ui.draft_edits import DraftEdits
from ui.draft_keeper import EXAMPLE, DraftKeeper
from ui.history import Undoing
from ui.look.theme import Theme
from ui.pages.constitution_file import ConstitutionFile
from ui.pages.page import OF_PRINCIPLE, Page
from ui.places import Place
from ui.reading_order import bring_into_view
from ui.session import Session
from ui.static_words import in_language
from ui.user_settings import UserSettings
from ui.widgets.change_panel import ChangePanel
from ui.widgets.coverage_view import CoverageView
from ui.widgets.example_editor import ExampleEditor
from ui.widgets.findings_bar import FindingsBar
from ui.widgets.inspector import Facts
from ui.widgets.principle_editor import PrincipleEditor
from ui.widgets.principle_list import PrincipleList
from ui.widgets.tabs import tabbed
from ui.widgets.texts import button, counted, label, letters, scrolling
from ui.widgets.try_panel import TryPanel
from ui.widgets.versions_view import VersionsView
from ui.widgets.wording_edit import findings_text, sign_of, worst_part
from ui.widgets.yaml_edit import YamlEdit

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.coverage import PrincipleCoverage
    from workbench.project.draft_state import DraftState
    from workbench.records.constitution import ConstitutionVersion, Principle


#: Of the page's height, for what two wordings make of a prompt.
_SHARE_OF_A_TRIAL = 0.56


class ConstitutionPage(Page):
    """Every edit goes into the draft; committing makes a version that never changes and that runs are made by."""

    def __init__(
        self,
        place: Place,
        session: Session,
        theme: Theme,
        asker: Asker,
        settings: UserSettings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(place, parent)
        self._session = session
        self.keeper = DraftKeeper(session)
        self.edits_ = DraftEdits(self.keeper)
        self.file = ConstitutionFile(session, self.keeper, self)
        self.state: DraftState | None = None
        self._committing = False
        self.saved, self.edits = label(part="muted"), label(part="muted")
        self.message = QLineEdit()
        self.commit = button(self.tr("Commit version"), primary=True)
        self.list = PrincipleList()
        self.editor, self.examples = PrincipleEditor(theme), ExampleEditor(theme)
        self.yaml, self.versions = YamlEdit(), VersionsView(theme)
        self.findings = FindingsBar()
        self.trying = TryPanel(session, asker, theme, settings)
        self.changing = ChangePanel(session, asker, settings)
        self.coverage = CoverageView()
        self._fill_header()
        self.tabs, self.below = self._tabs(), self._panels()
        self._lay_out()
        self._connect()

    @property
    def history(self) -> Undoing:
        """The edits of the draft."""
        return self.keeper.history

    def refresh(self) -> None:
        """Read the draft again, since a file can be edited elsewhere."""
        if self._session.folder is not None:
            self.keeper.read()
            self._read_versions()
            self.trying.refresh()
            self._session.ask(self.tr("Counting what principles did"), _coverage, self._show_coverage)

    def take_focus(self) -> None:
        """Have keys go to the list of principles."""
        self.list.list.setFocus()

    def leave(self) -> None:
        """Save what was typed."""
        self.keeper.flush()

    def _fill_header(self) -> None:
        self.message.setPlaceholderText(self.tr("Why? One line"))
        self.message.setAccessibleName(self.tr("Line that says why this version is committed"))
        self.message.setMinimumWidth(letters(self.message, 20))
        self.message.setMaximumWidth(letters(self.message, 53))
        for widget in (self.edits, self.saved, self.file.button):
            self.header.addWidget(widget)
        self.header.addWidget(self.message, 1)
        self.header.addWidget(self.commit)

    def _tabs(self) -> QTabWidget:
        return tabbed(
            self.tr("Views of the constitution"),
            self.tr("Principle, examples, YAML or versions"),
            (scrolling(self.editor, whole_width=True), self.tr("Principle")),
            (self.examples, self.tr("Examples")),
            (self.yaml, self.tr("YAML")),
            (self.versions, self.tr("Compare versions")),
        )

    def _panels(self) -> QTabWidget:
        return tabbed(
            self.tr("What the wordings do"),
            self.tr("Try it, see what would change, or coverage"),
            (self.trying, self.tr("Try it now")),
            (self.changing, self.tr("What would change")),
            (self.coverage, self.tr("Coverage")),
        )

    def _lay_out(self) -> None:
        # From the outside in: what moves into another widget takes its style anew, with all that it holds.
        across, down = QSplitter(), QSplitter(Qt.Orientation.Vertical)
        self._down, self._parted = down, False
        self.column.addWidget(down, 1)
        down.addWidget(across)
        across.addWidget(self.list)
        across.addWidget(self.tabs)
        across.setStretchFactor(1, 1)
        across.setSizes([330, 660])
        down.addWidget(self.below)
        down.setStretchFactor(0, 1)
        down.setSizes([450, 240])
        for split in (across, down):
            split.setChildrenCollapsible(False)
        self.column.addWidget(self.findings)

    def _give_room(self) -> None:
        """Let two wordings' answers be read without the editor going out of sight; what a person has set stays."""
        whole = sum(self._down.sizes())
        if not self._parted and self.below.height() < _SHARE_OF_A_TRIAL * whole:
            wanted = round(_SHARE_OF_A_TRIAL * whole)
            self._down.setSizes([whole - wanted, wanted])
            focused = self.focusWidget()
            if focused is not None:
                QTimer.singleShot(0, focused, partial(bring_into_view, focused))

    def _part(self) -> None:
        self._parted = True

    def _connect(self) -> None:
        keeper, edits = self.keeper, self.edits_
        keeper.changed.connect(self._show)
        keeper.told.connect(self.saved.setText)
        for one in (edits, self.file):
            one.told.connect(self.told.emit)
        edits.added_principle.connect(self._added)
        edits.added_example.connect(self.examples.choose)
        self.list.chosen.connect(self._choose)
        self.list.list.itemActivated.connect(lambda _: self._edit())
        self.list.switched.connect(edits.switch)
        self.list.moved.connect(edits.move)
        self.list.wants_new.connect(edits.add)
        self.list.wants_removed.connect(edits.remove)
        self.editor.edited.connect(edits.type_field)
        self.examples.edited.connect(edits.type_example)
        self.examples.wants_new.connect(edits.add_example)
        self.examples.wants_removed.connect(edits.remove_example)
        self.yaml.edited.connect(lambda: keeper.type_whole(self.yaml.text.toPlainText()))
        self.tabs.currentChanged.connect(lambda _: self._turned())
        self.commit.clicked.connect(self._commit)
        self.message.returnPressed.connect(self._commit_when_saved)
        self._session.opened.connect(lambda _: self._begin())
        self.coverage.chosen.connect(self.list.bring_up)
        self.trying.wanted.connect(self._try)
        self.trying.inspect.connect(self.inspect.emit)
        self.trying.compares.connect(self._give_room)
        self._down.splitterMoved.connect(lambda *_: self._part())
        self.changing.inspect.connect(self.inspect.emit)
        self.changing.wants_reviews.connect(lambda name: self.wants_row.emit("preferences", f"{OF_PRINCIPLE}{name}"))
        self.below.currentChanged.connect(lambda _: self._look_ahead())
        # What is typed is saved by itself: Ctrl+S asks for the line that a version wants.
        for keys, do in (("Ctrl+Return", self._try), ("Ctrl+Enter", self._try), ("Ctrl+S", self.message.setFocus)):
            QShortcut(QKeySequence(keys), self, do, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _begin(self) -> None:
        """Begin anew, with another project."""
        self._committing, self.state = False, None
        self.keeper.forget()
        self.trying.forget()
        self.changing.forget()
        self.tabs.setCurrentIndex(0)
        self.below.setCurrentIndex(0)

    def _turned(self) -> None:
        self.keeper.flush()
        if self.state is not None:
            self._show_findings(self.state)

    def _show(self, state: "DraftState") -> None:
        self.state = state
        if not self.keeper.whole_is_busy:
            self.yaml.show_text(state.text)
        self.yaml.show_problem(state.problem, state.problem_line)
        self.versions.show_draft(state)
        readable = state.constitution is not None
        self.list.setEnabled(readable)
        self.editor.setEnabled(readable)
        edits = len(state.changes)
        self.edits.setText(
            self.tr("draft, cannot be read")
            if not readable
            else self.tr("as committed")
            if not edits
            else self.tr("draft, 1 edit")
            if edits == 1
            else self.tr("draft, {count} edits").format(count=edits)
        )
        self.commit.setEnabled(readable and edits > 0)
        purpose = self.tr("Makes the draft a version that never changes; new runs are made by it.")
        self.commit.setToolTip(state.problem or (purpose if edits else self.tr("There is nothing to commit.")))
        self.examples.setEnabled(readable)
        if state.constitution is not None:
            numbers = range(1, len(state.constitution.few_shots) + 1)
            self.examples.show_draft(state, {number: self.keeper.typed(f"{EXAMPLE}{number}") for number in numbers})
            self.list.show_draft(state)
            self._choose(self.list.current)
        self._show_findings(state)

    def _show_findings(self, state: "DraftState") -> None:
        """Say what is doubtful about the whole; of principles and examples it is told beside them, and here that there is."""
        if state.problem:
            told = self.tabs.currentWidget() is self.yaml  # in place
            problem = self.tr("✕ {problem} Mend it on the YAML tab.").format(problem=state.problem)
            self.findings.tell([] if told else [problem], "bad")
            return
        ids = {one.id for one in state.constitution.principles} if state.constitution else set()
        general = [one for one in state.findings if one.where not in ids and one not in state.of_examples]
        lines = [findings_text([one]) for one in general]
        examples = [one for one in state.of_examples if one.severity != "note"]
        if examples and self.tabs.currentWidget() is not self.examples:
            words = self.tr("{sign} Examples: {count}, told on their tab.")
            count = counted(len(examples), self.tr("1 thing to mend"), self.tr("{count} things to mend"))
            lines.insert(
                0 if worst_part(examples) == "bad" else len(lines), words.format(sign=sign_of(examples), count=count)
            )
            general += examples
        self.findings.tell(lines, worst_part(general))

    def _show_coverage(self, rows: "Sequence[PrincipleCoverage]") -> None:
        self.coverage.show_coverage(rows)
        self.list.show_coverage(rows)

    def _choose(self, principle_id: str) -> None:
        principle = self._principle(principle_id)
        if principle is not None and self.state is not None:
            typed = self.keeper.typed(principle_id)
            self.editor.show_principle(principle, self.state, typed, self.keeper.goes_back)
            self.inspect.emit(self._facts(principle))
            self._look_ahead()

    def _look_ahead(self) -> None:
        """Let the tab that needs to know it what is edited, while it is looked at."""
        if self.below.currentWidget() is self.changing:
            self.changing.look(self.list.current)

    def _edit(self) -> None:
        """Have keys go to the wordings of the principle that was chosen."""
        self.tabs.setCurrentIndex(0)
        self.editor.wordings["critique_request"].text.setFocus()

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
                (self.tr("Id"), principle.id),
                (
                    self.tr("Drawn for prompts"),
                    ", ".join(map(in_language, principle.applies_to)) or self.tr("of every kind"),
                ),
                (self.tr("Source"), principle.source),
                (self.tr("Findings"), findings_text(self.state.finds(principle.id)) or self.tr("none")),
                (self.tr("Committed version"), self.state.committed[:12]),
            ],
        )

    def _added(self, principle_id: str) -> None:
        self.list.bring_up(principle_id)
        self.tabs.setCurrentIndex(0)
        self.editor.title.setFocus()
        self.editor.title.selectAll()

    def deeds(self) -> Iterable[Deed]:
        """Committing, trying, and the file's entries."""
        yield of_button(self.tr("Commit version of the constitution"), self.commit)
        yield Deed(self.tr("Try it: the principle, on the prompt"), self._try, keys="Ctrl+Return")
        yield of_button(self.tr("What would change: label the sample"), self.changing.go)
        yield Deed(self.tr("Write the line that a version wants"), self.message.setFocus, keys="Ctrl+S")
        for action in self.file.button.menu().actions():
            yield Deed(self.tr("Constitution: {what}").format(what=action.text()), action.trigger)

    def _commit(self) -> None:
        if self.commit.isEnabled():
            if self.commit.hasFocus():
                self.list.list.setFocus()  # a button that is off gives the keyboard to whoever comes next
            self.commit.setEnabled(False)
            self.keeper.commit(self.message.text().strip(), self._committed)

    def _commit_when_saved(self) -> None:
        """Commit what was typed just before, too; where there is nothing to commit, say so instead of doing nothing."""

        def now() -> None:
            if self.commit.isEnabled():
                self._commit()
                self.keeper.settled(over)
            else:
                self.told.emit(self.commit.toolTip())
                over()

        def over() -> None:
            self._committing = False

        if not self._committing:
            self._committing = True
            self.keeper.settled(now)

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


def _coverage(project: "Project") -> "Sequence[PrincipleCoverage]":
    from workbench.project.coverage import coverage_of  # noqa: PLC0415

    return coverage_of(project)


def _uses(project: "Project") -> Mapping[str, Mapping[str, int]]:
    return {one.hash: project.store.coverage.used_by(one.hash) for one in project.constitution_versions()}
