import io
import json
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.workbench.runs.folders import until
from workbench.cli.app import app
from workbench.cli.printing import steps_line
from workbench.errors import WorkbenchError
from workbench.project import Project
from workbench.records.run import RunState
from workbench.runs.events import Message, event_line
from workbench.runs.folder import RunFolder
from workbench.runs.status import Status

Run = Callable[..., str]


@pytest.fixture
def project(run: Run, tmp_path: Path) -> str:
    (tmp_path / "prompts.txt").write_text("How do I shout at Tom?\nHow do I read her diary?\n")
    run("new", "p", "--constitution", "harmlessness")
    run("import", "p", "prompts.txt", "--as", "prompts")
    return "p"


def test_a_scripted_run_goes_through_the_queue_and_is_shown(run: Run, project: str) -> None:
    ended = json.loads(run("run", project, "chains", "--set", "response=scripted", "--set", "rounds=2", "--json"))
    assert (ended["state"], ended["done"], ended["total"]) == ("finished", 2, 2)
    listed: list[dict[str, Any]] = json.loads(run("runs", project, "--json"))
    assert set(listed[0]) >= {"id", "stage", "state", "reason", "done", "total", "pid", "folder"}
    assert listed[0]["pid"] is None
    chains = json.loads(run("show", project, "chains", "--json"))
    prompts = {row["id"] for row in json.loads(run("show", project, "prompts", "--json"))}
    assert {chain["prompt_id"] for chain in chains} == prompts
    assert all(len(chain["revisions"]) == 2 for chain in chains)
    assert "chains-1" in run("runs", project)
    assert run("collect", project) == "Nothing new.\n"


def test_a_check_says_on_a_terminal_what_it_looks_at(
    run: Run, project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("check", project) == "p is in order.\n"
    heard: list[str] = []
    with Project.open(tmp_path / project) as opened:
        assert opened.check(heard.append) == []
    assert heard == [
        "the journal of decisions", "the pages of the database", "what its rows name", "the chain of decisions, 0 of 1",
        "the folders of runs",
    ]  # fmt: skip
    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    with steps_line("Checking") as tell:
        for step in heard:
            tell(step)
            until(partial(screen.shows, f"\rChecking {step} … "))
    assert screen.getvalue().endswith(" \r"), "the line is gone"


class Terminal(io.StringIO):
    """What is written to it is shown to somebody."""

    def isatty(self) -> bool:
        return True

    def shows(self, text: str) -> bool:
        return text in self.getvalue()


def test_runs_are_listed_newest_first(run: Run, project: str) -> None:
    for _ in range(2):
        run("run", project, "chains", "--set", "response=scripted", "--set", "rounds=1")
    assert [row["id"] for row in json.loads(run("runs", project, "--json"))] == ["chains-2", "chains-1"]


def test_a_stage_without_input_names_the_command_that_makes_it(run: Run, project: str) -> None:
    for stage, command in {"sft": "chains", "labels": "comparisons", "preference_model": "labels", "rl": "sft"}.items():
        with pytest.raises(WorkbenchError, match=rf"workbench run \S+ {command}"):
            run("run", project, stage)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("rounds=two", "must be a whole number, not 'two'"),
        ("round=2", "has no setting round (did you mean rounds?); it has rounds, "),
        ("feedback=demo", "and the models response, critic."),
        ("rounds", "write it as key=value"),
        ("response=nowhere", "is not a model: name a run"),
        ("few_shots=maybe", "must be true or false"),
    ],
)
def test_a_wrong_setting_is_one_sentence(run: Run, project: str, setting: str, sentence: str) -> None:
    with pytest.raises(WorkbenchError, match=re.escape(sentence)):
        run("run", project, "chains", "--set", setting)


