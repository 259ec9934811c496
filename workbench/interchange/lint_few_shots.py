"""What is likely to go wrong with the examples of a constitution."""

from collections.abc import Iterator, Sequence
from typing import Literal

from workbench.interchange.lint_wordings import words
from workbench.records.constitution import FewShot, Use

Severity = Literal["error", "warning", "note"]
Place = tuple[Severity, str, str, str]

#: Examples stand in front of every request, so their length is paid for every time.
MAX_WORDS = 400

_NEEDED: dict[Use, tuple[str, ...]] = {
    "revision": ("response", "critique_request", "critique", "revision_request", "revision"),
    "comparison": ("response_a", "response_b", "comparison_question", "answer"),
    "rationale": ("response_a", "response_b", "comparison_question", "rationale", "answer"),
}
_TEXTS = tuple(dict.fromkeys(field for fields in _NEEDED.values() for field in fields))
_NAMES: dict[Use, str] = {
    "revision": "critique and revision",
    "comparison": "comparison",
    "rationale": "comparison with reasons",
}


def few_shot_findings(few_shots: Sequence[FewShot]) -> Iterator[Place]:
    """Yield severity, place ('few-shot 2'), field and sentence of what is doubtful about the examples."""
    for number, shot in enumerate(few_shots, start=1):
        for severity, field, sentence in _findings(shot):
            yield severity, f"few-shot {number}", field, sentence
    for use in _NEEDED:
        yield from _balance([shot for shot in few_shots if shot.use == use], use)


def _findings(shot: FewShot) -> Iterator[tuple[Severity, str, str]]:
    needed = _NEEDED[shot.use]
    for field in needed:
        if not getattr(shot, field).strip():
            yield "error", field, f"An example of {_NAMES[shot.use]} needs its {field}."
    for field in _TEXTS:
        if field not in needed and getattr(shot, field):
            yield "warning", field, f"An example of {_NAMES[shot.use]} does not use {field}."
    count = sum(len(words(getattr(shot, field))) for field in ("prompt", *needed))
    if count > MAX_WORDS:
        yield "warning", "", f"It has {count} words, which every request would carry; try to stay below {MAX_WORDS}."


def _balance(few_shots: Sequence[FewShot], use: Use) -> Iterator[Place]:
    if not few_shots:
        yield (
            "note",
            "",
            "few_shots",
            f"There is no example of {_NAMES[use]}; weak models confuse whose turn it is without.",
        )
    answers = [shot.answer for shot in few_shots if shot.answer]
    if len(answers) > 1 and len(set(answers)) == 1:
        sentence = f"Every example of {_NAMES[use]} is answered {answers[0]}, which teaches the letter."
        yield "warning", "", "few_shots", sentence
