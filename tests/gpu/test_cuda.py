"""Every stage on a CUDA device in bfloat16, with a model made on the spot: `make gpu-check`."""

import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.workbench.models.tiny import tiny_model
from tests.workbench.stages.written import written
from tests.workbench.training.small import Listening, preference_rows, prompts, reinforce, sft_rows
from workbench.models.language_model import SampleRequest
from workbench.models.loading import load
from workbench.models.local import LocalModel
from workbench.records.chain import chain_of
from workbench.records.comparison import Comparison
from workbench.records.constitution import Constitution, Principle
from workbench.records.settings import (
    ChainSettings,
    DpoSettings,
    LabelSettings,
    PreferenceModelSettings,
    RlSettings,
    SftSettings,
)
from workbench.records.task import DIALOGUE
from workbench.stages.chains import ChainWork, write_chains
from workbench.stages.preferences import LabelWork, label_comparisons
from workbench.stages.training.compute import Compute
from workbench.stages.training.course import Place
from workbench.stages.training.dpo import train_dpo
from workbench.stages.training.players import Starts
from workbench.stages.training.preference_model import train_preference_model
from workbench.stages.training.scorer import load_scorer
from workbench.stages.training.sft import train_sft

DEVICE = "cuda"
#: A model's texts are not compared between devices: rounding decides draws. Probabilities are, as far as bfloat16 goes.
ROUNDED, EXACT = 0.05, 1e-3

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device: not measured"),
]

CONSTITUTION = Constitution(
    "gpu",
    principles=(
        Principle("kind", critique_request="Is it rude?", revision_request="Be kind.", comparison_question="Which?"),
    ),
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("base"), hidden=256, layers=4)


@pytest.fixture(scope="module")
def model(base: Path) -> LocalModel:
    return load(base, machine={"device": DEVICE, "dtype": "bfloat16"})


def place(tmp_path: Path, seed: int = 5) -> Place:
    return Place(tmp_path / "output", tmp_path / "checkpoints", seed, Compute(DEVICE, bf16=True))


def test_chains(model: LocalModel) -> None:
    asked = prompts(6)
    work = ChainWork(
        {"response": model, "critic": model}, CONSTITUTION, ChainSettings(rounds=2, max_tokens=24), DIALOGUE, 0, "gpu"
    )
    steps = written(write_chains(work, asked))
    for prompt in asked:
        chain = chain_of([step for step in steps if step.prompt_id == prompt.id])
        assert len(chain.revisions) == 2
    # The same seed writes the same texts again, whatever stands beside them.
    again = [step for step in written(write_chains(work, asked)) if step.kind == "initial"]
    first = {step.id: step.text for step in steps if step.kind == "initial"}
    assert {step.id: step.text for step in again} == first


def test_greedy_texts_are_those_of_the_processor(base: Path) -> None:
    """Requests of unequal length come and go, so that some slots rest while others between them are drawn."""
    texts = [" ".join(["Share the plan, ask Dana,"] * (1 + number % 4)) for number in range(9)]
    found = []
    for device in (DEVICE, "cpu"):
        writer = load(base, machine={"device": device, "dtype": "float32"}, slots=5)
        sampler, waiting, written = writer.sampler(), list(enumerate(texts)), {}
        busy = 0
        while waiting or busy:
            while waiting and busy < sampler.slots:
                number, text = waiting.pop(0)
                sampler.submit(number, SampleRequest(text, number, 6 + 5 * (number % 3), 0.0))
                busy += 1
            for walk, sample in sampler.advance():
                sampler.release(walk)
                written[walk] = sample
                busy -= 1
        found.append(written)
    on_cuda, on_cpu = found
    told = [number for number in on_cpu if not on_cpu[number].near_ties]
    assert len(told) > len(texts) // 2
    assert [on_cuda[number].text for number in told] == [on_cpu[number].text for number in told]


def test_labels_are_those_of_the_processor_but_for_rounding(model: LocalModel, base: Path) -> None:
    (prompt,) = prompts(1)
    pairs = [
        (prompt, Comparison(f"c{number}", prompt.id, f"Share the plan {number}.", "You fool.")) for number in range(8)
    ]
    found = []
    for judge in (load(base), load(base, machine={"device": DEVICE, "dtype": "float32"}), model):
        work = LabelWork(judge, CONSTITUTION, LabelSettings(few_shots=False), DIALOGUE, 0, "gpu")
        found.append([label.probability_a for label in label_comparisons(work, pairs)])
    processor, exact, rounded = found
    assert exact == pytest.approx(processor, abs=EXACT)
    assert rounded == pytest.approx(processor, abs=2 * ROUNDED)


