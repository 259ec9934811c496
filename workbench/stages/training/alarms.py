"""Alarms: signs that reinforcement learning goes wrong, looked for in every batch of experience.

A policy that is pushed too far keeps raising its reward while what the reward stands for falls (arXiv 2009.01325, figure 5;
arXiv 2210.10760); the other alarms catch what usually comes with it, or a training that has broken down.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import BadInputError, WorkbenchError
from workbench.records.run import Metric
from workbench.records.settings import RlSettings
from workbench.sentences import said
from workbench.stages.training.watching import Watcher

#: Batches that are averaged before they are compared: one alone is mostly noise.
_WINDOW = 4
#: A mean over thousands of tokens is not noise; two batches tell a passing jump from a policy that has left.
_TOKEN_WINDOW = 2
#: Differences of held-out scores must exceed this many standard errors.
_ERRORS = 2.0

#: What of a batch's numbers the alarms remember.
_REMEMBERED = (
    "objective/kl",
    "policy/entropy_avg",
    "response_length",
    "val/missing_eos",
    "objective/scores",
    "objective/gold",
    "objective/gold_error",
    "objective/gold_agreement",
)

History = Sequence[Mapping[str, float]]


@dataclass(frozen=True)
class Alarm:
    """One alarm: its name, the value that raised it, the limit it passed, and a sentence that says what to do."""

    name: str
    value: float
    limit: float
    sentence: str


class BrokenError(WorkbenchError):
    """Numbers that are no numbers: nothing after them can be used, so the training ends where its last checkpoint is."""

    def __init__(self, what: str) -> None:
        super().__init__(
            said(
                "Alarm nan: {what} is not a finite number (limit: none may be), so that nothing learnt after it "
                "could be used; start a new run with a lower learning_rate or max_grad_norm. What this run has kept "
                "is its last checkpoint.",
                what=what,
            )
        )


def require_finite(values: Mapping[str, float]) -> None:
    """Raise BrokenError, naming it, where one of the numbers is infinite or no number."""
    for name, value in values.items():
        if not math.isfinite(value):
            raise BrokenError(name)


class Alarms:
    """Remembers each batch's numbers and raises an alarm, each at most once, where they pass a limit.

    An alarm that is ignored is told but does not ask for a pause. One that paused the run is ignored from then on: whoever
    resumes has seen it.
    """

    def __init__(self, settings: RlSettings, watcher: Watcher) -> None:
        self.settings = settings
        self.watcher = watcher
        self.ignored = _ignored(settings.ignore_alarms)
        self.told: list[str] = []
        self.raised: Alarm | None = None
        self._history: list[dict[str, float]] = []

    def look(self, stats: Mapping[str, float], step: int) -> None:
        """Take a batch's numbers, which belong to an optimiser step; raises BrokenError where one is not finite."""
        require_finite(stats)
        self._history.append({name: stats[name] for name in _REMEMBERED if name in stats})
        for name, rule in RULES.items():
            alarm = None if name in self.told else rule(self._history, self.settings)
            if alarm is not None:
                self._tell(alarm, step)

    def _tell(self, alarm: Alarm, step: int) -> None:
        self.told.append(alarm.name)
        self.watcher.emit(Metric(f"alarm/{alarm.name}", step, alarm.value))
        self.watcher.say(alarm.sentence)
        if alarm.name not in self.ignored and self.raised is None:
            self.raised = alarm

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"history": self._history, "told": self.told}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what a checkpoint kept."""
        self._history, self.told = list(state["history"]), list(state["told"])


def _kl(history: History, settings: RlSettings) -> Alarm | None:
    value, limit = _recent(history, "objective/kl"), settings.max_kl
    if not 0 < limit < value:
        return None
    advice = said("take a larger kl_coef, set kl_target, or a lower learning_rate")
    return _alarm("kl", value, limit, said("the policy's KL to the reference (nats per response)"), advice)


def _token_kl(history: History, settings: RlSettings) -> Alarm | None:
    """Compare the KL per token, which tells a policy that leaves the language whatever the length of its responses."""
    window, limit = history[-_TOKEN_WINDOW:], settings.max_token_kl
    value = _mean(window, "objective/kl") / max(1.0, _mean(window, "response_length"))
    if len(window) < _TOKEN_WINDOW or not 0 < limit < value:
        return None
    advice = said(
        "it leaves the language the preference model was trained on: take a larger kl_coef or a lower learning_rate"
    )
    return _alarm("token_kl", value, limit, said("the policy's KL to the reference (nats per token)"), advice)


def _entropy(history: History, settings: RlSettings) -> Alarm | None:
    value = _recent(history, "policy/entropy_avg")
    limit = settings.entropy_floor * _first(history, "policy/entropy_avg")
    if not value < limit:
        return None
    advice = said("its answers become alike: take a larger kl_coef or a lower learning_rate")
    return _alarm("entropy", value, limit, said("the policy's entropy (nats per token)"), advice)


def _length(history: History, settings: RlSettings) -> Alarm | None:
    value = _recent(history, "response_length")
    limit = settings.length_growth * _first(history, "response_length")
    if not 0 < limit < value:
        return None
    advice = said("see whether the preference model favours length, or set length_penalty")
    return _alarm("length", value, limit, said("the mean length of responses (tokens)"), advice)


def _missing_eos(history: History, settings: RlSettings) -> Alarm | None:
    value = _recent(history, "val/missing_eos")
    limit = settings.missing_eos_rise + _first(history, "val/missing_eos")
    if settings.missing_eos_rise <= 0 or not value > limit:
        return None
    advice = said("take a larger missing_eos_penalty or more max_tokens")
    return _alarm("missing_eos", value, limit, said("the share of responses that do not end by themselves"), advice)


def _over_optimisation(history: History, settings: RlSettings) -> Alarm | None:
    """Compare the last window with the one in which the held-out preference model's mean score was highest."""
    if settings.gold_fall <= 0 or len(history) < 2 * _WINDOW or "objective/gold" not in history[-1]:
        return None
    windows = [history[end - _WINDOW : end] for end in range(_WINDOW, len(history) + 1)]
    best, last = max(windows, key=lambda window: _mean(window, "objective/gold")), windows[-1]
    fall = _mean(best, "objective/gold") - _mean(last, "objective/gold")
    limit = max(settings.gold_fall, _ERRORS * math.hypot(_error(best), _error(last)))
    if fall <= limit or _mean(last, "objective/scores") <= _mean(best, "objective/scores"):
        return None
    advice = said(
        "the policy exploits the reward: take the model of an earlier step (pick=best), a larger kl_coef or "
        "fewer episodes"
    )
    what = said("the held-out preference model's score has fallen from its best, while the reward rose, by")
    return _alarm("over_optimisation", fall, limit, what, advice)


