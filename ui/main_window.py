"""The frame around every page: rail, cards for what went wrong, inspector, bar and drawer of jobs, command palette."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.actions import Actions
from ui.asker import Asker
from ui.daily_backup import DailyBackup
from ui.deeds import Offered
from ui.demo_project import demo_folder, is_project, open_demo, projects_folder
from ui.desktop_notice import notify_desktop
from ui.dropping import Dropping
from ui.edit_menu import UndoRedo
from ui.finder import Finder
from ui.first_size import PageStack, fitting, give_first_size
from ui.frames import Frames
from ui.history import Undoing
from ui.loading_ahead import loading_ahead
from ui.look.theme import Choice, Theme
from ui.menus import OF_A_PROJECT, fill_menus
from ui.page_help import page_help
from ui.page_shelf import PageShelf
from ui.pages.files import Files
from ui.pages.new_project import NewProjectSheet
from ui.pages.page import Page
from ui.pages.start import StartPage
from ui.panes import PaneCycle, RoomBeside, add_dock
from ui.places import Mark, Place, mark_of, places
from ui.reading_order import WindowInOrder
from ui.recent_facts import RecentFacts
from ui.remedies import Remedies
from ui.run_control import RunControl
from ui.run_endings import RunEndings
from ui.session import Failure, Session
from ui.user_settings import UserSettings
from ui.widgets.cards import ErrorCard, Toast
from ui.widgets.command_palette import CommandPalette
from ui.widgets.failure_cards import FailureCards
from ui.widgets.file_dialogs import ask_for_folder
from ui.widgets.inspector import Facts, Inspector
from ui.widgets.jobs import JobsBar, RunsPanel
from ui.widgets.rail import Rail

if TYPE_CHECKING:
    from workbench.project import Project


class MainWindow(WindowInOrder):
    """The window of one project; closing it stops no run."""

    def __init__(self, session: Session, settings: UserSettings, theme: Theme) -> None:
        super().__init__()
        self.session, self.settings, self.theme = session, settings, theme
        session.room = Frames(self).after
        self.control, self.files = RunControl(session), Files(session, settings, self)
        self.asker = Asker(session)
        self.endings = RunEndings(session)
        self.backup, self._remedies = DailyBackup(session), Remedies(session)
        self.facts = RecentFacts(session, settings)
        self.actions_, self.places = Actions(self), places()
        self._shelf = PageShelf(self.places, self._make_page, lambda: session.waiting, loading_ahead(), self)
        self.start = StartPage(settings)
        self.rail = Rail(self.places)
        self.inspector = Inspector()
        self.toast = Toast(self)
        self.setWindowTitle(self.tr("Constitution Workbench"))
        give_first_size(self)
        self.setAcceptDrops(True)
        self.dropping = Dropping(self, session, self.files, self.open_project)
        self.dropping.told.connect(self.say)
        self._build_centre()
        self._build_docks()
        self.cycle = PaneCycle(lambda: (self.rail, self._stack, self.inspector, self.jobs, self.start), self)
        self._room = RoomBeside(self, self._inspector_dock, self._inner_width)
        self._build_actions()
        self.palette_ = CommandPalette(self, Offered(session, self.actions_, self._shelf.deeds, self.show_page))
        self.finder = Finder(self.session, self.palette_, self.settings)
        self._connect()
        self._restore()
        self._show_project(False)

    @property
    def pages(self) -> dict[str, Page]:
        """The pages by their keys; those that are not made yet are made now."""
        return self._shelf.all()

    def show_page(self, key: str) -> None:
        """Go to a place."""
        page = self._shelf.page(key)
        current = self._stack.currentWidget()
        if isinstance(current, Page) and current is not page:
            current.leave()
        self._stack.setCurrentWidget(page)
        self.rail.show_place(key)
        self.inspector.clear()
        if not page.selects:
            self.inspector.show_facts(page_help(page.place, self.actions_))
        page.refresh()
        self.undoing.refresh()
        self._room.look()

    def show_row(self, key: str, row_id: str) -> None:
        """Go to a place and show one thing there."""
        self.show_page(key)
        self._shelf.page(key).show_row(row_id)

    def go_to(self, key: str) -> None:
        """Go to a place, with the keyboard."""
        self.show_page(key)
        self.page.take_focus()

    @property
    def page(self) -> Page:
        """The page that is shown."""
        current = self._stack.currentWidget()
        assert isinstance(current, Page)
        return current

    def open_project(self, folder: Path, make: "Callable[[], Project] | None" = None) -> None:
        """Open a project; make gives it where it is not there yet."""
        self._leave_pages()
        self.session.open(folder, make)
        self.start.show_opening(folder.name)

    def open_demo(self) -> None:
        """Open the demo project; the first time it is unpacked."""
        self.open_project(demo_folder(), open_demo)

    def say(self, text: str) -> None:
        """Say a word that goes away by itself."""
        self.toast.say(text)

    def show_failure(self, failure: Failure, diagnostics: str = "") -> None:
        """Show what failed, on a card above the page; the oldest card makes room."""
        self._cards.add(failure, diagnostics, self._remedies.button(failure))

    def failures(self) -> list[ErrorCard]:
        """Return the cards that are shown."""
        return self._cards.cards()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Make the pages once the window is painted."""
        super().showEvent(event)
        self.dropping.listen()
        self._shelf.begin()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Save what is in hand and let go of the project; runs go on."""
        self._leave_pages()
        self.settings.change(
            geometry=self.saveGeometry().toBase64().toStdString(), arrangement=self.saveState().toBase64().toStdString()
        )
        self.session.close()
        event.accept()

    def _build_centre(self) -> None:
        self._stack = PageStack()
        inner = QWidget()
        row = QHBoxLayout(inner)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(fitting(self._stack, self), 1)
        self._outer = QStackedWidget()
        self._outer.addWidget(self.start)
        self._outer.addWidget(inner)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._cards = FailureCards()
        column.addWidget(self._cards)
        column.addWidget(self._outer, 1)
        self.setCentralWidget(centre)

    def _make_page(self, place: Place) -> Page:
        from ui.page_maker import Parts, make_page  # noqa: PLC0415 - loads every page and what it draws with

        parts = Parts(self.session, self.control, self.settings, self.theme, self.asker, self._stack)
        page = make_page(place, parts)
        page.inspect.connect(partial(self._inspect_for, page))
        page.go.connect(self.go_to)
        page.told.connect(self.say)
        page.wants_row.connect(self.show_row)
        page.wants_prompts.connect(self.files.choose)
        page.history_changed.connect(self.undoing.refresh)
        self._stack.addWidget(page)
        return page

    def _inner_width(self) -> int:
        page = self._stack.currentWidget()
        return self.rail.width() + page.minimumSizeHint().width() if page is not None else 0

    def _history(self) -> Undoing | None:
        page = self._stack.currentWidget()
        return page.history if isinstance(page, Page) and self.session.folder is not None else None

    def _build_docks(self) -> None:
        self._inspector_dock = add_dock(
            self, "inspector", self.tr("Inspector"), self.inspector, Qt.DockWidgetArea.RightDockWidgetArea
        )
        self.jobs = RunsPanel(self.session, self.control, self.tr("All jobs"))
        self.jobs.layout().setContentsMargins(10, 6, 10, 8)  # type: ignore[union-attr]
        self._jobs_dock = add_dock(self, "jobs", self.tr("Jobs"), self.jobs, Qt.DockWidgetArea.BottomDockWidgetArea)
        self._jobs_dock.hide()
        self.jobs_bar = JobsBar(self.session)
        self.jobs_bar.opened.connect(self._toggle_jobs)
        self.control.measuring.connect(self.jobs_bar.measuring.setVisible)
        self.statusBar().addPermanentWidget(self.jobs_bar, 1)
        self.statusBar().setSizeGripEnabled(False)
        self.resizeDocks([self._inspector_dock], [270], Qt.Orientation.Horizontal)

    def _build_actions(self) -> None:
        add = self.actions_.add
        add("new", self.tr("New project…"), self._new_project, "Ctrl+N")
        add("open", self.tr("Open project…"), self._choose_project, "Ctrl+O")
        add("demo", self.tr("Open the demo project"), self.open_demo)
        add("close", self.tr("Close project"), self._close_project, "Ctrl+Shift+W")
        self.files.add_to(self.actions_)
        add("quit", self.tr("Quit"), self.close, "Ctrl+Q")
        self.undoing = UndoRedo(self.actions_, self._history, self.say)
        for place in self.places:
            text = self.tr("Go to {place}").format(place=place.title)
            add(f"go {place.key}", text, partial(self.go_to, place.key), place.shortcut)
        add("inspector", self.tr("Show or hide the inspector"), self._toggle_inspector, "F4")
        add("jobs", self.tr("Show or hide the jobs"), self._toggle_jobs, "Ctrl+J")
        add("palette", self.tr("Search commands and texts…"), self._search, "Ctrl+K")
        add("next pane", self.tr("Go to the next pane"), self.cycle.step, "F6")
        add("pane before", self.tr("Go to the pane before"), lambda: self.cycle.step(False), "Shift+F6")
        add("help", self.tr("What is this page for?"), self._explain, "F1")
        themes: tuple[tuple[Choice, str], ...] = (
            ("light", self.tr("Light theme")), ("dark", self.tr("Dark theme")), ("system", self.tr("Theme of the system")),
        )  # fmt: skip
        for choice, text in themes:
            add(f"theme {choice}", text, partial(self._choose_theme, choice))
        fill_menus(self.menuBar(), self.actions_, self.places, self._search, self.undoing.refresh)

    def _connect(self) -> None:
        self.start.wants_new.connect(self._new_project)
        self.start.wants_open.connect(self._choose_project)
        self.start.wants_demo.connect(self.open_demo)
        self.start.chose.connect(lambda folder: self.open_project(Path(folder)))
        self.start.missed.connect(self._locate)
        self.finder.found.connect(self._show_found)
        self.rail.chosen.connect(self._rail_chose)
        self.rail.entered.connect(self._enter)
        self.control.told.connect(self.say)
        self.files.told.connect(self._imported)
        self.files.made.connect(self.open_project)
        self.files.wants_row.connect(self.show_row)
        self.endings.told.connect(self._tell_end)
        self.endings.failed.connect(self._cards.add_run)
        self._cards.wants_run.connect(self._show_job)
        self.control.offered.connect(self.toast.offer)
        self.session.opened.connect(self._opened)
        self.session.closed.connect(lambda: self._show_project(False))
        self.session.failed.connect(self.show_failure)
        self.session.wants_training.connect(self._train)
        self._remedies.wants_page.connect(self.go_to)
        self._remedies.wants_folder.connect(self._choose_project)
        self.session.failed.connect(lambda _: self.start.refresh())
        self.session.overview_changed.connect(self._show_marks)
        self.session.runs_changed.connect(lambda _: self._show_marks())

    def _train(self, stage: str, run_id: str) -> None:
        self.show_page("training")
        self.page.train_anew(stage, run_id)

    def _tell_end(self, sentence: str) -> None:
        """Say that a run has ended; on the desktop too where the window is not the one that is used."""
        self.say(sentence)
        if not self.isActiveWindow():
            QApplication.alert(self)
            notify_desktop(self.windowTitle(), sentence)

    def _restore(self) -> None:
        now = self.settings.now
        if now.geometry:
            self.restoreGeometry(QByteArray.fromBase64(QByteArray(now.geometry.encode())))
        if now.arrangement:
            self.restoreState(QByteArray.fromBase64(QByteArray(now.arrangement.encode())))

    def _show_project(self, open_: bool) -> None:
        self._outer.setCurrentIndex(1 if open_ else 0)
        reason = "" if open_ else self.tr("Open a project first.")
        for key in (*OF_A_PROJECT, *(f"go {place.key}" for place in self.places)):
            self.actions_.allow(key, reason)
        self._inspector_dock.setVisible(open_)
        self.statusBar().setVisible(open_)
        if not open_:
            self._jobs_dock.hide()
            self.start.refresh()
            self.setWindowTitle(self.tr("Constitution Workbench"))

    def _opened(self, folder: str) -> None:
        self.settings.opened(Path(folder))
        self.facts.keep()
        self.setWindowTitle(self.tr("{project} — Constitution Workbench").format(project=Path(folder).name))
        self._show_project(True)
        self.go_to("overview")

    def _rail_chose(self, key: str) -> None:
        if self._stack.currentWidget() is not self._shelf.page(key):
            self.show_page(key)

    def _enter(self) -> None:
        self.page.take_focus()

    def _show_marks(self) -> None:
        overview = self.session.overview
        if overview is not None:
            marks: dict[str, Mark] = {place.key: mark_of(place, overview, self.session.runs) for place in self.places}
            self.rail.show_marks(marks)

    def _inspect_for(self, page: Page, facts: Facts) -> None:
        if self._stack.currentWidget() is page:  # what a page learns after it was left is no news
            self.inspector.show_facts(facts)

    def _explain(self) -> None:
        if self.session.folder is not None:
            self._inspector_dock.show()
            self.inspector.show_facts(page_help(self.page.place, self.actions_))

    def _search(self) -> None:
        self.undoing.refresh()
        self.palette_.open()

    def _show_found(self, key: str, row_id: str, facts: Facts) -> None:
        self.show_row(key, row_id)
        self._inspector_dock.show()
        self.inspector.show_facts(facts)

    def _toggle_inspector(self) -> None:
        self._inspector_dock.setVisible(not self._inspector_dock.isVisible())
        self._room.keep()

    def _toggle_jobs(self) -> None:
        self._jobs_dock.setVisible(not self._jobs_dock.isVisible() and self.session.folder is not None)
        height = max(self._jobs_dock.height(), 18 * self.fontMetrics().height())
        self.resizeDocks([self._jobs_dock], [height], Qt.Orientation.Vertical)

    def _show_job(self, run_id: str) -> None:
        self._jobs_dock.hide()
        self._toggle_jobs()
        self.jobs.choose(run_id)

    def _choose_theme(self, choice: Choice) -> None:
        self.settings.change(theme=choice)
        self.theme.choose(choice)

    def _new_project(self) -> None:
        sheet = NewProjectSheet(self)
        sheet.accepted.connect(lambda: self._open_new(sheet))
        sheet.open()

    def _open_new(self, sheet: NewProjectSheet) -> None:
        self.open_project(sheet.folder, sheet.project)

    def _choose_project(self) -> None:
        ask_for_folder(self, self.tr("Open a project's folder"), self.open_project, projects_folder())

    def _locate(self, gone: str) -> None:
        title = self.tr("Where is {folder} now?").format(folder=gone)
        ask_for_folder(self, title, partial(self._located, gone), Path(gone).parent)

    def _located(self, gone: str, folder: Path) -> None:
        if is_project(folder):
            self.settings.forget(gone)
            self.open_project(folder)
        else:
            self.say(self.tr("{folder} holds no project.").format(folder=folder))

    def _close_project(self) -> None:
        self._leave_pages()
        self.session.close()

    def _imported(self, words: str) -> None:
        self.say(words)
        self.session.refresh_overview()
        self.page.refresh()

    def _leave_pages(self) -> None:
        self.facts.keep()
        for page in self._shelf.made():
            page.leave()
