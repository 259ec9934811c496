"""Findings about a constitution before a model is asked."""

from dataclasses import replace
from typing import Any

import pytest

from workbench.interchange.bundled import bundled_names, load_constitution
from workbench.interchange.lint import Finding, lint
from workbench.records.constitution import Constitution, FewShot, Principle

KIND = Principle(
    "kindness",
    critique_request="Name what is unkind.",
    revision_request="Make it kind.",
    comparison_question="Which response is kinder?",
)
SHOTS = (
    FewShot("revision", "p", "r", "cr", "c", "rr", "v"),
    FewShot("comparison", "p", response_a="x", response_b="y", comparison_question="Which?", answer="A"),
    FewShot("rationale", "p", response_a="x", response_b="y", comparison_question="Which?", rationale="r", answer="B"),
)
GOOD = Constitution("good", principles=(KIND,), few_shots=SHOTS)


def with_principle(**fields: Any) -> Constitution:
    return replace(GOOD, principles=(replace(KIND, **fields),))


def with_shot(index: int, **fields: Any) -> Constitution:
    shots = list(SHOTS)
    shots[index] = replace(shots[index], **fields)
    return replace(GOOD, few_shots=tuple(shots))


def test_a_good_constitution_has_no_finding() -> None:
    assert lint(GOOD) == []


@pytest.mark.parametrize("name", bundled_names())
def test_bundled_constitutions_have_no_errors_or_warnings(name: str) -> None:
    assert [str(finding) for finding in lint(load_constitution(name)[0]) if finding.severity != "note"] == []


@pytest.mark.parametrize(
    ("constitution", "severity", "where", "field", "sentence"),
    [
        (replace(GOOD, principles=()), "error", "", "principles", "There is no principle."),
        (replace(GOOD, task="sumary"), "error", "", "task", "did you mean summary"),
        (with_principle(enabled=False), "error", "", "principles", "none can be drawn"),
        (with_principle(weight=0.0), "error", "", "principles", "none can be drawn"),
        (replace(GOOD, principles=(KIND, replace(KIND, enabled=False))), "error", "kindness", "id", "2 principles"),
        (
            replace(GOOD, principles=(KIND, Principle("other", critique_request="x", revision_request="make it KIND"))),
            "warning",
            "other",
            "revision_request",
            "nearly the same as that of kindness",
        ),
        (with_principle(critique_request="", revision_request="", comparison_question=""), "error", "kindness", "", "no wording"),
        (with_principle(revision_request=""), "error", "kindness", "revision_request", "never used"),
        (with_principle(critique_request=""), "warning", "kindness", "critique_request", "revise directly"),
        (with_principle(critique_request="  \n"), "error", "kindness", "critique_request", "nothing but blanks"),
        (with_principle(applies_to=("redteam",)), "warning", "kindness", "applies_to", "did you mean red-team"),
        (with_principle(revision_request="Rewrite {response}."), "warning", "kindness", "revision_request", "slot {response}"),
        (with_principle(revision_request="very " * 90), "warning", "kindness", "revision_request", "90 words"),
        (with_principle(critique_request="CritiqueRequest: x"), "warning", "kindness", "critique_request", "adds by itself"),
        (with_principle(comparison_question="Which is kinder? Options:"), "warning", "kindness", "comparison_question", "adds"),
        (with_principle(comparison_question="Which is kinder"), "warning", "kindness", "comparison_question", "question mark"),
        (with_principle(comparison_question="Which response is less rude?"), "note", "kindness", "comparison_question", "lacks"),
        (with_principle(revision_request="", critique_request=""), "warning", "", "principles", "nothing to revise by"),
        (with_principle(comparison_question=""), "warning", "", "principles", "red-team prompts cannot be labelled"),
        (with_principle(applies_to=("red-team",)), "warning", "", "principles", "helpful prompts cannot be labelled"),
        (with_shot(1, answer=""), "error", "few-shot 2", "answer", "needs its answer"),
        (with_shot(0, revision=" "), "error", "few-shot 1", "revision", "needs its revision"),
        (with_shot(2, rationale=""), "error", "few-shot 3", "rationale", "needs its rationale"),
        (with_shot(1, rationale="r"), "warning", "few-shot 2", "rationale", "does not use rationale"),
        (with_shot(0, response="word " * 500), "warning", "few-shot 1", "", "words"),
        (replace(GOOD, few_shots=(*SHOTS, SHOTS[1])), "warning", "", "few_shots", "answered A, which teaches the letter"),
        (replace(GOOD, few_shots=SHOTS[1:]), "note", "", "few_shots", "no example of critique and revision"),
    ],
)  # fmt: skip
def test_what_is_doubtful_is_found(
    constitution: Constitution, severity: str, where: str, field: str, sentence: str
) -> None:
    found = [finding for finding in lint(constitution) if sentence in finding.sentence]
    assert [(finding.severity, finding.where, finding.field) for finding in found] == [(severity, where, field)]


def test_errors_come_first_and_read_as_one_line() -> None:
    found = lint(replace(with_principle(comparison_question="Which is less rude?", revision_request=""), task="x"))
    order = [finding.severity for finding in found]
    assert order == sorted(order, key=["error", "warning", "note"].index)
    assert str(Finding("error", "kindness", "title", "No.")) == "error: kindness.title: No."
    assert str(Finding("note", "", "", "No.")) == "note: No."


def test_a_question_that_also_says_what_is_good_is_no_finding() -> None:
    assert lint(with_principle(comparison_question="Which is helpful rather than evasive, and does not preach?")) == []
