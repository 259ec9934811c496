"""Models and projects for others: a folder that answers the same, a push that sends nothing, a bundle redone."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.models.tiny import tiny_model
from workbench.errors import WorkbenchError
from workbench.interchange.outgoing.hub import planned, send
from workbench.project import Project
from workbench.records.run import Output

Run = Callable[..., str]
FORMATS = Path(__file__).parents[2] / "data" / "formats"


@pytest.fixture
def project(run: Run, tmp_path: Path) -> str:
    (tmp_path / "prompts.txt").write_text("".join(f"How do I do thing {n}?\n" for n in range(4)))
    run("new", "p", "--constitution", "harmlessness")
    run("import", "p", "prompts.txt")
    return "p"


@pytest.mark.model
def test_a_model_folder_goes_out_tested_and_with_a_card(run: Run, project: str, tmp_path: Path) -> None:
    run("run", project, "chains", "--set", "response=scripted", "--set", "rounds=1")
    with Project.open(tmp_path / "p") as opened:  # as if the run had trained
        folder = Path(opened.run("chains-1").folder)
        tiny_model(folder / "output")
        with opened.store.write():
            opened.store.models.add([Output("output", "sft", "w")], "chains-1")
    told = json.loads(run("export-model", project, "chains-1", "-o", "out", "--json"))
    assert (told["compared"], told["merged"]) == (48, False)
    assert "## Limits" in (tmp_path / "out" / "README.md").read_text()
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }
    with pytest.raises(WorkbenchError, match="is there already"):
        run("export-model", project, "chains-1", "-o", "out")
    shown = run("push", "out", "ann/model")
    assert "private model repository ann/model" in shown
    assert "Nothing was sent." in shown


def test_a_push_sends_what_was_shown_and_only_on_a_word(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    for name in ("README.md", "train.jsonl", ".env"):
        (tmp_path / "set" / name).write_text("x")
    asked: list[tuple[str, dict[str, Any]]] = []

    class Api:
        private = True

        def create_repo(self, repo_id: str, **more: Any) -> None:
            asked.append((repo_id, more))

        def repo_info(self, repo_id: str, *, repo_type: str) -> "Api":
            assert (repo_id, repo_type) == ("ann/set", "dataset")
            return self

        def upload_folder(self, **more: Any) -> None:
            asked.append((more["repo_id"], more))

    plan = planned(tmp_path / "set", "ann/set")
    assert (plan.kind, plan.private, list(plan.files), asked) == ("dataset", True, ["README.md", "train.jsonl"], [])
    send(plan, Api())
    assert asked[0] == ("ann/set", {"repo_type": "dataset", "private": True, "exist_ok": True})
    assert asked[1][1]["allow_patterns"] == ["README.md", "train.jsonl"]
    public = Api()
    public.private = False
    asked.clear()
    with pytest.raises(WorkbenchError, match="everybody can read it, so nothing was sent"):
        send(plan, public)
    assert [repo for repo, more in asked if "folder_path" in more] == []
    send(planned(tmp_path / "set", "ann/set", private=False), public)
    assert asked[-1][1]["allow_patterns"] == ["README.md", "train.jsonl"]
    for folder, name, sentence in (("none", "a/b", "There is no folder"), ("set", "b", "is named OWNER/NAME")):
        with pytest.raises(WorkbenchError, match=sentence):
            planned(tmp_path / folder, name)


def test_a_bundle_is_replayed_with_the_same_draws(run: Run, project: str, tmp_path: Path) -> None:
    row = {"prompt": "p", "chosen": "x", "rejected": "y"}
    (tmp_path / "pairs.jsonl").write_text(json.dumps(row) + "\n")
    run("import", project, "pairs.jsonl")
    run("import", project, str(FORMATS / "PALMS_SLMADISON.jsonl"))
    run("run", project, "chains", "--set", "response=scripted", "--set", "rounds=2", "--seed", "5")
    run("import", project, str(FORMATS / "CritiqueRevisionInstructions.json"))
    run("run", project, "chains", "--set", "response=scripted", "--prepare")  # never done: later ids stay as they were
    run("run", project, "chains", "--set", "response=scripted", "--set", "rounds=1")
    step = json.loads(run("show", project, "steps", "--limit", "1", "--json"))[0]["id"]
    run("edit", project, step, "--text", "Worded by hand.")
    run("bundle", project, "-o", "b.zip")
    run("unbundle", "b.zip", "q")
    other = {"device": "cpu", "dtype": "bfloat16", "training_dtype": "bfloat16", "threads": 2}
    (tmp_path / "state" / "constitution-workbench" / "machine.json").write_text(json.dumps(other))
    with (tmp_path / "q" / "made_before" / "chains-4").open("ab") as prints:
        prints.write(bytes(4))  # of a row that is not made again
    told = run("replay", "q")
    rows = [
        len((tmp_path / "q" / "runs" / name / "results.jsonl").read_bytes().split(b"Step")) - 1
        for name in ("chains-2", "chains-4")
    ]
    assert min(rows) >= 4
    assert told.splitlines()[-2] == "2 runs done."
    assert told.splitlines()[-1].startswith(
        f"{sum(rows)} of {sum(rows) + 1} rows are as they were (chains-4 {rows[1]} of {rows[1] + 1}). The first that differs, "
        "chains-4, was worked with threads 2 for 1: numbers then round otherwise"
    )
    machine = json.loads((tmp_path / "q" / "runs" / "chains-4" / "plan.json").read_text())["machine"]
    assert (machine["dtype"], machine["training_dtype"]) == ("float32", "float32"), "as where the bundle was made"
    assert run("replay", "q") == "0 runs done.\n"

    def made(name: str) -> dict[str, Any]:
        steps = json.loads(run("show", name, "steps", "--limit", "0", "--json"))
        return {step["id"]: (step["principle_id"], step["seed"], step["text"]) for step in steps}

    assert made("q") == made(project)
    learned = []
    for name in (project, "q"):
        run("export", name, "--as", "sft", "-o", f"{name}.jsonl")
        learned.append((tmp_path / f"{name}.jsonl").read_text())
    assert learned[0] == learned[1]
    assert "Worded by hand." in learned[1]
    reviews = [json.loads(run("show", name, "reviews", "--json")) for name in (project, "q")]
    assert reviews[0] == reviews[1]


def test_what_is_no_bundle_is_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no")
    with zipfile.ZipFile(tmp_path / "y.zip", "w") as archive:
        archive.writestr("manifest.json", '{"format": 9}')
    for file, sentence in (
        ("x.zip", "not a bundle"),
        ("y.zip", "another version .format 9"),
        ("z.zip", "There is no file"),
    ):
        with pytest.raises(WorkbenchError, match=sentence):
            run("unbundle", file, "q")
