"""Files of a repository on the hub, models and data sets alike: fetched at a commit into the cache other tools share."""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from workbench.errors import BadInputError, MissingError, WorkbenchError
from workbench.sentences import said

Kind = Literal["model", "dataset"]
#: Told bytes that are there, and bytes in all.
Progress = Callable[[int, int], None]
_WORDS = {"model": "model", "dataset": said("data set")}
#: Room on the disk that a fetch leaves free.
_LEFT_FREE = 256 << 20


class UnreachableError(MissingError):
    """The hub cannot be reached; hub is its address."""

    def __init__(self, hub: str, sentence: str) -> None:
        super().__init__(sentence)
        self.hub = hub


@dataclass(frozen=True)
class Repository:
    """A repository of the hub: a model or a data set, by its id."""

    id: str
    kind: Kind = "model"

    @property
    def cache(self) -> Path:
        """Where the hub's cache keeps it on this machine."""
        from huggingface_hub import constants  # noqa: PLC0415

        return Path(constants.HF_HUB_CACHE) / f"{self.kind}s--{self.id.replace('/', '--')}"

    @staticmethod
    def looks_like(text: str) -> bool:
        """Say whether a text can be a repository's id."""
        return re.fullmatch(r"[\w.-]{1,96}/[\w.-]{1,96}", text) is not None

    def commit(self, revision: str) -> str:
        """Return the commit a revision stood at when it was last fetched; nothing where it never was."""
        ref = self.cache / "refs" / revision
        if ref.is_file():
            return ref.read_text(encoding="utf-8").strip()
        there = sorted((self.cache / "snapshots").glob(f"{revision}*")) if revision != "main" else []
        return there[0].name if there else ""

    def snapshot(self, revision: str) -> Path | None:
        """Return the folder of a revision that was fetched, or None."""
        commit = self.commit(revision)
        folder = self.cache / "snapshots" / commit
        return folder if commit and folder.is_dir() else None

    def listing(self, revision: str) -> tuple[str, dict[str, int]]:
        """Ask the hub for a revision's commit, and its files with their sizes in bytes."""
        from huggingface_hub import HfApi  # noqa: PLC0415

        info = HfApi(endpoint=hub_address()).repo_info(
            self.id, repo_type=self.kind, revision=revision, files_metadata=True
        )
        return str(info.sha), {one.rfilename: one.size or 0 for one in getattr(info, "siblings", None) or ()}

    def get(self, name: str, commit: str) -> Path:
        """Return a file's place in the cache, fetched where it is not there."""
        from huggingface_hub import hf_hub_download  # noqa: PLC0415

        found = hf_hub_download(
            self.id, name, repo_type=self.kind, revision=commit, endpoint=hub_address(), tqdm_class=_silent_bar()
        )
        return Path(found)


def hub_address() -> str:
    """Return where the hub is asked."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


@contextmanager
def told(repository: Repository, revision: str) -> Iterator[None]:
    """Say in a sentence why something cannot be had from the hub."""
    import httpx2  # noqa: PLC0415
    from huggingface_hub import errors  # noqa: PLC0415

    hub, repo, kind = hub_address(), repository.id, _WORDS[repository.kind]
    try:
        yield
    except errors.GatedRepoError as error:
        page = f"{hub}/datasets/{repo}" if repository.kind == "dataset" else f"{hub}/{repo}"
        raise MissingError(
            "{repo} is gated: agree to its terms at {page}, then put a token of yours into the environment "
            "variable HF_TOKEN and fetch it again.",
            repo=repo,
            page=page,
        ) from error
    except errors.RevisionNotFoundError as error:
        raise MissingError("{repo} has no revision {revision}.", repo=repo, revision=revision) from error
    except errors.RepositoryNotFoundError as error:
        raise MissingError(
            "There is no {kind} {repo} at {hub}, or it is private and HF_TOKEN opens it.",
            kind=kind,
            repo=repo,
            hub=hub,
        ) from error
    except (errors.OfflineModeIsEnabled, httpx2.TransportError, errors.LocalEntryNotFoundError) as error:
        raise UnreachableError(
            hub,
            said(
                "{hub} cannot be reached{switched_off}; {kind}s that were fetched before can be used, and a fetch that "
                "was broken off goes on where it was.",
                hub=hub,
                switched_off=said(" (HF_HUB_OFFLINE is set)") if os.environ.get("HF_HUB_OFFLINE") else "",
                kind=kind,
            ),
        ) from error
    except (errors.HfHubHTTPError, OSError) as error:
        raise WorkbenchError(
            "{repo} could not be fetched: {first_line}", repo=repo, first_line=str(error).splitlines()[0][:200]
        ) from error


def fetch_files(
    repository: Repository, commit: str, wanted: Mapping[str, int], large: Callable[[str], bool], progress: Progress
) -> Path:
    """Fetch files (sizes by name) and return the folder of the commit; large ones go on where they were broken off.

    Small files come first: what will not do is known before the large ones are there.
    """
    total = sum(wanted.values())
    _require_disk(repository, total)
    before, folder = 0, repository.cache
    for name in sorted(wanted, key=lambda one: wanted[one]):
        if large(name):
            _fetch_large(repository, name, commit, partial(_tell, progress, before, total))
        folder = repository.get(name, commit).parents[len(Path(name).parts) - 1]
        before += wanted[name]
        progress(before, total)
    return folder


def name_revision(repository: Repository, revision: str, commit: str) -> None:
    """Leave word in the cache which commit a branch stood at, as other tools do, so that they find it offline."""
    if revision != commit and Path(revision).name == revision:
        refs = repository.cache / "refs"
        refs.mkdir(exist_ok=True)
        (refs / revision).write_text(commit, encoding="utf-8")


def _require_disk(repository: Repository, total: int) -> None:
    cache = repository.cache.parent
    cache.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(cache).free
    there = sum(file.stat().st_size for file in repository.cache.glob("blobs/*"))
    if total - there > free - _LEFT_FREE:
        raise BadInputError(
            "{repository} has {total:.1f} GB and {free:.1f} are free at {cache}; make room first.",
            repository=repository.id,
            total=total / 1e9,
            free=free / 1e9,
            cache=cache,
        )


def _tell(progress: Progress, before: int, total: int, now: int) -> None:
    progress(before + now, total)


def _fetch_large(repository: Repository, name: str, commit: str, tell: Callable[[int], None]) -> None:
    """Put a file where the hub's library looks for it before it fetches."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url  # noqa: PLC0415
    from huggingface_hub.utils._headers import build_hf_headers  # noqa: PLC0415

    from workbench.sources.resuming import fetch_blob  # noqa: PLC0415

    url = hf_hub_url(repository.id, name, repo_type=repository.kind, revision=commit, endpoint=hub_address())
    headers = build_hf_headers()
    promised = get_hf_file_metadata(url, headers=headers)
    if promised.etag and promised.size:
        fetch_blob(url, headers, repository.cache / "blobs" / promised.etag, promised.size, tell)


def _silent_bar() -> Any:
    """Return a class of progress bars that draw nothing."""
    from tqdm.auto import tqdm  # noqa: PLC0415

    class Bar(tqdm):  # type: ignore[misc]
        """A bar without a line."""

        def __init__(self, *args: Any, **more: Any) -> None:
            more.pop("name", None)
            super().__init__(*args, **{**more, "disable": True})

    return Bar
