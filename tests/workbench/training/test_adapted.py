"""Ways to train with less memory: an adapter, a value head on the policy, activations computed twice, bfloat16 products."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.workbench.training.small import Listening, prompts, reinforce, small_model
from workbench.errors import BadInputError
from workbench.records.settings import RlSettings
from workbench.stages.training import checkpoints, readers
from workbench.stages.training.adapted import AdapterOff, as_one_model
from workbench.stages.training.compute import Compute
from workbench.stages.training.course import Place
from workbench.stages.training.forward import response_logits, response_logits_and_values
from workbench.stages.training.lora import with_lora
from workbench.stages.training.players import Starts, open_players
from workbench.stages.training.rollouts import RlPrompt, Rollouts
from workbench.stages.training.shards import LEARNT, load_learnt, save_learnt
from workbench.stages.training.weights import load_policy

SETTINGS = RlSettings(
    episodes=48,
    batch_size=16,
    micro_batch_size=4,
    mini_batches=2,
    learning_rate=3e-3,
    checkpoint_every=1,
    ignore_alarms="all",
    pinned=2,
    pinned_every=1,
)
INPUT_IDS = torch.tensor([[10, 11, 12, 30, 31, 7], [13, 14, 32, 33, 34, 35]])
STARTS = torch.tensor([3, 2])


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Starts:
    base = small_model(tmp_path_factory.mktemp("base"))
    return Starts(base, base, base)


def changed(**changes: float | str | bool) -> RlSettings:
    return RlSettings(**{**SETTINGS.__dict__, **changes})


def place(tmp_path: Path, compute: Compute | None = None) -> Place:
    return Place(tmp_path / "output", tmp_path / "checkpoints", 5, compute or Compute(threads=1))


@pytest.mark.parametrize(
    "changes",
    [
        {"lora_rank": 2},
        {"value": "shared"},
        {"lora_rank": 2, "value": "shared", "gradient_checkpointing": True, "kl_target": 0.5},
        {"lora_rank": 2, "pick": "best"},
    ],
)
def test_stop_and_resume_is_the_uninterrupted_run(
    starts: Starts, tmp_path: Path, changes: dict[str, float | str | bool]
) -> None:
    settings = changed(**changes)
    whole, first, second = Listening(), Listening(stop_at=3), Listening()
    uninterrupted = reinforce(starts, prompts(7), settings, place(tmp_path / "a"), whole, max_tokens=8)
    stopped = reinforce(starts, prompts(7), settings, place(tmp_path / "b"), first, max_tokens=8)
    assert (stopped.finished, stopped.steps) == (False, 4)
    assert reinforce(starts, prompts(7), settings, place(tmp_path / "b"), second, max_tokens=8) == uninterrupted
    for name in ("objective/kl", "objective/scores", "loss/value_avg", "loss/policy_avg"):
        assert first.values(name) + second.values(name) == whole.values(name), name
    assert whole.values("objective/kl")[0] == pytest.approx(0.0, abs=1e-4)
    assert whole.values("objective/kl")[-1] != pytest.approx(0.0, abs=1e-5)


def test_an_adapter_is_all_a_checkpoint_keeps_and_is_part_of_the_model_in_the_end(
    starts: Starts, tmp_path: Path
) -> None:
    settings = changed(lora_rank=2, value="shared")
    reinforce(starts, prompts(7), settings, place(tmp_path), Listening(stop_at=1), max_tokens=8)
    newest = checkpoints.latest(tmp_path / "checkpoints")
    assert newest is not None
    kept = load_file(newest / "policy" / LEARNT)
    assert kept
    assert all("lora_" in name for name in kept)
    reinforce(starts, prompts(7), settings, place(tmp_path), Listening(), max_tokens=8)
    before, after = load_policy(starts.policy), load_policy(tmp_path / "output")
    assert type(before) is type(after)
    moved = {
        name
        for (name, one), two in zip(before.named_parameters(), after.parameters(), strict=True)
        if not torch.equal(one, two)
    }
    assert any("q_proj" in name for name in moved)
    assert not any("embed" in name or "norm" in name for name in moved)


def test_the_policy_without_its_adapter_is_the_reference(starts: Starts, tmp_path: Path) -> None:
    before = load_policy(starts.policy)
    adapted = with_lora(load_policy(starts.policy), 2, 32.0, seed=1)
    reference = AdapterOff(adapted)
    with torch.no_grad():
        for name, weights in adapted.named_parameters():
            if "lora_" in name:
                weights.copy_(torch.randn(weights.shape, generator=torch.Generator().manual_seed(3)))
        plain = before(input_ids=INPUT_IDS).logits
        assert torch.equal(reference(input_ids=INPUT_IDS).logits, plain)
        learnt = adapted(input_ids=INPUT_IDS).logits
        assert not torch.allclose(learnt, plain, atol=1e-2)
        save_learnt(adapted, tmp_path / "kept", leads=True)
        again = with_lora(load_policy(starts.policy), 2, 32.0, seed=9)
        load_learnt(again, tmp_path / "kept")
        assert torch.equal(again(input_ids=INPUT_IDS).logits, learnt)
        assert torch.allclose(as_one_model(again)(input_ids=INPUT_IDS).logits, learnt, atol=1e-4)


def test_a_shared_trunk_gives_the_policys_logits_and_a_heads_values(starts: Starts) -> None:
    policy = load_policy(starts.policy)
    head = torch.nn.Linear(policy.config.hidden_size, 1, bias=False)
    with torch.no_grad():
        logits, values = response_logits_and_values(policy, head, INPUT_IDS, STARTS, 3)
        assert torch.equal(logits, response_logits(policy, INPUT_IDS, STARTS, 3))
        for row, start in enumerate(STARTS.tolist()):
            hidden = policy.model(input_ids=INPUT_IDS[row : row + 1]).last_hidden_state[0]
            alone = (hidden.double() @ head.weight.double().T)[start - 1 : start + 2, 0]
            assert (values[row].double() - alone).abs().max() < 1e-5


def test_a_new_head_expects_an_average_response(starts: Starts, tmp_path: Path) -> None:
    players, tokenizer = open_players(starts, changed(value="shared"), place(tmp_path), None)
    rollouts = Rollouts(
        players, [RlPrompt("0", [10, 11])], SETTINGS, 7, tokenizer.pad_token_id, 6, 0, Compute(threads=1)
    )
    found = rollouts.assess([[10, 11], [12]], [[30, 7], [31, 32, 7]], kl_coef=0.1)
    assert not found.values.any()
    assert found.advantages.shape == (2, 3)


def test_computing_activations_twice_changes_no_weight(
    starts: Starts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that both read padded: side by side the same is rounded otherwise.
    monkeypatch.setattr(readers, "reads_side_by_side", lambda *_: False)
    keeping = reinforce(starts, prompts(7), SETTINGS, place(tmp_path / "a"), Listening(), max_tokens=8)
    twice = changed(gradient_checkpointing=True)
    assert reinforce(starts, prompts(7), twice, place(tmp_path / "b"), Listening(), max_tokens=8) == keeping


def test_the_precision_asked_for_stands_above_the_machines(starts: Starts, tmp_path: Path) -> None:
    short = {"episodes": 16, "pinned": 0}
    reduced = Compute(bf16=True, threads=1)
    by_machine = reinforce(starts, prompts(7), changed(**short), place(tmp_path / "a", reduced), Listening(), 8)
    for name, compute, dtype in (("b", Compute(threads=1), "bfloat16"), ("c", reduced, "bfloat16")):
        asked = changed(**short, dtype=dtype)
        assert reinforce(starts, prompts(7), asked, place(tmp_path / name, compute), Listening(), 8) == by_machine
    exact = changed(**short, dtype="float32")
    assert reinforce(starts, prompts(7), exact, place(tmp_path / "d", reduced), Listening(), 8) != by_machine


def test_what_is_not_known_is_one_sentence(starts: Starts, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="value must be separate or shared"):
        open_players(starts, changed(value="none"), place(tmp_path), None)
    with pytest.raises(BadInputError, match="dtype must be auto, float32 or bfloat16"):
        Compute().asked("float16")
    with pytest.raises(BadInputError, match="lora_rank must be at least 1"):
        open_players(starts, changed(lora_rank=-1), place(tmp_path), None)
