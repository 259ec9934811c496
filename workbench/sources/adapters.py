"""Adapter folders: the low-rank change (arXiv 2106.09685) that a training made to a base model, and where that base is."""

from pathlib import Path

from workbench.errors import BadInputError, MissingError
from workbench.records.commands import quoted
from workbench.sentences import said
from workbench.sources.hub_files import Repository
from workbench.sources.json_files import read_json

CONFIG = "adapter_config.json"


def is_adapter(folder: Path) -> bool:
    """Whether a model folder holds an adapter instead of a whole model's weights."""
    return (folder / CONFIG).is_file()


def base_of(folder: Path) -> Path:
    """Return the model folder an adapter belongs to: a path as seen from the adapter, or a hub id in the cache."""
    told = read_json(folder / CONFIG)
    named = told.get("base_model_name_or_path") or ""
    if not isinstance(named, str):
        raise BadInputError("{folder} names no base model.", folder=folder / CONFIG)
    base = (folder / named).resolve()
    if named and (base / "config.json").is_file():
        return base
    on_hub = Repository.looks_like(named)
    if on_hub and (cached := Repository(named).snapshot(str(told.get("revision") or "main"))):
        return cached
    what_to_do = (
        said("fetch it with: workbench models get {named}", named=quoted(named))
        if on_hub
        else said("put that model at {base}", base=base)
    )
    raise MissingError(
        "The adapter in {folder} belongs to the model {named}, which is not there; {advice}, or change "
        "base_model_name_or_path in {config}.",
        folder=folder,
        named=named or said("it does not name"),
        advice=what_to_do,
        config=CONFIG,
    )


def described_in(folder: Path) -> Path:
    """Return the folder whose config.json describes a model: its own, or for an adapter that has none its base's."""
    return base_of(folder) if is_adapter(folder) and not (folder / "config.json").is_file() else folder


def spoken_in(folder: Path) -> Path:
    """Return the folder that holds a model's tokenizer: its own, or for an adapter that has none its base's."""
    own = any((folder / name).is_file() for name in ("tokenizer_config.json", "tokenizer.json"))
    return folder if own or not is_adapter(folder) else base_of(folder)
