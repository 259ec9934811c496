"""The wording of a comparison: one text that asks which of two responses better follows a principle (paper section 4.1)."""

from collections.abc import Sequence
from typing import Literal

from workbench.models.language_model import LanguageModel
from workbench.records.constitution import FewShot
from workbench.records.prompt import Prompt
from workbench.records.task import Task
from workbench.records.transcript import Message, plain_text

OPTIONS = (" (A)", " (B)")
ANSWER_OPENING = "The answer is:"
RATIONALE_OPENING = "Let's think step by step:"
RATIONALE_CLOSING = "So the answer is:"

Order = Literal["ab", "ba"]


def comparison_text(
    task: Task, conversation: Sequence[Message], question: str, options: tuple[str, str], options_first: bool = False
) -> str:
    """Return the question as the judge reads it; options stand after the question (the paper) or before it."""
    opening = f"{task.comparison_intro}{plain_text(conversation, names=task.roles)}\n\n"
    listed = f"\n (A) {options[0]}\n (B) {options[1]}"
    if options_first:
        return f"{opening}Options:{listed}\n\n{question}"
    return f"{opening}{question} Options:{listed}"


def ordered(response_a: str, response_b: str, order: Order) -> tuple[str, str]:
    """Return the two responses in the order they are shown."""
    return (response_a, response_b) if order == "ab" else (response_b, response_a)


def question_turns(
    task: Task,
    prompt: Prompt,
    question: str,
    options: tuple[str, str],
    examples: Sequence[Message],
    options_first: bool = False,
) -> list[Message]:
    """Return the judge's conversation: worked examples, then the comparison to answer."""
    return [*examples, Message("comparison", comparison_text(task, prompt.messages, question, options, options_first))]


def answer_prompt(model: LanguageModel, turns: Sequence[Message]) -> str:
    """Return the text that the options continue."""
    return model.render(turns, "answer", ANSWER_OPENING)


def rationale_prompt(model: LanguageModel, turns: Sequence[Message]) -> str:
    """Return the text that a rationale continues (chain of thought)."""
    return model.render(turns, "answer", RATIONALE_OPENING)


def answer_after_rationale(sent: str, rationale: str) -> str:
    """Return the text that the options continue once the rationale is written."""
    return f"{sent} {rationale} {RATIONALE_CLOSING}"


def example_turns(task: Task, shots: Sequence[FewShot], options_first: bool = False) -> list[Message]:
    """Return worked comparisons, each a question and its answer, with the rationale where the example has one."""
    return [turn for shot in shots for turn in _example(task, shot, options_first)]


def _example(task: Task, shot: FewShot, options_first: bool) -> list[Message]:
    options = (shot.response_a, shot.response_b)
    text = comparison_text(task, [Message("user", shot.prompt)], shot.comparison_question, options, options_first)
    answer = f" ({shot.answer})"
    if shot.use == "rationale":
        spoken = f"{RATIONALE_OPENING} {shot.rationale} {RATIONALE_CLOSING}{answer}"
    else:
        spoken = f"{ANSWER_OPENING}{answer}"
    return [Message("comparison", text), Message("answer", spoken)]
