"""Code of a model's own: which files of its folder it is, and whether the person at this machine agreed to run them.

No such code is run unless somebody agreed to it, for one model and for these very files: other bytes are other code.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError
from workbench.records.commands import quoted
from workbench.records.encoding import from_data
from workbench.sources.state_list import StateList


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


class Consents(StateList[Consent]):
    """What was agreed to, oldest first."""

    def __init__(self, file: Path | None = None) -> None:
        super().__init__("trusted-code.json", partial(from_data, Consent), file)

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


def _named(auto_map: Any) -> Iterator[str]:
    """Yield the classes an auto_map names; a tokenizer may have two under one name, or none."""
    values = auto_map.values() if isinstance(auto_map, dict) else ([auto_map] if auto_map else [])
    for value in values:
        for name in value if isinstance(value, list | tuple) else [value]:
            if name:
                yield str(name)
