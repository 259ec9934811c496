"""Comparisons: two responses to a prompt from one model, each from its own random stream (paper section 4.1)."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from workbench.models.language_model import LanguageModel, SampleRequest
from workbench.records.comparison import Comparison
from workbench.records.draws import stream_seed
from workbench.records.identity import record_id
from workbench.records.prompt import Prompt
from workbench.records.settings import ComparisonSettings
from workbench.records.task import Task
from workbench.stages.chains import worded
from workbench.stages.walking import OnText, Walk, ask, drive


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
) -> Iterator[Comparison]:
    """Yield the comparisons of each prompt as they are written; ids in `finished` are there already."""
    walks = (
        (comparison_id(work, prompt, number), _walk(work, prompt, number))
        for prompt in prompts
        for number in range(work.settings.pairs)
        if comparison_id(work, prompt, number) not in finished
    )
    return drive({"response": work.model}, walks, work.settings.slots, on_text)


def comparison_id(work: ComparisonWork, prompt: Prompt, number: int) -> str:
    """Return the id of a prompt's comparison of that number in this run."""
    return record_id("comparison", work.run_id, prompt.id, number)


def _walk(work: ComparisonWork, prompt: Prompt, number: int) -> Walk:
    requests = [_request(work, prompt, number, side) for side in ("a", "b")]
    first = yield from ask("response", requests[0])
    second = yield from ask("response", requests[1])
    yield Comparison(
        id=comparison_id(work, prompt, number),
        prompt_id=prompt.id,
        response_a=first.text.strip(),
        response_b=second.text.strip(),
        model_a=work.model.name,
        model_b=work.model.name,
        seed_a=requests[0].seed,
        seed_b=requests[1].seed,
    )


def _request(work: ComparisonWork, prompt: Prompt, number: int, side: str) -> SampleRequest:
    sent = work.model.render(worded(work.task, prompt.messages), "assistant")
    seed = stream_seed(work.seed, prompt.id, "comparison", number, side)
    limit = work.settings.max_tokens or work.task.max_response_tokens
    return SampleRequest(sent, seed, limit, work.settings.temperature, work.model.stops())
