"""Annotated pairs (version 2) of Inverse Constitutional AI: comparisons with the preferences of many annotators.

Those of people, and of annotators whose type the file does not know, become reviews; the votes of principles are a machine's and
are not taken over.
"""

from collections.abc import Collection, Mapping
from typing import Any

from workbench.interchange.incoming.brought import Brought, Reading, comparison_of, review_of
from workbench.interchange.incoming.transcripts import is_transcript, turns_of
from workbench.interchange.incoming.verdicts import decision_of
from workbench.interchange.row_fields import BadFieldError, prompt_from, response_of, shown
from workbench.records.comparison import Review
from workbench.records.prompt import Prompt, prompt_of_messages
from workbench.sentences import said

#: Annotators whose preferences are a person's word, or may be.
_PEOPLE = ("human", "unknown")


def read_annotated_pair(fields: Mapping[str, Any], reading: Reading) -> Brought:
    """Read one comparison of the file, with the file's annotators beside it."""
    annotators = fields.get("annotators")
    if not isinstance(annotators, Mapping):
        raise BadFieldError("the file names no annotators")
    prompt = _prompt(fields.get("prompt"), reading)
    (first, model_a), (second, model_b) = (_response(fields, side) for side in "ab")
    if first == second:
        raise BadFieldError("both responses are the same, so there is nothing to choose")
    comparison = comparison_of(prompt, first, second, model_a, model_b)
    annotations = fields.get("annotations") or {}
    if not isinstance(annotations, Mapping):
        raise BadFieldError("annotations must be an object with an entry for each annotator")
    reviews: list[Review] = []
    for key, annotation in annotations.items():
        known = annotators.get(key)
        if not isinstance(known, Mapping):
            raise BadFieldError("the annotator {key} is not among the file's annotators", key=key)
        if known.get("type") in _PEOPLE and (decision := _preference(annotation, str(key))):
            reviews.append(review_of(comparison, str(known.get("name") or key), decision))
    return Brought((prompt,), (comparison,), tuple(reviews))


def pairs_amiss(columns: Collection[str]) -> str:
    """Return what is amiss with a whole file that has these columns, or nothing."""
    if "text_a" in columns and "annotators" in columns:
        return said("it is of version 1 (text_a, text_b), which is not read; write it anew as version 2")
    if "comparisons" in columns:
        return said("it names no annotators beside its comparisons")
    if "annotators" in columns and "annotations" not in columns:
        return said("it has no comparisons")
    if {"annotations", "response_a"} <= set(columns) and "annotators" not in columns:
        return said("its comparisons stand without the file's annotators, who say whose word counts")
    return ""


def _prompt(value: Any, reading: Reading) -> Prompt:
    if is_transcript(value):
        return prompt_of_messages(tuple(turns_of(value, "prompt")), reading.kind, reading.split, reading.source)
    return prompt_from({"prompt": value}, reading.source, reading.kind, reading.split)


def _response(fields: Mapping[str, Any], side: str) -> tuple[str, str]:
    value = fields.get(f"response_{side}")
    if not isinstance(value, Mapping):
        raise BadFieldError(
            "response_{side} must be an object with a text; files of version 1 are not read",
            side=side,
        )
    return response_of(value, "text"), str(value.get("model") or "")


def _preference(annotation: Any, key: str) -> str | None:
    if not isinstance(annotation, Mapping) or "pref" not in annotation:
        raise BadFieldError("the annotation of {key} has no pref", key=key)
    preference = annotation["pref"]
    if preference is None:
        reason = annotation.get("no_pref_reason")
        return reason if reason in ("tie", "both_bad") else None
    decision = decision_of(preference)
    if decision is None:
        raise BadFieldError(
            "the preference of {key} is {shown}; it must be a, b or tie", key=key, shown=shown(preference)
        )
    return decision
