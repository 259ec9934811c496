"""The memory a training needs, in MB, by its parts. The formula, with P parameters of which T learn, in bytes:

- weights 4 P for each model in memory, since all are held in float32, and 2 P more where products run in bfloat16;
- with quantised (QLoRA), half a byte for each parameter of the policy's linear layers instead;
- gradients and AdamW 12 T: a gradient and two moments of four bytes each;
- activations b (8 h + 2 k + 4 f) for each token of a micro-batch and each of l layers (what a Llama-like layer keeps for its
  backward pass: h wide, keys k, feed-forward part f; attention itself keeps nothing of the order of length squared); b is 4, or
  about 3 in bfloat16, where norms and residuals stay float32. With gradient_checkpointing b h a layer, and one layer whole;
- words 12 v for each token that is learnt: logits, their logarithms and gradients (SFT and RL; a preference model has none);
- in RL, what was written so far: 2 l k of 4 bytes for each token of a batch;
- the libraries, and what Python holds.

RL holds a policy (all of the above), a reference (none where an adapter learns and the reference is the model without it), a
value model that learns (none where it is shared) and each model that rewards.

Where N processes train together, this is what one of them holds. Each has a share of a micro-batch (in PPO whole ones, in turns)
and of the texts being written. Copies (DDP) hold the rest whole; in shards (FSDP) weights, gradients and optimiser are divided by
N, and now and then a model stands whole beside them, 4 P of the largest; ZeRO-1 leaves 4 T for gradients and 12 T / N for the
optimiser, which has a copy of the weights, ZeRO-2 16 T / N for both, and one that is offloaded leaves nothing of it on a GPU.

Peaks differ by allocator and by what else runs in the process, so an estimate is scaled by what earlier runs measured,
where there are any.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.records.run import training_dtype
from workbench.records.spread import ONE, Spread
from workbench.sentences import said
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
    stage: str,
    settings: Mapping[str, Any],
    models: Mapping[str, Shape],
    lengths: Lengths,
    machine: Mapping[str, Any],
    spread: Spread = ONE,
) -> Memory:
    """Return what one process of a training needs; models are those in memory by role, policy the one that learns."""
    policy = models["policy"]
    reduced = training_dtype(machine, settings.get("dtype", "auto")) == "bfloat16"
    rank = settings.get("lora_rank", 0)
    learners = [policy.adapter(rank) if rank else policy.parameters]
    held = [policy.parameters + (learners[0] if rank else 0)]
    separate = stage == "rl" and settings.get("value") == "separate" and settings.get("algorithm") == "ppo"
    if separate:
        value = models.get("reward", policy).parameters
        learners.append(value)
        held.append(value)
    held += [shape.parameters for role, shape in models.items() if _beside(role, rank)]
    shards = spread.processes if spread.sharded else 1
    # A feedback model answers each process by itself.
    asked = sum(shape.parameters for role, shape in models.items() if role.startswith("feedback"))
    tokens = _tokens_at_once(stage, settings, lengths, spread)
    kept = (2 if separate else 1) * tokens * _activations(policy, settings, reduced)
    words = 12 * policy.words * tokens * lengths.response / max(lengths.mean, 1)
    words = 0 if stage == "preference_model" else words
    parts = {
        said("weights"): ((sum(held) - asked) / shards + asked) * (6 if reduced else 4)
        - _spared(policy, settings, reduced),
        said("gradients and optimiser"): _learning(sum(learners), spread, machine),
        said("activations"): kept,
        said("words"): words,
        # Nothing is learnt from while a model is whole.
        said("a model brought together"): max(0.0, 4 * max(held) - kept - words) if shards > 1 else 0,
        said("texts being written"): _written(policy, settings, lengths) / spread.processes if stage == "rl" else 0,
        said("libraries"): LIBRARIES_MB * MB if machine.get("device", "cpu") == "cpu" else 0,
    }
    return Memory({name: amount / MB for name, amount in parts.items() if amount})


def _spared(policy: Shape, settings: Mapping[str, Any], reduced: bool) -> float:
    """Return the bytes that a policy held in four bits does without; narrow copies of it are made layer by layer."""
    return policy.linear * ((6 if reduced else 4) - 0.5) if settings.get("quantised") else 0


def _beside(role: str, rank: int) -> bool:
    """Whether a model in a role is held beside the policy; an adapter's reference is the policy without it."""
    return role.startswith(("reward", "gold", "feedback")) or (role == "reference" and not rank)


def _learning(learnt: float, spread: Spread, machine: Mapping[str, Any]) -> float:
    """Return the bytes of gradients and optimiser for so many parameters on one process's device."""
    if spread.zero is None:
        return 12 * learnt / (spread.processes if spread.sharded else 1)
    if spread.zero.offload and not (spread.cpu or machine.get("device", "cpu") == "cpu"):
        return 0
    whole = 4 if spread.zero.stage == 1 else 0
    return (whole + (16 - whole) / spread.processes) * learnt


def _tokens_at_once(stage: str, settings: Mapping[str, Any], lengths: Lengths, spread: Spread) -> float:
    rows = min(settings["micro_batch_size"], settings["batch_size"] // settings.get("mini_batches", 1))
    if stage != "rl" or settings["algorithm"] == "rloo":
        rows = -(-rows // spread.processes)
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
