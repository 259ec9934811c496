"""What each stage takes from the store, and what it says when that is not there."""

import dataclasses
from pathlib import Path

import pytest

from tests.workbench.project.projects import (
    KIND,
    append,
    comparison,
    ended,
    label,
    model_folder,
    project,
    prompts,
    steps,
)
from workbench.errors import BadInputError, MissingError
from workbench.project import Project
from workbench.project.model_choice import DEMO_MODEL
from workbench.project.selection import limited
from workbench.project.talking import talking_models
from workbench.project.training_rows import is_held_out
from workbench.records.comparison import Comparison, Review
from workbench.records.constitution import Constitution
from workbench.records.prompt import HELPFUL, Prompt
from workbench.records.rows import PreferenceRow, SftRow
from workbench.records.run import Output, RunState
from workbench.runs.folder import RunFolder


class World:
    """A project, a model folder, and the stages up to the one a test is about."""

    def __init__(self, folder: Path) -> None:
        self.project = project(folder / "p", number=4)
        self.model = model_folder(folder / "model")

    def chains(self, flagged: tuple[int, ...] = ()) -> RunFolder:
        folder = self.project.make_run("chains", {"response": self.model, "rounds": "2"})
        append(folder, [step for prompt in folder.inputs(Prompt) for step in steps(folder.id, prompt, flagged)])
        return self.end(folder)

    def training(self, stage: str, **settings: str) -> RunFolder:
        folder = self.project.make_run(stage, {"policy": self.model, **settings})
        output = Path(model_folder(folder.path / "output"))
        if stage == "preference_model":
            (output / "readiness.json").write_text('{"ready": true, "checks": []}')
        append(folder, [Output("output", stage, f"weights of {folder.id}", 3)])
        return self.end(folder)

    def comparisons(self) -> RunFolder:
        folder = self.project.make_run("comparisons", {"response": self.model})
        append(folder, [comparison(folder.id, prompt) for prompt in folder.inputs(Prompt)])
        return self.end(folder)

    def labels(self, **settings: str) -> RunFolder:
        folder = self.project.make_run("labels", {"feedback": self.model, **settings})
        hash_ = self.project.constitution.hash
        append(folder, [label(folder.id, pair, hash_) for pair in folder.inputs(Comparison)])
        return self.end(folder)

    def end(self, folder: RunFolder, state: RunState = RunState.FINISHED) -> RunFolder:
        ended(folder, state)
        self.project.collect(folder)
        return folder


