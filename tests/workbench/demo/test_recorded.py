import json
from pathlib import Path

import pytest

from tests.workbench.project.projects import append, ended, project, steps
from workbench.demo.recorded import MOST_BYTES, record, recording, unpack
from workbench.errors import BadInputError, MissingError
from workbench.interchange.incoming.brought import choice_between
from workbench.project.overview import overview_of
from workbench.project.project import Project
from workbench.records.run import Output


def finished(folder: Path) -> Path:
    with project(folder) as made:
        chains = made.make_run("chains", {"response": "scripted"})
        prompt = made.store.prompts.select("split = 'train'")[0]
        brought = choice_between(prompt, "Ask him calmly.", "Shout at him.")
        made.import_records([], brought.comparisons, reviews=brought.reviews)
        append(chains, steps(chains.id, prompt))
        ended(chains)
        made.collect(chains)
        sft = made.make_run("sft")
        append(sft, [Output("output", "sft", "hash")])
        ended(sft)
        made.collect(sft)
    (folder / "demo.json").write_text(json.dumps({"runs": {"chains": chains.id, "sft": sft.id}}))
    return folder


def test_what_is_recorded_comes_back_without_weights(tmp_path: Path) -> None:
    made = finished(tmp_path / "made")
    record(made, tmp_path / "demo.tar.xz")
    with Project.read(made) as before, unpack(tmp_path / "new", tmp_path / "demo.tar.xz") as after:
        for table in ("prompts", "chains", "steps", "comparisons", "reviews"):
            assert after.rows(table) == before.rows(table)
        assert after.constitution.hash == before.constitution.hash
        assert [run.state for run in after.runs()] == ["finished", "finished"]
        assert after.rows("reviews")
        assert overview_of(before).weightless == frozenset()
        assert overview_of(after).weightless == {"sft"}
        assert overview_of(after).lacks("comparisons") == ("sft_weights",)
        with pytest.raises(MissingError, match="weights of sft-1"):
            after.make_run("comparisons")


def test_a_run_that_is_not_finished_is_not_recorded(tmp_path: Path) -> None:
    with project(tmp_path / "made") as made:
        made.make_run("chains", {"response": "scripted"})
    with pytest.raises(BadInputError, match="chains-1"):
        record(tmp_path / "made", tmp_path / "demo.tar.xz")


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    with pytest.raises(BadInputError, match="not empty"):
        unpack(tmp_path / "mine")


def test_the_recording_that_ships_shows_the_whole_method(tmp_path: Path) -> None:
    assert recording().stat().st_size <= MOST_BYTES
    with unpack(tmp_path / "demo") as demo:
        found = overview_of(demo)
        assert {"chains", "sft", "comparisons", "labels", "preference_model", "rl", "evaluation"} <= found.finished
        assert found.weightless == {"sft", "preference_model", "rl"}
        assert min(found.rows[name] for name in ("chains", "labels", "answers")) > 0
        assert demo.check() == []
