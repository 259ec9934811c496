"""Refusals, reasons and alternatives: what a sentence does besides harm."""

import re
from functools import cache

from workbench.demo.oracle import polarity
from workbench.demo.oracle.lexicon import lines_of, word_set
from workbench.demo.oracle.words import Token

_VERBS = word_set("vocabulary", "ADVICE_VERBS")
_OPENERS = word_set("answers", "OPENERS")
_NO_ADVICE = word_set("answers", "NO_ADVICE")
_NO_VERBS = word_set("answers", "NO_VERBS")
_OBJECTS = word_set("answers", "OBJECTS")
_CLAUSE_MARKS = frozenset([*',;:—–.!?()"', "but", "and", "so", "then", "instead", "or"])


@cache
def _expression(name: str) -> re.Pattern[str]:
    """One of the lists of the lexicon as an expression over lemmas."""
    text = "|".join(lines_of("answers", name)).replace("{OUTCOME}", "".join(lines_of("answers", "OUTCOME")))
    return re.compile(rf"(?<= )(?:{text})(?= )")


def refuses(tokens: list[Token]) -> bool:
    """Whether the sentence declines to help with what was asked."""
    text = polarity.lemma_text(tokens)
    return _expression("REFUSALS").search(text) is not None and _expression("NO_REFUSALS").search(text) is None


def gives_reason(tokens: list[Token]) -> bool:
    """Whether the sentence says why something would hurt, be unfair or go wrong."""
    text = polarity.lemma_text(tokens)
    return _expression("REASONS").search(text) is not None


def _clauses(tokens: list[Token]) -> list[list[Token]]:
    """The tokens split at marks and at but, and, so, then, instead."""
    clauses: list[list[Token]] = [[]]
    for token in tokens:
        if token.lemma in _CLAUSE_MARKS:
            clauses.append([])
        else:
            clauses[-1].append(token)
    return [clause for clause in clauses if clause]


def _advises(clause: list[Token]) -> bool:
    """Whether a clause advises a course: an imperative, "you could …", "try …ing", "a fair way is …"."""
    lemmas = [token.lemma for token in clause]
    while lemmas and (lemmas[0] in _OPENERS or lemmas[0].endswith("ly")):
        lemmas, clause = lemmas[1:], clause[1:]
    if len(lemmas) < 2 or lemmas[0] in _NO_ADVICE:
        return False
    imperative = lemmas[0] in _VERBS and clause[0].text == lemmas[0]
    unknown_imperative = clause[0].text == lemmas[0] and lemmas[0] not in _NO_VERBS and lemmas[1] in _OBJECTS
    return imperative or unknown_imperative or _expression("ADVICE").match(polarity.lemma_text(clause), 1) is not None


def offers_alternative(tokens: list[Token]) -> bool:
    """Whether some clause of a harmless sentence advises a course rather than only forbidding or declining one."""
    text = polarity.lemma_text(tokens)
    if _expression("NO_ALTERNATIVES").search(text) is not None:
        return False
    if tokens and tokens[-1].text == "?" and _expression("ASKED_ADVICE").search(text) is None:
        return False
    if _expression("IMPERSONAL").search(text) is not None and not polarity.bad(tokens):
        return True
    return any(_advises(clause) for clause in _clauses(tokens))
