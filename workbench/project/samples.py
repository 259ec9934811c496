"""What a policy wrote to its pinned prompts while it learned, by prompt."""

from dataclasses import dataclass

from workbench.project.project import Project
from workbench.records.policy_sample import PolicySample


@dataclass(frozen=True)
class PinnedPrompt:
    """A prompt and the answers to it, by step."""

    id: str
    text: str
    samples: tuple[PolicySample, ...]


def pinned_prompts(project: Project, run_id: str) -> tuple[PinnedPrompt, ...]:
    """Return a run's pinned prompts with their answers, first step first."""
    by_prompt: dict[str, list[PolicySample]] = {}
    for sample in project.store.samples.select("run_id = ?", (run_id,), order="prompt_id, step"):
        by_prompt.setdefault(sample.prompt_id, []).append(sample)
    prompts = project.store.prompts.get_many(list(by_prompt))
    return tuple(PinnedPrompt(key, prompts[key].text, tuple(found)) for key, found in by_prompt.items())
