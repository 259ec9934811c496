"""The folders with models that this person has looked at on this machine, so that they need not be looked for again."""

from pathlib import Path

from workbench.errors import MissingError
from workbench.sources.state_list import StateList

#: Either is in every model's folder.
_MODEL = ("config.json", "adapter_config.json")


def holds_model(folder: Path) -> bool:
    """Say whether a folder is a model's, by what lies in it; whether it can be used is another question."""
    return any((folder / name).is_file() for name in _MODEL)


class ModelFolders(StateList[str]):
    """The folders, the one that was put last at the end; they themselves stay as they are."""

    def __init__(self, file: Path | None = None) -> None:
        super().__init__("model-folders.json", _name, file)

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


def _name(item: object) -> str:
    if not isinstance(item, str):
        raise TypeError(f"{item!r} is no folder")
    return item
