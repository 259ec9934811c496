"""A walk through the whole window: every page in every tab, every sheet over it, one after the other."""

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QTabWidget, QWidget

from ui.main_window import MainWindow
from ui.pages.chains.write_sheet import WriteSheet
from ui.pages.export_sheet import ExportSheet
from ui.pages.import_sheet import ImportSheet
from ui.pages.models import ModelsPage
from ui.pages.new_evaluation import NewEvaluationSheet
from ui.pages.new_project import NewProjectSheet
from ui.pages.training import TrainingPage
from ui.widgets.code_sheet import CodeFile, CodeSheet
from ui.widgets.fetch_sheet import FetchSheet
from ui.widgets.pair_run_sheet import PairRunSheet
from ui.widgets.push_sheet import PushSheet
from ui.widgets.review_sheets import GuidelinesSheet, KeysSheet, RuleSheet
from workbench.records.comparison import PreferenceRule

#: Where one is, and what is shown there.
Stop = tuple[str, QWidget]


def views(root: QWidget) -> Iterator[str]:
    """Turn to every tab in a root, and to every tab within; yield where that is."""
    tabs = next((one for one in root.findChildren(QTabWidget) if one.isVisible()), None)
    others = [one for one in root.findChildren(QTabWidget) if one.isVisible() and one is not tabs]
    if tabs is None:
        yield ""
        return
    for place in range(tabs.count()):
        if tabs.isTabVisible(place) and tabs.isTabEnabled(place):
            tabs.setCurrentIndex(place)
            yield tabs.tabText(place)
    for other in others:
        for place in range(other.count()):
            other.setCurrentIndex(place)
            yield other.tabText(place)


def page_views(window: MainWindow, key: str) -> Iterator[Stop]:
    """Go to a page and through its tabs."""
    window.show_page(key)
    settle(window)
    for tab in views(window.page):
        settle(window)
        yield f"{key}/{tab}", window.page


def views_of_runs(window: MainWindow) -> Iterator[Stop]:
    """Look at each training of a project, in every tab it has."""
    window.show_page("training")
    settle(window)
    page = window.page
    assert isinstance(page, TrainingPage)
    while page.runs is None:  # what draws is loaded once, before the page is first seen
        QTest.qWait(20)
    for row in range(page.runs.list.count()):
        page.runs.list.setCurrentRow(row)
        for tab in views(page):
            settle(window)
            yield f"training/{page.runs.current} {tab}", page


def sheets_in_pages(window: MainWindow) -> Iterator[Stop]:
    """Go through the sheets that stand within a page: a new run of each training, unfolded too, and a new endpoint."""
    window.show_page("training")
    settle(window)
    page = window.page
    assert isinstance(page, TrainingPage)
    for stage in page.place.all_stages:
        page.set_up(stage)
        settle(window)
        yield f"training/new {stage}", page
        assert page.sheet is not None
        for fold in (page.sheet.unfold, page.sheet.unfold_models):
            fold.setChecked(True)
        settle(window)
        yield f"training/new {stage}, unfolded", page
        page.sheet.closed.emit()
    window.show_page("models")
    settle(window)
    models = window.page
    assert isinstance(models, ModelsPage)
    models.add.click()
    yield "models/endpoint", models
    models.form.cancel.click()


def sheets(window: MainWindow, file: Path) -> Iterator[Stop]:
    """Open every sheet of its own window, and the palette; a file to import is named."""
    session = window.session
    made: tuple[Callable[[], QDialog], ...] = (
        lambda: NewProjectSheet(window),
        lambda: WriteSheet(window),
        lambda: ExportSheet(session, window),
        lambda: ImportSheet(session, str(file), window.settings, window),
        lambda: FetchSheet("data", window),
        lambda: FetchSheet("models", window),
        lambda: PushSheet(None, window),
        lambda: NewEvaluationSheet(session, window),
        lambda: PairRunSheet("comparisons", session, window.control, window),
        lambda: PairRunSheet("labels", session, window.control, window),
        lambda: GuidelinesSheet("Be fair.", lambda _: None, window),
        lambda: KeysSheet(window.settings, window),
        lambda: RuleSheet(PreferenceRule(), lambda _: None, window),
        lambda: CodeSheet("model", [CodeFile("modelling.py", "import this")], False, window),
    )
    for make in made:
        sheet = make()
        sheet.show()
        sheet.activateWindow()
        settle(window)
        yield type(sheet).__name__, sheet
        if isinstance(sheet, ImportSheet):
            sheet.split.setCurrentIndex(sheet.split.count() - 1)
            sheet.split.activated.emit(sheet.split.currentIndex())
            settle(window)
            yield "ImportSheet, by shares", sheet
        sheet.reject()
    window.activateWindow()
    window.actions_["palette"].trigger()
    settle(window)
    yield "palette", window.palette_
    window.palette_.hide()


def settle(window: MainWindow) -> None:
    """Wait until what was asked for is shown."""
    window.session.settle()
    QTest.qWait(20)
