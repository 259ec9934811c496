"""How a reinforcement learning fares, sign by sign in plain words: good, watch or bad.

Limits are those of the run's own alarms where there is one (workbench/stages/training/alarms.py); half way to an alarm is a
sign to watch. The share of clipped tokens and the value loss have no alarm; their limits are rules of thumb.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workbench.sentences import said

Level = Literal["good", "watch", "bad", "unknown"]
#: Batches that are averaged before they are compared, as the alarms do.
WINDOW = 4
#: More clipped tokens than these are many: the policy wants to go further than a step may.
_MANY_CLIPPED, _MOST_CLIPPED = 0.2, 0.4
#: A value loss this many times its first is growing.
_GROWN = 2.0
#: The sign that needs a preference model which watches, and what is said where there is none.
_AGREEMENT = said("Agreement with gold")
_UNWATCHED = said("not measured: a second preference model, trained on other data and named as gold, would tell")


@dataclass(frozen=True)
class Sign:
    """One thing to look at: its name, how it is, its value now, and a sentence."""

    name: str
    level: Level
    value: float | None
    sentence: str


def signs(curves: Mapping[str, Sequence[float]], settings: Mapping[str, Any]) -> list[Sign]:
    """Return the signs of a run from its numbers by name, oldest first; the first and last WINDOW of each will do."""
    found = []
    for name, (metric, rule) in _RULES.items():
        values = [value for value in curves.get(metric, ()) if math.isfinite(value)]
        if len(values) < 2:
            unwatched = name == _AGREEMENT and not values and len(curves.get("objective/scores", ())) >= 2
            why = _UNWATCHED if unwatched else said("too early to tell")
            found.append(Sign(name, "unknown", values[-1] if values else None, why))
            continue
        first, now = _mean(values[:WINDOW]), _mean(values[-WINDOW:])
        level, sentence = rule(first, now, settings)
        found.append(Sign(name, level, now, sentence))
    return found


def _reward(first: float, now: float, _: Mapping[str, Any]) -> tuple[Level, str]:
    if now > first:
        return "good", said("risen from {first:.2f} to {now:.2f}", first=first, now=now)
    if math.isclose(now, first, abs_tol=1e-9):
        return "watch", said("has not moved yet")
    return "watch", said("fallen from {first:.2f} to {now:.2f}; a lower learning rate may help", first=first, now=now)


def _kl(_: float, now: float, settings: Mapping[str, Any]) -> tuple[Level, str]:
    words = said("answers stray from the reference"), said("a response: close enough to the reference")
    return _below(said("{now:.1f} nats", now=now), now, settings.get("max_kl"), *words)


def _token_kl(_: float, now: float, settings: Mapping[str, Any]) -> tuple[Level, str]:
    words = said("it leaves the language it began with"), said("a token: it still writes as the reference does")
    return _below(said("{now:.2f} nats", now=now), now, settings.get("max_token_kl"), *words)


def _agreement(_: float, now: float, settings: Mapping[str, Any]) -> tuple[Level, str]:
    limit = float(settings.get("gold_agreement") or 0)
    words = said("reward and gold score correlate by {now:.2f} over responses", now=now)
    if now < limit:
        return "bad", said(
            "{words}, below the limit of {limit:g}: the reward is about to be exploited", words=words, limit=limit
        )
    return (
        ("watch", said("{words}, half way to the limit of {limit:g}", words=words, limit=limit))
        if now < (1 + limit) / 2
        else ("good", words)
    )


def _below(told: str, now: float, most: Any, beyond: str, fine: str) -> tuple[Level, str]:
    """Say how far a number is from its limit, where it has one."""
    limit = float(most or 0) or math.inf
    if now > limit:
        return "bad", said("{told}, beyond the limit of {limit:g}: {beyond}", told=told, limit=limit, beyond=beyond)
    if now > limit / 2:
        return "watch", said("{told}, more than half way to the limit of {limit:g}", told=told, limit=limit)
    return "good", said("{told} {fine}", told=told, fine=fine)


def _entropy(first: float, now: float, settings: Mapping[str, Any]) -> tuple[Level, str]:
    floor = float(settings.get("entropy_floor") or 0)
    share = now / first if first > 0 else 1.0
    words = said("{share:.0%} of what it began with", share=share)
    if share < floor:
        return "bad", said("{words}: answers become alike", words=words)
    return (
        ("watch", said("{words}, and falling towards the limit of {floor:.0%}", words=words, floor=floor))
        if share < (1 + floor) / 2
        else ("good", words)
    )


def _length(first: float, now: float, settings: Mapping[str, Any]) -> tuple[Level, str]:
    limit = float(settings.get("length_growth") or 0) or math.inf
    times = now / first if first > 0 else 1.0
    words = said("{now:.0f} tokens, {times:.1f} times as long as at first", now=now, times=times)
    if times > limit:
        return "bad", said("{words}: see whether length is what is rewarded", words=words)
    if times > (1 + limit) / 2 or times < 0.5:
        return "watch", words
    return "good", words


def _ends(first: float, now: float, settings: Mapping[str, Any]) -> tuple[Level, str]:
    limit = first + (float(settings.get("missing_eos_rise") or 0) or math.inf)
    words = said("{now:.0%} of responses are cut off", now=now)
    if now > limit:
        return "bad", said(
            "{words}, against {first:.0%} at first: take more max_tokens or a larger penalty", words=words, first=first
        )
    return ("watch", said("{words}, more than at first", words=words)) if now > (first + limit) / 2 else ("good", words)


def _clipped(_: float, now: float, settings: Mapping[str, Any]) -> tuple[Level, str]:
    words = said("{now:.0%} of tokens were cut short in a step", now=now)
    if now > _MOST_CLIPPED:
        return "bad", said("{words}: take a lower learning rate", words=words)
    return ("watch", said("{words}: the steps are large", words=words)) if now > _MANY_CLIPPED else ("good", words)


def _value_loss(first: float, now: float, settings: Mapping[str, Any]) -> tuple[Level, str]:
    if now > _GROWN * first:
        return "watch", said("grown from {first:.3g} to {now:.3g}: the value model loses track", first=first, now=now)
    return "good", said("{now:.3g}, from {first:.3g} at first", now=now, first=first)


_Rule = Callable[[float, float, Mapping[str, Any]], tuple[Level, str]]
_RULES: dict[str, tuple[str, _Rule]] = {
    said("Reward"): ("objective/scores", _reward),
    said("KL"): ("objective/kl", _kl),
    said("KL per token"): ("objective/token_kl", _token_kl),
    _AGREEMENT: ("objective/gold_agreement", _agreement),
    said("Entropy"): ("policy/entropy_avg", _entropy),
    said("Length"): ("response_length", _length),
    said("Endings"): ("val/missing_eos", _ends),
    said("Clipped steps"): ("policy/clipfrac_avg", _clipped),
    said("Value loss"): ("loss/value_avg", _value_loss),
}
#: The numbers the signs are read from.
METRICS: tuple[str, ...] = tuple(metric for metric, _ in _RULES.values())


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
