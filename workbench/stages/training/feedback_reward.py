"""A reward without a preference model: the feedback model is asked about every response (as in arXiv 2309.00267, section 3.2.2).

It compares the policy's response with one answer of the reference to the same prompt, under drawn principles and in both
orders; the reward is the log-odds that the policy's is the better one, 0 for a policy no better than its reference.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workbench.errors import MissingError
from workbench.records.comparison import Comparison
from workbench.records.draws import stream_seed
from workbench.records.identity import record_id
from workbench.records.prompt import Prompt
from workbench.stages.preferences import LabelWork, label_comparisons
from workbench.stages.training.generation import Draw
from workbench.stages.training.rollouts import Rollouts

#: Probabilities are kept this far from 0 and 1, so that one overconfident answer does not outweigh a batch.
_MARGIN = 1e-3


class FeedbackReward:
    """Asks the feedback model; prompts are known by their token ids, answer writes the reference's text for each of some."""

    def __init__(
        self,
        work: LabelWork,
        prompts: Mapping[tuple[int, ...], Prompt],
        answer: Callable[[Sequence[Prompt]], list[str]],
        decode: Callable[[list[int]], str],
    ) -> None:
        self._work = work
        self._prompts = prompts
        self._answer = answer
        self._decode = decode
        self._answers: dict[str, str] = {}

    def reward(self, prompts: Sequence[list[int]], responses: Sequence[list[int]]) -> list[float]:
        """Return the log-odds (nats) that each response is better than the reference's; equal or unusable answers give 0."""
        asked = [self._prompts[tuple(ids)] for ids in prompts]
        self._write_answers(asked)
        items = [
            (prompt, self._comparison(prompt, self._decode(response)))
            for prompt, response in zip(asked, responses, strict=True)
        ]
        return [_log_odds(label.probability_a) for label in label_comparisons(self._work, items)]

    def _write_answers(self, asked: Sequence[Prompt]) -> None:
        missing = list({prompt.id: prompt for prompt in asked if prompt.id not in self._answers}.values())
        # None missing is asked for too: the reference writes for all processes or none.
        written = zip(missing, self._answer(missing), strict=True)
        self._answers.update({prompt.id: text for prompt, text in written})

    def _comparison(self, prompt: Prompt, text: str) -> Comparison:
        # The id decides which principles are drawn: they follow from prompt and response, not from the batch.
        identity = record_id("comparison", self._work.run_id, prompt.id, text)
        return Comparison(identity, prompt.id, text, self._answers[prompt.id], "policy", "reference")


def feedback_reward(
    work: LabelWork | None, prompts: Mapping[tuple[int, ...], Prompt], rollouts: Rollouts, tokenizer: Any
) -> FeedbackReward:
    """Return the reward that compares with the reference's answers, each written once from a stream of its prompt's own."""
    if work is None:
        raise MissingError("rewards names feedback, but there is no feedback model; name one: --set feedback=FOLDER")
    ids = {prompt.id: list(tokens) for tokens, prompt in prompts.items()}

    def decode(tokens: list[int]) -> str:
        text: str = tokenizer.decode(tokens, skip_special_tokens=True)
        return text.strip()

    def answer(asked: Sequence[Prompt]) -> list[str]:
        draws = [Draw(ids[prompt.id], stream_seed(rollouts.seed, prompt.id, "reference")) for prompt in asked]
        return [decode(tokens) for tokens in rollouts.write(rollouts.players.reference, draws)]

    return FeedbackReward(work, prompts, answer, decode)


def _log_odds(probability: float) -> float:
    kept = min(max(probability, _MARGIN), 1.0 - _MARGIN)
    return math.log(kept / (1.0 - kept))
