"""The page Evaluate: models set against each other by judges and by people, what got worse, a chat, and reports."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QComboBox, QMenu, QSplitter, QVBoxLayout, QWidget

from ui.asker import Asker
from ui.deeds import Deed, of_button, of_stage
from ui.history import Undoing
from ui.look.theme import Theme
from ui.pages.chat import ChatPane
from ui.pages.figure_facts import evaluation_facts, figure_facts
from ui.pages.judge import JudgePane
from ui.pages.judges import JudgesPane
from ui.pages.new_evaluation import NewEvaluationSheet
from ui.pages.page import Page
from ui.pages.regressions import RegressionsPane
from ui.pages.results import ResultsPane
from ui.pages.stages import StagesPage
from ui.pages.test_set import other_sets_words, test_set_words
from ui.places import Place, need_sentence
from ui.run_control import RunControl
from ui.session import Failure, Session
from ui.user_settings import UserSettings
from ui.widgets.model_choice import ModelList
from ui.widgets.tabs import show_tab, tabbed, turn_to
from ui.widgets.texts import button, label, letters

if TYPE_CHECKING:
    from ui.pages.results import Corrections
    from workbench.project import Project
    from workbench.project.evaluations import Findings


class EvaluatePage(Page):
    """Begins with the results where there are some, with the runs where there are none."""

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
        self._session, self._control = session, control
        self._findings: Findings | None = None
        self._stale = True
        #: The answer to be shown once its evaluation is read: run, model and prompt.
        self._answer: tuple[str, str, str] | None = None
        self.evaluation = QComboBox()
        self.evaluation.setAccessibleName(self.tr("Which evaluation"))
        self.evaluation.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.new = button(self.tr("New evaluation…"), primary=True)
        self.report = button(self.tr("Report"), self.tr("Write a report"))
        self.models = ModelList(self.tr("Models to compare"))
        self.test_set, self.other_sets = label(part="muted", wrap=True), label(part="warning", wrap=True)
        self.results = ResultsPane(theme)
        self.judge = JudgePane(session, settings)
        self.regressions = RegressionsPane(session, settings)
        self.judges = JudgesPane(session, control)
        self.chat = ChatPane(session, asker, settings)
        self.runs = StagesPage(place, session, control)
        choice = self.tr("Results, judging, regressions, judge gate, chat or runs")
        self.tabs = tabbed(self.tr("Views of the evaluation"), choice)
        self._lay_out()
        self._connect()

    @property
    def history(self) -> Undoing | None:
        """The answers of the blind comparison."""
        return self.judge.history if self.tabs.currentWidget() is self.judge else None

    def refresh(self) -> None:
        """Read what evaluations there are; a newer one takes the place of the one shown."""
        overview = self._session.overview
        if overview is None:
            return
        self.runs.refresh()
        there = "evaluation" in overview.finished
        self._side.setVisible(there)
        if not there and self.tabs.currentIndex() < 3:  # before they are hidden: Qt would go on to the judge gate
            self.tabs.setCurrentWidget(self.runs)
        for tab in range(3):
            show_tab(self.tabs, tab, there)
        self.report.setEnabled(there)
        self.report.setToolTip("" if there else self.tr("There is no evaluation to report yet."))
        if there and self._findings is None:
            self.results.wait_for("")
            self.evaluation.setVisible(self.evaluation.count() > 0)
        self._session.ask(self.tr("Reading the evaluations"), _evaluations, self._have_evaluations)

    def show_row(self, row_id: str) -> None:
        """Show an answer by its id, beside another model's."""
        self._session.ask(self.tr("Looking for an answer"), partial(_place_of, answer_id=row_id), self._have_place)

    def _have_place(self, place: tuple[str, str, str] | None) -> None:
        at = self.evaluation.findText(place[0]) if place else -1
        if place is None or at < 0:
            self.told.emit(
                self.tr("The evaluation of this answer is not to be seen here; the inspector shows the answer.")
            )
            return
        self._answer = place
        self.evaluation.setCurrentIndex(at)
        if self._findings is not None and self._findings.run == place[0]:
            self._show_answer(self._findings)
        else:
            self._read()

    def _show_answer(self, found: "Findings") -> None:
        if self._answer is None or self._answer[0] != found.run:
            return
        (_, model, prompt), self._answer = self._answer, None
        others = [one for one in (*self.models.marked, *(one.name for one in found.models)) if one != model]
        beside = others[0] if others else model
        self.models.mark((model, beside))
        self.tabs.setCurrentWidget(self.regressions)
        self.regressions.show_models(found.run, self.models.marked, list(found.measured["judges"]))
        self.regressions.show_answer(model, beside, prompt)

    def deeds(self) -> Iterable[Deed]:
        """A new evaluation, the reports, the judges."""
        yield of_stage(self.tr("New evaluation…"), self._new, self._session, "evaluation")
        why_not = "" if self.report.isEnabled() else self.report.toolTip()
        for action in self.report.menu().actions():
            yield Deed(self.tr("Report: {how}").format(how=action.text()), action.trigger, why_not)
        for view, text in ((self.judge, self.tr("Judge blind")), (self.chat, self.tr("Chat with models"))):
            shown = self.tabs.isTabVisible(self.tabs.indexOf(view))
            reason = "" if shown else need_sentence("evaluation")
            yield Deed(text, partial(turn_to, self.tabs, view), reason)
        gate = partial(self.tabs.setCurrentWidget, self.judges)
        yield of_button(self.tr("Ask the judge an evaluation set"), self.judges.start, first=gate)

    def leave(self) -> None:
        """Stop what models are writing."""
        self.chat.leave()

    def _lay_out(self) -> None:
        for widget in (self.evaluation, self.new, self.report):
            self.header.addWidget(widget)
        menu = QMenu(self.report)
        menu.addAction(self.tr("HTML, to look at and to print"), lambda: self._write_report("report.html"))
        menu.addAction(self.tr("Markdown, to paste elsewhere"), lambda: self._write_report("report.md"))
        menu.addAction(self.tr("Copy the methods, for a paper"), self._copy_methods)
        self.report.setMenu(menu)
        views: tuple[tuple[QWidget, str], ...] = (
            (self.results, self.tr("Results")),
            (self.judge, self.tr("Judge blind")),
            (self.regressions, self.tr("Regressions")),
            (self.judges, self.tr("Judge gate")),
            (self.chat, self.tr("Chat")),
            (self.runs, self.tr("Runs")),
        )
        self.runs.column.setContentsMargins(0, 8, 0, 0)
        self.runs.hide_title()
        # From the outside in: what moves into another widget takes its whole style anew.
        split = QSplitter()
        split.setChildrenCollapsible(False)
        self.column.addWidget(split, 1)
        self._side = QWidget(split)
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 8, 0)
        self._side.setMinimumWidth(letters(self, 18))  # a model's name, and the first digits of its hash below
        side.addWidget(label(self.tr("Models"), "heading"))
        side.addWidget(self.models, 1)
        side.addWidget(label(self.tr("Test set, locked"), "heading"))
        side.addWidget(self.test_set)
        side.addWidget(self.other_sets)
        split.addWidget(self._side)
        split.addWidget(self.tabs)
        split.setStretchFactor(1, 1)
        split.setSizes([170, 640])
        for view, title in views:
            self.tabs.addTab(view, title)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(lambda _: self.history_changed.emit())
        self.new.clicked.connect(self._new)
        self.evaluation.activated.connect(lambda _: self._read())
        self.models.changed.connect(self._show)
        self.tabs.currentChanged.connect(lambda _: self._turned())
        self.judge.saved.connect(lambda _: setattr(self, "_stale", True))
        self.judge.wants_results.connect(self._show_judged)
        self.results.chosen.connect(self._compare)
        self.results.wants_equal_length.connect(self._reckon)
        self.regressions.opened.connect(partial(self.wants_row.emit, "chains"))
        self.results.figure_chosen.connect(lambda: self._inspect_results(self._findings) if self._findings else None)
        for pane in (self.regressions, self.judges, self.chat, self.runs):
            pane.inspect.connect(self.inspect.emit)
        self.runs.go.connect(self.go.emit)
        self.runs.wants_prompts.connect(self.wants_prompts.emit)
        self.judges.wants_import.connect(self.wants_prompts.emit)
        self._session.overview_changed.connect(self._when_changed)
        self._session.closed.connect(self._forget)

    def _when_changed(self) -> None:
        if self.isVisible():
            self.refresh()

    def _forget(self) -> None:
        self._findings, self._stale = None, True
        self.evaluation.clear()
        for pane in (self.judge, self.regressions, self.chat):
            pane.forget()

    def _have_evaluations(self, runs: list[str]) -> None:
        if runs and runs != [self.evaluation.itemText(place) for place in range(self.evaluation.count())]:
            self.evaluation.clear()
            self.evaluation.addItems(runs)
        self.evaluation.setVisible(bool(runs))
        if runs and (self._findings is None or self._findings.run != self.evaluation.currentText()):
            self._read()
        else:
            self._show_tab()
        self._session.ask(self.tr("Reading the models"), _models, self.chat.show_models)

    def _read(self) -> None:
        self._stale = False
        run = self.evaluation.currentText()
        self.results.wait_for(run)
        doing = self.tr("Measuring {run}").format(run=run)
        self._session.ask(doing, partial(_findings, run=run, before=self._findings), self._have, self._could_not_read)

    def _have(self, found: "Findings") -> None:
        if found.run != self.evaluation.currentText():  # another was chosen meanwhile
            return
        first = self._findings is None
        self._findings = found
        self.models.show_models(found.models)
        self.test_set.setText(test_set_words(found))
        self.other_sets.setText(other_sets_words(found))
        self.other_sets.setVisible(bool(self.other_sets.text()))
        if first and self.tabs.currentWidget() is self.runs:  # whoever is elsewhere went there
            self.tabs.setCurrentWidget(self.results)
        self._show()
        self._show_answer(found)

    def _reckon(self, judge: str) -> None:
        """Work out win rates at equal length, which takes longer than all else, only once somebody wants to see them."""
        found = self._findings
        if found is not None:
            doing = self.tr("Reckoning win rates at equal length")
            then = partial(self.results.show_equal_length, found, judge)
            self._session.ask(doing, lambda _: _at_equal_length(found, judge), then)

    def _could_not_read(self, failure: Failure) -> None:
        self.results.stop_waiting()
        self._session.failed.emit(failure)

    def _show(self) -> None:
        self.results.show_findings(self._findings, self.models.marked)
        self._show_tab()

    def _turned(self) -> None:
        """Show the tab; where it tells of nothing by itself yet, what another told of goes from the inspector."""
        view = self.tabs.currentWidget()
        if view in (self.chat, self.judges) and self._findings is not None and self.isVisible():
            self.inspect.emit(evaluation_facts(self._session, self._findings))
        elif view is self.runs:
            self.runs.tell()
        self._show_tab()

    def _show_tab(self) -> None:
        found, marked = self._findings, self.models.marked
        if self.tabs.currentWidget() is self.judges and self.isVisible():
            self.judges.refresh()
        if found is None or not self.isVisible():
            return
        if self.tabs.currentWidget() is self.judge:
            # Not what was looked at before: that may be the pair in hand, with its models' names.
            self.inspect.emit(evaluation_facts(self._session, found))
            self.judge.begin(found.run, marked)
            self.judge.take_focus()
        elif self.tabs.currentWidget() is self.regressions:
            self.regressions.show_models(found.run, marked, list(found.measured["judges"]))
        elif self.tabs.currentWidget() is self.results:
            self._inspect_results(found)
            if self._stale:
                self._read()

    def _inspect_results(self, found: "Findings") -> None:
        """Tell of the figure that is chosen in the table, or where none is of the evaluation."""
        figure = self.results.chosen_figure
        self.inspect.emit(
            figure_facts(self._session, found, *figure) if figure else evaluation_facts(self._session, found)
        )

    def _show_judged(self) -> None:
        """Show what people found, once what was just judged is among it."""
        self.results.prefer("person")
        self.tabs.setCurrentWidget(self.results)

    def _compare(self, rate: tuple[str, str, str]) -> None:
        newer, older, kind = rate
        self.tabs.setCurrentWidget(self.regressions)
        self.regressions.compare(newer, older, self.results.judge_name, kind)

    def _new(self) -> None:
        overview = self._session.overview
        if overview is None or overview.lacks("evaluation"):
            self.tabs.setCurrentWidget(self.runs)  # its card says what is missing and offers what helps
            self.runs.take_focus()
            if overview is not None:
                self.told.emit(need_sentence(overview.lacks("evaluation")[0]))
            return
        sheet = NewEvaluationSheet(self._session, self)
        sheet.accepted.connect(lambda: self._start(sheet.settings))
        sheet.open()

    def _start(self, settings: dict[str, str]) -> None:
        self._control.start("evaluation", settings, self.runs.runs.seek)
        self.tabs.setCurrentWidget(self.runs)

    def _write_report(self, name: str) -> None:
        self._session.ask(
            self.tr("Writing the report"),
            lambda project: _report(project, name),
            self._report_written,
        )

    def _copy_methods(self) -> None:
        run, doing = self.evaluation.currentText(), self.tr("Writing the methods")
        self._session.ask(doing, lambda project: _methods(project, run), self._have_methods)

    def _have_methods(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.told.emit(
            self.tr("Copied the methods of {run}, to paste into a paper.").format(run=self.evaluation.currentText())
        )

    def _report_written(self, path: Path) -> None:
        there = QUrl.fromLocalFile(str(path))
        said = self.tr("Wrote {path}.").format(path=path)
        self._control.offered.emit(said, self.tr("Open"), partial(QDesktopServices.openUrl, there))


def _evaluations(project: "Project") -> list[str]:
    from workbench.project.evaluations import evaluations  # noqa: PLC0415

    return evaluations(project)


def _findings(project: "Project", run: str, before: "Findings | None") -> "Findings":
    from workbench.project.evaluations import findings  # noqa: PLC0415 - with numpy, which nobody is to wait for in a frame

    return findings(project, run, before)


def _place_of(project: "Project", answer_id: str) -> tuple[str, str, str] | None:
    """Return the run, the model and the prompt of an answer."""
    answer = project.store.answers.get(answer_id)
    return (project.store.answers.runs_of([answer_id])[answer_id], answer.model, answer.prompt_id) if answer else None


def _at_equal_length(found: "Findings", judge: str) -> "Corrections":
    from workbench.project.figures import MeasureRequest, length_corrections  # noqa: PLC0415

    return length_corrections(found.left, judge, MeasureRequest())


def _models(project: "Project") -> list[tuple[str, str]]:
    from workbench.project.talking import talking_models  # noqa: PLC0415

    return talking_models(project.store)


def _report(project: "Project", name: str) -> Path:
    from workbench.demo.again import demo_page_again  # noqa: PLC0415

    path = project.folder / name
    markdown = name.endswith(".md")
    text = project.report_markdown() if markdown else demo_page_again(project.folder) or project.report_page()
    path.write_text(text, encoding="utf-8")
    return path


def _methods(project: "Project", run: str) -> str:
    from workbench.project.methods import methods_section  # noqa: PLC0415

    return methods_section(project.store, run)
