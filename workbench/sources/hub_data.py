"""Data sets of the hub: fetched whole at a commit, and from then on read from the cache, so that every look sees the same rows.

A place is written hub:OWNER/NAME, with a folder or a file within it behind a further /, and a revision behind an @.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from workbench.errors import BadInputError, MissingError
from workbench.records.commands import quoted
from workbench.sentences import said
from workbench.sources.hub_files import Progress, Repository, fetch_files, name_revision, told

HUB = "hub:"
_PLACE = re.compile(
    r"(?:hub:)?(?P<repo>[\w.-]{1,96}/[\w.-]{1,96})(?P<within>(?:/[^/@]+)*)/?(?:@(?P<revision>[\w./-]+))?"
)
#: Files that hold rows, by their ends; code is never fetched.
_ROWS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".txt", ".arrow")
#: What says how the files belong together.
_BESIDE = ("README.md", "dataset_infos.json", "dataset_info.json", "dataset_dict.json", "state.json")
_COMMIT = re.compile(r"[0-9a-f]{40}")
#: So many digits of a commit are shown.
_SHORT = 12


@dataclass(frozen=True)
class HubData:
    """A data set of the hub, or one folder or file of it, at a branch, a tag or a commit."""

    repo: str
    within: str = ""
    revision: str = "main"

    @property
    def place(self) -> str:
        """How it is written in full."""
        return f"{HUB}{self.repo}{f'/{self.within}' if self.within else ''}@{self.revision}"

    @property
    def text(self) -> str:
        """How people read it: a commit by its first digits."""
        return replace(self, revision=self.revision[:_SHORT]).place if _COMMIT.fullmatch(self.revision) else self.place

    @property
    def repository(self) -> Repository:
        """Where its files are."""
        return Repository(self.repo, "dataset")


@dataclass(frozen=True)
class FetchedData:
    """A data set in the cache: at which commit, where, and how many bytes it has."""

    at: HubData
    path: Path
    size: int


def read_place(text: str) -> HubData:
    """Read hub:OWNER/NAME[/WITHIN][@REVISION]; BadInputError where it is none."""
    found = _PLACE.fullmatch(text.strip())
    within = found["within"].strip("/") if found else ""
    if found is None or ".." in PurePosixPath(within).parts:
        raise BadInputError(
            "'{text}' is no data set of the hub; one looks like {hub}owner/name, {hub}owner/name/folder or "
            "{hub}owner/name@revision.",
            text=text,
            hub=HUB,
        )
    return HubData(found["repo"], within, found["revision"] or "main")


def fetch_data(wanted: HubData, progress: Progress = lambda done, total: None) -> FetchedData:
    """Fetch the files that hold rows, going on where an earlier try was broken off, and keep the commit.

    Raises a WorkbenchError that says why it cannot be had.
    """
    repository = wanted.repository
    with told(repository, wanted.revision):
        commit, files = repository.listing(wanted.revision)
        names = _wanted(wanted, files)
        folder = fetch_files(repository, commit, names, lambda name: PurePosixPath(name).name not in _BESIDE, progress)
        name_revision(repository, wanted.revision, commit)
    return FetchedData(replace(wanted, revision=commit), folder / wanted.within, sum(names.values()))


def find_data(wanted: HubData) -> FetchedData:
    """Return a data set that was fetched before; MissingError says how to fetch one that was not."""
    commit = wanted.repository.commit(wanted.revision)
    path = wanted.repository.cache / "snapshots" / commit / wanted.within
    if not commit or not path.exists():
        raise MissingError(
            "{wanted} was not fetched to this machine yet; fetch it with: workbench data get {quoted_text}",
            wanted=wanted.text,
            quoted_text=quoted(wanted.text),
        )
    size = sum(one.stat().st_size for one in (path.rglob("*") if path.is_dir() else (path,)) if one.is_file())
    return FetchedData(replace(wanted, revision=commit), path, size)


def cached_data() -> Iterator[FetchedData]:
    """Yield the data sets in the hub's cache, one for each commit that is there whole or in part."""
    from huggingface_hub import constants  # noqa: PLC0415

    for cache in sorted(Path(constants.HF_HUB_CACHE).glob("datasets--*--*")):
        owner, _, name = cache.name.removeprefix("datasets--").partition("--")
        for snapshot in sorted((cache / "snapshots").glob("*")):
            yield find_data(HubData(f"{owner}/{name}", revision=snapshot.name))


def _wanted(wanted: HubData, files: dict[str, int]) -> dict[str, int]:
    """Return the files to fetch; BadInputError where none holds rows, MissingError where what is within is not there."""
    inside = {name: size for name, size in files.items() if _is_within(name, wanted.within)}
    if not inside:
        folders = sorted({name.rpartition("/")[0] for name in files} - {""})
        has = said("; it has {folders}", folders=", ".join(folders)) if folders else ""
        raise MissingError("{repo} has no {within}{has}.", repo=wanted.repo, within=wanted.within, has=has)
    rows = {name: size for name, size in inside.items() if _holds_rows(name)}
    if not rows:
        kinds = sorted({PurePosixPath(name).suffix for name in inside} - {"", ".md", ".gitattributes"})
        code = said(" Code of data sets is never run.") if ".py" in kinds else ""
        raise BadInputError(
            "{wanted} has no files of rows that are read here ({rows}){kinds}; nothing was fetched.{code}",
            wanted=wanted.text,
            rows=", ".join(_ROWS),
            kinds=", only " + ", ".join(kinds) if kinds else "",
            code=code,
        )
    beside = {name: size for name, size in inside.items() if PurePosixPath(name).name in _BESIDE}
    return rows | beside


def _is_within(name: str, within: str) -> bool:
    return not within or name == within or name.startswith(f"{within}/")


def _holds_rows(name: str) -> bool:
    plain = PurePosixPath(name.lower().removesuffix(".gz").removesuffix(".zst"))
    return plain.suffix in _ROWS and plain.name not in _BESIDE
