import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workbench.project.pairs import labelled
from tests.workbench.project.projects import KIND, append, comparison, ended, model_folder, project, prompts, steps
from tests.workbench.runs.folders import ECHO, until
from workbench.errors import BadInputError
from workbench.project import Project
from workbench.project.auditing import draw_sample
from workbench.project.samples import pinned_pairs
from workbench.records.pair_scores import PairScores
from workbench.records.policy_sample import PolicySample
from workbench.records.prompt import HELPFUL, Prompt, prompt_of
from workbench.records.run import Done, Metric, Output, RunState
from workbench.runs.contents import record_line
from workbench.runs.control import ask
from workbench.runs.folder import RunFolder
from workbench.runs.launcher import launch
from workbench.runs.states import state_of


def chains_run(of: Project, tmp_path: Path) -> RunFolder:
    return of.make_run("chains", {"response": model_folder(tmp_path / "model"), "rounds": "2"})


def test_collecting_brings_what_is_new_once(tmp_path: Path) -> None:
    with project(tmp_path / "p") as of:
        folder = chains_run(of, tmp_path)
        first, second = [p for p in prompts() if p.split == "train" and p.kind != HELPFUL][:2]
        append(folder, [*steps("r", first), Done(first.id), Metric("seconds", 0, 1.5)])
        assert of.collect(folder.id).new == {"Step": [step.id for step in steps("r", first)]}
        assert of.collect(folder.id).count == 0
        append(folder, steps("r", second)[:2])
        assert of.collect(folder).new == {"Step": [step.id for step in steps("r", second)[:2]]}
        chains = of.store.chains.newest()
        assert [(chain.prompt_id, len(chain.revisions), chain.complete) for chain in chains] == [
            (second.id, 0, False), (first.id, 2, True),
        ]  # fmt: skip
        assert of.store.done_inputs.count(folder.id) == 1
        assert of.store.metrics.of_run(folder.id) == [Metric("seconds", 0, 1.5)]


def test_what_a_policy_wrote_in_training_can_be_shown(tmp_path: Path) -> None:
    with project(tmp_path / "p") as of:
        model = model_folder(tmp_path / "model")
        folder = of.make_run("rl", {"policy": model, "reward": model, "override_readiness": "true"})
        (asked, *_) = folder.inputs(Prompt)
        written = [PolicySample(f"sample-{step}", asked.id, step, "No.", "Yes.", 0.5, -1.0, 2.5) for step in (4, 8)]
        append(folder, written)
        assert of.collect(folder.id).new == {"PolicySample": ["sample-4", "sample-8"]}
        assert of.store.samples.get("sample-4") == written[0]
        assert [row["step"] for row in of.rows("samples")] == [8, 4]


