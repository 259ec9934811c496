"""Runs that ask endpoints: real servers as processes of their own, one of them killed half-way."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.architecture.checkout import ROOT
from tests.workbench.runs.folders import until
from workbench.models.endpoints import replicas
from workbench.models.endpoints.model import EndpointModel
from workbench.project.model_choice import DEMO_MODEL, endpoint_ref
from workbench.records.chain import Step
from workbench.records.comparison import Comparison, Label
from workbench.records.constitution import Constitution, Principle
from workbench.records.endpoint import Capabilities, Endpoint
from workbench.records.model import ModelRef
from workbench.records.prompt import Prompt, prompt_of
from workbench.records.run import Plan, RunState
from workbench.runs.folder import RunFolder
from workbench.runs.launcher import WORKER
from workbench.runs.probing import probed
from workbench.runs.states import state_of
from workbench.sources.endpoints import Endpoints
from workbench.worker import spread
from workbench.worker.loaded import LoadedModels
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES

HH_RLHF = Path(os.environ.get("WORKBENCH_DATA", ROOT.parent / "shared" / "data")) / "hh-rlhf"
KIND = Constitution(
    "kind",
    principles=(
        Principle(
            "kindness",
            critique_request="Say where the answer is harmful.",
            revision_request="Rewrite it without harm.",
            comparison_question="Which of these answers is less harmful?",
        ),
    ),
)


@contextmanager
def server(model: str | Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Serve a model from a process of its own; yield it and its URL."""
    command = [sys.executable, "-m", "workbench.worker.serve", str(model), "--port", "0", "--name", "m"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        yield process, said.split(" at ")[1].split(";")[0]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def worked(path: Path, plan: Plan, inputs: list[object], half_way: "subprocess.Popen[str] | None" = None) -> RunFolder:
    """Work a folder to its end, killing a server after the first results."""
    folder = RunFolder.create(path, plan, KIND, inputs)
    worker = subprocess.Popen([*WORKER, str(folder.path)])
    if half_way is not None:
        until(lambda: folder.results_file.exists() and folder.results_file.stat().st_size > 0)
        half_way.kill()
    assert worker.wait() == 0, folder.status().reason
    assert state_of(folder).state is RunState.FINISHED
    return folder


def red_team(count: int) -> list[tuple[Prompt, str, str]]:
    """Return real red-team prompts with the two answers people compared."""
    rows: list[tuple[Prompt, str, str]] = []
    with gzip.open(HH_RLHF / "harmless-base-test.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            asked, *answers = (part.split("\n\nAssistant:") for part in (row["chosen"], row["chosen"], row["rejected"]))
            prompt = prompt_of(asked[0].removeprefix("\n\nHuman:").strip())
            rows.append((prompt, answers[0][1].split("\n\nHuman:")[0], answers[1][1].split("\n\nHuman:")[0]))
            if len(rows) == count:
                break
    return rows


def chains_plan(models: dict[str, ModelRef], **settings: object) -> Plan:
    return Plan("chains-1", "chains", models, settings={"rounds": 1, "few_shots": False, **settings}, seed=5)


def test_a_killed_replica_costs_no_result_and_doubles_none(tmp_path: Path) -> None:
    prompts = [prompt_of(f"Question {number}?") for number in range(40)]
    with server("scripted") as (first, one), server("scripted") as (_, other):
        endpoint = probed(Endpoint("pair", (one, other), "", 2))
        Endpoints().put(endpoint)
        plan = chains_plan({"response": endpoint_ref(endpoint), "critic": endpoint_ref(endpoint)})
        there = worked(tmp_path / "there", plan, list(prompts), first)
    steps = list(there.results(Step))
    assert len({step.id for step in steps}) == len(steps) == 120
    scripted = ModelRef("scripted", "scripted")
    here = worked(tmp_path / "here", chains_plan({"response": scripted, "critic": scripted}), list(prompts))
    texts = {step.id: step.text for step in here.results(Step)}
    # The scripted model answers by the seed alone, so every draw must have reached it with its own.
    assert {step.id: step.text for step in steps} == texts
    assert {step.model for step in steps} == {"m at pair"}


@pytest.mark.parametrize("stage", ["chains", "labels"])
def test_where_no_replica_answers_it_is_told_and_the_run_can_be_paused(
    stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No record comes, at which the run would otherwise look whether it is to leave."""
    monkeypatch.setattr(replicas, "FIRST_REST", 0.1)  # shorter rests are over before anybody has looked
    monkeypatch.setattr(spread, "LOOK", 0.05)
    monkeypatch.setattr(spread, "PATIENCE", 0.1)
    gone = Endpoint(
        "gone", ("http://127.0.0.1:9/v1", "http://127.0.0.1:19/v1"), "m", 2, can=Capabilities(scoring="vllm")
    )
    Endpoints().put(gone)
    ref, asked = endpoint_ref(gone), prompt_of("Question?")
    plan = replace(chains_plan({"response": ref, "feedback": ref}), stage=stage, settings={})
    inputs: list[object] = [asked] if stage == "chains" else [asked, Comparison("c", asked.id, "one", "two")]
    folder = RunFolder.create(tmp_path / "run", plan, KIND, inputs)

    def told() -> bool:
        if "none of its replicas answers" not in folder.events_file.read_text():
            return False
        until(lambda: folder.status().reason == "waiting: none of the servers of endpoint gone answers")
        return True

    assert work_folder(folder, STAGES, lambda: "pause" if told() else None) is RunState.PAUSED, folder.status().reason
    assert folder.status().reason == "paused; resume it to go on"
    assert not folder.log_file.exists()


def test_a_plan_may_not_send_texts_where_nobody_here_agreed_to(tmp_path: Path) -> None:
    stranger = endpoint_ref(Endpoint("theirs", ("http://127.0.0.1:9/v1",), "m"))
    folder = RunFolder.create(tmp_path / "run", chains_plan({"response": stranger}), KIND, [prompt_of("Hello?")])
    assert subprocess.run([*WORKER, str(folder.path)], check=False).returncode == 1
    assert "was not added on this machine" in folder.status().reason


@pytest.mark.model
@pytest.mark.skipif(not HH_RLHF.is_dir(), reason="needs hh-rlhf")
def test_real_prompts_at_two_servers_of_the_demo_model_one_killed(tmp_path: Path) -> None:
    rows = red_team(16)
    prompts: list[object] = list({prompt.id: prompt for prompt, _, _ in rows}.values())
    pairs = [Comparison(f"c{place}", prompt.id, a, b) for place, (prompt, a, b) in enumerate(rows)]
    with server(DEMO_MODEL) as (first, one), server(DEMO_MODEL) as (_, other):
        endpoint = probed(Endpoint("demo", (one, other), "", 4))
        assert endpoint.reading == "exact"
        Endpoints().put(endpoint)
        ref = endpoint_ref(endpoint)
        chains = worked(tmp_path / "chains", chains_plan({"response": ref}, max_tokens=16), prompts, first)
        labels = worked(tmp_path / "labels", Plan("labels-1", "labels", {"feedback": ref}), [*prompts, *pairs])
        local = ModelRef("demo", "demo", "demo", str(DEMO_MODEL))
        mine = worked(tmp_path / "mine", Plan("labels-1", "labels", {"feedback": local}), [*prompts, *pairs])
    steps = list(chains.results(Step))
    assert len({step.id for step in steps}) == len(steps) == 3 * len(prompts)
    found = {label.id: label for label in labels.results(Label)}
    assert len(found) == len(pairs)
    for label in mine.results(Label):
        assert found[label.id].reading == "exact"
        assert found[label.id].probability_a == pytest.approx(label.probability_a, abs=0.02)


def test_an_endpoint_that_moved_is_asked_where_it_is_now() -> None:
    loaded, asked = LoadedModels(), []
    for url in ("http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"):
        endpoint = Endpoint("moved", (url,), "m")
        Endpoints().put(endpoint)
        asked.append(loaded.language_model(endpoint_ref(endpoint), "dialogue"))
        assert loaded.language_model(endpoint_ref(endpoint), "dialogue") is asked[-1]
    assert [model.endpoint.urls for model in asked if isinstance(model, EndpointModel)] == [
        ("http://127.0.0.1:1/v1",),
        ("http://127.0.0.1:2/v1",),
    ]
    for model in asked:
        assert isinstance(model, EndpointModel)
        model.close()
