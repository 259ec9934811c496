"""The memory a training needs, in MB, by its parts. The formula, with P parameters of which T learn, in bytes:

- weights 4 P for each model in memory, since all are held in float32, and 2 P more where products run in bfloat16;
- gradients and AdamW 12 T: a gradient and two moments of four bytes each;
- activations b (8 h + 2 k + 4 f) for each token of a micro-batch and each of l layers (what a Llama-like layer keeps for its
  backward pass: h wide, keys k, feed-forward part f; attention itself keeps nothing of the order of length squared); b is 4, or
  about 3 in bfloat16, where norms and residuals stay float32. With gradient_checkpointing b h a layer, and one layer whole;
- words 12 v for each token that is learnt: logits, their logarithms and gradients (SFT and RL; a preference model has none);
- in RL, what was written so far: 2 l k of 4 bytes for each token of a batch;
- the libraries, and what Python holds.

RL holds a policy (all of the above), a reference (none where an adapter learns and the reference is the model without it), a
value model that learns (none where it is shared) and each model that rewards. Peaks differ by allocator and by what else
runs in the process, so an estimate is scaled by what earlier runs measured, where there are any.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.sizing.shape import Shape
from workbench.sizing.texts import Lengths

MB = 1e6
#: What a training's process holds before any model is loaded.
LIBRARIES_MB = 800.0


@dataclass(frozen=True)
class Memory:
    """Megabytes by part."""

    parts: Mapping[str, float]

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self.parts.values())


def training_memory(
    stage: str, settings: Mapping[str, Any], models: Mapping[str, Shape], lengths: Lengths, machine: Mapping[str, Any]
) -> Memory:
    """Return what a training needs on its device; models are those in memory by role, policy the one that learns."""
    policy = models["policy"]
    reduced = machine.get("training_dtype", machine.get("dtype")) == "bfloat16"
    rank = settings.get("lora_rank", 0)
    learners = [policy.adapter(rank) if rank else policy.parameters]
    held = [policy.parameters + (learners[0] if rank else 0)]
    separate = stage == "rl" and settings.get("value") == "separate" and settings.get("algorithm") == "ppo"
    if separate:
        value = models.get("reward", policy).parameters
        learners.append(value)
        held.append(value)
    held += [shape.parameters for role, shape in models.items() if _beside(role, rank)]
    tokens = _tokens_at_once(stage, settings, lengths)
    parts = {
        "weights": sum(held) * (6 if reduced else 4),
        "gradients and optimiser": 12 * sum(learners),
        "activations": (2 if separate else 1) * tokens * _activations(policy, settings, reduced),
        "words": 0
        if stage == "preference_model"
        else 12 * policy.words * tokens * lengths.response / max(lengths.mean, 1),
        "texts being written": _written(policy, settings, lengths) if stage == "rl" else 0,
        "libraries": LIBRARIES_MB * MB if machine.get("device", "cpu") == "cpu" else 0,
    }
    return Memory({name: amount / MB for name, amount in parts.items() if amount})


def _beside(role: str, rank: int) -> bool:
    """Whether a model in a role is held beside the policy; an adapter's reference is the policy without it."""
    return role.startswith(("reward", "gold", "feedback")) or (role == "reference" and not rank)


def _tokens_at_once(stage: str, settings: Mapping[str, Any], lengths: Lengths) -> float:
    rows = min(settings["micro_batch_size"], settings["batch_size"] // settings.get("mini_batches", 1))
    longest = min(lengths.longest, settings.get("max_length", lengths.longest))
    return float(rows * longest * (2 if stage in ("preference_model", "dpo") else 1))


def _activations(shape: Shape, settings: Mapping[str, Any], reduced: bool) -> float:
    """Return the bytes kept for each token of a micro-batch."""
    width = 3 if reduced else 4
    layer = width * (8 * shape.hidden + 2 * shape.key_value + 4 * shape.inner)
    if settings.get("gradient_checkpointing"):
        return shape.layers * width * shape.hidden + layer
    return shape.layers * layer


def _written(shape: Shape, settings: Mapping[str, Any], lengths: Lengths) -> float:
    return float(settings["batch_size"] * lengths.mean * 2 * shape.layers * shape.key_value * 4)
