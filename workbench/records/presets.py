"""Presets of the trainings: settings that suit a machine, to begin from.

A number of bytes a parameter decides: full training in float32 with AdamW takes about 16, an adapter about 4 (workbench/sizing).
Learning rates of adapters are about ten times those of full training (TRL's recipes). The demo model's own settings are the
defaults, which is what the preset cpu takes.
"""

from typing import Any

from workbench.errors import BadInputError

#: What each preset is for.
PRESETS: dict[str, str] = {
    "cpu": "the defaults, for some million parameters on processor cores",
    "smoke": "20 steps, to see that everything fits together",
    "8gb": "a GPU of 8 GB: adapters, small pieces, activations computed twice",
    "24gb": "a GPU of 24 GB: adapters of a higher rank and longer texts",
    "80gb": "a GPU of 80 GB: all weights",
}

_SETTINGS: dict[str, dict[str, dict[str, Any]]] = {
    "sft": {
        "cpu": {},
        "smoke": {"max_steps": 20, "checkpoint_every": 10, "pinned": 2},
        "8gb": {"lora_rank": 16, "micro_batch_size": 1, "gradient_checkpointing": True},
        "24gb": {"lora_rank": 64, "micro_batch_size": 4, "gradient_checkpointing": True, "max_length": 1024},
        "80gb": {"learning_rate": 2e-5, "schedule": "cosine", "batch_size": 64, "micro_batch_size": 8, "max_length": 2048},
    },
    "preference_model": {
        "cpu": {},
        "smoke": {"max_steps": 20, "checkpoint_every": 10, "pinned": 2},
        "8gb": {
            "learning_rate": 1e-4, "lora_rank": 16, "batch_size": 16, "micro_batch_size": 1, "gradient_checkpointing": True},
        "24gb": {
            "learning_rate": 1e-4, "lora_rank": 64, "batch_size": 32, "micro_batch_size": 2, "gradient_checkpointing": True,
            "max_length": 1024},
        "80gb": {"learning_rate": 1e-5, "batch_size": 64, "micro_batch_size": 8, "max_length": 2048},
    },
    "rl": {
        "cpu": {},
        "smoke": {"episodes": 80, "batch_size": 16, "micro_batch_size": 4, "pinned": 2, "checkpoint_every": 2},
        "8gb": {
            "learning_rate": 1e-5, "lora_rank": 16, "value": "shared", "micro_batch_size": 1, "gradient_checkpointing": True},
        "24gb": {
            "learning_rate": 1e-5, "lora_rank": 64, "value": "shared", "batch_size": 128, "micro_batch_size": 4,
            "gradient_checkpointing": True},
        "80gb": {"learning_rate": 1e-6, "episodes": 8192, "batch_size": 256, "micro_batch_size": 16},
    },
    "dpo": {
        "cpu": {},
        "smoke": {"max_steps": 20, "checkpoint_every": 10, "pinned": 2},
        "8gb": {"learning_rate": 5e-6, "lora_rank": 16, "micro_batch_size": 1, "gradient_checkpointing": True},
        "24gb": {
            "learning_rate": 5e-6, "lora_rank": 64, "batch_size": 32, "micro_batch_size": 2, "gradient_checkpointing": True,
            "max_length": 1024},
        "80gb": {"learning_rate": 5e-7, "schedule": "cosine", "batch_size": 64, "micro_batch_size": 8, "max_length": 2048},
    },
}  # fmt: skip

#: What matters most in each training, in the order in which it is asked.
FIRST: dict[str, tuple[str, ...]] = {
    "sft": ("epochs", "learning_rate", "batch_size", "micro_batch_size", "max_length", "lora_rank"),
    "preference_model": (
        "epochs",
        "learning_rate",
        "batch_size",
        "micro_batch_size",
        "max_length",
        "soft_labels",
        "lora_rank",
    ),
    "dpo": ("beta", "epochs", "learning_rate", "batch_size", "micro_batch_size", "lora_rank"),
    "rl": ("episodes", "learning_rate", "batch_size", "micro_batch_size", "kl_coef", "lora_rank"),
}

#: What settings of text may say, where only some words will do.
CHOICES: dict[str, tuple[str, ...]] = {
    "schedule": ("linear", "cosine", "constant"),
    "revisions": ("all", "last"),
    "algorithm": ("ppo", "rloo"),
    "value": ("separate", "shared"),
    "dtype": ("auto", "float32", "bfloat16"),
    "pick": ("last", "best"),
}


def preset(stage: str, name: str) -> dict[str, str]:
    """Return what a preset sets otherwise than the defaults, as texts; raises BadInputError where there is none."""
    found = _SETTINGS.get(stage, {}).get(name)
    if found is None:
        stages = ", ".join(_SETTINGS)
        raise BadInputError(
            "There is no preset {name} of {stage}; {stages} have {presets}.",
            name=name,
            stage=stage,
            stages=stages,
            presets=", ".join(PRESETS),
        )
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in found.items()}
