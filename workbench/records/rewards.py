"""What reinforcement learning rewards: one or several models in their roles, each with a weight."""

import math

from workbench.errors import BadInputError

PREFERENCE_MODELS: tuple[str, ...] = ("reward", "reward_2", "reward_3")
#: The preference models, and the feedback model asked directly.
REWARDS: tuple[str, ...] = (*PREFERENCE_MODELS, "feedback")


def parse_rewards(text: str) -> dict[str, float]:
    """Read texts such as 'reward' or 'reward=1,feedback=0.5'; a role without a weight counts once."""
    weights: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        role, _, weight = (piece.strip() for piece in part.partition("="))
        if role not in REWARDS or role in weights:
            raise BadInputError(
                "rewards names each of {rewards} at most once, not '{text}'.", rewards=", ".join(REWARDS), text=text
            )
        weights[role] = _weight(role, weight or "1")
    if not any(weights.values()):
        raise BadInputError("rewards must give at least one model a weight, for example reward=1,feedback=0.5.")
    return weights


def _weight(role: str, text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if not math.isfinite(weight):
        raise BadInputError("The weight of {role} in rewards must be a number, not '{text}'.", role=role, text=text)
    return weight
