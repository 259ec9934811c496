"""What models in training made of what was pinned: a policy's answers by prompt, a preference model's scores by pair."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.project.auditing import under_audit
from workbench.project.project import Project
from workbench.records.pair_scores import PairScores
from workbench.records.policy_sample import PolicySample


@dataclass(frozen=True)
class PinnedPrompt:
    """A prompt and the answers to it, by step."""

    id: str
    text: str
    samples: tuple[PolicySample, ...]
    #: The kind of prompt.
    kind: str = ""

    def began(self, sample: PolicySample) -> str:
        """Return what a sample is held against: the reference's answer, or where there is none the first."""
        return sample.reference_text or self.samples[0].text


@dataclass(frozen=True)
class PinnedPair:
    """A comparison's texts and its scores, by step."""

    id: str
    prompt: str
    response_a: str
    response_b: str
    scores: tuple[PairScores, ...]
    #: The kind of prompt.
    kind: str = ""


def pinned_prompts(project: Project, run_id: str) -> tuple[PinnedPrompt, ...]:
    """Return a run's pinned prompts with their answers, first step first."""
    found = project.store.samples.select("run_id = ?", (run_id,), order="prompt_id, step")
    by_prompt = _grouped((sample.prompt_id, sample) for sample in found)
    prompts = project.store.prompts.get_many(list(by_prompt))
    return tuple(
        PinnedPrompt(key, prompts[key].text, tuple(samples), prompts[key].kind) for key, samples in by_prompt.items()
    )


def pinned_pairs(project: Project, run_id: str) -> tuple[PinnedPair, ...]:
    """Return a run's pinned pairs with their scores, first step first; none of an audit that is under way.

    A preference model says what it was taught: who is yet to answer a pair blind must not see it.
    """
    store = project.store
    found = store.pair_scores.select("run_id = ?", (run_id,), order="comparison_id, step")
    by_pair = _grouped((scores.comparison_id, scores) for scores in found)
    hidden = under_audit(store)
    open_ = [name for name in by_pair if name not in hidden]
    pairs = store.comparisons.get_many(open_)
    prompts = store.prompts.get_many([pair.prompt_id for pair in pairs.values()])
    return tuple(
        PinnedPair(key, asked.text, one.response_a, one.response_b, tuple(by_pair[key]), asked.kind)
        for key, one, asked in ((key, pairs[key], prompts[pairs[key].prompt_id]) for key in open_)
    )


def _grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    by_key: dict[str, list[Any]] = {}
    for key, value in pairs:
        by_key.setdefault(key, []).append(value)
    return by_key