def test_how_a_preference_model_scored_its_pinned_pairs_is_shown_but_not_to_who_is_to_judge_them(
    tmp_path: Path,
) -> None:
    with labelled(tmp_path / "p", (0.9, 0.2, 0.7)) as of:
        run = of.make_run("preference_model", {"policy": model_folder(tmp_path / "model"), "held_out_share": "0.4"})
        names = [pair.id for _, pair in of.store.comparisons.page()]
        told = [PairScores(f"scores-{name}-{at}", name, at, at / 4, -1.0) for name in names for at in (0, 8)]
        append(run, told)
        of.collect(run.id)
        assert [row["step"] for row in of.rows("pair_scores")] == [8, 0] * 3
        found = pinned_pairs(of, run.id)
        assert [[one.step for one in pair.scores] for pair in found] == [[0, 8]] * 3
        assert found[0].prompt
        sample = draw_sample(of.store, 2)
        assert {pair.id for pair in pinned_pairs(of, run.id)} == set(names) - set(sample.comparison_ids)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_however_the_file_grows_everything_comes_once(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    place = tmp_path_factory.mktemp("growing")
    with project(place / "p") as of:
        folder = chains_run(of, place)
        asked = [p for p in prompts() if p.split in ("train", "sft")]
        records = [record for prompt in asked for record in [*steps("r", prompt), Done(prompt.id)]]
        whole = "".join(record_line(record) + "\n" for record in records).encode()
        cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
        new: list[str] = []
        for cut in [*cuts, len(whole)]:
            folder.results_file.write_bytes(whole[:cut])
            new += of.collect(folder).new.get("Step", [])
        assert new == [step.id for prompt in asked for step in steps("r", prompt)]
        assert of.store.done_inputs.count(folder.id) == len(asked)


def test_a_line_that_is_no_record_stops_there_and_keeps_what_came_before(tmp_path: Path) -> None:
    with project(tmp_path / "p") as of:
        folder = chains_run(of, tmp_path)
        append(folder, [Metric("loss", 1, 1.0)])
        of.collect(folder)
        with folder.results_file.open("ab") as file:
            file.write(b"\x00\x00\x00\n")
        with pytest.raises(BadInputError, match=r"results\.jsonl"):
            of.collect(folder)
        assert len(of.store.metrics.of_run(folder.id)) == 1


def test_results_about_prompts_of_another_project_are_a_sentence(tmp_path: Path) -> None:
    with project(tmp_path / "p") as of:
        folder = chains_run(of, tmp_path)
        append(folder, steps("r", prompt_of("a stranger")))
        with pytest.raises(BadInputError, match="not in the project"):
            of.collect(folder)
        assert of.store.chains.newest() == []


def test_a_run_worked_while_nobody_had_the_project_open(tmp_path: Path) -> None:
    with project(tmp_path / "p") as of:
        folder = chains_run(of, tmp_path)
    launch(folder, ECHO)
    until(lambda: state_of(folder).state is RunState.FINISHED)
    with Project.open(tmp_path / "p") as of:
        run = of.runs()[0]
        assert (run.state, run.done, run.pid) == (RunState.FINISHED, folder.plan.total, None)
        assert run.seconds > 0
        assert of.store.done_inputs.count(folder.id) == folder.plan.total
        assert of.recover() == []
        of.store.back_up()
    told = (Path(__file__).parents[3] / "ARCHITECTURE.md").read_text(encoding="utf-8")
    there = [path.name for made in (tmp_path / "p", folder.path) for path in made.iterdir()]
    assert [name for name in there if f"`{name}" not in told] == []


def test_a_living_run_is_seen_and_a_dead_one_is_interrupted(tmp_path: Path) -> None:
    with project(tmp_path / "p", sleep="0.1") as of:
        folder = chains_run(of, tmp_path)
    worker = subprocess.Popen([*ECHO, str(folder.path)])
    until(lambda: folder.results_file.exists() and folder.results_file.stat().st_size > 0)
    with Project.open(tmp_path / "p") as of:
        run = of.runs()[0]
        assert (run.state, run.pid) == (RunState.RUNNING, worker.pid)
        worker.kill()
        worker.wait()
        assert of.runs()[0].state is RunState.INTERRUPTED
        collected = of.collect(folder).count
        assert of.store.runs.select("1")[0].state is RunState.INTERRUPTED
    with Project.open(tmp_path / "p") as of:
        assert len(list(of.store.chains.each())) >= collected


def test_a_discarded_run_gives_nothing_to_later_stages(tmp_path: Path) -> None:
    with project(tmp_path / "p") as of:
        folder = of.make_run("comparisons", {"response": model_folder(tmp_path / "model")})
        append(folder, [comparison("r", next(iter(folder.inputs(Prompt))))])
        of.collect(folder)
        assert of.store.comparisons.without_label("h", "logprobs")
        ask(folder, "discard")
        of.collect(folder)
        assert of.store.comparisons.without_label("h", "logprobs") == []


def test_a_folder_worked_elsewhere_is_taken_in_with_what_it_brings(tmp_path: Path) -> None:
    with project(tmp_path / "one") as of:
        folder = chains_run(of, tmp_path)
        prompt = next(iter(folder.inputs(Prompt)))
        append(folder, [*steps("r", prompt), Output("output", "sft", "w")])
        ended(folder)
    with Project.create(tmp_path / "two", KIND) as other:
        assert other.collect(folder).count == len(steps("r", prompt))
        assert other.run(folder.id).state is RunState.FINISHED
        assert other.store.prompts.get(prompt.id) == prompt
        assert other.run(folder.id).folder == str(folder.path)
        assert other.run_folder(folder.id).path == folder.path


def test_a_run_that_was_worked_in_a_copy_of_its_folder_lies_there_from_then_on(tmp_path: Path) -> None:
    with project(tmp_path / "p") as of:
        mine = chains_run(of, tmp_path)
        stale = RunFolder(shutil.copytree(mine.path, tmp_path / "stale"))
        copy = RunFolder(shutil.copytree(mine.path, tmp_path / "copy"))
        append(copy, [*steps("r", next(iter(mine.inputs(Prompt)))), Output("output", "sft", "w")])
        ended(copy)
        for brought in (copy, copy, stale, mine):
            of.collect(brought)
            run = of.run(mine.id)
            assert (run.state, run.folder) == (RunState.FINISHED, str(copy.path)), "it has come furthest there"
        shutil.move(copy.path, tmp_path / "again")
        of.collect(RunFolder(tmp_path / "again"))
        assert of.run(mine.id).folder == str(tmp_path / "again")


def test_a_copy_that_was_worked_in_another_order_is_taken_over_whole(tmp_path: Path) -> None:
    """Both went on after the copy was made: where the one had come to says nothing of the other."""
    with project(tmp_path / "p") as of:
        mine = chains_run(of, tmp_path)
        copy = RunFolder(shutil.copytree(mine.path, tmp_path / "copy"))
        asked = list(mine.inputs(Prompt))[:3]
        append(mine, steps("r", asked[0]))
        of.collect(mine)
        append(copy, [step for prompt in reversed(asked) for step in steps("r", prompt)])
        ended(copy)
        of.collect(copy)
        assert {chain.prompt_id for chain in of.store.chains.newest() if chain.complete} == {p.id for p in asked}


def test_another_projects_run_of_the_same_name_is_not_mixed_in(tmp_path: Path) -> None:
    with project(tmp_path / "one") as of:
        mine = of.make_run("chains", {"response": model_folder(tmp_path / "model"), "seed": "1"})
    with project(tmp_path / "two") as other:
        theirs = other.make_run("chains", {"response": model_folder(tmp_path / "model"), "seed": "2"})
        assert mine.id == theirs.id
        with pytest.raises(BadInputError, match="another project's run"):
            other.collect(mine)


def test_a_run_folder_that_is_gone_or_unreadable_keeps_nobody_from_working(tmp_path: Path) -> None:
    with project(tmp_path / "p") as of:
        one, two = chains_run(of, tmp_path), chains_run(of, tmp_path)
        (one.path / "plan.json").unlink()
        (two.path / "plan.json").write_text("{")
    with Project.open(tmp_path / "p") as of:
        assert len(of.store.damage) == 3
        assert [run.state for run in of.runs()][1] is RunState.FAILED
        assert len(of.check()) >= 2
        chains_run(of, tmp_path)
