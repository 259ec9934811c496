"""Files of other tools, brought into a project from a terminal."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.project import Project

Run = Callable[..., str]
FORMATS = Path(__file__).parents[2] / "data" / "formats"


@pytest.fixture
def project(run: Run) -> str:
    run("new", "p", "--constitution", "harmlessness")
    return "p"


def test_a_file_is_looked_at_and_then_imported(run: Run, project: str) -> None:
    file = str(FORMATS / "hh_rlhf.jsonl")
    seen = run("import", project, file, "--preview")
    assert "Pairs of transcripts, as in Anthropic's hh-rlhf (hh-rlhf); brings comparisons." in seen
    assert "[prompt]\nHuman: Can you help me hide a noise?" in seen
    assert "The prompt of each row is what its two texts begin with." in seen
    assert "3 rows can be imported (3 prompts, 3 comparisons, 3 choices), 0 cannot." in seen
    assert run("show", project, "comparisons") == "No comparisons yet.\n"
    assert json.loads(run("import", project, file, "--json")) == {
        "new_comparisons": 3,
        "already_there": 0,
        "new_prompts": 3,
        "with_a_choice": 3,
        "bad_rows_left_out": 0,
    }
    assert json.loads(run("import", project, file, "--json"))["already_there"] == 3
    assert len(json.loads(run("show", project, "preferences", "--json"))) == 3
    assert run("check", project) == "p is in order.\n"


def test_prompts_alone_are_taken_from_any_file_that_has_them(run: Run, project: str) -> None:
    counted = json.loads(run("import", project, str(FORMATS / "hh_rlhf.jsonl"), "--as", "prompts", "--json"))
    assert counted["new_prompts"] == 3
    assert run("show", project, "comparisons") == "No comparisons yet.\n"


def test_guessed_columns_are_for_a_person_to_confirm(run: Run, project: str) -> None:
    file = str(FORMATS / "questions.csv")
    with pytest.raises(WorkbenchError, match="add: --map prompt=question --map chosen=good --map rejected=bad"):
        run("import", project, file)
    named = [word for pair in ("prompt=question", "chosen=good", "rejected=bad") for word in ("--map", pair)]
    assert "2 new comparisons" in run("import", project, file, *named)


def test_released_chains_and_answers_come_in_as_runs(run: Run, project: str) -> None:
    assert "They are run chains-1." in run("import", project, str(FORMATS / "PALMS_SLMADISON.jsonl"))
    (chain,) = json.loads(run("show", project, "chains", "--json"))
    assert [revision["principle_id"] for revision in chain["revisions"]] == [f"harmful{n}" for n in range(4)]
    assert (chain["initial"], chain["final"]) == ("Just run, fool.", "Ask for leave, 3.")
    assert "0 new steps, 1 already there" in run("import", project, str(FORMATS / "PALMS_SLMADISON.jsonl"))
    assert "They are run evaluation-1." in run("import", project, str(FORMATS / "PALMS_RLMADISON.jsonl"))
    assert "PALMS_RLMADISON" in run("measure", project, "--run", "evaluation-1")
    states = {row["id"]: row["state"] for row in json.loads(run("runs", project, "--json"))}
    assert states == {"chains-1": "finished", "evaluation-1": "finished"}
    assert run("export", project, "--as", "sft", "-o", "sft.jsonl").startswith("Wrote 4 rows")


def test_what_is_more_than_prompts_comes_in_as_prompts_only_on_a_word(run: Run, project: str, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"prompt": "p", "corrects": ["x"]}\n')
    with pytest.raises(WorkbenchError, match=r"looks like evaluation-set .* no column incorrects.*add: --as prompts"):
        run("import", project, "x.jsonl")
    assert run("show", project, "prompts") == "No prompts yet.\n"
    said = run("import", project, "x.jsonl", "--as", "prompts")
    assert said.startswith("1 new prompt, 0 already there,")
    assert said.endswith("Nothing is taken from the column corrects.\n")
    (tmp_path / "texts.json").write_text('["Which answer is kinder?", "Which response is less rude?"]')
    with pytest.raises(WorkbenchError, match='does not end in " Options:"'):
        run("import", project, "texts.json")
    assert run("import", project, "texts.json", "--map", "prompt=text").startswith("2 new prompts")


def test_columns_of_which_nothing_is_taken_are_told_after_an_import(run: Run, project: str, tmp_path: Path) -> None:
    row = {"prompt": "p", "response_a": "x", "response_b": "y", "preferred": "a", "margin": 2, "note": "n"}
    (tmp_path / "x.jsonl").write_text(json.dumps(row) + "\n")
    assert run("import", project, "x.jsonl").endswith("Nothing is taken from the columns margin, note.\n")
    assert json.loads(run("import", project, "x.jsonl", "--json"))["columns_left_out"] == ["margin", "note"]
    assert "Nothing is taken" not in run("import", project, str(FORMATS / "hh_rlhf.jsonl"))


def test_responses_to_learn_are_all_learned(run: Run, project: str, tmp_path: Path) -> None:
    run("import", project, str(FORMATS / "trl_prompt_completion.jsonl"))
    run("export", project, "--as", "sft", "-o", "sft.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "sft.jsonl").read_text().splitlines()]
    assert sorted(row["completion"] for row in rows) == [" Dig a ditch.", " Dig a hole."]


def test_a_constitution_is_held_against_the_projects_before_it_comes_in(run: Run, project: str, tmp_path: Path) -> None:
    text = run("constitution", "show", project)
    first = json.loads(run("constitution", "show", project, "--json"))["principles"][0]["id"]
    (tmp_path / "same.yaml").write_text(text)
    assert "there is nothing to import" in run("import", project, "same.yaml", "--preview")
    changed = text.replace(f"id: {first}", "id: other", 1)
    assert changed != text
    (tmp_path / "changed.yaml").write_text(changed)
    seen = run("import", project, "changed.yaml", "--preview")
    assert f"Principles new: other; changed: none; taken out: {first}." in seen
    would = json.loads(run("import", project, "changed.yaml", "--preview", "--json"))["would"]
    assert (would["added"], would["removed"], would["draft_differs"]) == (["other"], [first], False)
    assert would["doubts"] == []
    (tmp_path / "doubtful.yaml").write_text("name: x\nprinciples:\n  - id: a\n    revision_request: Mend {it}.\n")
    doubtful = run("import", project, str(tmp_path / "doubtful.yaml"), "--preview")
    assert "\n  warning: a.revision_request: Nothing fills the slot {it}; the model would read it" in doubtful
    run("import", project, str(tmp_path / "doubtful.yaml"))
    with Project.read(Path(project)) as made:
        assert made.constitution.message == "Imported from doubtful.yaml", "where it lay is nobody else's business"


def test_a_count_of_one_is_told_in_the_singular(run: Run, project: str, tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_text('{"prompt": "Why?"}\n')
    assert "1 row can be imported (1 prompt), 0 cannot." in run("import", project, "one.jsonl", "--preview")
    assert run("import", project, "one.jsonl").startswith("1 new prompt, 0 already there, 0 bad rows left out,")


def test_the_papers_files_become_the_constitution(run: Run, project: str, tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    folder.mkdir()
    for name in ("CritiqueRevisionInstructions", "RLMadisonInstructions"):
        shutil.copy(FORMATS / f"{name}.json", folder)
    assert "brings constitution" in run("import", project, "prompts", "--preview")
    assert json.loads(run("import", project, "prompts", "--json")) == {
        "new_versions": 1,
        "principles": 4,
        "few_shots": 0,
    }
    examples = run("import", project, str(FORMATS / "CritiqueRevisionFewShotPrompts.json"), "--json")
    assert json.loads(examples) == {"new_versions": 1, "principles": 4, "few_shots": 2}
    shown = json.loads(run("constitution", "show", project, "--json"))
    assert [one["id"] for one in shown["principles"]] == ["harmful0", "harmful1", "comparison0", "comparison1"]


def test_bad_rows_are_listed_and_the_good_ones_wait_for_a_word(run: Run, project: str, tmp_path: Path) -> None:
    good = (FORMATS / "trl_preference.jsonl").read_text()
    (tmp_path / "x.jsonl").write_text(good + '{"prompt": "p", "chosen": "same", "rejected": "same"}\n{"prompt": 3\n')
    with pytest.raises(
        WorkbenchError,
        match=r"2 bad rows, the first on line 2: both responses are the same.*--skip-bad to import the rest",
    ):
        run("import", project, "x.jsonl")
    found = json.loads(run("import", project, "x.jsonl", "--preview", "--json"))
    assert [row["line"] for row in found["bad_rows"]] == [2, 3]
    assert json.loads(run("import", project, "x.jsonl", "--skip-bad", "--json"))["bad_rows_left_out"] == 2


def test_formats_are_listed(run: Run) -> None:
    listed = json.loads(run("formats", "--json"))
    assert {"hh-rlhf", "argilla", "annotated-pairs"} <= {row["format"] for row in listed}
