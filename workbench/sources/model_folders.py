"""The folders with models that this person has looked at on this machine, so that they need not be looked for again."""

import json
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from workbench.errors import BadInputError, MissingError

#: Either is in every model's folder.
_MODEL = ("config.json", "adapter_config.json")


def holds_model(folder: Path) -> bool:
    """Say whether a folder is a model's, by what lies in it; whether it can be used is another question."""
    return any((folder / name).is_file() for name in _MODEL)


class ModelFolders:
    """The list in the user's state directory, readable JSON, replaced in one step; the folders themselves stay as they are."""

    def __init__(self, file: Path | None = None) -> None:
        state = platformdirs.user_state_path("constitution-workbench", appauthor=False, ensure_exists=True)
        self.file = file or state / "model-folders.json"

    def all(self) -> list[str]:
        """Return the folders, the one that was put last at the end; a list that cannot be read is told, not replaced."""
        try:
            data = json.loads(self.file.read_bytes())
        except FileNotFoundError:
            return []
        except ValueError as error:
            raise BadInputError(
                "{file} cannot be read: {error}; mend it or take it away.", file=self.file, error=error
            ) from error
        return [one for one in data if isinstance(one, str)] if isinstance(data, list) else []

    def put(self, folder: Path) -> None:
        """Put a folder on the list; one that is there stays where it is."""
        known, name = self.all(), str(folder.absolute())
        if name not in known:
            self._write([*known, name])

    def remove(self, folder: str) -> None:
        """Take a folder off the list; it need not be there any more."""
        known = self.all()
        if folder not in known:
            raise MissingError("{folder} is not on the list of model folders.", folder=folder)
        self._write([one for one in known if one != folder])

    def _write(self, folders: Sequence[str]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        beside = self.file.with_name(f".{self.file.name}.new")
        beside.write_text(json.dumps(list(folders), indent=1, ensure_ascii=False), encoding="utf-8")
        beside.replace(self.file)
