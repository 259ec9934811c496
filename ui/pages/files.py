"""Files of the open project, in and out, by their sheets."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ui.actions import Actions
from ui.pages.bundles import Bundles
from ui.session import Session
from ui.user_settings import UserSettings
from ui.widgets.file_dialogs import ask_for_folder
from ui.widgets.texts import counted

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.pages.import_sheet import ImportSheet
    from workbench.project import Project


class Files(QObject):
    """Opens the sheets over a window and tells what came of them."""

    #: What to say when files came in or went out.
    told = Signal(str)
    #: The folder of a project that was made from a bundle.
    made = Signal(object)
    #: A page, and what is to be shown there.
    wants_row = Signal(str, str)

    def __init__(self, session: Session, settings: UserSettings, window: "QWidget") -> None:
        super().__init__(window)
        self._session, self._settings, self._window = session, settings, window
        #: Where the last file lay; others are looked for there.
        self._last: Path | str = ""
        #: The folder that was exported last; it is what goes to the hub.
        self._written: Path | None = None
        self.bundles = Bundles(session, window)
        self.bundles.told.connect(self.told)
        self.bundles.made.connect(self.made)

    def add_to(self, actions: Actions) -> None:
        """Register what can be done with files."""
        actions.add("import", self.tr("Import a file…"), self.choose, "Ctrl+I")
        actions.add("import folder", self.tr("Import a folder…"), self.choose_folder)
        actions.add("import hub", self.tr("Import from the hub…"), self.fetch)
        actions.add("collect", self.tr("Collect a run folder…"), self.choose_run)
        actions.add("export", self.tr("Export data…"), self.send_out, "Ctrl+Shift+E")
        actions.add("push", self.tr("Put an export on the hub…"), self.push)
        actions.add("bundle", self.tr("Bundle this project as one file…"), self.bundles.write)
        actions.add("unbundle", self.tr("Make a project from a bundle…"), self.bundles.open)
        actions.add("replay", self.tr("Do the bundle's runs again"), self.bundles.replay)

    def choose(self) -> None:
        """Ask for a file, and look at it to import it."""
        from ui.pages.import_sheet import choose_file  # noqa: PLC0415

        choose_file(self._window, self.bring_in, self._last)

    def choose_folder(self) -> None:
        """Ask for a folder, and look at it to import it."""
        from ui.pages.import_sheet import choose_folder  # noqa: PLC0415

        choose_folder(self._window, self.bring_in, self._last)

    def bring_in(self, file: Path) -> "ImportSheet":
        """Look at a file to import it."""
        self._last = file.parent
        return self._look_at(str(file))

    def take_in(self, place: Path) -> "ImportSheet | None":
        """Make a project of a dropped bundle, collect a run, show a model; look at anything else to import it, in a sheet."""
        if is_bundle(place):
            self.bundles.open_file(place)
        elif is_run_folder(place):
            self.collect(place)
        elif is_model(place):
            self.wants_row.emit("models", str(place))
        else:
            return self.bring_in(place)
        return None

    def choose_run(self) -> None:
        """Ask for a run folder that was worked elsewhere, and take its results in."""
        title = self.tr("Which run folder is to be collected?")
        ask_for_folder(self._window, title, self.collect, self._last or (self._session.folder or ""))

    def collect(self, place: Path) -> None:
        """Take the results of a run folder into the project; doing it twice changes nothing."""
        doing = self.tr("Collecting {folder}").format(folder=place.name)
        self._session.ask(doing, lambda project: _collected(project, place), self._have_collected)

    def _have_collected(self, found: "tuple[str, str, int]") -> None:
        run_id, state, new = found
        self._session.look_soon()
        words = counted(new, self.tr("1 new record"), self.tr("{count} new records")) if new else self.tr("nothing new")
        self.told.emit(self.tr("{run} ({state}): {words}.").format(run=run_id, state=state, words=words))

    def fetch(self) -> None:
        """Ask for a data set of the hub, fetch it, and look at it to import it."""
        from ui.widgets.fetch_sheet import FetchSheet  # noqa: PLC0415

        sheet = FetchSheet("data", self._window)
        sheet.fetched.connect(lambda told: self._look_at(told["place"]))
        sheet.open()

    def send_out(self) -> None:
        """Ask what is to be written where."""
        from ui.pages.export_sheet import ExportSheet  # noqa: PLC0415

        sheet = ExportSheet(self._session, self._window)
        sheet.told.connect(self.told)
        sheet.written.connect(self._keep)
        sheet.open()

    def push(self) -> None:
        """Ask for an export, and show what of it would be sent to the hub."""
        from ui.widgets.push_sheet import PushSheet  # noqa: PLC0415

        sheet = PushSheet(self._written, self._window)
        sheet.told.connect(self.told)
        sheet.open()

    def _keep(self, written: Path) -> None:
        self._written = written if written.is_dir() else None

    def _look_at(self, place: str) -> "ImportSheet":
        from ui.pages.import_sheet import open_sheet  # noqa: PLC0415

        return open_sheet(self._session, place, self._settings, self._window, self.told.emit)


def is_run_folder(place: Path) -> bool:
    """Say whether a folder is a run's, by its plan."""
    return (place / "plan.json").is_file()


def is_bundle(place: Path) -> bool:
    """Say whether a file may be a project as one file, which makes another project whether one is open or not."""
    return place.suffix.lower() == ".zip"


def is_model(place: Path) -> bool:
    """Say whether a folder or file is a model's, by its name alone and what lies beside it."""
    from workbench.sources.model_folders import holds_model  # noqa: PLC0415

    return place.suffix.lower() in (".gguf", ".safetensors") or holds_model(place)


def is_file_of_model(place: Path) -> bool:
    """Say whether a file is the weights in a model's folder."""
    return place.suffix.lower() == ".safetensors" and place.is_file() and is_model(place.parent)


def _collected(project: "Project", place: Path) -> tuple[str, str, int]:
    from workbench.runs.folder import RunFolder  # noqa: PLC0415

    collected = project.collect(RunFolder.open(place.resolve()))
    return collected.run_id, str(project.run(collected.run_id).state), collected.count
