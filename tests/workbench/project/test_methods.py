from pathlib import Path

from tests.workbench.project.projects import append, comparison, ended, label, project, steps
from workbench.project import Project
from workbench.project.methods import methods_section
from workbench.records.comparison import Comparison
from workbench.records.prompt import Prompt
from workbench.records.run import OUTPUT, Output
from workbench.runs.folder import RunFolder


def test_every_step_behind_an_evaluation_has_its_paragraph_and_no_other(tmp_path: Path) -> None:
    with project(tmp_path / "p", number=8) as made:
        chains = _chains(made)
        sft = _trained(made, "sft", {"policy": str(_base(tmp_path)), "learning_rate": "0.0001"}, seed=3)
        _chains(made)  # which nothing learnt from
        labels = _labels(made)
        reward = _trained(made, "preference_model", {"policy": sft.plan.id})
        evaluation = made.make_run("evaluation", {"base": "scripted", "sl_cai": sft.plan.id, "reward": reward.plan.id})
        ended(evaluation)
        made.collect(evaluation)
        text = methods_section(made.store)
    said = {one.partition(". ")[0]: one for one in text.strip().split("\n\n")}
    steps_told = [
        "Constitution",
        "Critiques and revisions",
        "Pairs",
        "Labels",
        "SL-CAI",
        "Preference model",
        "Evaluation",
    ]
    assert list(said)[:-1] == steps_told
    assert f"seed 0; {chains.plan.id})" in said["Critiques and revisions"]
    assert f"({labels.plan.id})" not in said["Labels"]
    assert "by a drawn principle, from the log-probabilities of the two options, in both orders" in said["Labels"]
    assert "(learning rate 0.0001, linear schedule, batches of 16, 1 epoch, seed 3; sft-1)." in said["SL-CAI"]
    assert "It began as sft of sft-1" in said["Preference model"]
    assert said["Evaluation"].startswith("Evaluation. base and sl_cai answered ")


def test_a_run_of_a_version_that_knew_fewer_settings_has_its_paragraph_too(tmp_path: Path) -> None:
    with project(tmp_path / "p", number=8) as made:
        chains = _chains(made)
        sft = _trained(made, "sft", {"policy": str(_base(tmp_path)), "chains": chains.id})
        evaluation = _collected(
            made, made.make_run("evaluation", {"base": "scripted", "sl_cai": sft.id, "judges": "oracle"})
        )
        with made.store.write():
            made.store.db.execute(
                "UPDATE runs SET plan = json_remove(plan, '$.settings.schedule', '$.settings.critique')"
            )
        text = methods_section(made.store, evaluation.id)
    assert "linear schedule" in text
    assert "after a critique" in text


def _base(folder: Path) -> Path:
    base = folder / "base"
    base.mkdir()
    (base / "config.json").write_text('{"model_type": "gpt2"}')
    (base / "model.safetensors").touch()
    return base


def _chains(made: Project) -> RunFolder:
    run = made.make_run("chains", {"response": "scripted"})
    for prompt in run.inputs(Prompt):
        append(run, steps(run.plan.id, prompt))
    return _collected(made, run)


def _labels(made: Project) -> RunFolder:
    pairs = made.make_run("comparisons", {"response": "scripted"})
    append(pairs, [comparison(pairs.plan.id, prompt) for prompt in pairs.inputs(Prompt)])
    _collected(made, pairs)
    run = made.make_run("labels", {"feedback": "scripted"})
    append(run, [label(run.plan.id, one, run.plan.constitution_hash) for one in run.inputs(Comparison)])
    return _collected(made, run)


def _trained(made: Project, stage: str, settings: dict[str, str], seed: int = 0) -> RunFolder:
    run = made.make_run(stage, settings, seed=seed)
    append(run, [Output(OUTPUT, stage, "weights")])
    return _collected(made, run)


def _collected(made: Project, run: RunFolder) -> RunFolder:
    ended(run)
    made.collect(run)
    return run
