"""Rows for training, made from chains, labels and reviews, each traced to where it comes from."""

from collections.abc import Iterator, Sequence

from workbench.errors import BadInputError
from workbench.records.chain import DEMONSTRATION, Step
from workbench.records.comparison import Comparison, Preference, PreferenceRule
from workbench.records.draws import stream, stream_seed
from workbench.records.intervention import Edit
from workbench.records.prompt import HELPFUL, Prompt
from workbench.records.rows import PreferenceRow, SftRow
from workbench.records.settings import SftSettings
from workbench.store.database import Store

_BATCH = 400
_STREAM_END = float(1 << 63)


def sft_rows(store: Store, run_ids: Sequence[str], settings: SftSettings, seed: int = 0) -> list[SftRow]:
    """Return what SL-CAI learns (paper section 3.2): revisions, and helpful samples up to a share of their number.

    Responses that came in to be learned as they stand are all taken.
    With drop_flagged, texts that a filter flagged are left out; "last" takes each chain's last text that is left. What a person
    excluded is left out, and what a person edited is learned as edited, its origin naming the step and the edit.
    """
    if settings.revisions not in ("all", "last"):
        raise BadInputError("Setting revisions must be all or last, not '{revisions}'.", revisions=settings.revisions)
    revisions: list[SftRow] = []
    helpful: list[SftRow] = []
    demonstrations: list[SftRow] = []
    excluded, edits = store.exclusions.standing(), store.edits.of_runs(run_ids)
    superseded = store.chains.rows.superseded(run_ids)
    for prompt, steps, constitution in _with_prompts(store, run_ids):
        if steps[0].chain_id in superseded:
            continue
        kept = [step for step in steps if step.id in edits or not (settings.drop_flagged and step.verdicts)]
        kept = [step for step in kept if step.chain_id not in excluded and step.id not in excluded]
        learnt = {step.id: _sft_row(prompt, step, edits.get(step.id), constitution) for step in kept}
        rows = [learnt[step.id] for step in kept if step.kind == "revision"]
        revisions.extend(rows if settings.revisions == "all" else rows[-1:])
        if kept and kept[0].model == DEMONSTRATION:
            demonstrations.extend(learnt.values())
        elif prompt.kind == HELPFUL:
            helpful.extend(learnt[step.id] for step in kept if step.kind == "initial")
    for rows in (revisions, helpful, demonstrations):
        _settle(rows)
    most = int(settings.helpful_share * len(revisions))
    if len(helpful) > most:
        chosen = set(stream(seed, "helpful").sample(range(len(helpful)), most))
        helpful = [row for place, row in enumerate(helpful) if place in chosen]
    return revisions + helpful + demonstrations


def preference_rows(
    store: Store, constitution_hash: str, held_out_share: float = 0.0, rule: PreferenceRule | None = None
) -> list[PreferenceRow]:
    """Return what the preference model learns (paper section 4.1): every comparison that a label or a review answers."""
    return sorted(
        each_preference_row(store, constitution_hash, held_out_share, rule), key=lambda row: row.comparison_id
    )


def each_preference_row(
    store: Store, constitution_hash: str, held_out_share: float = 0.0, rule: PreferenceRule | None = None
) -> Iterator[PreferenceRow]:
    """Yield the same rows in the order their comparisons came, some hundreds in memory at a time."""
    batch: list[tuple[Comparison, Preference]] = []
    for _, comparison, preference in store.preferences.each(rule, constitution_hash):
        batch.append((comparison, preference))
        if len(batch) == _BATCH:
            yield from _preference_batch(store, batch, held_out_share)
            batch = []
    yield from _preference_batch(store, batch, held_out_share)


def is_held_out(prompt_id: str, share: float) -> bool:
    """Say whether a prompt is kept for measuring; it is the same ones in every run, whatever else the project holds."""
    return stream_seed(0, "held out", prompt_id) / _STREAM_END < share


def in_part(prompt_id: str, low: float, high: float, seed: int) -> bool:
    """Say whether a prompt lies in a part (0 to 1) of all prompts as a seed divides them, whichever are kept for measuring."""
    return low <= stream_seed(seed, "part of the data", prompt_id) / _STREAM_END < high


def _with_prompts(store: Store, run_ids: Sequence[str]) -> Iterator[tuple[Prompt, list[Step], str]]:
    """Yield each chain with its prompt, and the hash of the constitution it was written by where a model of ours wrote it."""
    prompts: dict[str, Prompt] = {}
    for run_id in run_ids:
        run = store.runs.find(run_id)
        constitution = run.plan.constitution_hash if run and run.plan and run.plan.models else ""
        for steps in store.chains.of_runs([run_id]):
            prompt_id = steps[0].prompt_id
            if prompt_id not in prompts:
                prompts.update(store.prompts.get_many([prompt_id]))
            yield prompts[prompt_id], steps, constitution


def _settle(rows: list[SftRow]) -> None:
    """Put rows in an order that does not depend on which text was finished first, so that a seed gives one training."""
    rows.sort(key=lambda row: row.origin)


def _sft_row(prompt: Prompt, step: Step, edit: Edit | None, constitution: str) -> SftRow:
    text = step.text if edit is None or edit.text is None else edit.text
    origin = step.id if edit is None else f"{step.id},{edit.id}"
    people = (edit.person,) if edit is not None and edit.text is not None and edit.person else ()
    return SftRow(
        prompt.messages, text, prompt.id, prompt.kind, origin, step.round, step.principle_id or "", constitution, people
    )


def _preference_batch(
    store: Store, batch: Sequence[tuple[Comparison, Preference]], share: float
) -> Iterator[PreferenceRow]:
    prompts = store.prompts.get_many(list({comparison.prompt_id for comparison, _ in batch}))
    for comparison, preference in batch:
        prompt = prompts[comparison.prompt_id]
        yield PreferenceRow(
            prompt.messages,
            comparison.response_a,
            comparison.response_b,
            preference.probability_a,
            comparison.id,
            prompt.id,
            prompt.kind,
            preference.origin,
            preference.principle_ids,
            preference.weight,
            is_held_out(prompt.id, share),
            preference.constitution_hash,
            preference.reviewers,
        )
