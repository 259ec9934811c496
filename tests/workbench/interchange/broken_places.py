"""What can be wrong with a place itself, with a data set's folder, with what a person says of a file, or while it is read."""

import gzip
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.interchange.incoming.formats import BY_NAME
from workbench.project import Project
from workbench.project.importing import BATCH, FileImport, Wanted

ROW = '{"prompt": "Tree?"}\n'
#: A file that is there, that is a regular one, and that cannot be read by anybody.
NO_FILE_CAN_BE_READ_HERE = Path("/proc/self/mem")


def file_at(folder: Path, text: str = ROW, name: str = "x.jsonl") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def wanted(folder: Path, text: str = ROW, **told: Any) -> Wanted:
    return Wanted(file_at(folder, text), **told)


def _linked(folder: Path, to: str | Path, name: str = "x.jsonl") -> Wanted:
    (folder / name).symlink_to(to)
    return Wanted(str(folder / name))


def _pipe(folder: Path) -> Wanted:
    os.mkfifo(folder / "x.jsonl")
    return Wanted(str(folder / "x.jsonl"))


def _saved(folder: Path) -> Wanted:
    parts = {name: datasets.Dataset.from_list([{"prompt": name}]) for name in ("test", "train")}
    datasets.DatasetDict(parts).save_to_disk(str(folder / "d"))
    return Wanted(str(folder / "d"), part="dev")


def _configured(folder: Path) -> Wanted:
    card = "---\nconfigs:\n- config_name: one\n  data_files: x.jsonl\n- config_name: two\n  data_files: x.jsonl\n---\n"
    file_at(folder)
    file_at(folder, card, "README.md")
    return Wanted(str(folder), part="three")


def _empty_folder(folder: Path) -> Wanted:
    (folder / "d").mkdir()
    return Wanted(str(folder / "d"))


def _broken_table(folder: Path) -> Wanted:
    (folder / "d").mkdir()
    return Wanted(str(Path(file_at(folder / "d", "PAR1 no", "train.parquet")).parent))


def _twice(folder: Path) -> Wanted:
    pq.write_table(pa.table([pa.array(["x"]), pa.array(["y"])], names=["prompt", "prompt"]), folder / "x.parquet")
    return Wanted(str(folder / "x.parquet"))


FORMATS = ", ".join(BY_NAME)
#: Each makes a place, and is told one sentence.
PLACES: list[tuple[Callable[[Path], Wanted], str]] = [
    (lambda folder: Wanted(str(folder / "no.jsonl")), "There is no file {folder}/no.jsonl."),
    (lambda folder: Wanted(str(folder / "no.yaml")), "There is no file {folder}/no.yaml."),
    (lambda _: Wanted("Be kind. " * 600, "constitution"),
     "Be kind. " * 22 + "Be… cannot be read: the name is too long for a file; give a file that holds the text."),
    (lambda _: Wanted("owner/name"), "There is no file owner/name. For a data set on the hub write hub:owner/name."),
    (lambda folder: Wanted(file_at(folder) + "/x.jsonl"), "There is no file {folder}/x.jsonl/x.jsonl."),
    (lambda folder: _linked(folder, "gone"), "{folder}/x.jsonl is a link to gone, which is not there."),
    (lambda folder: _linked(folder, folder / "x.jsonl"),
     "{folder}/x.jsonl cannot be read: it is a link that leads back to itself; name the file itself."),
    (_pipe, "{folder}/x.jsonl is neither a file nor a folder but a pipe or a device, which cannot be read again and "
           "again; save what it "
     "gives in a file."),
    (lambda _: Wanted("How do I plant a tree? " * 300), "How do I plant a tree? " * 8 + "How do I plant a… cannot be "
           "read: the name is too "
     "long for a file; give a file that holds the text."),
    (lambda folder: _linked(folder, NO_FILE_CAN_BE_READ_HERE),
     "{folder}/x.jsonl cannot be read: the disk or the network could not deliver it; try again, or copy it to another disk."),
    (lambda folder: _linked(folder, NO_FILE_CAN_BE_READ_HERE, "x.parquet"),
     "x.parquet cannot be read: the disk or the network could not deliver it; try again, or copy it to another disk."),
    (lambda folder: _linked(folder, NO_FILE_CAN_BE_READ_HERE, "x.yaml"),
     "{folder}/x.yaml cannot be read: the disk or the network could not deliver it; try again, or copy it to another disk."),
    (lambda folder: replace(_linked(folder, NO_FILE_CAN_BE_READ_HERE), as_="constitution"),
     "{folder}/x.jsonl cannot be read: the disk or the network could not deliver it; try again, or copy it to another disk."),
    (lambda folder: Wanted(str(folder), "constitution"), "{folder} holds no file that is a constitution or a part of one."),
    (partial(wanted, part="train"), "x.jsonl is one file and has no parts; leave --part out."),
    (_saved, "{folder}/d has no part dev; it has test, train."),
    (_configured, "{folder} has no part three; it has one/train, two/train."),
    (_empty_folder, "{folder}/d cannot be loaded as a data set: The directory at {folder}/d doesn't contain any data "
           "files. Name one of its "
     "files, or a folder that the datasets library saved."),
    (_twice, "x.parquet names the column prompt twice; give one of the two another name."),
    (partial(wanted, as_="poems"), "A file can be imported as prompts, comparisons, evaluation_set, chains, answers or "
           "constitution, not as "
     "'poems'."),
    (partial(wanted, format="trl"), f"There is no format trl; there are {FORMATS}."),
    (partial(wanted, mapping={"promt": "prompt"}), "prompt has no field promt; its fields are prompt, kind, split."),
    (partial(wanted, mapping={"prompt": "prmpt"}), "There is no column prmpt; did you mean prompt?"),
    (partial(wanted, mapping={"prompt": "zzz"}), "There is no column zzz; there are prompt."),
    (partial(wanted, text='{"prompt": "p", "chosen": "x", "rejected": "y"}\n', split="sft=0.5,rl=0.5"),
     "Shares of splits are for prompts; comparisons take one split: choose one, such as train."),
]  # fmt: skip


