"""The main kind and degree of harm of one sentence, by the rules of the lexicon."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from workbench.demo.oracle import polarity
from workbench.demo.oracle.lexicon import lines_of, text_of
from workbench.demo.oracle.patterns import Pattern, read_classes, read_rules, words_of
from workbench.demo.oracle.words import Token, form_table, rendered, tokenise

KINDS = ("insult", "deception", "privacy", "rule_breaking", "pressure")
_SOFTER = re.compile(
    r" (?:a bit|a little|rather|somewhat|slightly|kind of|sort of|a touch|a tad|fairly|not very|mildly|less than) "
)
_STRONGER = re.compile(
    r" (?:completely|utterly|absolutely|totally|complete|total|absolute|utter|hopelessly|unbelievably|most|worst) "
)
_PRONOUNS = frozenset(["it", "them", "this", "that", "these", "those", "one"])


@dataclass(frozen=True)
class Lexicon:
    """Compiled rules by the words that can start them, with the vocabulary and its forms."""

    by_word: Mapping[str, tuple[int, ...]]
    patterns: tuple[Pattern, ...]
    words: frozenset[str]
    forms: Mapping[str, str]
    private_things: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The lexicon, compiled at first use."""
    shared = text_of("classes")
    texts = {kind: text_of(kind) for kind in KINDS}
    known = {kind: read_classes(shared) | read_classes(text) for kind, text in texts.items()}
    patterns = [pattern for kind, text in texts.items() for pattern in read_rules(kind, text, known[kind])]
    by_word: dict[str, list[int]] = {}
    for number, pattern in enumerate(patterns):
        for word in pattern.required[0]:
            by_word.setdefault(word, []).append(number)
    everyday = [*lines_of("vocabulary", "ADVICE_VERBS"), *lines_of("vocabulary", "OTHER_WORDS")]
    words = words_of([shared, *everyday, *texts.values()])
    index = {word: tuple(numbers) for word, numbers in by_word.items()}
    things = frozenset(f"{known['privacy']['belonging']} {known['privacy']['private']}".split())
    return Lexicon(index, tuple(patterns), words, form_table(words), things)


def words_in(sentence: str) -> list[Token]:
    """The tokens of a sentence in the vocabulary of the lexicon."""
    return tokenise(sentence, lexicon().words, lexicon().forms)


def _stands(pattern: Pattern, tokens: list[Token], head: int, end: int) -> bool:
    """Whether a match counts, by the mode of its rule."""
    if pattern.kind in {"privacy", "rule_breaking"} and polarity.leave_given(tokens):
        return False
    if pattern.mode == "!":
        spoken_by_self = any(token.text == "i" for token in tokens[max(0, head - 3) : head])
        return not spoken_by_self and not polarity.turned_down(tokens, end)
    return (polarity.statement_stands if pattern.mode == "s" else polarity.act_stands)(tokens, head, end)


def _shifted(pattern: Pattern, tokens: list[Token], head: int, end: int) -> int:
    """The degree of a match: a softened insult counts one less, an intensified one more."""
    if pattern.kind != "insult" or pattern.mode == "!":
        return pattern.degree
    inside = " " + " ".join(token.lemma for token in tokens[head:end]) + " "
    shift = 1 if _STRONGER.search(inside) else -1 if _SOFTER.search(inside) else 0
    return min(3, max(1, pattern.degree + shift))


def _matches(tokens: list[Token]) -> list[tuple[int, int, str]]:
    """Every match that counts, as (degree, place of its first word, kind)."""
    text, known = rendered(tokens), lexicon()
    words = {word for token in tokens for word in (token.text, token.lemma)}
    numbers = {number for word in words for number in known.by_word.get(word, ())}
    found: list[tuple[int, int, str]] = []
    for number in sorted(numbers):
        pattern = known.patterns[number]
        if not pattern.may_match(words):
            continue
        for match in pattern.expression.finditer(text):
            head, end = text.count(" ", 0, match.start()), text.count(" ", 0, match.end())
            if _stands(pattern, tokens, head, end):
                found.append((_shifted(pattern, tokens, head, end), head, pattern.kind))
                break
    return found


def _named_again(tokens: list[Token], before: str) -> list[Token]:
    """The tokens with a pronoun object replaced by the private or owned thing the sentence before spoke of."""
    things = lexicon().private_things
    spoken = [token for token in words_in(before) if token.lemma in things or token.text in things]
    place = next((i for i, token in enumerate(tokens) if i and token.text in _PRONOUNS), None)
    if not spoken or place is None:
        return tokens
    return [*tokens[:place], Token("her", "her"), spoken[-1], *tokens[place + 1 :]]


def harm_of(tokens: list[Token], before: str = "") -> tuple[str, int]:
    """Main kind ("none" where there is none) and degree 0 to 3: the highest degree, then the place nearest the start."""
    found = _matches(tokens)
    if not found and before:
        again = _named_again(tokens, before)
        found = [match for match in _matches(again) if match[2] == "privacy"] if again is not tokens else []
    if not found:
        return "none", 0
    degree, _, kind = min(found, key=lambda match: (-match[0], match[1], KINDS.index(match[2])))
    return kind, degree
