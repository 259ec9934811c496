"""What this person keeps on this machine for all projects: lists as files that can be read and mended by hand."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import platformdirs

from workbench.errors import BadInputError
from workbench.records.encoding import to_data

T = TypeVar("T")


class StateList(Generic[T]):
    """A list in the user's state directory: JSON, replaced in one step; no project and no run brings one along."""

    def __init__(self, name: str, read: Callable[[Any], T], file: Path | None = None) -> None:
        state = platformdirs.user_state_path("constitution-workbench", appauthor=False, ensure_exists=True)
        self.file = file or state / name
        self._read = read

    def all(self) -> list[T]:
        """Return what is on it, in its order; a list that cannot be read is told, not replaced."""
        try:
            data: list[Any] = json.loads(self.file.read_bytes())
            return [self._read(item) for item in data]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError, AttributeError, BadInputError) as error:
            raise BadInputError(
                "{file} cannot be read: {error}; mend it or take it away.", file=self.file, error=error
            ) from error

    def _write(self, items: Sequence[T]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        beside = self.file.with_name(f".{self.file.name}.new")
        beside.write_text(json.dumps(to_data(list(items)), indent=1, ensure_ascii=False), encoding="utf-8")
        beside.replace(self.file)
