"""Files of rows, written row by row: JSONL and Parquet."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from workbench.errors import BadInputError

LAYOUTS = ("jsonl", "parquet")
_BATCH = 1000


class RowFile(Protocol):
    """A file that takes rows and is whole once it is closed."""

    rows: int

    def write(self, columns: Mapping[str, Any]) -> None:
        """Append a row."""

    def __enter__(self) -> "RowFile": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def row_file(path: Path, layout: str) -> RowFile:
    """Return a new file of rows."""
    if layout not in LAYOUTS:
        raise BadInputError(
            "Rows are written as {layouts}, not as '{layout}'.", layouts=" or ".join(LAYOUTS), layout=layout
        )
    return ParquetFile(path) if layout == "parquet" else JsonlFile(path)


def json_line(columns: Mapping[str, Any]) -> str:
    """Return a row as one line, also for readers that split a text into lines by Unicode's rules."""
    line = json.dumps(columns, ensure_ascii=False, allow_nan=False)
    for code in (0x85, 0x2028, 0x2029):
        line = line.replace(chr(code), f"\\u{code:04x}")
    return line + "\n"


class JsonlFile:
    """One JSON object a line."""

    def __init__(self, path: Path) -> None:
        self.rows = 0
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def write(self, columns: Mapping[str, Any]) -> None:
        """Append a row."""
        self._file.write(json_line(columns))
        self.rows += 1

    def __enter__(self) -> "JsonlFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class ParquetFile:
    """Parquet, a thousand rows in memory at a time; the first of them say of which types the columns are."""

    def __init__(self, path: Path) -> None:
        self.rows = 0
        self._path = path
        self._batch: list[dict[str, Any]] = []
        self._writer: Any = None

    def write(self, columns: Mapping[str, Any]) -> None:
        """Append a row."""
        self._batch.append(dict(columns))
        self.rows += 1
        if len(self._batch) == _BATCH:
            self._flush()

    def __enter__(self) -> "ParquetFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        if not self._batch and self._writer is not None:
            return
        schema = None if self._writer is None else self._writer.schema
        table = pa.Table.from_pylist(self._batch, schema)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema)
        self._writer.write_table(table)
        self._batch = []
