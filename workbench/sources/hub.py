"""The hub: what its cache on this machine holds, and fetching a model into it at a commit that is then kept."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, MissingError, WorkbenchError
from workbench.sources.folder import FoundModel, look_at

#: A hub id: an owner and a name, or a name alone for a few old models.
ID = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")
#: What a model needs to be loaded; code and pickled weights are never fetched.
_WANTED = ("config.json", "generation_config.json", "adapter_config.json", "*.safetensors", "model.safetensors.index.json",
           "tokenizer*", "special_tokens_map.json", "added_tokens.json", "vocab*", "merges.txt", "*.jinja", "*.model",
           "README.md", "LICENSE*")  # fmt: skip

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Fetched:
    """A model in the cache, and the commit it was fetched at."""

    repo: str
    commit: str
    folder: Path
    size: int


def cached(cache: Path | None = None) -> Iterator[FoundModel]:
    """Yield the models in the hub's cache, one for each revision that is there whole or in part."""
    from huggingface_hub import constants, scan_cache_dir  # noqa: PLC0415 - some tenths of a second, and few commands need it
    from huggingface_hub.errors import CacheNotFound  # noqa: PLC0415

    try:
        scanned = scan_cache_dir(cache or constants.HF_HUB_CACHE)
    except (CacheNotFound, ValueError):
        return
    for repo in sorted(scanned.repos, key=lambda one: one.repo_id):
        for revision in sorted(repo.revisions, key=lambda one: -one.last_modified):
            folder = Path(revision.snapshot_path)
            if repo.repo_type == "model" and (folder / "config.json").is_file():
                yield look_at(folder, "hub", repo.repo_id, revision.commit_hash)


def find_cached(text: str) -> FoundModel:
    """Return the model of a hub id (ID, or ID@COMMIT) in the cache, the newest revision where none is named."""
    repo, _, commit = text.partition("@")
    if not ID.fullmatch(repo):
        raise BadInputError(f"'{repo}' is no hub id; one looks like owner/name.")
    for model in cached():
        if model.location == repo and model.commit.startswith(commit):
            return model
    raise MissingError(f"{text} is not in the hub's cache on this machine; fetch it with: workbench models get {text}")


def fetch(repo: str, revision: str = "main", progress: Progress = lambda done, total: None) -> Fetched:
    """Fetch a model's files at a revision's commit, going on where an earlier try was broken off.

    progress is told bytes there and bytes in all. Raises a WorkbenchError that says why it cannot be had.
    """
    if not ID.fullmatch(repo):
        raise BadInputError(f"'{repo}' is no hub id; one looks like owner/name.")
    hub = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    with _told(repo, revision, hub):
        return _fetch(repo, revision, hub, progress)


@contextmanager
def _told(repo: str, revision: str, hub: str) -> Iterator[None]:
    """Say in a sentence why something cannot be had from the hub."""
    import httpx2  # noqa: PLC0415
    from huggingface_hub import errors  # noqa: PLC0415

    try:
        yield
    except errors.GatedRepoError as error:
        raise MissingError(
            f"{repo} is gated: agree to its terms at {hub}/{repo}, then put a token of yours into the environment variable "
            "HF_TOKEN and fetch it again."
        ) from error
    except errors.RevisionNotFoundError as error:
        raise MissingError(f"{repo} has no revision {revision}.") from error
    except errors.RepositoryNotFoundError as error:
        raise MissingError(f"There is no model {repo} at {hub}, or it is private and HF_TOKEN opens it.") from error
    except (errors.OfflineModeIsEnabled, httpx2.TransportError, errors.LocalEntryNotFoundError) as error:
        raise MissingError(
            f"{hub} cannot be reached{' (HF_HUB_OFFLINE is set)' if os.environ.get('HF_HUB_OFFLINE') else ''}; models that "
            "were fetched before can be used, and a fetch that was broken off goes on where it was."
        ) from error
    except (errors.HfHubHTTPError, OSError) as error:
        raise WorkbenchError(f"{repo} could not be fetched: {str(error).splitlines()[0][:200]}") from error