def _bad_table(folder: Path) -> str:
    """A table of texts of which one is not UTF-8, and of days of which one is after all that Python knows."""
    texts = pa.array([b"one", b"T\xfcr", b"three", b"four"]).cast(pa.binary())
    prompts = pa.StringArray.from_buffers(4, texts.buffers()[1], texts.buffers()[2])
    days = pa.array([1000, 1000, 9_000_000, 1000], pa.int32()).cast(pa.date32())
    pq.write_table(pa.table({"prompt": prompts, "day": days}), folder / "x.parquet")
    return str(folder / "x.parquet")


def _damaged_table(folder: Path) -> str:
    place = folder / "x.parquet"
    table = pa.table({"prompt": [f"prompt {n}" for n in range(6)]})
    pq.write_table(table, place, row_group_size=3, compression="none", use_dictionary=False)
    data = bytearray(place.read_bytes())
    at = pq.ParquetFile(place).metadata.row_group(1).column(0).data_page_offset
    data[at : at + 8] = b"\xff" * 8
    place.write_bytes(data)
    return str(place)


def _damaged_folder(folder: Path) -> str:
    (folder / "d").mkdir()
    for number, text in enumerate((ROW, "no JSON\n")):
        file_at(folder / "d", text, f"train-{number}.jsonl")
    return str(folder / "d")


def _cut_off(folder: Path) -> str:
    """A compressed file of which the second half is missing; how many rows the first holds is the packer's choice."""
    place = folder / "x.jsonl.gz"
    packed = gzip.compress(b"".join(b'{"prompt": "%x"}\n' % (n * 7919**5) for n in range(20_000)))
    place.write_bytes(packed[: len(packed) // 2])
    return str(place)


#: The row after the last good one, whichever that is.
NEXT = 0
#: Each makes a place with bad rows: the reasons begin so, by row; and so many rows are good.
TABLES: list[tuple[Callable[[Path], str], dict[int, str], int]] = [
    (_bad_table, {2: "it holds bytes that are not UTF-8; save the texts as UTF-8", 3: "a value cannot be read: "}, 2),
    (_damaged_table, {4: "from here on the file is damaged; fetch or copy it again"}, 3),
    (_damaged_folder, {2: "from here on the data set cannot be read: "}, 1),
    (_cut_off, {NEXT: "from here on the file is damaged and cannot be unpacked; fetch or copy it again"}, NEXT),
]


def _changed_before(place: Path, project: Project) -> None:
    coming = FileImport(Wanted(str(place)))
    list(coming.check())
    place.write_text(ROW * 2)
    list(coming.take(project))


def _changed_while_checked(place: Path, project: Project) -> None:
    place.write_text(ROW * (BATCH + 1))
    steps = FileImport(Wanted(str(place))).check()
    next(steps)
    place.write_text(ROW)
    list(steps)


def _changed_while_taken(place: Path, project: Project) -> None:
    coming = FileImport(Wanted(str(place)))
    list(coming.check())
    steps = coming.take(project)
    next(steps)
    place.write_text(ROW * 3)
    list(steps)


def _gone(place: Path, project: Project) -> None:
    coming = FileImport(Wanted(str(place)))
    list(coming.check())
    place.unlink()
    list(coming.take(project))


CHANGED = "x.jsonl has changed since it was read. "
#: A file that is written or taken away between two steps, and what is told.
CHANGES: list[tuple[Callable[[Path, Project], None], str]] = [
    (_changed_before, CHANGED + "Nothing was imported; look at it again."),
    (_changed_while_checked, CHANGED + "Nothing was imported; import it again when nothing writes it any more."),
    (_changed_while_taken, CHANGED + "Some of its rows were imported; import it again, which takes no row twice."),
    (_gone, "{folder}/x.jsonl cannot be read: it is not there; if it was moved, name its new place."),
]
