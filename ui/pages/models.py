"""The page of models: what there is by source, what each can do, who plays which role; endpoints are tested and added here."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QTableWidgetItem, QWidget

from ui.command_process import CommandProcess
from ui.deeds import Deed, of_button
from ui.pages.files import is_file_of_model
from ui.pages.model_facts import model_facts
from ui.pages.model_table import cells, model_table, role_words
from ui.pages.page import Page
from ui.places import Place
from ui.session import Session
from ui.static_words import in_language
from ui.tips import plain_tip
from ui.widgets.code_sheet import CodeFile, CodeSheet, read_code
from ui.widgets.endpoint_form import EndpointForm
from ui.widgets.endpoint_sheets import KeySheet, RemoveSheet, sharing
from ui.widgets.fetch_sheet import FetchSheet
from ui.widgets.file_dialogs import ask_for_folder, ask_for_folder_or_file
from ui.widgets.inspector import Facts
from ui.widgets.texts import button, label, set_part
from ui.widgets.train_button import TrainButton

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.known_models import KnownModel

_NAME = Qt.ItemDataRole.UserRole


class ModelsPage(Page):
    """A row for each model; buttons act on the chosen one. Servers are asked by a process, never by the window."""

    def __init__(self, place: Place, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(place, parent)
        self._session = session
        self._models: dict[str, KnownModel] = {}
        self.commands, self._adding = CommandProcess(self), CommandProcess(self)
        self.add = button(self.tr("Add endpoint…"), primary=True)
        self.fetch = button(self.tr("Fetch from the hub…"))
        self.look = button(self.tr("From a folder…"), self.tr("Look at a model in a folder, or at a file of one"))
        #: What was looked at since the window opened; models among it are on the list that stays.
        self._places: list[str] = []
        self.form, self.says = EndpointForm(), label(part="muted", wrap=True)
        self.form.hide()
        self.says.hide()
        self.table = model_table()
        self.use = button(self.tr("Use as"), self.tr("Use the chosen model as"))
        self.again = button(self.tr("Test again"), self.tr("Test the chosen endpoint again"))
        self.remove = button(self.tr("Remove"), self.tr("Remove the chosen endpoint or folder from the list"))
        self.key = button(self.tr("New key…"), self.tr("Keep a new key for the chosen endpoint"))
        self.code = button(
            self.tr("Its code…"), self.tr("Read the chosen model's own code, and say whether it may run")
        )
        self.export = button(self.tr("Export…"), self.tr("Write the chosen model as a folder for other tools"))
        self.train = TrainButton(session, self.tr("the chosen model"))
        self.merge = button(self.tr("Merge…"), self.tr("Merge the chosen adapter into its base, as one model"))
        self.sheet: CodeSheet | None = None
        self.fetching: FetchSheet | None = None
        self._build()
        self._connect()
        self._choose()  # until there is a model, there is none to act on

    def _build(self) -> None:
        self.header.addWidget(self.look)
        self.header.addWidget(self.fetch)
        self.header.addWidget(self.add)
        menu = QMenu(self.use)
        menu.setToolTipsVisible(True)
        for role, text in role_words().items():
            menu.addAction(text, partial(self._use_as, role)).setCheckable(True)  # a second time takes it back
        self.use.setMenu(menu)
        row = QHBoxLayout()
        for one in (self.train, self.use, self.again, self.key, self.remove, self.code, self.merge, self.export):
            row.addWidget(one)
        row.addStretch(1)
        self.column.addWidget(self.form)
        self.column.addWidget(self.says)
        self.column.addWidget(self.table, 1)
        self.column.addLayout(row)

    def _connect(self) -> None:
        self.add.clicked.connect(self._begin_adding)
        self.fetch.clicked.connect(self._ask_for_id)
        self.look.clicked.connect(
            lambda: ask_for_folder_or_file(self, self.tr("Which folder holds the model?"), self.look_at)
        )
        self.form.cancel.clicked.connect(self._leave_form)
        self.form.wanted.connect(self._add)
        self.again.clicked.connect(self._test_again)
        self.key.clicked.connect(self._ask_for_key)
        self.remove.clicked.connect(self._remove)
        self.merge.clicked.connect(self._ask_where_merged)
        self.code.clicked.connect(self._look_at_code)
        self.export.clicked.connect(self._ask_where)
        self.table.currentCellChanged.connect(lambda *_: self._choose())
        self._session.rows_added.connect(lambda kind, _: self.refresh() if kind == "Output" else None)

    def deeds(self) -> Iterable[Deed]:
        """Adding models, and writing the chosen one."""
        for text, pressed in (
            (self.tr("Add an endpoint…"), self.add),
            (self.tr("Fetch a model from the hub…"), self.fetch),
            (self.tr("Look at a model in a folder…"), self.look),
            (self.tr("Export the chosen model…"), self.export),
        ):
            yield of_button(text, pressed)

    def refresh(self) -> None:
        """Look again at what there is."""
        if self.isVisible():
            self._find(self._show)

    def show_row(self, row_id: str) -> None:
        """Look at a model by its place."""
        self.look_at(Path(row_id))

    def look_at(self, place: Path) -> None:
        """List the model of a folder, or of a file's folder, with what stands in its way if anything does."""
        folder = place.parent if is_file_of_model(place) else place
        if str(folder) not in self._places:
            self._places.append(str(folder))
        self._find(partial(self._show_and_choose, str(folder)), folder)

    def _find(self, then: "Callable[[list[KnownModel]], None]", looked_at: Path | None = None) -> None:
        request = partial(_known, places=tuple(self._places), looked_at=looked_at)
        self._session.ask(self.tr("Looking for models"), request, then)

    @property
    def current(self) -> "KnownModel | None":
        """The chosen model."""
        item = self.table.item(self.table.currentRow(), 0)
        return self._models.get(item.data(_NAME)) if item else None

    def choose(self, name: str) -> None:
        """Choose a model by its name."""
        for row in range(self.table.rowCount()):
            item = self.table.item(row, 0)
            if item is not None and item.data(_NAME) == name:
                self.table.setCurrentCell(row, 0)

    def _show(self, models: "list[KnownModel]") -> None:
        kept = self.current
        self._models = {model.name: model for model in models}
        self.table.setRowCount(len(models))
        for row, model in enumerate(models):
            for column, text in enumerate(cells(model)):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(text))
                item.setData(_NAME, model.name)
                self.table.setItem(row, column, item)
        if models:
            self.choose((kept or models[0]).name)
            if self.table.currentRow() < 0:
                self.table.setCurrentCell(0, 0)
        self._choose()

    def _choose(self) -> None:
        """Allow what can be done with the chosen model; keys of a button that cannot be pressed any more go to the table."""
        self._allow()
        pressed = self.focusWidget()
        if pressed is not None and not pressed.isEnabled():
            self.table.setFocus()

    def _allow(self) -> None:
        model = self.current
        self.train.offer(model.weightless if model else "", model.name if model else "")
        endpoint = model is not None and model.endpoint is not None
        for one in (self.again, self.key):
            one.setEnabled(endpoint)
            one.setToolTip("" if endpoint else self.tr("Choose an endpoint."))
        self._allow_removal(model)
        own = model is not None and model.code is not None and not model.code.elsewhere
        self.code.setEnabled(own)
        self.code.setToolTip("" if own else self.tr("This model brings no code of its own."))
        made_here = model is not None and model.source == "run" and not model.problem
        self.export.setEnabled(made_here)
        self.export.setToolTip("" if made_here else self.tr("Choose a model that a run made."))
        adapter = model is not None and model.adapter and not model.problem
        self.merge.setEnabled(adapter)
        self.merge.setToolTip("" if adapter else self.tr("Choose an adapter, such as a run with lora_rank makes."))
        problem = in_language(model.problem) if model else self.tr("Choose a model.")
        self.use.setEnabled(not problem)
        self.use.setToolTip(plain_tip(problem))
        self._allow_roles(model)
        if model is not None:
            self.inspect.emit(Facts(in_language(model.title), model_facts(model, self._session.folder)))

    def _allow_roles(self, model: "KnownModel | None") -> None:
        """Tick the roles that the chosen model plays, and offer those it can."""
        from workbench.project.known_models import why_not  # noqa: PLC0415

        for action, role in zip(self.use.menu().actions(), role_words(), strict=True):
            action.setChecked(model is not None and role in model.roles)
            why = in_language(why_not(model, role)) if model is not None else ""
            action.setEnabled(not why or action.isChecked())
            action.setToolTip(plain_tip(why) or action.text())

    def _allow_removal(self, model: "KnownModel | None") -> None:
        folder = model is not None and model.source == "folder"
        played = ", ".join(role_words()[role] for role in model.roles) if model is not None and folder else ""
        self.remove.setEnabled((folder and not played) or (model is not None and model.endpoint is not None))
        why = self.tr("Choose an endpoint, or a model from a folder.")
        if played:
            why = self.tr("It is used as {roles}; untick that under “Use as” first.")
        self.remove.setToolTip("" if self.remove.isEnabled() else why.format(roles=played))

    def _use_as(self, role: str) -> None:
        model = self.current
        if model is None:
            return
        name = "" if role in model.roles else model.name
        doing = self.tr("Using {model}").format(model=model.title)
        self._session.ask(doing, lambda project: _want(project, role, name), lambda _: self._have_chosen(role, name))

    def _have_chosen(self, role: str, name: str) -> None:
        text = role_words()[role]
        said = self.tr("{role}: {model}.") if name else self.tr("{role}: as usual again.")
        self.told.emit(said.format(role=text, model=name))
        self.refresh()

    def _begin_adding(self) -> None:
        """Show the form; what is in one that is shown already stays."""
        if self.form.isHidden():
            self.form.begin()
        self.form.name.setFocus()

    def _leave_form(self) -> None:
        """Close the form, and add nothing that is still being tested."""
        self._adding.end()
        self.form.hide()
        self.table.setFocus()

    def _add(self, words: list[str], key: str) -> None:
        self._adding.run(["models", *words], partial(self._have_added, f"endpoint:{words[1]}"), key)

    def _have_added(self, name: str, good: bool, said: str) -> None:
        if not good:
            self.form.tell(said or self.tr("The test ended without a word."), busy=False, bad=True)
            return
        self.form.hide()
        self.table.setFocus()
        self.told.emit(self.tr("The endpoint was added."))
        self._find(partial(self._show_and_choose, name))

    def _show_and_choose(self, name: str, models: "list[KnownModel]") -> None:
        self._show(models)
        self.choose(name)

    def _test_again(self) -> None:
        model = self.current
        if model is not None and model.endpoint is not None:
            self._tell(self.tr("Asking {name} what it can do …").format(name=model.endpoint.name))
            self.commands.run(["models", "test", model.endpoint.name], self._have_tested)

    def _have_tested(self, good: bool, said: str) -> None:
        self._tell("" if good else said, bad=not good)
        if good:
            self.told.emit(self.tr("The endpoint was tested."))
        self.refresh()

    def _remove(self) -> None:
        model = self.current
        if model is not None and model.source == "folder":
            self._places = [place for place in self._places if place != model.name]
            said = self.tr("{folder} is off the list; the folder itself stays.").format(folder=model.name)
            doing = self.tr("Taking {folder} off the list").format(folder=model.title)
            self._session.ask(doing, lambda _: _forget(model), lambda _: self._have_changed(said))
        elif model is not None and model.endpoint is not None:
            endpoints = [one.endpoint for one in self._models.values() if one.endpoint is not None]
            sheet = RemoveSheet(model.endpoint, sharing(model.endpoint, endpoints), self)
            sheet.changed.connect(self._have_changed)
            sheet.open()

    def _ask_for_key(self) -> None:
        model = self.current
        if model is not None and model.endpoint is not None:
            sheet = KeySheet(model.endpoint, self)
            sheet.changed.connect(self._have_changed)
            sheet.open()

    def _have_changed(self, said: str) -> None:
        self._tell("")
        self.told.emit(said)
        self.refresh()

    def _look_at_code(self) -> None:
        model = self.current
        if model is None or model.code is None:
            return
        if model.code.missing:
            self._tell(self.tr("Fetching the code of {model}; it is not run …").format(model=model.title))
            self.commands.run(["models", "code", model.name], self._have_fetched_code)
            return
        doing, folder, names = self.tr("Reading the code of {model}"), Path(model.folder), model.code.files
        self._session.ask(
            doing.format(model=model.title), lambda _: read_code(folder, names), partial(self._show_code, model)
        )

    def _have_fetched_code(self, good: bool, said: str) -> None:
        self._tell("" if good else said, bad=not good)
        if good:
            self._find(self._show_with_code)

    def _show_with_code(self, models: "list[KnownModel]") -> None:
        self._show(models)
        self._look_at_code()

    def _show_code(self, model: "KnownModel", files: list[CodeFile]) -> None:
        words = ["models", "trust", model.name, "--withdraw" if model.trusted else "--yes"]
        self.sheet = CodeSheet(model.title, files, model.trusted, self)
        self.sheet.accepted.connect(lambda: self.commands.run(words, self._have_decided))
        self.sheet.open()

    def _have_decided(self, good: bool, said: str) -> None:
        self._tell("" if good else said, bad=not good)
        if good:
            self.told.emit(said)
        self.refresh()

    def _ask_where(self) -> None:
        folder, model = self._session.folder, self.current
        if folder is None or model is None:
            return
        name = f"{folder.name}-{model.name}"
        title = self.tr("Write {name} into this folder").format(name=name)
        ask_for_folder(self, title, lambda into: self.export_to(model.name, into / name), folder.parent)

    def export_to(self, run_id: str, place: Path) -> None:
        """Write a run's model as a folder that stands alone, with a card; it is loaded again and must answer the same."""
        self._tell(
            self.tr("Writing {place}, and loading it again to see that it answers the same …").format(place=place)
        )
        words = ["export-model", "-o", str(place), "--", str(self._session.folder), run_id]
        self.commands.run(words, lambda good, said: self._tell(said, bad=not good))

    def _ask_where_merged(self) -> None:
        model = self.current
        if model is not None:
            name = f"{model.title.rpartition('/')[2]}-merged"
            title = self.tr("Write {name} into this folder").format(name=name)
            start = self._session.folder.parent if self._session.folder else ""
            ask_for_folder(self, title, lambda into: self.merge_into(model.folder, into / name), start)

    def merge_into(self, adapter: str, place: Path) -> None:
        """Merge an adapter into its base, write them as one model, and list it."""
        self._tell(self.tr("Merging into {place} …").format(place=place))
        self.commands.run(["merge", "-o", str(place), "--", adapter], partial(self._have_merged, place))

    def _have_merged(self, place: Path, good: bool, said: str) -> None:
        self._tell("" if good else said, bad=not good)
        if good:
            self.told.emit(self.tr("The merged model is in {place}.").format(place=place))
            self.look_at(place)

    def _ask_for_id(self) -> None:
        self.fetching = FetchSheet("models", self)
        self.fetching.fetched.connect(self._have_fetched)
        self.fetching.open()

    def _have_fetched(self, told: dict[str, Any]) -> None:
        megabytes = f"{told['bytes'] / 1e6:,.1f}"
        self.told.emit(self.tr("Fetched {repo}, {size} MB.").format(repo=told["repo"], size=megabytes))
        name = f"{told['repo']}@{told['commit'][:12]}"
        self._find(partial(self._show_and_choose, name))

    def _tell(self, text: str, bad: bool = False) -> None:
        self.says.setText(text)
        set_part(self.says, "bad" if bad else "muted")
        self.says.setVisible(bool(text))


def _known(project: "Project", places: tuple[str, ...], looked_at: Path | None) -> "list[KnownModel]":
    """Return the models there are; a folder of one that was just looked at goes on the list that stays."""
    from workbench.project.known_models import known_models  # noqa: PLC0415
    from workbench.sources.model_folders import ModelFolders, holds_model  # noqa: PLC0415

    if looked_at is not None and holds_model(looked_at):
        ModelFolders().put(looked_at)
    return known_models(project.store, places)


def _forget(model: "KnownModel") -> None:
    from workbench.sources.model_folders import ModelFolders  # noqa: PLC0415

    if model.listed:
        ModelFolders().remove(model.name)


def _want(project: "Project", role: str, name: str) -> None:
    from workbench.project.known_models import want  # noqa: PLC0415

    want(project.store, role, name)
