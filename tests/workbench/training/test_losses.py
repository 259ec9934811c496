"""PPO's losses against a case worked by hand and an independent computation."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.stages.training.kl import KlController
from workbench.stages.training.losses import policy_loss, value_loss


def test_policy_loss_by_hand() -> None:
    # Ratios 1.5, 0.5, 1.1 at a clip range of 0.2; advantages 1, -1, 2; a fourth token is padding.
    ratios = torch.tensor([[1.5, 0.5, 1.1, 7.0]])
    mask = torch.tensor([[True, True, True, False]])
    found = policy_loss(ratios.log(), torch.zeros(1, 4), torch.tensor([[1.0, -1.0, 2.0, 5.0]]), mask, 0.2)
    # max(-1.5, -1.2) = -1.2;  max(0.5, 0.8) = 0.8;  max(-2.2, -2.2) = -2.2
    assert float(found.loss) == pytest.approx(-2.6, abs=1e-6)
    assert int(found.clipped) == 2


def test_value_loss_by_hand() -> None:
    # Old value 0, return 1, clip range 0.2: value 0.5 is kept at 0.2, whose error is the larger.
    mask = torch.tensor([[True, True, False]])
    found = value_loss(torch.tensor([[0.5, 0.1, 9.0]]), torch.zeros(1, 3), torch.tensor([[1.0, 1.0, 0.0]]), mask, 0.2)
    # 0.5 * 0.8^2 + 0.5 * 0.9^2
    assert float(found.loss) == pytest.approx(0.725, abs=1e-6)
    assert int(found.clipped) == 1


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), clip=st.floats(0.05, 0.5))
def test_losses_agree_with_numpy(seed: int, clip: float) -> None:
    random = np.random.default_rng(seed)
    shape = (4, 7)
    new, old, advantages, values, before, returns = random.normal(size=(6, *shape))
    mask = random.random(shape) < 0.7
    ratio = np.exp(new - old)
    policy = np.maximum(-advantages * ratio, -advantages * np.clip(ratio, 1 - clip, 1 + clip))[mask].sum()
    near = np.clip(values, before - clip, before + clip)
    value = 0.5 * np.maximum((values - returns) ** 2, (near - returns) ** 2)[mask].sum()
    to_tensor = torch.tensor
    found = policy_loss(to_tensor(new), to_tensor(old), to_tensor(advantages), to_tensor(mask), clip)
    assert abs(float(found.loss) - policy) < 1e-5
    found = value_loss(to_tensor(values), to_tensor(before), to_tensor(returns), to_tensor(mask), clip)
    assert abs(float(found.loss) - value) < 1e-5


def test_padding_has_no_gradient() -> None:
    logprobs = torch.zeros(1, 3, requires_grad=True)
    mask = torch.tensor([[True, True, False]])
    policy_loss(logprobs, torch.zeros(1, 3), torch.ones(1, 3), mask, 0.2).loss.backward()  # type: ignore[no-untyped-call]
    assert logprobs.grad is not None
    assert logprobs.grad.tolist() == [[-1.0, -1.0, 0.0]]


def test_the_kl_controller_steers_only_with_a_target() -> None:
    fixed = KlController(0.05)
    fixed.update(measured=100.0, episodes=64)
    assert fixed.coef == 0.05
    steered = KlController(0.05, target=10.0)
    steered.update(measured=100.0, episodes=500)
    assert steered.coef == pytest.approx(0.05 * (1 + 0.2 * 500 / 10_000))
    steered.update(measured=1.0, episodes=500)
    assert steered.coef < 0.05 * (1 + 0.2 * 500 / 10_000)
