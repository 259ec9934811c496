"""What goes out can be read by the tools it is for, and comes in again as it was."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest

from workbench.errors import WorkbenchError

Run = Callable[..., str]
FORMATS = Path(__file__).parents[2] / "data" / "formats"


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


@pytest.fixture
def project(run: Run, tmp_path: Path) -> str:
    run("new", "p", "--constitution", "harmlessness")
    rows = [{"prompt": f"p{n % 20}", "chosen": f"good {n}", "rejected": f"bad {n}"} for n in range(60)]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run("import", "p", "pairs.jsonl")
    return "p"


def test_transcripts_come_back_byte_for_byte(run: Run, tmp_path: Path) -> None:
    run("new", "p")
    run("import", "p", str(FORMATS / "hh_rlhf.jsonl"))
    run("export", "p", "--as", "hh-rlhf", "-o", "out.jsonl")
    assert lines_of(tmp_path / "out.jsonl") == lines_of(FORMATS / "hh_rlhf.jsonl")
    run("new", "q")
    assert json.loads(run("import", "q", "out.jsonl", "--json"))["new_comparisons"] == 3


@pytest.mark.parametrize("layout", ["jsonl", "parquet"])
def test_a_folder_loads_as_a_data_set_split_by_prompt(run: Run, project: str, layout: str, tmp_path: Path) -> None:
    run("export", project, "--as", "preferences", "-o", "set", "--layout", layout, "--test-share", "0.3")
    loaded = datasets.load_dataset(str(tmp_path / "set"), cache_dir=str(tmp_path / "cache"))
    train, test = loaded["train"], loaded["test"]
    assert (len(train) + len(test), len(test) > 0) == (60, True)
    assert not set(train["prompt"]) & set(test["prompt"])
    assert train.column_names[:4] == ["prompt", "chosen", "rejected", "chosen_prob"]
    assert set(train["reviewers"]) == {"import"}
    card = (tmp_path / "set" / "README.md").read_text()
    for words in (
        "Constitution: ",
        "imported: pairs.jsonl",
        "60 choices that came in with a file",
        "## How it was checked",
        "## Limits",
        "`import` is a choice that came in with a file",
    ):
        assert words in card
    assert not re.search("audited|habits of the feedback model", card), "there is no label"
    with pytest.raises(WorkbenchError, match="is there already"):
        run("export", project, "--as", "preferences", "-o", "set")


def test_annotated_pairs_go_out_and_come_in_again(run: Run, project: str, tmp_path: Path) -> None:
    shutil.copy(FORMATS / "annotated_pairs.json", tmp_path)
    run("import", project, "annotated_pairs.json")
    run("export", project, "--as", "annotated-pairs", "-o", "out.json")
    found = json.loads((tmp_path / "out.json").read_text())
    assert found["metadata"]["version"] == "2.0"
    assert {one["name"] for one in found["annotators"].values()} == {"import", "preferred_text"}
    run("new", "q")
    counted = json.loads(run("import", "q", "out.json", "--json"))
    assert (counted["new_comparisons"], counted["with_a_choice"]) == (62, 62)
    shown = [json.loads(run("show", name, "reviews", "--limit", "0", "--json")) for name in (project, "q")]
    first, second = ({(row["comparison_id"], row["reviewer"], row["decision"]) for row in rows} for rows in shown)
    assert first == second


def test_a_place_that_cannot_be_written_to_is_one_sentence(run: Run, project: str) -> None:
    for output, as_, sentence in (
        ("x.csv", "preferences", "ends in .jsonl or .parquet"),
        ("x.jsonl", "annotated-pairs", "must end in .json"),
        ("x.jsonl", "dreams", "not as 'dreams'"),
        ("x.jsonl", "sft", "nothing to export as sft yet"),
    ):
        with pytest.raises(WorkbenchError, match=sentence):
            run("export", project, "--as", as_, "-o", output)
    with pytest.raises(WorkbenchError, match="share of test rows"):
        run("export", project, "--as", "preferences", "-o", "set", "--test-share", "1")


def test_what_has_no_place_in_a_format_is_left_out_and_counted(run: Run, project: str, tmp_path: Path) -> None:
    asked = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "p"}]
    (tmp_path / "system.jsonl").write_text(json.dumps({"prompt": asked, "chosen": "x", "rejected": "y"}) + "\n")
    run("import", project, "system.jsonl")
    why = "no place for system turns, for prompts that the assistant begins, nor for marks of turns within a text; "
    why += "export as preferences"
    for as_, name in (("hh-rlhf", "out.jsonl"), ("annotated-pairs", "out.json")):
        said = run("export", project, "--as", as_, "-o", name)
        assert said == f"Wrote 60 rows to {name}. 1 row was left out: {as_} has {why} to have all.\n"
        assert json.loads(run("export", project, "--as", as_, "-o", name, "--json"))["without_place"] == 1
    assert run("export", project, "--as", "preferences", "-o", "all.jsonl").startswith("Wrote 61 rows")
    run("export", project, "--as", "hh-rlhf", "-o", "set")
    assert "1 row was left out" in (tmp_path / "set" / "README.md").read_text()
    run("new", "q")
    run("import", "q", "system.jsonl")
    for as_, name in (("hh-rlhf", "none.jsonl"), ("annotated-pairs", "none.json")):
        with pytest.raises(WorkbenchError, match=f"No row can be exported as {as_}, which has {why}"):
            run("export", "q", "--as", as_, "-o", name)
        assert not (tmp_path / name).exists()
