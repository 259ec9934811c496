"""Data sets of the datasets library: folders it saved or can load, a row at a time."""

import sys
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, MissingError
from workbench.interchange.lines import BadRow, JsonRow
from workbench.sentences import said


def is_saved(folder: Path) -> bool:
    """Say whether a folder was written by save_to_disk."""
    return any((folder / name).is_file() for name in ("dataset_dict.json", "dataset_info.json", "state.json"))


def datasets_rows(place: str, part: str = "", called: str = "") -> Iterator[JsonRow | BadRow]:
    """Yield the rows of one part (train, test, …; with several configurations CONFIGURATION/train) of a folder, from 1."""
    number, called = 0, called or place
    try:
        for number, fields in enumerate(_part_of(place, part, called), start=1):
            yield JsonRow(number, dict(fields))
    except _refusals() as error:
        if not number:
            raise _unloadable(called, error) from error
        yield BadRow(
            number + 1,
            said(
                "from here on the data set cannot be read: {first_line}; mend the file it is in",
                first_line=_first_line(error),
            ),
        )


def parts(place: str, called: str = "") -> tuple[str, ...]:
    """Return the names of the parts of a data set; none where it has only one that has no name."""
    known = _configurations(place, called or place)
    if len(known) < 2:
        loaded = _load(place, None, called or place)
        return tuple(loaded) if isinstance(loaded, Mapping) else ()
    return tuple(f"{one}/{part}" for one in known for part in _load(place, one, called or place))


def _part_of(place: str, part: str, called: str) -> Any:
    """Return the rows of the named part; without a name those of the only one, or of train."""
    known = _configurations(place, called)
    if len(known) < 2:
        return _split_of(_load(place, None, called), part, called, lambda: parts(place, called))
    configuration, _, split = part.partition("/") if part else (_usual(known), "", "")
    if configuration not in known:
        raise MissingError(
            "{called} has no part {part}; it has {parts}.",
            called=called,
            part=part,
            parts=", ".join(parts(place, called)),
        )
    return _split_of(_load(place, configuration, called), split, called, lambda: parts(place, called))


def _usual(known: list[str]) -> str:
    return "default" if "default" in known else known[0]


def _split_of(loaded: Any, split: str, called: str, all_parts: Any) -> Any:
    if not isinstance(loaded, Mapping):
        return loaded
    if split and split not in loaded:
        raise MissingError(
            "{called} has no part {error}; it has {parts}.", called=called, error=split, parts=", ".join(all_parts())
        )
    return loaded[split or ("train" if "train" in loaded else next(iter(loaded)))]


def _configurations(place: str, called: str) -> list[str]:
    """Return the names of a folder's configurations, as its card tells them."""
    import datasets  # noqa: PLC0415

    if is_saved(Path(place)):
        return []
    try:
        return list(datasets.get_dataset_config_names(place))
    except _refusals() as error:
        raise _unloadable(called, error) from error


def _load(place: str, configuration: str | None, called: str) -> Any:
    """Open a data set without reading it: memory-mapped or streamed from its folder. No code of it is run."""
    import datasets  # noqa: PLC0415

    datasets.disable_progress_bars()
    datasets.logging.set_verbosity(datasets.logging.CRITICAL)  # what is wrong is told once, by us
    if "torch" not in sys.modules:
        # A streamed data set makes itself one of torch's; the window and the command line never load torch.
        datasets.config.TORCH_AVAILABLE = False
    try:
        if is_saved(Path(place)):
            return datasets.load_from_disk(place)
        return datasets.load_dataset(place, configuration, streaming=True)
    except _refusals() as error:
        raise _unloadable(called, error) from error


def _refusals() -> tuple[type[Exception], ...]:
    """Return what the library lets through, its own and of all it is made of, where files are not as it expects them."""
    import datasets  # noqa: PLC0415

    own = datasets.exceptions.DatasetsError
    return (own, OSError, ValueError, RuntimeError, TypeError, LookupError, AttributeError, EOFError, zlib.error)


def _unloadable(called: str, error: Exception) -> BadInputError:
    return BadInputError(
        "{called} cannot be loaded as a data set: {first_line}. Name one of its files, or a folder that the "
        "datasets library saved.",
        called=called,
        first_line=_first_line(error),
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
