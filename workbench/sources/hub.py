"""The hub: what its cache on this machine holds, and fetching a model into it at a commit that is then kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from workbench.errors import BadInputError, MissingError
from workbench.records.commands import quoted
from workbench.sources.adapters import CONFIG as ADAPTER_CONFIG
from workbench.sources.folder import FoundModel, look_at
from workbench.sources.hub_files import Progress, Repository, fetch_files, name_revision, told

#: A hub id: an owner and a name, or a name alone for a few old models.
ID = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")
#: What a model needs to be loaded; code and pickled weights are never fetched.
_WANTED = ("config.json", "generation_config.json", "adapter_config.json", "*.safetensors", "model.safetensors.index.json",
           "tokenizer*", "special_tokens_map.json", "added_tokens.json", "vocab*", "merges.txt", "*.jinja", "*.model",
           "README.md", "LICENSE*")  # fmt: skip


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
            if repo.repo_type == "model" and any((folder / name).is_file() for name in ("config.json", ADAPTER_CONFIG)):
                yield look_at(folder, "hub", repo.repo_id, revision.commit_hash)


def find_cached(text: str) -> FoundModel:
    """Return the model of a hub id (ID, or ID@COMMIT) in the cache, the newest revision where none is named."""
    repo, _, commit = text.partition("@")
    if not ID.fullmatch(repo):
        raise BadInputError("'{repo}' is no hub id; one looks like owner/name.", repo=repo)
    for model in cached():
        if model.location == repo and model.commit.startswith(commit):
            return model
    raise MissingError(
        "{text} is not in the hub's cache on this machine; fetch it with: workbench models get {quoted_text}",
        text=text,
        quoted_text=quoted(text),
    )


def fetch(repo: str, revision: str = "main", progress: Progress = lambda done, total: None) -> Fetched:
    """Fetch a model's files at a revision's commit, going on where an earlier try was broken off.

    progress is told bytes there and bytes in all. Raises a WorkbenchError that says why it cannot be had.
    """
    if not ID.fullmatch(repo):
        raise BadInputError("'{repo}' is no hub id; one looks like owner/name.", repo=repo)
    repository = Repository(repo)
    with told(repository, revision):
        commit, files = repository.listing(revision)
        wanted = _wanted(repo, files)
        folder = fetch_files(repository, commit, wanted, lambda name: name.endswith(".safetensors"), progress)
        name_revision(repository, revision, commit)
        return Fetched(repo, commit, folder, sum(wanted.values()))


def fetch_code(repo: str, commit: str) -> Path:
    """Fetch the code a model brings at a commit, to be read; it is not run unless somebody agrees. Return the model's folder."""
    repository = Repository(repo)
    with told(repository, commit):
        _, files = repository.listing(commit)
        names = [name for name in files if name.endswith(".py")]
        paths = [repository.get(name, commit).parents[len(Path(name).parts) - 1] for name in names]
    if not paths:
        raise MissingError("{repo} holds no code at commit {commit}.", repo=repo, commit=commit[:12])
    return paths[0]


def _wanted(repo: str, files: dict[str, int]) -> dict[str, int]:
    """Return the files a model needs; BadInputError where none of them is weights in safetensors."""
    wanted = {name: size for name, size in files.items() if any(fnmatch(name, pattern) for pattern in _WANTED)}
    if not any(name.endswith(".safetensors") for name in wanted):
        kinds = sorted({Path(name).suffix for name in files if Path(name).suffix in (".bin", ".pt", ".gguf", ".ckpt")})
        raise BadInputError(
            "{repo} has no weights in safetensors files{kinds}; nothing else is loaded, so nothing was fetched.",
            repo=repo,
            kinds=", only in " + " and ".join(kinds) if kinds else "",
        )
    return wanted
