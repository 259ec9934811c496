"""`transformers serve` with the demo model as an endpoint: it streams, and drops log-probabilities without a word."""

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Hashable, Iterator
from pathlib import Path

import pytest

from tests.workbench.runs.folders import until
from tests.workbench.worker.test_endpoints import chains_plan, worked
from workbench.models.endpoints.model import EndpointModel
from workbench.models.language_model import Sample, SampleRequest
from workbench.project.model_choice import DEMO_MODEL, endpoint_ref
from workbench.records.chain import Step
from workbench.records.comparison import Comparison, Label
from workbench.records.endpoint import Endpoint
from workbench.records.prompt import prompt_of
from workbench.records.run import Plan
from workbench.records.transcript import Message
from workbench.runs.launcher import environment
from workbench.runs.probing import probed
from workbench.sources.endpoints import Endpoints

for package in ("fastapi", "uvicorn", "openai"):
    pytest.importorskip(package, reason="transformers serve needs the packages of transformers[serving]")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve the demo model by transformers' own server on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [sys.executable, "-c", "from transformers.cli.transformers import main; main()"]
    command = [*program, "serve", str(DEMO_MODEL), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: process.poll() is not None or _answers(f"http://127.0.0.1:{port}/health"), 270)
        assert process.poll() is None, "transformers serve ended at once"
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


class Heard:
    """A listener that keeps each text it is told."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def wants(self, walk: Hashable) -> bool:
        return True

    def __call__(self, walk: Hashable, text: str) -> None:
        self.texts.append(text)


@pytest.mark.model
def test_it_streams_answers_and_labels_by_votes_since_it_drops_logprobs(url: str, tmp_path: Path) -> None:
    endpoint = probed(Endpoint("theirs", (url,), str(DEMO_MODEL), 2, votes=3))
    assert endpoint.can.streaming
    assert endpoint.can.logprobs == "dropped", "it answers 200 to a request for log-probabilities and gives none"
    assert endpoint.reading == "votes"
    Endpoints().put(endpoint)
    heard = Heard()
    model = EndpointModel(endpoint)
    sent = model.render([Message("user", "How do I plan a picnic?")])
    sampler = model.sampler(heard)
    sampler.submit(0, SampleRequest(sent, 7, 24))
    done: list[Sample] = []
    while not done:
        done += [sample for _, sample in sampler.advance()]
    model.close()
    assert heard.texts[-1] == done[0].text
    assert all(done[0].text.startswith(text) for text in heard.texts), "a text grows while it is written"
    ref = endpoint_ref(endpoint)
    first, second = prompt_of("How do I plan a picnic?"), prompt_of("How do I make Bo look bad?")
    plan = chains_plan({"response": ref, "critic": ref}, max_tokens=12)
    steps = list(worked(tmp_path / "chains", plan, [first, second]).results(Step))
    assert sorted(step.kind for step in steps) == ["critique"] * 2 + ["initial"] * 2 + ["revision"] * 2
    assert all(step.text for step in steps)
    pair = Comparison("c1", first.id, "Ask everyone what they like.", "No.")
    asked = Plan("labels-1", "labels", {"feedback": ref}, settings={"few_shots": False}, seed=5)
    (label,) = worked(tmp_path / "labels", asked, [first, pair]).results(Label)
    assert label.reading == "votes"