def _disagreement(history: History, settings: RlSettings) -> Alarm | None:
    """Look whether reward and held-out score still rank responses alike: where they do not, the latter is about to fall."""
    window, limit = history[-_WINDOW:], settings.gold_agreement
    if limit <= 0 or len(window) < _WINDOW or any("objective/gold_agreement" not in batch for batch in window):
        return None
    value = _mean(window, "objective/gold_agreement")
    if not value < limit:
        return None
    advice = said(
        "what it learns next is not what the held-out one likes: take the model of an earlier step "
        "(pick=best), or a preference model trained on more comparisons"
    )
    what = said("the correlation of the reward with the held-out preference model's score")
    return _alarm("disagreement", value, limit, what, advice)


#: Which rule raises which alarm.
RULES: dict[str, Callable[[History, RlSettings], Alarm | None]] = {
    "kl": _kl,
    "token_kl": _token_kl,
    "entropy": _entropy,
    "length": _length,
    "missing_eos": _missing_eos,
    "over_optimisation": _over_optimisation,
    "disagreement": _disagreement,
}


def _alarm(name: str, value: float, limit: float, what: str, advice: str) -> Alarm:
    verb = "" if what.endswith(" by") else " is"
    sentence = said(
        "Alarm {name}: {what}{verb} {value:.3g} (limit {limit:.3g}); {advice}, in a new run, or resume this "
        "one to go on without this alarm (ignore_alarms={name} never pauses for it).",
        name=name,
        what=what,
        verb=verb,
        value=value,
        limit=limit,
        advice=advice,
    )
    return Alarm(name, value, limit, sentence)


def _ignored(text: str) -> frozenset[str]:
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    if unknown := sorted(names - {*RULES, "all"}):
        raise BadInputError(
            "There is no alarm {unknown}; there are {rules}, or all.",
            unknown=", ".join(unknown),
            rules=", ".join(RULES),
        )
    return frozenset(RULES) if "all" in names else names


def _recent(history: History, name: str) -> float:
    return _mean(history[-_WINDOW:], name)


def _first(history: History, name: str) -> float:
    return _mean(history[:_WINDOW], name)


def _mean(window: History, name: str) -> float:
    return sum(batch[name] for batch in window) / len(window)


def _error(window: History) -> float:
    """Return the standard error of a window's mean held-out score, from those of its batches."""
    return math.sqrt(sum(batch["objective/gold_error"] ** 2 for batch in window)) / len(window)
