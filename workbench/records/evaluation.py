"""What an evaluation finds: answers of each model, scores of answers, judgements between answers."""

from dataclasses import dataclass
from typing import Literal

from workbench.records.comparison import Decision

#: Named in a judge's place: all prompts, whoever found what.
EVERY = "every"

Verdict = Literal["a", "b", "tie"]


@dataclass(frozen=True)
class Answer:
    """A model's response to an evaluation prompt; weights is the hash of the weights that wrote it."""

    id: str
    prompt_id: str
    model: str
    text: str
    kind: str = ""
    tokens: int = 0
    finish: str = "stop"
    seed: int = 0
    weights: str = ""
    #: The prompt exactly as the model saw it.
    sent: str = ""


@dataclass(frozen=True)
class Score:
    """One judge's number for one answer under a name (harm, helpfulness, bare_refusal, engages, preference_model …)."""

    id: str
    answer_id: str
    judge: str
    name: str
    value: float


@dataclass(frozen=True)
class Judgement:
    """A judge's verdict between two answers to one prompt; probability_a where the judge gives one."""

    id: str
    prompt_id: str
    judge: str
    model_a: str
    model_b: str
    answer_a: str
    answer_b: str
    verdict: Verdict
    probability_a: float | None = None
    order_flip: bool = False
    #: Set where the two answers are the responses of a comparison.
    comparison_id: str = ""


@dataclass(frozen=True)
class PersonJudgement:
    """A person's decision between two answers to one prompt; append-only, a later one supersedes by id.

    person names who decided; side_shown says which answer stood left ("ab": answer_a).
    """

    id: str
    answer_a: str
    answer_b: str
    person: str
    decision: Decision
    side_shown: Literal["ab", "ba"] = "ab"
    blind: bool = True
    seconds: float = 0.0
    reason: str = ""
    supersedes: str | None = None
    created: str = ""
