"""Data sets of the datasets library: folders it saved or can load, and data sets on the hub, a row at a time."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, MissingError
from workbench.interchange.lines import BadRow, JsonRow

HUB = "hub:"


def is_saved(folder: Path) -> bool:
    """Say whether a folder was written by save_to_disk."""
    return any((folder / name).is_file() for name in ("dataset_dict.json", "dataset_info.json", "state.json"))


def datasets_rows(place: str, part: str = "") -> Iterator[JsonRow | BadRow]:
    """Yield the rows of one part (train, test, …) of a folder or of hub:owner/name[@revision], numbered from 1."""
    import datasets  # noqa: PLC0415

    number = 0
    try:
        for number, fields in enumerate(part_of(load(place), part, place), start=1):
            yield JsonRow(number, dict(fields))
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        raise BadInputError(f"{place} cannot be read after row {number}: {_first_line(error)}") from error


def part_of(loaded: Any, part: str, place: str) -> Any:
    """Return the named part; without a name the only one, or train."""
    if not isinstance(loaded, Mapping):
        return loaded
    if part and part not in loaded:
        raise MissingError(f"{place} has no part {part}; it has {', '.join(loaded)}.")
    return loaded[part or ("train" if "train" in loaded else next(iter(loaded)))]


def parts(place: str) -> tuple[str, ...]:
    """Return the names of the parts of a data set; none where it has only one that has no name."""
    loaded = load(place)
    return tuple(loaded) if isinstance(loaded, Mapping) else ()


def load(place: str) -> Any:
    """Open a data set without reading it: memory-mapped from a folder, streamed from the hub. No code of it is run."""
    import datasets  # noqa: PLC0415

    datasets.disable_progress_bars()
    try:
        if place.startswith(HUB):
            name, _, revision = place.removeprefix(HUB).partition("@")
            return datasets.load_dataset(name, revision=revision or None, streaming=True)
        if is_saved(Path(place)):
            return datasets.load_from_disk(place)
        return datasets.load_dataset(place, streaming=True)
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        raise BadInputError(f"{place} cannot be loaded as a data set: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    return text if text.endswith(".") else text + "."