def test_a_bad_row_imports_nothing_unless_asked(run: Run, project: str, tmp_path: Path) -> None:
    (tmp_path / "more.jsonl").write_text('{"prompt": "How do I hide?"}\n{"prompt": 7}\n')
    with pytest.raises(WorkbenchError, match="line 2"):
        run("import", project, "more.jsonl", "--as", "prompts")
    assert len(json.loads(run("show", project, "prompts", "--json"))) == 2
    assert "1 new prompt" in run("import", project, "more.jsonl", "--as", "prompts", "--skip-bad")


def test_an_imported_choice_becomes_a_preference_and_is_exported_again(run: Run, project: str, tmp_path: Path) -> None:
    row = {"prompt": "How do I hide?", "chosen": "Behind the door.", "rejected": "Nowhere."}
    (tmp_path / "pairs.jsonl").write_text(json.dumps(row) + "\n")
    run("import", project, "pairs.jsonl", "--as", "comparisons")
    (preference,) = json.loads(run("show", project, "preferences", "--json"))
    assert preference["origin"].startswith("review:")
    run("export", project, "--as", "preferences", "-o", "out.jsonl")
    exported = json.loads((tmp_path / "out.jsonl").read_text())
    assert {name: exported[name] for name in row} == row
    assert exported["chosen_prob"] == 0.75


def test_a_constitution_is_edited_compared_and_committed(run: Run, project: str) -> None:
    shown = json.loads(run("constitution", "show", project, "--json"))
    first = shown["principles"][0]["id"]
    run("constitution", "edit", project, first, "--set", "critique_request=Say plainly what would hurt somebody.")
    assert "plainly" in run("constitution", "diff", project)
    committed = json.loads(run("constitution", "commit", project, "-m", "Plainer", "--json"))
    assert committed["parent"] == shown["hash"]
    assert run("constitution", "diff", project).startswith("No difference")
    assert "nothing to mend" in run("constitution", "lint", project)
    before = run("constitution", "show", f"{project}@{shown['hash'][:10]}")
    assert "Say plainly what would hurt somebody." not in before


def test_a_stopped_run_is_over_and_a_paused_one_goes_on(run: Run, project: str) -> None:
    run("run", project, "chains", "--set", "response=scripted", "--detach")
    run("pause", project, "chains-1")
    state = json.loads(run("runs", project, "--json"))[0]["state"]
    assert state in ("paused", "finished")
    if state == "paused":
        run("resume", project, "chains-1")
    assert json.loads(run("runs", project, "--json"))[0]["state"] == "finished"
    with pytest.raises(WorkbenchError, match="finished already"):
        run("stop", project, "chains-1")


def test_what_an_earlier_try_told_is_not_told_again(run: Run, project: str, tmp_path: Path) -> None:
    run("run", project, "chains", "--set", "response=scripted", "--prepare")
    folder = RunFolder.open(tmp_path / project / "runs" / "chains-1")
    torn = '{"type":"Mess'  # a kill tore this line; the next worker cuts it off
    folder.events_file.write_text(event_line(Message("Alarm: the reward runs away.")) + "\n" + torn)
    folder.write_status(Status(RunState.PAUSED, "Alarm: the reward runs away."))
    said = CliRunner().invoke(app, ["resume", project, "chains-1"]).output
    assert "chains chains-1: finished" in said
    assert "Alarm" not in said
    assert "events.jsonl" not in said  # a line that was read from its middle would be told as damaged
    assert "Alarm: the reward runs away." in run("log", project, "chains-1")


def test_check_and_unknown_places_speak_plainly(run: Run, project: str) -> None:
    assert run("check", project) == "p is in order.\n"
    with pytest.raises(WorkbenchError, match=r"workbench new \S*nowhere"):
        run("runs", "nowhere")
    with pytest.raises(WorkbenchError, match="There is no table dreams"):
        run("show", project, "dreams")


