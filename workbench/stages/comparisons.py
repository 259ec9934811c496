"""Comparisons: responses to a prompt from one model, each from its own random stream, two by two (paper section 4.1)."""

import math
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations

from workbench.errors import BadInputError
from workbench.models.language_model import LanguageModel, SampleRequest
from workbench.records.comparison import Comparison
from workbench.records.draws import stream_seed
from workbench.records.identity import record_id
from workbench.records.prompt import Prompt
from workbench.records.settings import ComparisonSettings
from workbench.records.task import Task
from workbench.stages.chains import worded
from workbench.stages.walking import LeftOut, OnText, Walk, ask, drive


@dataclass(frozen=True)
class ComparisonWork:
    """What every comparison of a run has in common."""

    model: LanguageModel
    settings: ComparisonSettings
    task: Task
    seed: int
    run_id: str


def write_comparisons(
    work: ComparisonWork,
    prompts: Iterable[Prompt],
    finished: AbstractSet[str] = frozenset(),
    on_text: OnText | None = None,
) -> Iterator[Comparison | LeftOut]:
    """Yield the comparisons of each prompt as they are written; ids in `finished` are there already.

    A prompt that does not fit the model is LeftOut, by its id.
    """
    count = comparisons_per_prompt(work.settings)
    walks = (
        (prompt.id, _walk(work, prompt, finished))
        for prompt in prompts
        if any(comparison_id(work, prompt, number) not in finished for number in range(count))
    )
    return drive({"response": work.model}, walks, work.settings.slots, on_text, leave_out=True)


def comparisons_per_prompt(settings: ComparisonSettings) -> int:
    """Return how many comparisons each prompt has: one for every two of its responses."""
    if settings.responses < 2:
        raise BadInputError(
            "A comparison needs two responses: responses must be at least 2, not {responses}.",
            responses=settings.responses,
        )
    return math.comb(settings.responses, 2)


def comparison_id(work: ComparisonWork, prompt: Prompt, number: int) -> str:
    """Return the id of a prompt's comparison of that number in this run."""
    return record_id("comparison", work.run_id, prompt.id, number)


def _walk(work: ComparisonWork, prompt: Prompt, finished: AbstractSet[str]) -> Walk:
    requests = [_request(work, prompt, number) for number in range(work.settings.responses)]
    texts = []
    for request in requests:
        sample = yield from ask("response", request)
        texts.append(sample.text.strip())
    for number, (a, b) in enumerate(combinations(range(len(texts)), 2)):
        identity = comparison_id(work, prompt, number)
        if identity not in finished:
            yield Comparison(
                id=identity,
                prompt_id=prompt.id,
                response_a=texts[a],
                response_b=texts[b],
                model_a=work.model.name,
                model_b=work.model.name,
                seed_a=requests[a].seed,
                seed_b=requests[b].seed,
            )


def _request(work: ComparisonWork, prompt: Prompt, number: int) -> SampleRequest:
    sent = work.model.render(worded(work.task, prompt.messages), "assistant")
    seed = stream_seed(work.seed, prompt.id, "comparison", number)
    limit = work.settings.max_tokens or work.task.max_response_tokens
    return SampleRequest(sent, seed, limit, work.settings.temperature, work.model.stops())