@pytest.mark.parametrize("quantised", [False, True])
def test_sft_learns_through_an_adapter(base: Path, tmp_path: Path, quantised: bool) -> None:
    if quantised:
        pytest.importorskip("bitsandbytes")
    listening = Listening()
    settings = SftSettings(
        batch_size=8, micro_batch_size=4, epochs=6, learning_rate=5e-3, lora_rank=8, quantised=quantised
    )
    trained = train_sft(base, sft_rows(40), settings, place(tmp_path), listening)
    losses = listening.values("loss")
    assert trained.finished
    assert sum(losses[-5:]) / 5 < losses[0] - 0.5
    assert load(tmp_path / "output", machine={"device": DEVICE, "dtype": "bfloat16"}).tokenise("share")


@pytest.mark.parametrize("quantised", [False, True])
def test_dpo_learns_and_resumes_through_an_adapter(base: Path, tmp_path: Path, quantised: bool) -> None:
    """The reference is the base without its adapter: where nothing has been learnt, no response is preferred to it."""
    if quantised:
        pytest.importorskip("bitsandbytes")
    settings = DpoSettings(
        batch_size=8, micro_batch_size=4, epochs=6, learning_rate=1e-3, lora_rank=8, quantised=quantised
    )
    rows, stopping, going_on = preference_rows(80, 4), Listening(stop_at=4), Listening()
    assert not train_dpo(base, rows, settings, place(tmp_path), stopping).finished
    assert train_dpo(base, rows, settings, place(tmp_path), going_on).finished
    losses = stopping.values("loss") + going_on.values("loss")
    assert len(losses) == 45
    assert losses[0] == pytest.approx(math.log(2), abs=ROUNDED)
    assert sum(losses[-5:]) / 5 < math.log(2) - 0.1
    assert going_on.values("eval_rewards/accuracies")[0] > 0.8
    newest = load_file(tmp_path / "output" / "adapter_model.safetensors")
    assert {weights.dtype for weights in newest.values()} == {torch.float32}
    assert load(tmp_path / "output", machine={"device": DEVICE, "dtype": "bfloat16"}).tokenise("share")


def test_a_preference_model_learns_a_rule(base: Path, tmp_path: Path) -> None:
    listening = Listening()
    settings = PreferenceModelSettings(batch_size=8, micro_batch_size=8, epochs=4, learning_rate=5e-4)
    trained = train_preference_model(base, preference_rows(120, 4), settings, place(tmp_path), listening)
    assert trained.finished
    assert listening.values("eval_accuracy")[0] > 0.9
    (one,) = load_scorer(tmp_path / "output", Compute(DEVICE, bf16=True)).score([(prompts(1)[0].messages, "share")])
    (other,) = load_scorer(tmp_path / "output").score([(prompts(1)[0].messages, "share")])
    assert one == pytest.approx(other, abs=20 * ROUNDED)


@pytest.mark.parametrize("algorithm", ["ppo", "rloo"])
def test_rl_runs_resumes_and_raises_its_numbers(base: Path, tmp_path: Path, algorithm: str) -> None:
    settings = RlSettings(
        algorithm=algorithm, episodes=64, batch_size=16, micro_batch_size=8, mini_batches=2, learning_rate=1e-3,
        checkpoint_every=1, snapshots=1, pinned=2, pinned_every=1, ignore_alarms="all",
        lora_rank=8 if algorithm == "ppo" else 0,
    )  # fmt: skip
    train_preference_model(
        base, preference_rows(40), PreferenceModelSettings(learning_rate=5e-4), place(tmp_path / "reward"), Listening()
    )
    starts = Starts(base, base, tmp_path / "reward" / "output")
    stopping, going_on = Listening(stop_at=2), Listening()
    stopped = reinforce(starts, prompts(7), settings, place(tmp_path), stopping, max_tokens=12)
    assert not stopped.finished
    assert reinforce(starts, prompts(7), settings, place(tmp_path), going_on, max_tokens=12).finished
    scores = stopping.values("objective/scores") + going_on.values("objective/scores")
    assert len(scores) == 4
    assert all(math.isfinite(score) for score in scores)
    assert [one.path for one in [*stopping.models, *going_on.models]] == ["snapshots/32"]
    assert load(tmp_path / "output", machine={"device": DEVICE, "dtype": "bfloat16"}).tokenise("share")
