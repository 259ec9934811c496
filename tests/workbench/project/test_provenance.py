"""Where a model comes from, as its card says it: the runs that led to it and no others, and the constitution of its time."""

from dataclasses import replace
from pathlib import Path

from tests.workbench.project.projects import KIND, project
from workbench.interchange.outgoing.cards import Provenance, model_card
from workbench.project.project import Project
from workbench.project.provenance import hub_base, provenance_of_model
from workbench.records.model import ModelRef
from workbench.records.run import Plan

HUB = ModelRef("hub", "owner/base", "owner/base", "/nowhere")


def of_run(name: str) -> ModelRef:
    return ModelRef("run", name, f"sft of {name}", "/nowhere")


def record(made: Project, name: str, policy: ModelRef, *sources: str) -> None:
    stage = name.rpartition("-")[0]
    plan = Plan(name, stage, {"policy": policy}, made.constitution.hash, sources=sources)
    with made.store.write():
        made.store.runs.record(plan, made.folder / "runs" / name)


def test_a_models_card_names_what_led_to_it_and_the_constitution_it_was_made_by(tmp_path: Path) -> None:
    with project(tmp_path / "p") as made:
        for name in ("chains-1", "chains-2", "comparisons-1"):
            record(made, name, HUB)
        record(made, "sft-1", HUB, "chains-1")
        record(made, "sft-2", HUB, "chains-2")
        record(made, "rl-1", of_run("sft-1"))
        record(made, "rl-2", of_run("rl-1@64"))
        before = made.constitution.hash
        made.commit(replace(KIND, title="Kinder"))
        assert made.constitution.hash != before
        told = provenance_of_model(made, made.run("rl-2"))
        assert [line.partition(":")[0] for line in told.runs] == ["chains-1", "sft-1", "rl-1", "rl-2"]
        assert told.constitution_hash == before
        second = provenance_of_model(made, made.run("sft-2")).runs
        assert [line.partition(":")[0] for line in second] == ["chains-2", "sft-2"]
        assert hub_base(made, made.run("rl-2")) == "owner/base"
        record(made, "sft-3", ModelRef("demo", "demo", "demo", "/nowhere"))
        assert hub_base(made, made.run("sft-3")) == ""


def test_the_hub_is_told_of_a_base_that_it_has_alone() -> None:
    found = Provenance("kind", "h", 1)
    assert "base_model" not in model_card("m", "sft of sft-1", "rl", found)
    assert "Trained from sft of sft-1." in model_card("m", "sft of sft-1", "rl", found)
    assert 'base_model: "owner/base"\n' in model_card("m", "sft of sft-1", "rl", found, (), "owner/base")
