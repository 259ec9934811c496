"""The page of models: what there is by source, what each can do, who plays which role; endpoints are tested and added here."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QInputDialog,
    QMenu,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from ui.command_process import CommandProcess
from ui.pages.page import Page
from ui.places import Place
from ui.session import Session
from ui.widgets.code_sheet import CodeFile, CodeSheet, read_code
from ui.widgets.endpoint_form import EndpointForm
from ui.widgets.inspector import Facts
from ui.widgets.texts import button, label, set_part

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
        self.commands = CommandProcess(self)
        self.add = button(self.tr("Add endpoint…"), primary=True)
        self.fetch = button(self.tr("Fetch from the hub…"))
        self.form = EndpointForm()
        self.form.hide()
        self.says = label(part="muted", wrap=True)
        self.says.hide()
        self.table = self._table()
        self.use = button(self.tr("Use as"), self.tr("Use the chosen model as"))
        self.again = button(self.tr("Test again"), self.tr("Test the chosen endpoint again"))
        self.remove = button(self.tr("Remove"), self.tr("Remove the chosen endpoint"))
        self.code = button(
            self.tr("Its code…"), self.tr("Read the chosen model's own code, and say whether it may run")
        )
        self.sheet: CodeSheet | None = None
        self._build()
        self._connect()

    def _build(self) -> None:
        self.header.addWidget(self.fetch)
        self.header.addWidget(self.add)
        menu = QMenu(self.use)
        for role, text in self._roles().items():
            menu.addAction(text, partial(self._use_as, role))
        self.use.setMenu(menu)
        row = QHBoxLayout()
        for one in (self.use, self.again, self.remove, self.code):
            row.addWidget(one)
        row.addStretch(1)
        self.column.addWidget(self.form)
        self.column.addWidget(self.says)
        self.column.addWidget(self.table, 1)
        self.column.addLayout(row)

    def _connect(self) -> None:
        self.add.clicked.connect(self.form.begin)
        self.fetch.clicked.connect(self._ask_for_id)
        self.form.cancel.clicked.connect(self.form.hide)
        self.form.wanted.connect(self._add)
        self.again.clicked.connect(self._test_again)
        self.remove.clicked.connect(self._remove)
        self.code.clicked.connect(self._look_at_code)
        self.table.currentCellChanged.connect(lambda *_: self._choose())
        self._session.rows_added.connect(lambda kind, _: self.refresh() if kind == "Output" else None)

    def refresh(self) -> None:
        """Look again at what there is."""
        if self.isVisible():
            self._session.ask(self.tr("Looking for models"), _known, self._show)

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

    def fetch_model(self, repo: str) -> None:
        """Fetch a model from the hub in the background."""
        self._tell(self.tr("Fetching {repo} …").format(repo=repo))
        self.commands.run(["models", "get", repo], self._have_fetched)

    def _show(self, models: "list[KnownModel]") -> None:
        kept = self.current
        self._models = {model.name: model for model in models}
        self.table.setRowCount(len(models))
        for row, model in enumerate(models):
            for column, text in enumerate(self._cells(model)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                item.setData(_NAME, model.name)
                self.table.setItem(row, column, item)
        if models:
            self.choose((kept or models[0]).name)
            if self.table.currentRow() < 0:
                self.table.setCurrentCell(0, 0)
        self._choose()

    def _cells(self, model: "KnownModel") -> tuple[str, str, str, str]:
        sources = {
            "demo": self.tr("workbench"),
            "run": self.tr("run"),
            "hub": self.tr("hub cache"),
            "endpoint": self.tr("endpoint"),
        }
        able = [f"✗ {model.problem}"] if model.problem else [*model.facts, *(badge.text for badge in model.badges)]
        if not model.problem:  # lines break between facts, not within one
            able = [fact.replace(" ", "\N{NO-BREAK SPACE}") for fact in able]
        roles = self._roles()
        return model.title, sources[model.source], "  ".join(able), ", ".join(roles[role] for role in model.roles)

    def _roles(self) -> dict[str, str]:
        return {
            "response": self.tr("Response model"),
            "critic": self.tr("Critic"),
            "feedback": self.tr("Feedback model"),
            "policy": self.tr("Start of SFT"),
        }

    def _choose(self) -> None:
        model = self.current
        endpoint = model is not None and model.endpoint is not None
        for one in (self.again, self.remove):
            one.setEnabled(endpoint)
            one.setToolTip("" if endpoint else self.tr("Choose an endpoint."))
        own = model is not None and model.code is not None and not model.code.elsewhere
        self.code.setEnabled(own)
        self.code.setToolTip("" if own else self.tr("This model brings no code of its own."))
        problem = model.problem if model else self.tr("Choose a model.")
        self.use.setEnabled(not problem)
        self.use.setToolTip(problem)
        self.use.menu().actions()[-1].setEnabled(model is not None and not model.untrainable)
        if model is not None:
            self.inspect.emit(Facts(model.title, self._facts(model)))

    def _facts(self, model: "KnownModel") -> list[tuple[str, str]]:
        lines = [(self.tr("Name in runs"), model.name)]
        lines += [(self.tr("What it is"), "\n".join(model.facts))] if model.facts else []
        lines += [(badge.text, badge.why) for badge in model.badges if badge.why]
        if model.endpoint is not None:
            can = model.endpoint.can
            lines += [
                (self.tr("Server says it is"), can.server or "–"),
                (self.tr("Longest text"), str(can.context) if can.context else "–"),
                (self.tr("Requests at once"), str(model.endpoint.concurrency)),
                (self.tr("Tested"), can.checked or self.tr("never")),
            ]
        elif model.untrainable:
            lines.append((self.tr("Cannot be trained"), model.untrainable))
        command = f"workbench models use {self._session.folder} {model.name} --as feedback"
        return [*lines, (self.tr("Command"), command)]

    def _use_as(self, role: str) -> None:
        model = self.current
        if model is None:
            return
        name = "" if role in model.roles else model.name
        doing = self.tr("Using {model}").format(model=model.title)
        self._session.ask(doing, lambda project: _want(project, role, name), lambda _: self._have_chosen(role, name))

    def _have_chosen(self, role: str, name: str) -> None:
        text = self._roles()[role]
        said = self.tr("{role}: {model}.") if name else self.tr("{role}: as usual again.")
        self.told.emit(said.format(role=text, model=name))
        self.refresh()

    def _add(self, words: list[str], key: str) -> None:
        self.commands.run(["models", *words], partial(self._have_added, f"endpoint:{words[1]}"), key)

    def _have_added(self, name: str, good: bool, said: str) -> None:
        if not good:
            self.form.tell(said or self.tr("The test ended without a word."), busy=False, bad=True)
            return
        self.form.hide()
        self.told.emit(self.tr("The endpoint was added."))
        self._session.ask(self.tr("Looking for models"), _known, partial(self._show_and_choose, name))

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
        if model is not None and model.endpoint is not None:
            self.commands.run(["models", "remove", model.endpoint.name], self._have_removed)

    def _have_removed(self, good: bool, said: str) -> None:
        self._tell("" if good else said, bad=not good)
        self.told.emit(said if good else self.tr("The endpoint was not removed."))
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
            self._session.ask(self.tr("Looking for models"), _known, self._show_with_code)

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

    def _ask_for_id(self) -> None:
        repo, agreed = QInputDialog.getText(
            self, self.tr("Fetch from the hub"), self.tr("The model's id, owner/name; only safetensors are fetched:")
        )
        if agreed and repo.strip():
            self.fetch_model(repo.strip())

    def _have_fetched(self, good: bool, said: str) -> None:
        self._tell(said.splitlines()[0] if good and said else said, bad=not good)
        self.refresh()

    def _tell(self, text: str, bad: bool = False) -> None:
        self.says.setText(text)
        set_part(self.says, "bad" if bad else "muted")
        self.says.setVisible(bool(text))

    def _table(self) -> QTableWidget:
        table = QTableWidget(0, 4)
        table.setAccessibleName(self.tr("Models by source"))
        table.setHorizontalHeaderLabels(
            [self.tr("Model"), self.tr("From"), self.tr("What it is and can do"), self.tr("Used as")]
        )
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header = table.horizontalHeader()
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        for column, width in ((0, 220), (1, 86), (3, 120)):
            table.setColumnWidth(column, width)
        return table


def _known(project: "Project") -> "list[KnownModel]":
    from workbench.project.known_models import known_models  # noqa: PLC0415

    return known_models(project.store)


def _want(project: "Project", role: str, name: str) -> None:
    from workbench.project.known_models import want  # noqa: PLC0415

    want(project.store, role, name)
