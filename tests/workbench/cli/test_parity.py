"""What the window can do the command line can, too: all kinds of rows, undoing, drafts of any format, reviewing as asked."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workbench.demo.unpacked import demo_project
from tests.workbench.project.projects import append, ended, project
from workbench.errors import BadInputError
from workbench.project.project import Project
from workbench.project.tables import TABLES
from workbench.records.pair_scores import PairScores
from workbench.records.run import Output

Run = Callable[..., str]


def test_every_kind_of_row_is_shown_and_another_is_a_sentence(run: Run, tmp_path: Path) -> None:
    with Project.open(demo_project(tmp_path / "p")) as made:
        pair = made.store.comparisons.select("1", limit=1)[0]
        with made.store.write():
            made.store.pair_scores.add([PairScores("one", pair.id, 1, 0.5, -0.5)], run_id="rl-1")
    for table in TABLES:
        assert run("show", "p", table, "--limit", "2")
    assert "0.5" in run("show", "p", "pair_scores")
    with pytest.raises(BadInputError, match="There is no table poems; there are prompts"):
        run("show", "p", "poems")


def test_a_removal_is_undone(run: Run, tmp_path: Path) -> None:
    with project(tmp_path / "p") as made:
        chains = made.make_run("chains", {"response": "scripted"})
        append(chains, [Output("output", "sft", "weights")])
        ended(chains)
        made.collect(chains)
        weights = chains.path / "output" / "model.safetensors"
        weights.write_bytes(b"weights")
    run("disk", "p", "--delete", "model", "--run", chains.id, "--aside")
    assert not weights.exists()
    run("disk", "p", "--undo", "model", "--run", chains.id)
    assert weights.read_bytes() == b"weights"
    run("disk", "p", "--delete", "model", "--run", chains.id, "--aside")
    assert "for good" in run("disk", "p", "--empty")
    with pytest.raises(BadInputError, match="gone for good"):
        run("disk", "p", "--undo", "model", "--run", chains.id)


def test_a_constitution_of_another_format_comes_into_the_draft(run: Run, tmp_path: Path) -> None:
    run("new", "p")
    rules = {"constitutions": [{"critic": "Is it rude?", "revision": "Make it kind."}], "system_chat": []}
    (tmp_path / "rules.json").write_text(json.dumps(rules))
    run("constitution", "draft", "p", "--import", "rules.json")
    assert "Make it kind." in run("constitution", "draft", "p")
    assert "Make it kind." not in run("constitution", "show", "p@committed")
    with pytest.raises(BadInputError, match="not both"):
        run("constitution", "draft", "p", "--import", "rules.json", "--from", "rules.json")


def test_a_review_says_how_it_was_given_and_a_sample_to_judge_is_listed(run: Run, tmp_path: Path) -> None:
    with Project.open(demo_project(tmp_path / "p")) as made:
        pair = made.store.comparisons.select("1", limit=1)[0]
    said = json.loads(run("review", "p", pair.id, "a", "--blind", "--overall", "--by", "ann", "--json"))
    assert (said["blind"], said["overall"]) == (True, True)
    pairs = json.loads(run("to-judge", "p", "--by", "ann", "--json"))
    assert len(pairs) == 20
    assert not any(one["judged"] for one in pairs)
    run("judge", "p", pairs[0]["answer_a"], pairs[0]["answer_b"], "tie", "--by", "ann")
    assert json.loads(run("to-judge", "p", "--by", "ann", "--json"))[0]["judged"]
