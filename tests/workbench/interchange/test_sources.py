"""Where rows come from: every kind of file gives the same rows, and each way it can be broken is one sentence."""

import csv
import gzip
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import BadInputError, MissingError
from workbench.interchange.incoming.detection import detect, unmapped
from workbench.interchange.lines import JsonRow
from workbench.interchange.sources import json_documents, json_objects, json_text
from workbench.interchange.sources.json_text import JsonText, UnfitError
from workbench.interchange.sources.opening import open_source

FORMATS = Path(__file__).parents[2] / "data" / "formats"
json_values = st.text(max_size=9) | st.floats(allow_nan=False, allow_infinity=False) | st.none()
ROWS = [
    {"prompt": "Tree,\n“or” hedge?", "chosen": " Oak\r\n", "rejected": "No"},
    {"prompt": "b", "chosen": "c", "rejected": "d"},
]


def rows_of(place: Path | str, part: str = "") -> list[Any]:
    return [row.fields if isinstance(row, JsonRow) else row for row in open_source(str(place), part).rows()]


@pytest.mark.parametrize(
    "kind", ["jsonl", "jsonl.gz", "json", "json.gz", "csv", "parquet", "saved", "folder", "lines.json", "list.jsonl.gz"]
)
def test_every_kind_of_place_gives_the_same_rows(kind: str, tmp_path: Path) -> None:
    place = tmp_path / f"rows.{kind}"
    lines = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    document = json.dumps(ROWS, indent=1).encode()
    if kind in ("jsonl", "json"):
        place.write_bytes(lines if kind == "jsonl" else document)
    elif kind == "lines.json":
        place.write_bytes(b"\xef\xbb\xbf" + lines)
    elif kind == "list.jsonl.gz":
        place.write_bytes(gzip.compress(document))
    elif kind.endswith(".gz"):
        place.write_bytes(gzip.compress(lines if kind == "jsonl.gz" else document))
    elif kind == "csv":
        text = '"prompt","chosen","rejected"\r\n' + "".join(
            ",".join(f'"{v}"' for v in row.values()) + "\r\n" for row in ROWS
        )
        place.write_bytes(b"\xef\xbb\xbf" + text.encode())
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), place)
    elif kind == "saved":
        datasets.Dataset.from_list(ROWS).save_to_disk(str(place))
    else:
        place.mkdir()
        (place / "train.jsonl").write_bytes(lines)
    assert rows_of(place) == ROWS


def test_a_part_of_a_data_set_is_chosen(tmp_path: Path) -> None:
    parts = {name: datasets.Dataset.from_list([{"prompt": name}]) for name in ("test", "train")}
    datasets.DatasetDict(parts).save_to_disk(str(tmp_path / "d"))
    assert open_source(str(tmp_path / "d")).parts == ("test", "train")
    assert rows_of(tmp_path / "d") == [{"prompt": "train"}]
    assert rows_of(tmp_path / "d", "test") == [{"prompt": "test"}]
    with pytest.raises(MissingError, match="has no part dev; it has test, train"):
        rows_of(tmp_path / "d", "dev")


class Drips:
    """A stream that gives so many bytes at a time, however many are wanted."""

    def __init__(self, data: bytes, size: int) -> None:
        self.data, self.size = data, size

    def read(self, count: int) -> bytes:
        part, self.data = self.data[: self.size], self.data[self.size :]
        return part


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=4), json_values, max_size=3)), st.integers(1, 7))
def test_a_json_list_is_read_the_same_in_any_pieces(rows: list[dict[str, Any]], size: int) -> None:
    data = json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass")
    found = list(json_documents.json_document_rows(Drips(data, size), "x"))  # type: ignore[arg-type]
    assert [row.fields for row in found if isinstance(row, JsonRow)] == rows


@pytest.mark.parametrize("number", ["0.5", "-1e-5", "2.5E+3", "12", "9" * 5000])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 4999])
def test_a_number_is_whole_wherever_a_piece_ends(number: str, size: int) -> None:
    text = JsonText(Drips(f"[{number}, {number}]".encode(), size), "x")  # type: ignore[arg-type]
    taken = [str(item) if isinstance(item, UnfitError) else item for item in text.items()]
    refused = "a number has more digits than can be read; put it in quotes"
    assert taken == [refused if len(number) > 4000 else float(number)] * 2


