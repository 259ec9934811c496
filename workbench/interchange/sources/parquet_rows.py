"""Parquet files as rows, some hundreds in memory at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError
from workbench.interchange.lines import BadRow, JsonRow
from workbench.interchange.mistaken import LOOKED_AT, refuse_mistaken
from workbench.interchange.unreadable import why
from workbench.sentences import said

_BATCH = 512
#: So many bytes of rows are held at a time, as far as the file tells how large they are.
_MOST_HELD = 32 * 1024 * 1024


def parquet_rows(path: Path) -> Iterator[JsonRow | BadRow]:
    """Yield the rows of a Parquet file, numbered from 1; BadInputError where it is not one."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    number = 0
    try:
        _look_at(path)
        with pq.ParquetFile(path) as file:
            _must_differ(path, file.schema_arrow.names)
            for batch in _batches(file):
                for row in _rows(batch, number):
                    number += 1
                    yield row
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:  # Arrow's own have no number
            raise BadInputError("{path} cannot be read: {why}.", path=path.name, why=why(error)) from error
        if not number:
            raise BadInputError(
                "{path} is damaged or no Parquet file: {first_line}.", path=path.name, first_line=_first_line(error)
            ) from error
        yield BadRow(number + 1, said("from here on the file is damaged; fetch or copy it again"))


def _look_at(path: Path) -> None:
    with path.open("rb") as stream:
        start = stream.read(LOOKED_AT)
    if not start.startswith(b"PAR1"):
        refuse_mistaken(start, path.name)


def _must_differ(path: Path, names: list[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise BadInputError(
            "{path} names the column {twice} twice; give one of the two another name.",
            path=path.name,
            twice=twice,
        )


def _batches(file: Any) -> Iterator[Any]:
    """Yield the rows of one group after the other, so that a damaged group takes none of those before it along."""
    size = _batch_size(file)
    for group in range(file.num_row_groups):
        yield from file.iter_batches(size, row_groups=[group])


def _batch_size(file: Any) -> int:
    groups = (file.metadata.row_group(place) for place in range(file.metadata.num_row_groups))
    widest = max((group.total_byte_size // max(1, group.num_rows) for group in groups), default=1)
    return int(max(1, min(_BATCH, _MOST_HELD // max(1, widest))))


def _rows(batch: Any, number: int) -> Iterator[JsonRow | BadRow]:
    """Yield the rows of a batch that follow so many; where a value is none of Python's, only the row it stands in is bad."""
    try:
        rows = batch.to_pylist()
    except (ValueError, OverflowError):
        for place in range(batch.num_rows):
            yield _row(batch.slice(place, 1), number + place + 1)
    else:
        for place, fields in enumerate(rows, start=number + 1):
            yield JsonRow(place, fields)


def _row(one: Any, number: int) -> JsonRow | BadRow:
    try:
        return JsonRow(number, one.to_pylist()[0])
    except UnicodeDecodeError:
        return BadRow(number, said("it holds bytes that are not UTF-8; save the texts as UTF-8"))
    except (ValueError, OverflowError) as error:
        return BadRow(
            number, said("a value cannot be read: {first_line}; save it as text", first_line=_first_line(error))
        )


def _first_line(error: Exception) -> str:
    text = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    return "".join(character for character in text if character.isprintable())
