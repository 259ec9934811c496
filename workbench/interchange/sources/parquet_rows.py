"""Parquet files as rows, some hundreds in memory at a time."""

from collections.abc import Iterator
from pathlib import Path

from workbench.errors import BadInputError
from workbench.interchange.lines import BadRow, JsonRow

_BATCH = 512


def parquet_rows(path: Path) -> Iterator[JsonRow | BadRow]:
    """Yield the rows of a Parquet file, numbered from 1; BadInputError where it is not one."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH):
                for fields in batch.to_pylist():
                    number += 1
                    yield JsonRow(number, fields)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        where = f"after row {number}" if number else "at its beginning"
        raise BadInputError(f"{path.name} cannot be read as Parquet {where}: {error}.") from error
