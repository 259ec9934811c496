import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import BadInputError
from workbench.runs.lines import LineWriter, mend, parse_typed, read_lines, typed_line

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
SLOW_FIXTURE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


@SLOW_FIXTURE
@given(st.lists(ANY_TEXT, max_size=8), st.integers(0, 400))
def test_whatever_is_torn_off_leaves_whole_lines(tmp_path: Path, texts: list[str], kept: int) -> None:
    path = tmp_path / "lines.jsonl"
    path.unlink(missing_ok=True)
    lines = [typed_line("Text", {"text": text}) for text in texts]
    whole = "".join(line + "\n" for line in lines).encode()
    path.write_bytes(whole[:kept])

    expected = whole[:kept].count(b"\n")
    read_before, _ = read_lines(path)
    writer = LineWriter(path)
    writer.append([typed_line("Text", {"text": "next"})])
    writer.close()
    read_after, offset = read_lines(path)

    assert len(read_before) == expected
    assert read_after[:-1] == read_before
    assert [parse_typed(line, path)["data"]["text"] for line in read_after] == [*texts[:expected], "next"]
    assert offset == path.stat().st_size


@SLOW_FIXTURE
@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=12), st.data())
def test_a_reader_beside_a_writer_sees_each_line_once(tmp_path: Path, lines: list[bytes], data: st.DataObject) -> None:
    path = tmp_path / "growing.jsonl"
    path.unlink(missing_ok=True)
    whole = b"".join(line + b"\n" for line in lines)
    cuts = [*sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6))), len(whole)]
    seen: list[bytes] = []
    offset = 0
    for cut in cuts:
        path.write_bytes(whole[:cut])
        while True:
            new, offset = read_lines(path, offset, block=16)
            if not new:
                break
            seen.extend(new)
    assert seen == lines


def test_a_line_longer_than_the_block_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_bytes(b"x" * 5000 + b"\nshort\n")
    assert read_lines(path, block=100)[0][0] == b"x" * 5000


def test_after_a_failed_flush_nothing_is_called_saved(tmp_path: Path) -> None:
    writer = LineWriter(tmp_path / "lines.jsonl", rhythm=60.0)
    writer.append(["one"])
    kept = os.dup(writer._handle)
    read_end, write_end = os.pipe()  # a pipe cannot be flushed to disk
    os.dup2(write_end, writer._handle)
    with pytest.raises(OSError, match="Invalid argument"):
        writer.sync()
    os.dup2(kept, writer._handle)
    with pytest.raises(OSError, match="Invalid argument"):
        writer.append(["two"])
    assert (tmp_path / "lines.jsonl").read_text() == "one\n"
    writer.close()
    for handle in (kept, read_end, write_end):
        os.close(handle)


def test_a_missing_file_has_no_lines(tmp_path: Path) -> None:
    assert read_lines(tmp_path / "none", 7) == ([], 7)
    mend(tmp_path / "none")


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"type": "Step"}', b'{"type": "Step", "data": 3}', b"[" * 100_000])
def test_a_line_that_is_no_record_is_a_sentence_naming_the_file(line: bytes) -> None:
    with pytest.raises(BadInputError, match=r"results\.jsonl"):
        parse_typed(line, Path("results.jsonl"))


def test_lines_are_readable_unless_they_cannot_be() -> None:
    assert "é" in typed_line("Text", {"text": "é"})
    assert json.loads(typed_line("Text", {"text": "\ud800"}))["data"]["text"] == "\ud800"
