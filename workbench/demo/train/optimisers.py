"""What moves the parameters: Muon for the inner matrices, AdamW for embeddings, norms and the discarded heads."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


class Optimisers:
    """Two optimisers that act as one; Muon's steps are scaled to AdamW's size, so that both share a rate."""

    def __init__(self, learner: nn.Module, rate: float) -> None:
        inner: list[nn.Parameter] = []
        tables: list[nn.Parameter] = []
        vectors: list[nn.Parameter] = []
        for name, parameter in learner.named_parameters():
            if ".layers." in name and parameter.ndim == 2:
                inner.append(parameter)
            else:
                (tables if parameter.ndim >= 2 else vectors).append(parameter)
        groups = [{"params": tables, "weight_decay": 0.05}, {"params": vectors, "weight_decay": 0.0}]
        self.parts: tuple[torch.optim.Optimizer, ...] = (
            torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), fused=True),
            torch.optim.Muon(inner, lr=rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        )

    def set_rate(self, rate: float) -> None:
        """Give every parameter the rate that is due."""
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = rate

    def step(self) -> None:
        """Move the parameters by their gradients, and forget these."""
        for part in self.parts:
            part.step()
            part.zero_grad(set_to_none=True)

    def state_dict(self) -> list[dict[str, Any]]:
        """The state of both."""
        return [part.state_dict() for part in self.parts]

    def load_state_dict(self, state: list[dict[str, Any]]) -> None:
        """Go on from the state of both."""
        for part, mine in zip(self.parts, state, strict=True):
            part.load_state_dict(mine)
