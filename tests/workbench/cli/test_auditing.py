import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.workbench.project.pairs import labelled
from workbench.errors import BadInputError
from workbench.project import Project
from workbench.project.draft_state import export_constitution
from workbench.project.reviewing import Answered, review
from workbench.records.comparison import AUDIT

Run = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> str:
    labelled(tmp_path / "p", [0.9, 0.8, 0.7, 0.3, 0.52], flips=(4,)).close()
    return str(tmp_path / "p")


def test_a_history_opens_in_a_spreadsheet_and_none_of_its_texts_is_a_formula_there(
    run: Run, folder: str, tmp_path: Path
) -> None:
    out = tmp_path / "history.csv"

    def rows() -> list[dict[str, str]]:
        run("audit", folder, "report", "--history", str(out))
        with out.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    assert rows() == []  # nor is there a sample to report on
    assert out.read_text(encoding="utf-8").startswith("created,reviewer,comparison_id,before,decision,blind,")
    with Project.open(Path(folder)) as project:
        pair = project.store.comparisons.select("1", limit=1)[0]
        first = replace(
            review(pair.id, "=cmd|' /C calc'!A0", "a", "ab", Answered(AUDIT, True)), reason="+1, “yes”\nand é"
        )
        project.review([first, replace(review(pair.id, "@ann", "b", "ab", Answered(AUDIT, True)), reason="a - b")])
    one, other = rows()
    assert (one["reviewer"], one["reason"]) == ("'=cmd|' /C calc'!A0", "'+1, “yes”\nand é")
    assert (other["reviewer"], other["reason"], other["seconds"]) == ("'@ann", "a - b", "0.0")
    assert datetime.fromisoformat(one["created"]).tzinfo is not None


def test_an_audit_from_draw_to_report(run: Run, folder: str, tmp_path: Path) -> None:
    assert "Locked sample-" in run("audit", folder, "draw", "--set", "within=0.4")
    drawn = json.loads(run("audit", folder, "draw", "--set", "size=3", "--set", "seed=5", "--json"))
    assert (drawn["size"], drawn["pool"], len(drawn["comparison_ids"])) == (3, 5, 3)
    assert "nobody has begun" in run("audit", folder)
    with Project.open(Path(folder)) as project:
        how = Answered(AUDIT, True)
        project.review([review(name, "ann", "a", "ab", how) for name in drawn["comparison_ids"][:2]])
    assert "ann: 2 answered, 1 left" in run("audit", folder, "status")
    out = tmp_path / "history.csv"
    said = run("audit", folder, "report", "--history", str(out))
    assert "told once the whole sample is answered" in said
    assert "Agreement" not in said
    assert json.loads(run("audit", folder, "report", "--json"))["figures"] is None
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [(row["reviewer"], row["decision"], row["queue"]) for row in rows] == [("ann", "a", "audit")] * 2
    with Project.open(Path(folder)) as project:
        project.review([review(drawn["comparison_ids"][2], "ann", "a", "ab", how)])
        project.review([review(drawn["comparison_ids"][0], "bo", "b", "ab", how)])
    assert re.search(r"Agreement of the labels: \S+ \(\S+ to \S+\), n = 4", run("audit", folder, "report"))
    assert "Agreement" not in run("audit", folder, "report", "--by", "bo")  # who is in the midst of it
    report = json.loads(run("audit", folder, "report", "--json"))
    assert (report["figures"]["decided"], report["labels"]) == (4, 5)
    with pytest.raises(BadInputError, match="not 'begin'"):
        run("audit", folder, "begin")
    for wrong in ("size=many", "width=3", "size=9"):
        with pytest.raises(BadInputError):
            run("audit", folder, "draw", "--set", wrong)


def test_pairs_are_listed_and_overridden(run: Run, folder: str) -> None:
    listed = json.loads(run("pairs", folder, "--sort", "doubt", "--json"))
    assert [row["probability_a"] for row in listed] == [0.52, 0.7, 0.3, 0.8, 0.9]
    assert "train" in run("pairs", folder, "--state", "flips")
    ids = [row["comparison_id"] for row in listed[:2]]
    assert run("override", folder, "b", *ids, "--reason", "The judge misread") == "Saved: 2 pairs are b.\n"
    rows = json.loads(run("pairs", folder, "--state", "overruled", "--json"))
    assert [row["comparison_id"] for row in rows] == sorted(ids, key=[r["comparison_id"] for r in rows].index)
    assert run("pairs", folder, "--state", "flagged") == "No such pairs.\n"