json_rows = st.lists(st.dictionaries(st.text(max_size=3), json_values, max_size=3), max_size=6)
OBJECTS = {
    "annotated": json_rows.map(
        lambda rows: {"metadata": {"n": [1]}, "annotators": {"é": {}}, "comparisons": rows, "more": [3]}
    ),
    "annotators last": json_rows.map(lambda rows: {"comparisons": rows, "annotators": ["é"]}),
    "records": json_rows.map(lambda rows: {f"{n}é": {**row, "fields": n} for n, row in enumerate(rows)}),
    "columns": json_rows.map(lambda rows: {name: [row.get(name) for row in rows] for name in ("a", "é", "\n")}),
    "one row": json_rows.map(lambda rows: {"rows": rows, "é": {"n": 1.5}}),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("shape", OBJECTS)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_long_object_is_read_as_a_short_one(shape: str, packed: bool, data: st.DataObject) -> None:
    """One that does not fit into a piece, of which only rows are held, is the same as one that is held whole."""
    document = data.draw(OBJECTS[shape])
    text = (
        b"\xef\xbb\xbf"
        + json.dumps(document, indent=data.draw(st.sampled_from([None, 1])), ensure_ascii=False).encode()
    )

    def rows() -> list[Any]:
        opened: Any = gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(text, 1))) if packed else io.BytesIO(text)
        return list(json_documents.json_document_rows(opened, "x"))

    short = rows()
    with pytest.MonkeyPatch.context() as patch:
        # Nothing counts as short, and each piece ends somewhere else.
        patch.setattr(json_text.JsonText, "is_short", lambda _: False)
        for module, name in (
            (json_text, "_CHUNK"),
            (json_text, "LOOKED_AT"),
            (json_objects, "_AHEAD"),
            (json_objects, "_LEAST"),
        ):
            patch.setattr(module, name, data.draw(st.integers(1, 7)))
        assert rows() == short


def test_of_a_long_object_no_more_than_some_rows_are_held(tmp_path: Path) -> None:
    row = {"prompt": "Why? " * 20, "response_a": {"text": "a"}, "response_b": {"text": "b"}, "annotations": {}}
    documents = {
        "annotated": {"annotators": {}, "comparisons": [row] * 20_000},
        "late": {"comparisons": [row] * 20_000, "annotators": {}},
        "records": {f"{number}": {"fields": row} for number in range(20_000)},
        "columns": {name: [name * 60] * 20_000 for name in ("a", "b")},
    }
    for name, document in documents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document, indent=0))
    for name in documents:
        source = open_source(str(tmp_path / f"{name}.json"))
        tracemalloc.start()
        try:
            assert sum(1 for _ in source.rows()) == 20_000, name
            assert tracemalloc.get_traced_memory()[1] < 8_000_000, name
        finally:
            tracemalloc.stop()


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.fixed_dictionaries({"prompt": cells, "b, c": cells, "é": cells}), min_size=1, max_size=4))
def test_any_rows_come_back_from_every_kind_of_file(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    (folder / "x.jsonl").write_bytes(lines)
    (folder / "x.json.gz").write_bytes(gzip.compress(json.dumps(rows).encode()))
    pq.write_table(pa.Table.from_pylist(rows), folder / "x.parquet")
    for name in ("x.jsonl", "x.json.gz", "x.parquet"):
        assert rows_of(folder / name) == rows, name
    for name, delimiter in (("x.csv", ","), ("x.tsv", "\t")):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, rows[0], delimiter=delimiter)
            table.writeheader()
            table.writerows(rows)
    # CSV has no word for a text of no letters, and a record of blanks alone is a blank line.
    written = [row for row in rows if any(cell.strip() for cell in row.values())]
    for name in ("x.csv", "x.tsv"):
        assert rows_of(folder / name) == [{name: cell or None for name, cell in row.items()} for row in written]
    texts = [row["prompt"] for row in rows if row["prompt"].strip() and not set("\n\r\ufeff") & set(row["prompt"])]
    (folder / "x.txt.gz").write_bytes(gzip.compress("\r\n".join(texts).encode()))
    assert [row["prompt"] for row in (rows_of(folder / "x.txt.gz") if texts else ())] == texts


def test_columns_under_other_names_are_guessed_and_asked_about() -> None:
    source = open_source(str(FORMATS / "questions.csv"))
    shape = detect(source)
    assert (shape.format.name, shape.guessed) == ("preference", ("prompt", "chosen", "rejected"))
    told = "add: --map prompt=question --map chosen=good --map rejected=bad"
    assert told in unmapped(source, shape)
    sure = detect(source, mapping={"prompt": "question", "chosen": "good", "rejected": "bad"})
    assert unmapped(source, sure) == ""
    assert sure.fields(next(row for row in source.rows() if isinstance(row, JsonRow)).fields)["chosen"] == 'Oak "big"'
    with pytest.raises(BadInputError, match="There is no column qestion; did you mean question"):
        detect(source, "comparisons", mapping={"prompt": "qestion"})


def test_what_fits_nothing_names_its_columns(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"height": 3, "width": 4}\n')
    with pytest.raises(BadInputError, match="its columns are height, width"):
        detect(open_source(str(tmp_path / "x.jsonl")))
    with pytest.raises(MissingError, match="write hub:owner/name"):
        open_source("owner/name")