@pytest.fixture
def world(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = World(tmp_path)
    yield made
    made.project.close()


def splits(folder: RunFolder) -> set[str]:
    return {prompt.split for prompt in folder.inputs(Prompt)}


def test_chains_take_their_prompts_and_write_everything_down(world: World) -> None:
    folder = world.project.make_run(
        "chains", {"response": world.model, "rounds": "3", "seed": "7"}, {"dtype": "float32"}
    )
    plan = folder.plan
    assert splits(folder) == {"train", "sft"}
    assert plan.total == len(list(folder.inputs(Prompt))) == 16
    assert (plan.seed, plan.settings["rounds"], plan.settings["critique"]) == (7, 3, True)
    assert plan.constitution_hash == KIND.hash == folder.constitution.hash
    assert plan.machine == {"dtype": "float32"}
    assert plan.models["critic"] == plan.models["response"]
    assert world.project.runs()[0].state is RunState.QUEUED
    assert "16 prompts" in plan.selection


def test_another_critic_may_be_named(world: World, tmp_path: Path) -> None:
    critic = model_folder(tmp_path / "critic")
    plan = world.project.make_run("chains", {"response": world.model, "critic": critic}).plan
    assert plan.models["critic"].folder == critic


def test_sft_learns_revisions_and_a_share_of_helpful_samples(world: World) -> None:
    world.chains()
    rows = list(world.project.make_run("sft", {"policy": world.model}).inputs(SftRow))
    revisions = [row for row in rows if row.round]
    helpful = [row for row in rows if row.kind == HELPFUL]
    assert len(revisions) == 8 * 2
    assert len(helpful) == 8
    assert {row.completion for row in revisions} == {"revision 2", "revision 4"}
    assert all(row.messages[-1].role == "user" for row in rows)
    few = world.project.make_run("sft", {"policy": world.model, "helpful_share": "0.25"})
    assert sum(row.kind == HELPFUL for row in few.inputs(SftRow)) == 4
    again = world.project.make_run("sft", {"policy": world.model, "helpful_share": "0.25"})
    assert list(again.inputs(SftRow)) == list(few.inputs(SftRow))


def test_sft_leaves_out_what_filters_flagged_and_may_take_the_last_only(world: World) -> None:
    world.chains(flagged=(4,))
    texts = {
        row.completion for row in world.project.make_run("sft", {"policy": world.model}).inputs(SftRow) if row.round
    }
    assert texts == {"revision 2"}
    last = world.project.make_run("sft", {"policy": world.model, "revisions": "last", "drop_flagged": "false"})
    assert {row.completion for row in last.inputs(SftRow) if row.round} == {"revision 4"}
    with pytest.raises(BadInputError, match="all or last"):
        world.project.make_run("sft", {"policy": world.model, "revisions": "some"})


def test_sft_takes_the_newest_chains_unless_others_are_named(world: World) -> None:
    first, second = world.chains(), world.chains()
    paused = world.project.make_run("chains", {"response": world.model})

    def sources(**settings: str) -> set[str]:
        folder = world.project.make_run("sft", {"policy": world.model, **settings})
        return {row.origin.partition("-prompt")[0] for row in folder.inputs(SftRow)}

    assert sources() == {second.id}
    assert sources(chains=first.id) == {first.id}
    assert sources(chains="all") == {first.id, second.id}
    with pytest.raises(BadInputError, match="no chains run sft-1"):
        sources(chains="sft-1")
    with pytest.raises(MissingError, match=f"{paused.id} hold no usable revision"):
        sources(chains=paused.id)


def test_models_flow_from_stage_to_stage(world: World) -> None:
    world.chains()
    sft = world.training("sft")
    plan = world.project.make_run("comparisons").plan
    assert (plan.models["response"].location, plan.models["response"].weights) == (sft.id, f"weights of {sft.id}")
    assert plan.models["response"].folder == str(sft.path / "output")
    world.comparisons()
    world.labels()
    measured = world.training("preference_model")
    plan = world.project.make_run("rl").plan
    assert {role: ref.location for role, ref in plan.models.items()} == {
        "policy": sft.id, "reference": sft.id, "reward": measured.id,
    }  # fmt: skip
    newer = world.training("sft")
    assert world.project.make_run("rl").plan.models["policy"].location == newer.id
    plan = world.project.make_run("rl", {"policy": sft.id, "reward": measured.id}).plan
    assert plan.models["reference"].location == sft.id
    rl = world.training("rl")
    plan = world.project.make_run("evaluation", {"base": world.model, "feedback": world.model}).plan
    assert {role: ref.location for role, ref in plan.models.items()} == {
        "base": world.model, "sl_cai": newer.id, "rl_cai": rl.id, "feedback": world.model, "reward": measured.id,
    }  # fmt: skip


def test_the_models_that_reward_are_those_the_settings_name(world: World) -> None:
    world.chains()
    sft = world.training("sft")
    feedback = {"rewards": "feedback", "feedback": world.model}
    plan = world.project.make_run("rl", feedback).plan
    assert {role: ref.location for role, ref in plan.models.items()} == {
        "policy": sft.id, "reference": sft.id, "feedback": world.model,
    }  # fmt: skip
    world.comparisons()
    world.labels()
    one, two = world.training("preference_model"), world.training("preference_model")
    asked = {"rewards": "reward=1,reward_2=0.5", "reward_2": one.id, "gold": world.model}
    plan = world.project.make_run("rl", asked).plan
    assert [plan.models[role].location for role in ("reward", "reward_2", "gold")] == [two.id, one.id, world.model]
    with pytest.raises(BadInputError, match="reward_2 is named but rewards nothing"):
        world.project.make_run("rl", {"reward_2": one.id})
    with pytest.raises(MissingError, match="--set reward_3=RUN"):
        world.project.make_run("rl", {"rewards": "reward,reward_3"})


def test_a_policy_on_its_way_is_evaluated_by_the_responses_it_has_learned_from(world: World) -> None:
    world.chains()
    world.training("sft")
    rl = world.training("rl", rewards="feedback", feedback=world.model)
    (rl.path / "snapshots" / "16").mkdir(parents=True)
    append(rl, [Output("snapshots/16", "rl_snapshot", "early", 1)])
    world.project.collect(rl)
    judges = {"judges": "feedback", "feedback": world.model, "base": world.model}
    asked = {**judges, "rl_cai@16": f"{rl.id}@16", "rl_cai_otherwise": rl.id}
    models = world.project.make_run("evaluation", asked).plan.models
    assert list(models) == ["base", "sl_cai", "rl_cai@16", "rl_cai", "rl_cai_otherwise", "feedback"]
    assert (models["rl_cai@16"].weights, models["rl_cai"].weights) == ("early", f"weights of {rl.id}")
    assert models["rl_cai@16"].folder == str(rl.path / "snapshots" / "16")
    with pytest.raises(MissingError, match="kept no policy after 32 responses"):
        world.project.make_run("evaluation", {**judges, "rl_cai@32": f"{rl.id}@32"})


def test_labels_take_what_has_none_under_this_constitution(world: World) -> None:
    world.comparisons()
    folder = world.labels(limit="5")
    assert folder.plan.total == 5
    folder = world.labels()
    assert folder.plan.total == 16 - 5
    assert {prompt.id for prompt in folder.inputs(Prompt)} == {pair.prompt_id for pair in folder.inputs(Comparison)}
    with pytest.raises(MissingError, match="has a label of this kind"):
        world.labels()
    world.project.commit(Constitution("changed", principles=KIND.principles))
    assert world.labels().plan.total == 16


def test_the_preference_model_sees_labels_and_reviews_and_keeps_prompts_apart(world: World) -> None:
    world.comparisons()
    world.labels()
    pairs = list(world.project.store.comparisons.each())
    world.project.review([Review("r", pairs[0].id, "Ada", "b_much")])
    folder = world.project.make_run("preference_model", {"policy": world.model, "held_out_share": "0.4"})
    rows = {row.comparison_id: row for row in folder.inputs(PreferenceRow)}
    assert len(rows) == 16
    assert rows[pairs[0].id].probability_a == pytest.approx(0.05)
    assert rows[pairs[0].id].origin == "review:r"
    assert rows[pairs[1].id].probability_a == 0.8
    assert rows[pairs[1].id].principle_ids == ("kindness",)
    assert {row.held_out for row in rows.values()} == {True, False}
    assert all(row.held_out == is_held_out(row.prompt_id, 0.4) for row in rows.values())


def test_labels_are_read_in_an_order_that_does_not_tell_which_pair_was_written_first(world: World) -> None:
    world.comparisons()
    read = list(world.project.make_run("labels", {"feedback": world.model}).inputs(Comparison))
    assert read == sorted(read, key=lambda pair: (pair.prompt_id, pair.id))
    assert read != list(world.project.store.comparisons.each())


def test_preference_models_learn_from_parts_that_share_no_prompt_and_from_the_labels_that_are_asked_for(
    world: World,
) -> None:
    world.comparisons()
    world.labels()
    (pair, *_) = world.project.store.comparisons.each()
    thought = label("thought", pair, world.project.constitution.hash, 0.6)
    folder = world.project.make_run("labels", {"feedback": world.model, "rationale": "true", "limit": "1"})
    append(folder, [dataclasses.replace(thought, method="rationale")])
    world.end(folder)
    asked = {"policy": world.model, "held_out_share": "0.2"}

    def rows(**more: str) -> list[PreferenceRow]:
        return list(world.project.make_run("preference_model", {**asked, **more}, seed=3).inputs(PreferenceRow))

    whole, first, second = rows(), rows(data_to="0.5"), rows(data_from="0.5")
    kept = [row for row in whole if row.held_out]
    parts = [{row.prompt_id for row in part if not row.held_out} for part in (first, second)]
    assert parts[0]
    assert parts[1]
    assert not parts[0] & parts[1]
    assert len(first) + len(second) == len(whole) + len(kept)
    assert {row.probability_a for row in whole} == {0.8}
    assert [row.probability_a for row in rows(labels="rationale") if row.comparison_id == pair.id] == [0.6]
    for wrong in ({"labels": "coin"}, {"data_from": "0.5", "data_to": "0.5"}, {"data_to": "1.5"}):
        with pytest.raises(BadInputError):
            rows(**wrong)


def test_evaluation_takes_test_prompts_and_comparisons_no_model_was_trained_on(world: World) -> None:
    world.comparisons()
    world.labels()
    measured = world.training("preference_model", held_out_share="0.4")
    folder = world.project.make_run("evaluation", {"base": world.model, "feedback": world.model})
    held_out = [row.comparison_id for row in measured.inputs(PreferenceRow) if row.held_out]
    assert [pair.id for pair in folder.inputs(Comparison)] == held_out
    asked = [prompt for prompt in folder.inputs(Prompt) if prompt.split == "test"]
    assert len(asked) == folder.plan.total == 8
    without = {"base": world.model, "feedback": world.model, "held_out": "false"}
    assert not list(world.project.make_run("evaluation", without).inputs(Comparison))
    few = world.project.make_run("evaluation", {"base": world.model, "feedback": world.model, "limit": "2"})
    kinds = [prompt.kind for prompt in few.inputs(Prompt) if prompt.split == "test"]
    assert sorted(kinds) == ["helpful", "helpful", "red-team", "red-team"]


@pytest.mark.parametrize(
    ("stage", "settings", "command"),
    [
        ("sft", {"policy": "MODEL"}, "run {} chains"),
        ("labels", {"feedback": "MODEL"}, "run {} comparisons"),
        ("preference_model", {"policy": "MODEL"}, "run {} labels"),
        ("rl", {"reward": "MODEL"}, "run {} sft"),
        ("rl", {"policy": "MODEL"}, "run {} preference_model"),
        ("evaluation", {"base": "MODEL", "feedback": "MODEL"}, "run {} preference_model"),
    ],
)
def test_what_is_missing_names_the_command_that_makes_it(
    world: World, stage: str, settings: dict[str, str], command: str
) -> None:
    named = dict.fromkeys(settings, world.model)
    with pytest.raises(MissingError) as told:
        world.project.make_run(stage, named)
    assert f"workbench {command.format(world.project.folder)}" in str(told.value)


def test_a_project_without_prompts_says_how_to_import_some(tmp_path: Path) -> None:
    model = model_folder(tmp_path / "model")
    with Project.create(tmp_path / "p", KIND) as empty:
        for stage, role in (("chains", "response"), ("comparisons", "response"), ("evaluation", "base")):
            settings = {role: model} | ({"judges": "feedback", "feedback": model} if stage == "evaluation" else {})
            with pytest.raises(MissingError, match="--as prompts"):
                empty.make_run(stage, settings)


@pytest.mark.parametrize(
    ("stage", "settings", "sentence"),
    [
        ("poetry", {}, "no stage poetry"),
        ("chains", {"rouns": "2"}, "no setting rouns"),
        ("chains", {"rounds": "many"}, "whole number"),
        ("chains", {"reward": "demo"}, "no setting reward"),
        ("chains", {"seed": "x"}, "seed"),
        ("chains", {"seed": "--1"}, "seed"),
        ("chains", {"response": "/nowhere"}, "is not a model: name a run"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_makes_nothing(
    world: World, stage: str, settings: dict[str, str], sentence: str
) -> None:
    with pytest.raises(BadInputError, match=sentence):
        world.project.make_run(stage, settings)
    assert world.project.runs() == []
    assert list((world.project.folder / "runs").iterdir()) == []


def test_a_limit_draws_from_all_prompts_alike() -> None:
    everything = prompts(20)
    some = limited(everything, 40, seed=3)
    assert len(some) == 40
    assert some == limited(everything, 40, seed=3)
    assert some != limited(everything, 40, seed=4)
    assert {prompt.split for prompt in some} == {prompt.split for prompt in everything}
    assert [prompt for prompt in everything if prompt in some] == some
    assert limited(everything, 0, 0) == everything


def test_a_project_that_was_moved_still_finds_its_runs(world: World, tmp_path: Path) -> None:
    world.chains()
    sft = world.training("sft")
    world.project.close()
    world.project.folder.rename(tmp_path / "moved")
    world.project = Project.open(tmp_path / "moved")
    assert world.project.run_folder(sft.id).path == tmp_path / "moved" / "runs" / sft.id
    plan = world.project.make_run("comparisons").plan
    assert plan.models["response"].folder == str(tmp_path / "moved" / "runs" / sft.id / "output")


def test_policies_on_their_way_are_evaluated_in_their_order(tmp_path: Path) -> None:
    made = project(tmp_path / "p")
    named = dict.fromkeys(("base", "sl_cai", "rl_cai", "rl_cai@512", "rl_cai@64", "feedback"), "scripted")
    run = made.make_run("evaluation", {"judges": "feedback", **named})
    assert list(run.plan.models) == ["base", "sl_cai", "rl_cai@64", "rl_cai@512", "rl_cai", "feedback"]
    with pytest.raises(BadInputError, match="has no setting rl_cai@x"):
        made.make_run("evaluation", {"judges": "feedback", "rl_cai@x": "scripted"})


def test_a_preference_model_tells_how_many_comparisons_teach_it_nothing(world: World) -> None:
    world.comparisons()
    made = world.project.make_run("labels", {"feedback": world.model})
    first, *rest = (label(made.id, pair, world.project.constitution.hash) for pair in made.inputs(Comparison))
    append(made, [dataclasses.replace(first, verdict="too_long"), *rest])
    world.end(made)
    plan = world.project.make_run("preference_model", {"policy": world.model}).plan
    assert plan.selection.endswith(
        "; 1 comparison teaches nothing: it has no label that can be used, or both its responses are bad"
    )
    part = world.project.make_run("preference_model", {"policy": world.model, "data_to": "0.9"}).plan
    assert "teach" not in part.selection


def test_whom_to_talk_with_first_are_the_newest_models_that_can_be_asked(world: World) -> None:
    world.chains()
    weights = [Path(world.training("sft").path) / "output" / "model.safetensors" for _ in range(3)]
    demo = (DEMO_MODEL / "model.safetensors").read_bytes()

    def mine() -> list[tuple[str, str]]:
        return talking_models(world.project.store)[1:4]

    assert mine() == [(f"sft · {name} (damaged)", name) for name in ("sft-3", "sft-2", "sft-1")]
    weights[1].write_bytes(demo)
    weights[2].unlink()
    assert mine() == [
        ("sft · sft-2", "sft-2"), ("sft · sft-3 (no weights)", "sft-3"), ("sft · sft-1 (damaged)", "sft-1"),
    ]  # fmt: skip
