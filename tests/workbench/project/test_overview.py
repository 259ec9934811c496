from pathlib import Path

from tests.workbench.project.projects import append, comparison, ended, label, project, steps
from workbench.project.overview import overview_of
from workbench.records.prompt import Prompt


def test_a_new_project_lacks_all_but_prompts(tmp_path: Path) -> None:
    with project(tmp_path / "p") as made:
        found = overview_of(made)
    assert (found.rows["prompts"], found.rows["test_prompts"], found.rows["chains"]) == (24, 6, 0)
    assert (found.constitution, found.principles, found.versions) == ("kind", 1, 1)
    assert [found.lacks(stage) for stage in ("chains", "sft", "labels", "rl", "evaluation")] == [
        (),
        ("chains",),
        ("comparisons",),
        ("preference_model",),
        (),
    ]


def test_a_project_without_prompts_lacks_them_first(tmp_path: Path) -> None:
    with project(tmp_path / "p", number=0) as made:
        found = overview_of(made)
    assert found.lacks("chains") == ("prompts",)
    assert found.lacks("rl") == ("prompts", "preference_model")
    assert found.lacks("evaluation") == ("test_prompts",)


def test_what_runs_made_is_counted_and_later_stages_lack_it_no_more(tmp_path: Path) -> None:
    with project(tmp_path / "p") as made:
        chains = made.make_run("chains", {"response": "scripted"})
        prompts = list(chains.inputs(Prompt))[:2]
        for prompt in prompts:
            append(chains, steps(chains.id, prompt))
        ended(chains)
        made.collect(chains.id)
        pairs = made.make_run("comparisons", {"response": "scripted"})
        append(pairs, [comparison(pairs.id, prompt) for prompt in prompts])
        ended(pairs)
        made.collect(pairs.id)
        labels = made.make_run("labels", {"feedback": "scripted"})
        append(labels, [label(labels.id, comparison(pairs.id, prompts[0]), made.constitution.hash)])
        ended(labels)
        made.collect(labels.id)
        found = overview_of(made)
    assert (found.rows["chains"], found.rows["comparisons"], found.rows["labels"]) == (2, 2, 1)
    assert found.finished == {"chains", "comparisons", "labels"}
    assert found.lacks("sft") == found.lacks("preference_model") == ()