def fetch_code(repo: str, commit: str) -> Path:
    """Fetch the code a model brings at a commit, to be read; it is not run unless somebody agrees. Return the model's folder."""
    from huggingface_hub import HfApi, hf_hub_download  # noqa: PLC0415

    hub = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    with _told(repo, commit, hub):
        info = HfApi(endpoint=hub).model_info(repo, revision=commit, files_metadata=True)
        names = [one.rfilename for one in info.siblings or () if one.rfilename.endswith(".py")]
        paths = [
            Path(hf_hub_download(repo, name, revision=commit, endpoint=hub, tqdm_class=silent_bar())).parents[
                len(Path(name).parts) - 1
            ]
            for name in names
        ]
    if not paths:
        raise MissingError(f"{repo} holds no code at commit {commit[:12]}.")
    return paths[0]


def _fetch(repo: str, revision: str, hub: str, progress: Progress) -> Fetched:
    from fnmatch import fnmatch  # noqa: PLC0415

    from huggingface_hub import HfApi, constants, hf_hub_download  # noqa: PLC0415

    info = HfApi(endpoint=hub).model_info(repo, revision=revision, files_metadata=True)
    names = {one.rfilename: one.size or 0 for one in info.siblings or ()}
    wanted = {name: size for name, size in names.items() if any(fnmatch(name, pattern) for pattern in _WANTED)}
    if not any(name.endswith(".safetensors") for name in wanted):
        kinds = sorted({Path(name).suffix for name in names if Path(name).suffix in (".bin", ".pt", ".gguf", ".ckpt")})
        raise BadInputError(
            f"{repo} has no weights in safetensors files{', only in ' + ' and '.join(kinds) if kinds else ''}; "
            "nothing else is loaded, so nothing was fetched."
        )
    total = sum(wanted.values())
    cache = Path(constants.HF_HUB_CACHE)
    cache.mkdir(parents=True, exist_ok=True)
    commit = str(info.sha)
    _require_disk(repo, total, cache)
    folder, before = cache, 0
    # Small files first: a model that will not do is known before its weights are there.
    for name in sorted(wanted, key=lambda one: wanted[one]):
        if name.endswith(".safetensors"):
            _fetch_weights(repo, name, commit, hub, partial(_tell, progress, before, total))
        path = hf_hub_download(repo, name, revision=commit, endpoint=hub, tqdm_class=silent_bar())
        before += wanted[name]
        progress(before, total)
        folder = Path(path).parents[len(Path(name).parts) - 1]
    _name_revision(folder, revision, commit)
    return Fetched(repo, commit, folder, total)


def _name_revision(folder: Path, revision: str, commit: str) -> None:
    """Leave word in the cache which commit a branch stood at, as other tools do, so that they find it offline."""
    if revision != commit and Path(revision).name == revision:
        refs = folder.parent.parent / "refs"
        refs.mkdir(exist_ok=True)
        (refs / revision).write_text(commit, encoding="utf-8")


def _require_disk(repo: str, total: int, cache: Path) -> None:
    free = shutil.disk_usage(cache).free
    there = sum(file.stat().st_size for file in (cache / f"models--{repo.replace('/', '--')}").glob("blobs/*"))
    if total - there > free - (256 << 20):
        raise BadInputError(
            f"{repo} has {total / 1e9:.1f} GB and {free / 1e9:.1f} are free at {cache}; make room first."
        )


def _tell(progress: Progress, before: int, total: int, now: int) -> None:
    progress(before + now, total)


def _fetch_weights(repo: str, name: str, commit: str, hub: str, tell: Callable[[int], None]) -> None:
    """Put a file of weights where the hub's library looks for it before it fetches."""
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url  # noqa: PLC0415
    from huggingface_hub.utils._headers import build_hf_headers  # noqa: PLC0415

    from workbench.sources.resuming import fetch_blob  # noqa: PLC0415

    url, headers = hf_hub_url(repo, name, revision=commit, endpoint=hub), build_hf_headers()
    promised = get_hf_file_metadata(url, headers=headers)
    if promised.etag and promised.size:
        blobs = Path(constants.HF_HUB_CACHE) / f"models--{repo.replace('/', '--')}" / "blobs"
        fetch_blob(url, headers, blobs / promised.etag, promised.size, tell)


def silent_bar() -> Any:
    """Return a class of progress bars that draw nothing."""
    from tqdm.auto import tqdm  # noqa: PLC0415

    class Bar(tqdm):  # type: ignore[misc]
        """A bar without a line."""

        def __init__(self, *args: Any, **more: Any) -> None:
            more.pop("name", None)
            super().__init__(*args, **{**more, "disable": True})

    return Bar
