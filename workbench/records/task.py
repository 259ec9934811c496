"""Tasks: what kind of text is aligned, so that nothing in the method assumes a dialogue."""

from dataclasses import dataclass

from workbench.records.transcript import RoleNames


@dataclass(frozen=True)
class Task:
    """Role names, how a prompt is worded, how a comparison is introduced, and the length rule in tokens."""

    name: str
    roles: RoleNames
    #: Filled with a prompt's text as {prompt} before the model sees it.
    prompt_template: str
    #: First line of a comparison (paper section 4.1).
    comparison_intro: str
    max_response_tokens: int


DIALOGUE = Task(
    name="dialogue",
    roles=RoleNames(),
    prompt_template="{prompt}",
    comparison_intro="Consider the following conversation between a human and an assistant:",
    max_response_tokens=128,
)

SUMMARY = Task(
    name="summary",
    roles=RoleNames("Text", "Summary"),
    prompt_template="{prompt}",
    comparison_intro="Consider the following text and two summaries of it:",
    max_response_tokens=96,
)

TASKS: dict[str, Task] = {task.name: task for task in (DIALOGUE, SUMMARY)}
