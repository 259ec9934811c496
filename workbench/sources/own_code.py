"""Code of a model's own: which files of its folder it is, and whether the person at this machine agreed to run them.

No such code is run unless somebody agreed to it, for one model and for these very files: other bytes are other code.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs

from workbench.errors import BadInputError
from workbench.records.commands import quoted
from workbench.records.encoding import from_data, to_data


@dataclass(frozen=True)
class OwnCode:
    """The code a model brings: its files, a hash over their names and bytes, what of it is missing, what lies elsewhere."""

    files: tuple[str, ...] = ()
    hash: str = ""
    #: Files it is said to be in which are not in the folder.
    missing: tuple[str, ...] = ()
    #: What is to come from another place altogether, which nobody can agree to.
    elsewhere: str = ""


@dataclass(frozen=True)
class Consent:
    """Somebody's word that the code of a model may run: by which name and commit they knew it, when they said so."""

    hash: str
    model: str
    commit: str = ""
    files: tuple[str, ...] = ()
    given: str = ""


def own_code(folder: Path, *configurations: Mapping[str, Any]) -> OwnCode | None:
    """Return the code that a folder's configurations ask for; None where they ask for none."""
    named = sorted({name for one in configurations for name in _named(one.get("auto_map"))})
    if not named:
        return None
    away = next((name for name in named if "--" in name), "")
    modules = {f"{name.rpartition('--')[2].partition('.')[0]}.py" for name in named}
    found = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.py"))
    digest = hashlib.sha256()
    for name in found:
        content = (folder / name).read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return OwnCode(tuple(found), digest.hexdigest(), tuple(sorted(modules - set(found))), away)


class Consents:
    """The list in the user's state directory, readable JSON, replaced in one step; no project and no run brings one along."""

    def __init__(self, file: Path | None = None) -> None:
        state = platformdirs.user_state_path("constitution-workbench", appauthor=False, ensure_exists=True)
        self.file = file or state / "trusted-code.json"

    def all(self) -> list[Consent]:
        """Return what was agreed to, oldest first."""
        try:
            return [from_data(Consent, item) for item in json.loads(self.file.read_bytes())]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError) as error:
            raise BadInputError(
                "{file} cannot be read: {error}; mend it or take it away.", file=self.file, error=error
            ) from error

    def covers(self, code: OwnCode) -> bool:
        """Whether somebody agreed to run this code."""
        return not code.missing and not code.elsewhere and any(one.hash == code.hash for one in self.all())

    def give(self, model: str, commit: str, code: OwnCode) -> Consent:
        """Agree to run a model's code; raises BadInputError where it is not there to be read."""
        if code.elsewhere:
            raise BadInputError(
                "{model} wants code from another place ({elsewhere}), which is never run.",
                model=model,
                elsewhere=code.elsewhere,
            )
        if code.missing:
            raise BadInputError(
                "{missing} is not there; fetch and read it first: workbench models code {model}",
                missing=code.missing[0],
                model=quoted(model),
            )
        now = datetime.now(UTC).isoformat(timespec="seconds")
        consent = Consent(code.hash, model, commit, code.files, now)
        self._write([*(one for one in self.all() if one.hash != code.hash), consent])
        return consent

    def withdraw(self, code: OwnCode) -> None:
        """Take consent back."""
        self._write([one for one in self.all() if one.hash != code.hash])

    def _write(self, consents: Sequence[Consent]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        beside = self.file.with_name(f".{self.file.name}.new")
        beside.write_text(json.dumps(to_data(list(consents)), indent=1), encoding="utf-8")
        beside.replace(self.file)


def _named(auto_map: Any) -> Iterator[str]:
    """Yield the classes an auto_map names; a tokenizer may have two under one name, or none."""
    values = auto_map.values() if isinstance(auto_map, dict) else ([auto_map] if auto_map else [])
    for value in values:
        for name in value if isinstance(value, list | tuple) else [value]:
            if name:
                yield str(name)