def test_a_project_is_backed_up_and_restored(run: Run, project: str, tmp_path: Path) -> None:
    made = json.loads(run("backup", project, "--json"))
    assert made["why"] == "by-hand"
    (tmp_path / "more.txt").write_text("How do I shout louder?\n")
    run("import", project, "more.txt", "--as", "prompts")
    run("run", project, "chains", "--set", "response=scripted", "--set", "rounds=1")
    assert made["name"] in [row["name"] for row in json.loads(run("backup", project, "list", "--json"))]
    kept = json.loads(run("backup", project, "restore", made["name"], "--json"))["kept"]
    assert Path(kept).is_file()
    # The run's folder still holds what it made, so it is collected again, with the prompts it was about.
    assert len(json.loads(run("show", project, "chains", "--json"))) == 3
    assert run("check", project) == "p is in order.\n"
    with pytest.raises(WorkbenchError, match="not 'erase'"):
        run("backup", project, "erase")


def test_a_person_reviews_excludes_and_edits(run: Run, project: str, tmp_path: Path) -> None:
    row = {"prompt": "How do I hide?", "response_a": "Behind the door.", "response_b": "Nowhere."}
    (tmp_path / "pairs.jsonl").write_text(json.dumps(row) + "\n")
    run("import", project, "pairs.jsonl", "--as", "comparisons")
    (pair,) = json.loads(run("show", project, "comparisons", "--json"))
    run("review", project, pair["id"], "b_much", "--by", "Ada", "--reason", "honest")
    (preference,) = json.loads(run("show", project, "preferences", "--json"))
    assert preference["probability_a"] == pytest.approx(0.05)
    assert json.loads(run("exclude", project, pair["id"], "--reason", "odd", "--json")) == {"excluded": [pair["id"]]}
    assert run("show", project, "preferences") == "No preferences yet.\n"
    run("include", project, pair["id"], "--by", "Bo")
    assert len(json.loads(run("show", project, "preferences", "--json"))) == 1
    assert json.loads(run("show", project, "exclusions", "--json"))[0]["person"] == "Bo"

    run("run", project, "chains", "--set", "response=scripted", "--set", "rounds=1")
    chain = json.loads(run("show", project, "chains", "--json"))[0]
    revision = chain["revisions"][0]["id"]
    (tmp_path / "mine.txt").write_bytes(b"In my words.\n")
    assert run("edit", project, revision, "--file", "mine.txt") == f"Edited {revision}.\n"
    run("export", project, "--as", "sft", "-o", "sft.jsonl")
    completions = [json.loads(line)["completion"] for line in (tmp_path / "sft.jsonl").read_text().splitlines()]
    assert "In my words.\n" in completions
    assert run("edit", project, revision, "--undo") == f"{revision} reads again as it was written.\n"
    assert json.loads(run("show", project, "chains", "--json"))[0] == chain
    with pytest.raises(WorkbenchError, match="--text or --file"):
        run("edit", project, revision)


def test_a_draft_is_saved_before_it_is_a_constitution(run: Run, project: str, tmp_path: Path) -> None:
    (tmp_path / "half.yaml").write_bytes(b"name: half\r\nprinciples: [")
    assert "25 characters" in run("constitution", "draft", project, "--from", "half.yaml")
    (tmp_path / project / "constitution.yaml").unlink()
    assert (
        run("constitution", "draft", project) == "name: half\nprinciples: ["
    )  # the runner of tests turns CRLF into LF
    with pytest.raises(WorkbenchError, match=r"constitution\.yaml, line"):
        run("constitution", "commit", project)
    with pytest.raises(WorkbenchError, match=r"nowhere\.yaml cannot be read"):
        run("constitution", "draft", project, "--from", "nowhere.yaml")


def test_texts_are_found_by_their_words(run: Run, project: str) -> None:
    (one,) = json.loads(run("search", project, "SHOUT", "tom", "--json"))
    assert (one["table"], one["excerpt"]) == ("prompts", "How do I shout at Tom?")
    run("run", project, "chains", "--set", "response=scripted", "--set", "rounds=1")
    step = json.loads(run("show", project, "steps", "--json", "--limit", "1"))[0]
    word = step["text"].split()[0]
    assert step["id"] in run("search", project, word, "--in", "steps", "--limit", "0")
    assert run("search", project, "unheard-of") == "Nothing in p holds these words.\n"
