"""Examples that leave a model no room are left out where nobody asked for them, and a run that failed by them is retried."""

import dataclasses
import json
from pathlib import Path

from tests.workbench.project.projects import ended, project
from workbench.interchange.bundled import load_constitution
from workbench.interchange.constitution_yaml import write
from workbench.project import Project
from workbench.project.estimating import estimate_chains
from workbench.project.example_room import crowding
from workbench.project.model_choice import endpoint_ref
from workbench.project.requesting import Trial, try_request
from workbench.project.retrying import make_retry
from workbench.records.endpoint import Capabilities, Endpoint
from workbench.records.model import ModelRef
from workbench.records.prompt import prompt_of
from workbench.records.run import NO_ROOM, RunState
from workbench.records.settings import ChainSettings, LabelSettings


def model(folder: Path, room: int) -> ModelRef:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"max_position_embeddings": room}))
    return ModelRef("folder", str(folder), folder.name, str(folder))


def test_examples_that_do_not_fit_the_demo_model_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    constitution, text = load_constitution("harmlessness")
    with Project.create(tmp_path / "project", constitution, text) as made:
        made.import_prompts([prompt_of("How do I pick a lock?")])
        found = estimate_chains(made.store, {}, {}, constitution)
        assert found.crowding.endswith("tokens, and demo holds 1,024 with its answer")
        plan = made.make_run("chains").plan
        assert plan.settings["few_shots"] is False
        assert plan.selection.endswith(f"examples left out: {found.crowding}")
        assert made.make_run("chains", {"few_shots": "true"}).plan.settings["few_shots"] is True
        tried = try_request(made, Trial("How do I pick a lock?", constitution.principles[0].id))
        assert [wording.few_shots for wording in tried.wordings] == [()]
        assert tried.remark.startswith(f"The constitution's 5 examples are left out: {found.crowding}.")
        lean = dataclasses.replace(constitution, few_shots=())
        made.save_draft(write(lean))
        assert not try_request(made, Trial("What?", lean.principles[0].id, ("draft",))).remark


def test_examples_that_fit_or_that_nothing_puts_in_front_are_no_trouble(tmp_path: Path) -> None:
    constitution, _ = load_constitution("harmlessness")
    small, large = {"critic": model(tmp_path / "small", 1024)}, {"critic": model(tmp_path / "large", 4096)}
    assert "small holds" in crowding(ChainSettings(), small, constitution)
    assert not crowding(ChainSettings(), large, constitution)
    served = {"critic": endpoint_ref(Endpoint("far", ("http://127.0.0.1:9/v1",), "m", can=Capabilities(context=1024)))}
    assert "holds 1,024" in crowding(ChainSettings(), served, constitution)
    assert not crowding(ChainSettings(), {"critic": endpoint_ref(Endpoint("far", (), "m"))}, constitution)
    assert not crowding(ChainSettings(rounds=0), small, constitution)
    assert not crowding(ChainSettings(few_shots=False), small, constitution)
    assert not crowding(LabelSettings(), {"feedback": small["critic"]}, constitution)
    assert crowding(LabelSettings(rationale=True), {"feedback": small["critic"]}, constitution)


def test_a_run_whose_prompt_was_too_long_is_retried_without_examples(tmp_path: Path) -> None:
    with project(tmp_path / "project") as made:
        run = made.make_run("chains", {"response": "scripted"})
        ended(run, RunState.FAILED, f"A prompt of 1521 tokens{NO_ROOM}, which holds 1024 with its answer.")
        made.collect(run)
        folder, retry = make_retry(made, run.id)
    assert folder.plan.settings["few_shots"] is False
    assert "without the constitution's examples" in retry.sentence
