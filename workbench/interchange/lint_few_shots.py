"""What is likely to go wrong with the examples of a constitution."""

from collections.abc import Iterator, Sequence
from typing import Literal

from workbench.interchange.lint_wordings import words
from workbench.records.constitution import FewShot, Use
from workbench.sentences import Sentence, said

Severity = Literal["error", "warning", "note"]
Place = tuple[Severity, str, str, str]

#: How the place of a finding about an example begins, before its number.
EXAMPLE = "few-shot "
#: Examples stand in front of every request, so their length is paid for every time.
MAX_WORDS = 400

_NEEDED: dict[Use, tuple[str, ...]] = {
    "revision": ("response", "critique_request", "critique", "revision_request", "revision"),
    "comparison": ("response_a", "response_b", "comparison_question", "answer"),
    "rationale": ("response_a", "response_b", "comparison_question", "rationale", "answer"),
}
_TEXTS = tuple(dict.fromkeys(field for fields in _NEEDED.values() for field in fields))
_NAMES: dict[Use, str] = {
    "revision": said("critique and revision"),
    "comparison": said("comparison"),
    "rationale": said("comparison with reasons"),
}


def few_shot_findings(few_shots: Sequence[FewShot]) -> Iterator[Place]:
    """Yield severity, place ('few-shot 2'), field and sentence of what is doubtful about the examples."""
    for number, shot in enumerate(few_shots, start=1):
        for severity, field, sentence in _findings(shot):
            yield severity, f"{EXAMPLE}{number}", field, sentence
    for use in _NEEDED:
        yield from _balance([shot for shot in few_shots if shot.use == use], use)


def _findings(shot: FewShot) -> Iterator[tuple[Severity, str, str]]:
    needed = _NEEDED[shot.use]
    for field in needed:
        if not getattr(shot, field).strip():
            yield (
                "error",
                field,
                said("An example of {use} needs its {field}.", use=_NAMES[shot.use], field=_words(field)),
            )
    for field in _TEXTS:
        if field not in needed and getattr(shot, field):
            yield (
                "warning",
                field,
                said("An example of {use} does not use {field}.", use=_NAMES[shot.use], field=_words(field)),
            )
    count = sum(len(words(getattr(shot, field))) for field in ("prompt", *needed))
    if count > MAX_WORDS:
        yield (
            "warning",
            "",
            said(
                "It has {count} words, which every request would carry; try to stay below {max_words}.",
                count=count,
                max_words=MAX_WORDS,
            ),
        )


def _words(field: str) -> Sentence:
    """Return a field's name as people read it, which a window says in its own language."""
    return Sentence(field.replace("_", " "))


def _balance(few_shots: Sequence[FewShot], use: Use) -> Iterator[Place]:
    if not few_shots:
        yield (
            "note",
            "",
            "few_shots",
            said("There is no example of {use}; weak models confuse whose turn it is without.", use=_NAMES[use]),
        )
    answers = [shot.answer for shot in few_shots if shot.answer]
    if len(answers) > 1 and len(set(answers)) == 1:
        sentence = said(
            "Every example of {use} is answered {letter}, which teaches the letter.",
            use=_NAMES[use],
            letter=answers[0],
        )
        yield "warning", "", "few_shots", sentence
