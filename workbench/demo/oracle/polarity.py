"""Does a wording stand as advice? Scope of negation, warning, wish and report around a matched act or statement."""

import re
from functools import cache

from workbench.demo.oracle.lexicon import lines_of, word_set
from workbench.demo.oracle.words import Token

_STRONG_BREAKS = frozenset([";", ":", ".", "!", "?", "—", "–", "but", "yet", "however"])
_QUESTION_ADVICE = word_set("polarity", "QUESTION_ADVICE")
_SUBORDINATORS = word_set("polarity", "SUBORDINATORS")
_THIRD_PERSONS = word_set("polarity", "THIRD_PERSONS")
_MODALS = word_set("polarity", "MODALS")
_CAUSATIVES = word_set("polarity", "CAUSATIVES")
_DETERMINERS = word_set("polarity", "DETERMINERS")


@cache
def _expression(name: str) -> re.Pattern[str]:
    """One of the lists of the lexicon as an expression over lemmas with a space on either side."""
    lines = lines_of("polarity", name)
    items = lines if name == "LEAVE" else sorted(word_set("polarity", name))
    text = "|".join(items).replace("_", " ").replace(" .. ", r"(?: \S+){0,3} ")
    return re.compile(rf"(?<= )(?:{text})(?= )")


def lemma_text(tokens: list[Token]) -> str:
    """The lemmas with one space on every side; "can not" and the like are two words."""
    return " " + " ".join(token.lemma for token in tokens) + " "


def _denied(tokens: list[Token]) -> bool:
    """Whether these words deny or reserve what follows them, denials that urge left aside."""
    text = _expression("URGINGS").sub("go", lemma_text(tokens))
    return _expression("DENIALS").search(text) is not None


def bad(tokens: list[Token]) -> bool:
    """Whether these words speak of harm, unfairness or failure."""
    return _expression("BAD").search(lemma_text(tokens)) is not None


def leave_given(tokens: list[Token]) -> bool:
    """Whether the sentence says that leave was given or is to be asked for."""
    return _expression("LEAVE").search(lemma_text(tokens)) is not None


def _listed(tokens: list[Token], head: int) -> bool:
    """Whether the head is one of a list joined by or: "do not lie, cheat or steal"."""
    after = [token.lemma for token in tokens[head:]]
    before = [token.lemma for token in tokens[:head]]
    return ("or" in after or "nor" in after or before[-1:] in (["or"], ["nor"])) and before[-1:] in (
        [","],
        ["or"],
        ["nor"],
    )


def clause_start(tokens: list[Token], head: int) -> int:
    """Index at which the clause of the head begins."""
    if _listed(tokens, head):
        return next((i + 1 for i in range(head - 1, -1, -1) if tokens[i].lemma in _STRONG_BREAKS), 0)
    for i in range(head - 1, -1, -1):
        lemma = tokens[i].lemma
        if lemma in _STRONG_BREAKS:
            return i + 1
        if lemma == "," and (i == 0 or tokens[i - 1].lemma not in {"not", "never"}):
            return i + 1
        following = tokens[i + 1].lemma if i + 1 < head else ""
        if lemma == "and" and following in {"you", "then", "just", "simply", "instead"}:
            return i + 1
        if lemma == "you" and i and any(token.lemma in _SUBORDINATORS for token in tokens[:1]) and i > 3:
            return i
    return 0


def _subject_is_other(tokens: list[Token], start: int, head: int) -> bool:
    """Whether the act before the head is said of somebody else: "he could read it", "they copy it", "if he starts to shout"."""
    before = [
        token.lemma
        for token in tokens[start:head]
        if not token.text.endswith("ly") and token.lemma not in {"just", "even", "also"}
    ]
    if not before:
        return False
    if before[-1] in _MODALS:
        return len(before) > 1 and not {"you", "your", "i"} & set(before)
    if before[-1] == "to" and len(before) > 2:
        return before[-3] in _THIRD_PERSONS and before[-2] not in _CAUSATIVES
    causative = any(lemma in _CAUSATIVES for lemma in before[:-1])
    return before[-1] in _THIRD_PERSONS and before[-1] != "that" and not causative


def _reported(tokens: list[Token], start: int, head: int) -> bool:
    """Whether the head is a noun, a past or third-person form, or has another subject: a report, no advice."""
    token = tokens[head]
    previous = tokens[head - 1] if head > start else None
    if previous and previous.lemma in _DETERMINERS and not (previous.lemma == "that" and token.text.endswith("ing")):
        return True
    if token.text.endswith("ing") and token.text != token.lemma:
        return previous is not None and (
            previous.lemma == "be" or (previous.text != previous.lemma and previous.text.endswith(("s", "ed")))
        )
    if token.text != token.lemma:
        return not (previous and previous.lemma in {"you", "just", "simply"})
    return _subject_is_other(tokens, start, head)


def _warned(tokens: list[Token], start: int, head: int, end: int) -> bool:
    """Whether what follows turns the act down: "…ing it would hurt her", "if you …, she will", "…, but that is unfair"."""
    if turned_down(tokens, end):
        return True
    rest = tokens[end:]
    opening = [token.lemma for token in tokens[start : head + 1]]
    gerund = tokens[head].text.endswith("ing") and tokens[head].text != tokens[head].lemma and "by" not in opening[-2:]
    conditional = any(lemma in {"if", "when", "whenever", "anyone", "people", "someone", "who"} for lemma in opening)
    infinitive = opening[:1] == ["to"] or opening[:3] == ["it", "would", "be"] or opening[:2] == ["it", "be"]
    if gerund or conditional or infinitive:
        return bad(rest)
    follow = lemma_text(rest)
    return re.search(
        r" and (?:you|it|that|she|he|they) (?:will|may|might|would|risk|could)", follow
    ) is not None and bad(rest)


def _idle_question(tokens: list[Token]) -> bool:
    """Whether the sentence asks without advising: "Would you want somebody to read your letters?"."""
    if not tokens or tokens[-1].text != "?":
        return False
    first = "_".join(token.text for token in tokens[:2])
    return first not in _QUESTION_ADVICE


def act_stands(tokens: list[Token], head: int, end: int) -> bool:
    """Whether the act at tokens head to end is advised to the reader."""
    start = clause_start(tokens, head)
    if _idle_question(tokens) or _denied(tokens[start:head]) or _reported(tokens, start, head):
        return False
    return not _warned(tokens, start, head, end)


def statement_stands(tokens: list[Token], head: int, end: int) -> bool:
    """Whether the statement at tokens head to end is made, neither denied nor warned against."""
    start = clause_start(tokens, head)
    if _idle_question(tokens) or _denied(tokens[start:end]):
        return False
    rest = tokens[end:]
    return not turned_down(tokens, end) and not (bad(rest) and any(token.lemma in {"would", "could"} for token in rest))


def turned_down(tokens: list[Token], end: int) -> bool:
    """Whether a wording that holds its own negation is taken back by a "but" with its reason."""
    turn = next((i for i in range(end, len(tokens)) if tokens[i].lemma in {"but", "yet", "however"}), None)
    return turn is not None and bad(tokens[turn:])