def test_no_command_tells_what_models_say_of_pairs_in_an_audit_that_is_not_done(run: Run, folder: str) -> None:
    before = {name: json.loads(run("show", folder, name, "--json")) for name in ("labels", "preferences")}
    drawn = set(json.loads(run("audit", folder, "draw", "--set", "size=3", "--json"))["comparison_ids"])
    told = ("label_id", "probability_a", "scored_a", "order_flip", "disputed", "overruled")
    for row in json.loads(run("pairs", folder, "--json")):
        said = any(row[name] not in (None, "") for name in told)
        assert (row["in_audit"], said) == (row["comparison_id"] in drawn, row["comparison_id"] not in drawn)
    for telling in (("--sort", "probability"), ("--sort", "score"), ("--state", "flips"), ("--state", "overruled")):
        assert not drawn & {row["comparison_id"] for row in json.loads(run("pairs", folder, *telling, "--json"))}
    for name, rows in before.items():
        shown = json.loads(run("show", folder, name, "--json"))
        assert shown == [row for row in rows if row["comparison_id"] not in drawn]
    with Project.open(Path(folder)) as project:
        project.review([review(name, "ann", "a", "ab", Answered(AUDIT, True)) for name in drawn])
    assert json.loads(run("show", folder, "labels", "--json")) == before["labels"]
    assert all(row["probability_a"] for row in json.loads(run("pairs", folder, "--json")))


def test_the_rule_and_the_guidelines_are_shown_and_changed(run: Run, folder: str) -> None:
    assert run("rule", folder) == "Much better 0.95, better 0.75, tie 0.5, both bad left out.\n"
    assert "better 0.8" in run("rule", folder, "--set", "better=0.8", "--set", "both_bad_left_out=false")
    assert json.loads(run("rule", folder, "--json"))["better"] == 0.8
    for wrong in ("better=much", "best=1", "better=0.99", "reviews_override=perhaps"):
        with pytest.raises(BadInputError):
            run("rule", folder, "--set", wrong)
    assert "workbench guidelines" in run("guidelines", folder)
    run("guidelines", folder, "--text", "Read both.")
    assert run("guidelines", folder) == "Read both.\n"


def test_what_labels_will_cost_is_told_first(run: Run, folder: str) -> None:
    said = run("estimate", folder, "labels", "--set", "feedback=scripted", "--set", "rationale=true")
    assert said == "5 comparisons: 20 calls (how long it takes is known after a first run).\n"


def test_a_sample_is_set_aside_with_a_reason(run: Run, folder: str) -> None:
    run("audit", folder, "draw", "--set", "size=2")
    with pytest.raises(BadInputError, match="Say in a line why"):
        run("audit", folder, "aside")
    assert "is set aside: its labels can be seen again" in run(
        "audit", folder, "aside", "--reason", "no time", "--by", "ann"
    )
    said = run("audit", folder, "report")
    assert "set aside by ann" in said
    assert "No estimate comes from it" in said
    assert "no time" in run("show", folder, "samples_aside")
    with pytest.raises(BadInputError, match="set aside"):
        run("audit", folder, "no-such")


def test_a_place_that_cannot_be_written_is_told_in_a_sentence(run: Run, folder: str, tmp_path: Path) -> None:
    run("audit", folder, "draw", "--set", "size=2", "--set", "seed=3")
    (tmp_path / "file").write_text("")
    gone, under_a_file = tmp_path / "gone", tmp_path / "file"
    with pytest.raises(BadInputError, match=r"out\.csv cannot be written: its folder is not there; make it first"):
        run("audit", folder, "report", "--history", str(gone / "out.csv"))
    with pytest.raises(BadInputError, match=r"out\.csv cannot be written: what should be its folder is a file"):
        run("audit", folder, "report", "--history", str(under_a_file / "out.csv"))
    with pytest.raises(BadInputError, match=r"rows\.jsonl cannot be written: its folder is not there"):
        run("export", folder, "--as", "preferences", "-o", str(gone / "rows.jsonl"))
    written = pytest.raises(BadInputError, match=r"c\.yaml cannot be written: its folder is not there")
    with Project.open(Path(folder)) as project, written:
        export_constitution(project, gone / "c.yaml", committed=True)
