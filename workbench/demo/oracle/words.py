"""Words of a sentence: tokens in lower case with their dictionary form; names are set apart and carry no information."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from workbench.demo.oracle.lexicon import lines_of, word_set

NAME = "NAME"

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*['’]?|[.,;:!?()\"“”—–…]")
_CONTRACTIONS = {
    "can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not", "ain't": "is not",
    "let's": "let us", "i'm": "i am", "gonna": "going to", "wanna": "want to", "gotta": "have to",
}  # fmt: skip
_ENDINGS = (("n't", "not"), ("'re", "are"), ("'ve", "have"), ("'ll", "will"), ("'d", "would"))
_IS_AFTER = frozenset(["he", "she", "it", "that", "there", "what", "who", "where", "how", "here", "everyone", "nobody"])
FUNCTION_WORDS = word_set("vocabulary", "FUNCTION_WORDS")
_CALENDAR = word_set("vocabulary", "CALENDAR")


@dataclass(frozen=True)
class Token:
    """One word or mark: its text in lower case and its dictionary form (NAME for a proper name)."""

    text: str
    lemma: str


def irregular_forms() -> dict[str, str]:
    """Form to dictionary form, for words that do not follow the rules."""
    entries = (line.split() for line in lines_of("vocabulary", "IRREGULAR"))
    return {form: first for first, *others in entries for form in others}


def inflections(word: str) -> set[str]:
    """The regular forms of a noun or verb: plural or third person, past, participle; doubled consonants included."""
    stem = word[:-1] if word.endswith("e") else word
    forms = {word + "s", word + "es", stem + "ed", stem + "ing"}
    if word.endswith("y"):
        forms |= {word[:-1] + "ies", word[:-1] + "ied"}
    if word.endswith("ie"):
        forms.add(word[:-2] + "ying")
    if len(word) > 2 and word[-1] in "bdglmnprt":
        forms |= {word + word[-1] + "ed", word + word[-1] + "ing"}
    return forms


def form_table(vocabulary: frozenset[str]) -> dict[str, str]:
    """Form to dictionary form for every word of a vocabulary; longer words first, so that "cared" is of care, not of car."""
    table: dict[str, str] = {}
    for word in sorted(vocabulary - FUNCTION_WORDS, key=lambda word: (-len(word), word)):
        for form in inflections(word) if len(word) > 2 else ():
            table.setdefault(form, word)
    table.update(irregular_forms())
    return {form: word for form, word in table.items() if form not in FUNCTION_WORDS}


@lru_cache(maxsize=65536)
def _expand(word: str) -> tuple[str, ...]:
    """A contraction as its words; a possessive as the word and 's."""
    if word in _CONTRACTIONS:
        return tuple(_CONTRACTIONS[word].split())
    for ending, meaning in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending):
            return (word[: -len(ending)], meaning)
    if word.endswith("'s"):
        return (word[:-2], "is" if word[:-2] in _IS_AFTER else "'s")
    if word.endswith("s'"):
        return (word[:-1], "'s")
    return (word.rstrip("'"),)


def tokenise(sentence: str, vocabulary: frozenset[str], forms: Mapping[str, str]) -> list[Token]:
    """The tokens of a sentence; a capitalised word inside it, or an unknown one at its start, is a name."""
    tokens: list[Token] = []
    starting = True
    for match in _WORD.finditer(sentence.replace("’", "'")):
        raw = match.group()
        if not raw[0].isalnum():
            tokens.append(Token(raw, raw))
            starting = starting or raw in '.!?:"“'
            continue
        words = _expand(raw.lower())
        known = words[0] in vocabulary or words[0] in forms
        named = raw[0].isupper() and words[0] not in _CALENDAR and not (starting and known)
        for index, word in enumerate(words):
            tokens.append(Token(word, NAME if named and index == 0 else forms.get(word, word)))
        starting = False
    return tokens


def rendered(tokens: list[Token]) -> str:
    """The tokens as one string ' ~text~lemma~ ~text~lemma~', the form patterns are matched against."""
    return "".join(f" ~{token.text}~{token.lemma}~" for token in tokens)
