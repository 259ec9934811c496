"""The full demo: after the short one's parts, those that its report leaves out (`workbench demo DIR --full`)."""

from workbench.demo.recipe import ASKED, PARTS, PREFERENCE_MODEL, RL, ZERO_SHOT, Part
from workbench.records.settings import parse_settings
from workbench.records.snapshots import snapshot_responses

#: A preference model other than the demo's is judged on the comparisons alone: one prompt of each kind is the least there is.
_COMPARISONS_ALONE = {"judges": "preference_model", "limit": "1"}

#: The policies of the whole way, each by the name an evaluation knows it by.
_ON_THE_WAY = {
    f"rl_cai@{responses}": f"{{rl}}@{responses}" for responses in snapshot_responses(parse_settings("rl", RL))
}

FULL_PARTS: tuple[Part, ...] = (
    *PARTS,
    Part(
        "preference_model_hard",
        "preference_model",
        "Training the preference model on hard labels",
        {"soft_labels": "false", **PREFERENCE_MODEL},
    ),
    Part(
        "evaluation_hard",
        "evaluation",
        "Judging held-out comparisons by it",
        {"reward": "{preference_model_hard}", **_COMPARISONS_ALONE},
    ),
    Part(
        "labels_with_rationale_all",
        "labels",
        "Labelling the other pairs step by step",
        {"rationale": "true", **ASKED},
    ),
    Part(
        "preference_model_with_rationale",
        "preference_model",
        "Training the preference model on those labels",
        {"labels": "rationale", **PREFERENCE_MODEL},
    ),
    Part(
        "evaluation_with_rationale",
        "evaluation",
        "Judging held-out comparisons by it",
        {"reward": "{preference_model_with_rationale}", **_COMPARISONS_ALONE},
    ),
    Part(
        "rl_with_rationale",
        "rl",
        "Reinforcement learning against it (RL-CAI with chain of thought)",
        {"reward": "{preference_model_with_rationale}", **RL},
    ),
    Part(
        "evaluation_over_rl",
        "evaluation",
        "Comparing all policies, those on the way of RL among them",
        {
            "judges": "oracle,feedback,preference_model",
            "reward": "{preference_model}",
            "sl_cai": "{sft}",
            **_ON_THE_WAY,
            "rl_cai": "{rl}",
            "rl_cai_with_rationale": "{rl_with_rationale}",
            "limit": "330",
            # Twenty-eight pairs of policies on two kinds of prompt: fewer of each still make thousands of judgements.
            "judged_pairs": "50",
            "held_out": "false",
            **ZERO_SHOT,
        },
    ),
)
