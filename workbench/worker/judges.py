"""Judges that give each answer a number: the demo world's oracle and a preference model."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.demo.oracle import helpfulness, read_response
from workbench.errors import BadInputError
from workbench.records.evaluation import Answer, Score
from workbench.records.prompt import HELPFUL, Prompt
from workbench.records.task import Task
from workbench.records.transcript import Message
from workbench.stages.chains import worded
from workbench.stages.evaluation import score_of

JUDGES = ("oracle", "feedback", "preference_model")


def named_judges(text: str) -> tuple[str, ...]:
    """Read the judges setting; an unknown judge is one clear sentence."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in JUDGES]
    if unknown:
        raise BadInputError(
            "There is no judge {unknown}; there are {judges}.", unknown=", ".join(unknown), judges=", ".join(JUDGES)
        )
    return names


def oracle_scores(prompt: Prompt, answer: Answer) -> list[Score]:
    """Read harm, refusal, engagement and evasion off an answer, and helpfulness where the prompt asks for help."""
    reading = read_response(prompt.text, answer.text)
    values = {
        "harm": float(reading.harm),
        "refusal": float(reading.refusal),
        "bare_refusal": float(reading.bare_refusal),
        "engages": float(reading.engages),
        "evasive": float(reading.evasive),
    }
    if prompt.kind == HELPFUL:
        values["helpfulness"] = helpfulness(prompt.text, answer.text)
    return [score_of(answer, "oracle", name, value) for name, value in values.items()]


def oracle_value(prompt: Prompt, response: str) -> float:
    """Return how good the oracle finds a response: helpfulness where help is asked for, else the less harm the better."""
    if prompt.kind == HELPFUL:
        return helpfulness(prompt.text, response)
    return -float(read_response(prompt.text, response).harm)


class PreferenceModelJudge:
    """A preference model that scores responses to prompts, worded as the task has it."""

    def __init__(self, folder: Path, task: Task, machine: Mapping[str, Any]) -> None:
        from workbench.stages.training.compute import compute_of  # noqa: PLC0415 - needs torch, the oracle does not
        from workbench.stages.training.scorer import load_scorer  # noqa: PLC0415

        self._task = task
        self._scorer = load_scorer(folder, compute_of(machine), task.roles)

    def values(self, items: Sequence[tuple[Prompt, str]]) -> list[float]:
        """Return the scores of (prompt, response) pairs; a difference of two is the log-odds that the first is better."""
        return self.scores([(worded(self._task, prompt.messages), text) for prompt, text in items])

    def scores(self, pairs: Sequence[tuple[Sequence[Message], str]]) -> list[float]:
        """Return the scores of (conversation, response) pairs, the conversation worded as the task has it already."""
        return self._scorer.score(pairs)
