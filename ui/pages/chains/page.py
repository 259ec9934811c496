"""The page Red team & chains: a run's settings above; below chains to read as they are written, prompts, and runs."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from ui.asker import Asker
from ui.chain_control import ChainControl
from ui.deeds import Deed, of_button, of_stage
from ui.history import Undoing
from ui.look.theme import Theme
from ui.pages.chains.facts import step_facts, waiting_facts
from ui.pages.chains.list_pane import ChainsPane
from ui.pages.chains.prompts_pane import PromptsPane
from ui.pages.chains.run_strip import RunStrip
from ui.pages.page import Page
from ui.pages.stages import run_facts
from ui.places import Place, need_sentence
from ui.run_control import RunControl
from ui.session import Session
from ui.user_settings import UserSettings
from ui.widgets.cards import EmptyCard
from ui.widgets.chain_view import ChainView
from ui.widgets.jobs import RunsPanel
from ui.widgets.tabs import tabbed
from ui.widgets.texts import button, counted, label

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.chain_reading import ChainRead, StepRead
    from workbench.runs.watching import Live
    from workbench.store.chain_rows import ChainRow

#: So many letters the list of chains is wide at first, whatever the size of texts.
_LIST_LETTERS = 56


class ChainsPage(Page):
    """The chain chosen in the list is shown and, while it is being written, watched."""

    def __init__(
        self,
        place: Place,
        session: Session,
        control: RunControl,
        settings: UserSettings,
        theme: Theme,
        asker: Asker,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(place, parent)
        self._session, self._settings = session, settings
        self.control = ChainControl(session, control, settings)
        self._watched = ("", "")
        self._reading = ("", "")
        self.card = EmptyCard(place.purpose)
        self.strip = RunStrip(session)
        self.list = ChainsPane(session)
        self.view = ChainView(theme)
        self.prompts = PromptsPane(session, self.control, asker)
        self.runs = RunsPanel(session, control, self.tr("Runs of {page}").format(page=place.title), place.stages)
        self.follow = button(self.tr("Follow what is written [L]"), self.tr("Show a chain that is being written"))
        self._lay_out()
        self._connect()
        self._add_keys()

    @property
    def history(self) -> Undoing:
        """What a person did with chains and prompts."""
        return self.control.history

    def refresh(self) -> None:
        """Read anew what the page shows."""
        if self._session.overview is not None:
            self.view.set_covering(self._settings.now.cover)
            self.strip.refresh()
            self._keep_up()

    def _keep_up(self) -> None:
        """Read anew what the project has more of."""
        overview = self._session.overview
        assert overview is not None
        self._offer(overview.lacks("chains"), overview.rows.get("chains", 0))
        self.list.read_soon()
        self.prompts.read_soon()
        self._read()
        self._watch()

    def show_row(self, row_id: str) -> None:
        """Show a chain by its id, or the newest one on a prompt."""
        doing = self.tr("Looking for a chain")
        self._session.ask(doing, lambda project: project.store.chains.rows.place_of(row_id), self._have_place)
        self.list.table.setFocus()  # whose keys act on what is shown

    def deeds(self) -> Iterable[Deed]:
        """Running chains, and what prompts they take."""
        run = self.strip.start.click
        yield of_stage(self.tr("Run chains with the settings shown"), run, self._session, "chains")
        prompts = partial(self.tabs.setCurrentWidget, self.prompts)
        yield of_button(self.tr("Write prompts by hand…"), self.prompts.write, first=prompts)
        yield of_button(self.tr("Follow the chain that is being written"), self.follow, "L")

    def take_focus(self) -> None:
        """Have keys go to the list, whose keys act on chains, where there are some."""
        if self.tabs.currentIndex() == 0 and self.card.isHidden():
            self.list.table.setFocus()
        else:
            super().take_focus()

    def leave(self) -> None:
        """Watch nothing any more."""
        if self._watched != ("", ""):
            self._watched = ("", "")
            self._session.watch("", "")

    def show_chain(self, read: "ChainRead") -> None:
        """Show a chain that was read, unless another was chosen meanwhile."""
        if (read.run.id, read.prompt.id) == self._reading:
            new = self.view.read is None or (self.view.read.run.id, self.view.read.prompt.id) != self._reading
            changed = not self._shows(read)
            if changed:
                self.view.show_chain(read)
            if new and self._is_written(read):
                self.view.text.go_to_end()
            if new or (changed and self.tabs.currentIndex() == 0):
                self._inspect(self.view.step)
            self._watch()

    def _shows(self, read: "ChainRead") -> bool:
        """Whether a chain is shown as it was read; of its run only what never changes is shown."""
        shown = self.view.read
        return shown is not None and shown.run.id == read.run.id and replace(read, run=shown.run) == shown

    def _lay_out(self) -> None:
        self.reading = split = QSplitter()
        split.addWidget(self.list)
        split.addWidget(self.view)
        split.setStretchFactor(1, 1)
        split.setSizes([_LIST_LETTERS * self.fontMetrics().averageCharWidth(), 480])
        split.setChildrenCollapsible(False)
        self.tabs = tabbed(
            self.tr("Views of chains"),
            self.tr("Chains, prompts or runs"),
            (split, self.tr("Chains")),
            (self.prompts, self.tr("Prompts")),
            (self.runs, self.tr("Runs")),
        )
        self.header.addWidget(self.follow)
        self.column.addWidget(self.card)
        self.column.addWidget(self.strip)
        self.column.addWidget(self.tabs, 1)
        self._usual_keys = self.tr("J K next, previous · L follow · [ ] round · D C view · E X R B act on the chain")
        self.keys = label(self._usual_keys, "muted")
        self.train = button(self.tr("Train on these…"), self.tr("Go to the training that learns from these chains"))
        self.below = QWidget()
        below = QHBoxLayout(self.below)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.keys, 1)
        below.addWidget(self.train)
        self.column.addWidget(self.below)

    def _connect(self) -> None:
        session = self._session
        session.overview_changed.connect(self._changed)
        session.rows_added.connect(self._have_rows)
        session.runs_changed.connect(self._runs_changed)
        session.live.connect(self._live)
        session.committed.connect(lambda _: self._changed())
        session.opened.connect(lambda _: self._begin())
        self.control.changed.connect(self._mended)
        self.control.told.connect(self.told.emit)
        self.control.begun.connect(self._begun)
        self.strip.wants_run.connect(self.control.start)
        self.list.chosen.connect(self._choose)
        self.list.wants_redo.connect(self.control.redo_stale)
        self.list.selection_changed.connect(self._count)
        self.view.picked.connect(self._inspect)
        self.view.wants.connect(self._do)
        self.view.edited.connect(self.control.edit)
        self.view.told.connect(self.told.emit)
        self.prompts.wants_import.connect(self.wants_prompts.emit)
        self.prompts.wants_chains.connect(self._take_prompts)
        self.prompts.inspect.connect(self.inspect.emit)
        self.strip.response.currentTextChanged.connect(lambda _: self.prompts.show_model(self.strip.response.text()))
        self.runs.chosen.connect(self._inspect_run)
        self.train.clicked.connect(lambda: self.go.emit("training"))
        self.follow.clicked.connect(self._follow)
        self.tabs.currentChanged.connect(self._turned)

    def _turned(self, place: int) -> None:
        """Show of the tab that is shown what is below it, and where what is selected there comes from."""
        self.below.setVisible(place == 0)
        if place == 0:
            self._inspect(self.view.step)
        elif self.tabs.currentWidget() is self.prompts:
            self.prompts.tell()

    def _begin(self) -> None:
        """Begin anew, with another project."""
        self._reading = self._watched = ("", "")
        self.view.show_chain(None)
        self.tabs.setCurrentIndex(0)

    def _add_keys(self) -> None:
        list_, view = self.list, self.view
        keys = {
            "J": partial(list_.step, 1), "K": partial(list_.step, -1), "D": view.choose_way, "[": partial(view.turn, -1),
            "]": partial(view.turn, 1), "E": view.begin_edit, "X": partial(self._do, "exclude"), "R": partial(self._do, "again"),
            "B": partial(self._do, "branch"), "C": view.critiques.toggle, "S": view.reveal, "L": self._follow,
        }  # fmt: skip
        for key, do in keys.items():
            shortcut = QShortcut(QKeySequence(key), self.reading, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(do)

    def _offer(self, lacks: tuple[str, ...], chains: int) -> None:
        self.card.setVisible(not chains and not self._session.is_going("chains"))
        self.train.setVisible(bool(chains))
        self.follow.setVisible(self.card.isHidden())
        self.strip.start.setHidden(not self.card.isHidden())  # the card has the same button
        self.strip.setVisible(not lacks)
        if chains:
            return
        if not any(one.run.stage == "chains" for one in self._session.runs):
            self.tabs.setCurrentWidget(self.prompts)  # there is nothing on the tab of chains
        if lacks:
            self.card.offer(need_sentence(lacks[0]), self.tr("Import prompts…"), self.wants_prompts.emit)
        else:
            words = self.tr(
                "Everything it needs is there. How it is done stands below, to be changed or left as it is."
            )
            text = self.tr("Start: Chains")
            self.card.offer(words, text, lambda: self.control.start(self.strip.settings()))

    def _changed(self) -> None:
        if self.isVisible() and self._session.overview is not None:
            self.strip.keep_up()
            self._keep_up()

    def _mended(self) -> None:
        self.list.read()
        self.prompts.read_soon()
        self.strip.refresh()
        self._read()

    def _begun(self, run_id: str) -> None:
        self._session.ask(self.tr("Looking for a chain"), lambda project: _first_of(project, run_id), self._have_place)

    def _have_rows(self, kind: str, _: object) -> None:
        if kind == "Step" and self.isVisible():
            self.list.read_soon()
            if self.view.read is not None and not self.view.read.over:
                self._read(len(self.view.read.steps))

    def _runs_changed(self, ids: tuple[str, ...]) -> None:
        if self.isVisible() and self.runs.current in ids:
            self._inspect_run(self.runs.current)
        if self.isVisible() and any(one.run.id in ids and one.run.stage == "chains" for one in self._session.runs):
            self.list.read_soon()
            if self.view.read is not None and not self.view.read.over:
                self._read(len(self.view.read.steps))  # it may have been left out
            self._watch()

    def _choose(self, row: "ChainRow | None") -> None:
        wanted = (row.run_id, row.prompt_id) if row is not None else ("", "")
        if wanted != self._reading:
            self._reading = wanted
            self._read()
        if row is None:
            self.view.show_chain(None)
            self._watch()

    def _read(self, had: int = -1) -> None:
        """Read the chain chosen; where it had so many steps, only if it has others now."""
        run_id, prompt_id = self._reading
        if run_id:
            self._session.ask(
                self.tr("Reading a chain"),
                lambda project: _read_chain(project, run_id, prompt_id, had),
                self._have_read,
            )

    def _have_read(self, read: "ChainRead | None") -> None:
        if read is not None:
            self.show_chain(read)

    def _watch(self) -> None:
        """Have the chain shown watched, if its run is at work and it is not whole."""
        read = self.view.read
        watch = read is not None and self._is_written(read) and self.isVisible()
        wanted = (read.run.id, read.prompt.id) if read is not None and watch else ("", "")
        if wanted != self._watched:
            self._watched = wanted
            self._session.watch(*wanted)

    def _is_written(self, read: "ChainRead") -> bool:
        """Whether there is more to come, now."""
        return not read.over and any(one.active for one in self._session.runs if one.run.id == read.run.id)

    def _live(self, live: "Live") -> None:
        self.view.show_live(live)

    def _inspect(self, one: "StepRead | None") -> None:
        read = self.view.read
        if read is not None and self.isVisible():
            covered = self.view.covered
            self.inspect.emit(step_facts(read, one, covered) if one is not None else waiting_facts(read))

    def _inspect_run(self, run_id: str) -> None:
        facts = run_facts(self._session, run_id)
        if facts is not None and self.tabs.currentWidget() is self.runs:
            self.inspect.emit(facts)

    def _do(self, what: str) -> None:
        read, one = self.view.read, self.view.step
        if read is None or not read.steps or not self.view.deed(what).isEnabled():
            return
        if what != "branch" and len(self.list.selected) > 1:
            out = read.exclusion is None
            self.list.read_selected(lambda rows: self._do_many(what, rows, out))
        elif what == "exclude":
            words = self.tr("the chain on “{prompt}”").format(prompt=_short(read.prompt.text))
            (self.control.exclude if read.exclusion is None else self.control.include)([read.id], words)
        elif what == "again":
            self.control.write_again([read.prompt.id], read.run.id)
        elif what == "branch" and one is not None:
            self.control.branch(one.step.id, read.run.id, read.prompt.id)

    def _do_many(self, what: str, rows: "list[ChainRow]", out: bool) -> None:
        """Do the same with all chains selected: write them again, each as its run did, or have all in or out of training."""
        if what == "again":
            for run_id in dict.fromkeys(row.run_id for row in rows):
                self.control.write_again([row.prompt_id for row in rows if row.run_id == run_id], run_id)
            return
        ids = [row.chain_id for row in rows if row.chain_id and row.excluded != out]
        if ids:
            words = counted(len(ids), self.tr("1 chain"), self.tr("{count} chains"))
            (self.control.exclude if out else self.control.include)(ids, words)

    def _count(self, selected: int) -> None:
        """Say below how many chains the keys act on, where it is more than the one that is shown."""
        many = self.tr("{count} chains are selected: X and R act on all of them.").format(count=f"{selected:,}")
        self.keys.setText(many if selected > 1 else self._usual_keys)

    def _take_prompts(self, ids: tuple[str, ...]) -> None:
        self.strip.select_prompts(ids)
        start = self.card.button if self.strip.start.isHidden() else self.strip.start
        start.setFocus()
        words = counted(
            len(ids), self.tr("1 prompt is chosen for the run."), self.tr("{count} prompts are chosen for the run.")
        )
        self.told.emit(self.tr("{words} “{button}” begins it.").format(words=words, button=start.text()))

    def _follow(self) -> None:
        self._session.ask(self.tr("Looking for a chain that is being written"), _being_written, self._have_followed)

    def _have_followed(self, found: "tuple[str, int] | None") -> None:
        if found is None:
            self.told.emit(self.tr("No chain is being written now."))
        self._have_place(found)

    def _have_place(self, found: "tuple[str, int] | None") -> None:
        if found is not None:
            self.tabs.setCurrentIndex(0)
            self.list.follow(*found)


def _read_chain(project: "Project", run_id: str, prompt_id: str, had: int) -> "ChainRead | None":
    from workbench.project.chain_reading import read_waiting  # noqa: PLC0415

    chains = project.store.chains
    left_out = project.store.done_inputs.why_left_out(run_id, prompt_id)
    same = had >= 0 and chains.step_count(chains.id_of(run_id, prompt_id)) == had
    return None if same and not left_out else read_waiting(project.store, run_id, prompt_id)


def _first_of(project: "Project", run_id: str) -> tuple[str, int]:
    from workbench.store.chain_rows import ChainQuery  # noqa: PLC0415

    return run_id, project.store.chains.rows.keys(ChainQuery((run_id,)), 1)[0]


def _being_written(project: "Project") -> "tuple[str, int] | None":
    from workbench.store.chain_rows import ChainQuery  # noqa: PLC0415

    rows = project.store.chains.rows
    query = ChainQuery(only="running", order="newest")
    found = [row for row in rows.rows(rows.keys(query, 64), query) if row.state == "running"]
    best = min(found, key=lambda row: row.steps, default=None)
    return (best.run_id, best.key) if best is not None else None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:39] + "…"
