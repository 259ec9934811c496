"""What the window remembers of its user: theme, reviewer's name, recent projects, size; a small file in the state directory."""

import getpass
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from workbench.errors import BadInputError
from workbench.records.encoding import from_data
from workbench.runs.files import replace_text
from workbench.runs.places import state_directory

_MOST_RECENT = 8


@dataclass(frozen=True)
class Remembered:
    """The settings as data."""

    theme: str = "system"
    #: The language of the window; empty for the system's.
    language: str = ""
    reviewer: str = ""
    recent: tuple[str, ...] = ()
    #: Qt's own note of the window's size and docks, in base 64.
    geometry: str = ""
    arrangement: str = ""
    #: Keys of the review that are others than the usual ones, by what they do.
    review_keys: dict[str, str] = field(default_factory=dict)
    #: Whether the review stays on a pair until it is told to go on.
    review_waits: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    #: What was last known of each recent project, in a line.
    facts: dict[str, str] = field(default_factory=dict)
    #: The model that was tried last in a project, by role and folder.
    tried: dict[str, str] = field(default_factory=dict)
    #: Whether what was written to red-team prompts is covered until somebody wants to see it.
    cover: bool = False


class UserSettings:
    """Reads them at the start, writes them at every change."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or state_directory() / "window.json"
        self.now = self._read()

    @property
    def reviewer(self) -> str:
        """The name reviews are saved under: what the user chose, or the account's."""
        return self.now.reviewer or _account()

    def change(self, **values: object) -> None:
        """Change some settings and keep them."""
        self.now = replace(self.now, **values)  # type: ignore[arg-type]
        replace_text(self._file, json.dumps(asdict(self.now), ensure_ascii=False, indent=1), durable=False)

    def opened(self, folder: Path) -> None:
        """Put a project first among the recent ones."""
        rest = [path for path in self.now.recent if path != str(folder)]
        self.change(recent=(str(folder), *rest)[:_MOST_RECENT])

    def know(self, folder: Path, facts: str) -> None:
        """Keep a line about a project, for the start page to show without opening it."""
        recent = {path: self.now.facts.get(path, "") for path in self.now.recent}
        known = {**recent, str(folder): facts}
        if known != self.now.facts:
            self.change(facts=known)

    def try_with(self, folder: Path, role: str, model: str) -> None:
        """Keep the model a person tries principles with in a project."""
        self.change(tried={**self.now.tried, f"{role} {folder}": model})

    def tried_with(self, folder: Path, role: str) -> str:
        """Return the model a person tried principles with last in a project, empty for the usual one."""
        return self.now.tried.get(f"{role} {folder}", "")

    def forget(self, folder: str) -> None:
        """Take a project off the recent ones; the project itself stays."""
        self.change(recent=tuple(path for path in self.now.recent if path != folder))

    def _read(self) -> Remembered:
        try:
            return from_data(Remembered, json.loads(self._file.read_bytes()))
        except (OSError, ValueError, TypeError, AttributeError, BadInputError):
            return Remembered()  # absent, damaged or from another version: nothing in it is worth a question


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "me"
