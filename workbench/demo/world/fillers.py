"""Who and what a prompt is about: names, things and places, drawn so that a model must copy rather than recall them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.demo.world.coinage import TRAINING_WORDS, coin, is_held_out
from workbench.demo.world.shelf import Split, load

DOMAIN_SHELF = load("domains")
DOMAINS = ("neighbours", "work", "school", "club", "market", "family", "online", "travel", "housing")
NAMES = load("names")
REAL_NAMES = tuple(NAMES["real"].train)
SHE_WITHOUT_VOWEL = frozenset(NAMES["she.without_vowel"].train)
HE_WITH_VOWEL = frozenset(NAMES["he.with_vowel"].train)
# How often a training filler is coined: without coined ones a model remembers fillers, and cannot copy new ones.
COINED_SHARE = 0.3
# How often a training filler is two known nouns side by side: common words in new company must be copied as well.
COMPOUND_SHARE = 0.25


@dataclass(frozen=True)
class Person:
    """A name and the pronouns that go with it."""

    name: str
    female: bool


def _person_called(name: str) -> Person:
    female = name in SHE_WITHOUT_VOWEL or (name[-1] in "aeiy" and name not in HE_WITH_VOWEL)
    return Person(name, female)


def _any_person(rng: random.Random, split: Split) -> Person:
    dice = rng.random()
    if split == "train" and dice < 0.35:
        return _person_called(rng.choice(REAL_NAMES))
    if split == "train" and dice < 0.35 + COINED_SHARE:
        return _person_called(coin(rng).capitalize())
    female = rng.random() < 0.5
    parts = ("onset", "middle", "she.ending" if female else "he.ending")
    return Person("".join(NAMES[part].draw(rng) for part in parts), female)


def _is_no_word(name: str) -> bool:
    return len(name) > 3 and name.lower() not in TRAINING_WORDS


def draw_person(rng: random.Random, split: Split) -> Person:
    """A person of a split."""
    while True:
        person = _any_person(rng, split)
        if is_held_out(person.name) == (split == "held_out") and _is_no_word(person.name):
            return person


def _fillers(part: str, split: Split) -> list[str]:
    return [line for domain in DOMAINS for line in DOMAIN_SHELF[f"{domain}.{part}"].of(split)]


HELD_OUT_NOUNS = frozenset(
    line.split("the ", 1)[-1]
    for part in ("thing", "authority", "group", "place")
    for line in _fillers(part, "held_out")
)
NOUNS = tuple(
    sorted(
        {line.split(" ")[-1] for part in ("thing", "group", "place") for line in _fillers(part, "train")}
        - HELD_OUT_NOUNS
    )
)
QUALITIES = DOMAIN_SHELF["qualities"]


def draw_compound(rng: random.Random) -> str:
    """Two nouns side by side that are not held out."""
    while True:
        compound = " ".join(rng.sample(NOUNS, 2))
        if compound not in HELD_OUT_NOUNS:
            return compound


def draw_quality(rng: random.Random, split: Split) -> str:
    """What a thing is like: in training at times a coined word, or two known ones that are not held out together."""
    dice = rng.random() if split == "train" else 1.0
    if dice < COINED_SHARE:
        return coin(rng)
    if dice > COINED_SHARE + COMPOUND_SHARE:
        return QUALITIES.draw(rng, split)
    while True:
        pair = " and ".join(rng.sample(QUALITIES.train, 2))
        if pair not in QUALITIES.held_out:
            return pair


def _draw_filler(
    rng: random.Random, section: str, split: Split, coined: str = "{}", share: float = COINED_SHARE
) -> str:
    """A filler of a section of the domains; in training, now and then, one that nobody could remember."""
    if split == "train" and rng.random() < share:
        return coined.format(coin(rng) if rng.random() < 0.5 else draw_compound(rng))
    return DOMAIN_SHELF[section].draw(rng, split)


def _draw_thing(rng: random.Random, domain: str, split: Split) -> str:
    thing = _draw_filler(rng, f"{domain}.thing", split, share=COINED_SHARE + COMPOUND_SHARE)
    dice = rng.random()
    if dice < 0.5:
        return f"{draw_quality(rng, split)} {thing}"
    return f"{draw_person(rng, split).name} {thing}" if dice < 0.6 else thing


def _draw_place(rng: random.Random, domain: str, split: Split) -> str:
    place = DOMAIN_SHELF[f"{domain}.place"].draw(rng, split)
    preposition = place.split(" ", 1)[0]
    if split == "train" and rng.random() < COINED_SHARE + COMPOUND_SHARE / 2:
        return f"{preposition} the {coin(rng) if rng.random() < 0.4 else draw_compound(rng)}"
    return place


@dataclass(frozen=True)
class Scene:
    """The people, thing and place of one prompt, by the slot they fill in a template."""

    slots: dict[str, str]
    domain: str
    known: frozenset[str] = frozenset()

    def knowing(self, templates: Sequence[str], split: Split, rng: random.Random) -> Scene:
        """This scene after a prompt made of these templates: what it did not name becomes something plain."""
        known = frozenset(slot for slot in self.slots if any("{" + slot + "}" in template for template in templates))
        plain = {
            "G": "the others",
            "B": "the person in charge",
            "T": DOMAIN_SHELF[f"{self.domain}.thing"].draw(rng, split),
        }
        slots = self.slots | {slot: text for slot, text in plain.items() if slot not in known}
        return Scene(slots, self.domain, known)

    def fits(self, template: str) -> bool:
        """Whether a template needs no thing and no place that the prompt did not name."""
        return all(slot in self.known or "{" + slot + "}" not in template for slot in ("T", "L"))

    def fill(self, template: str, **more: str) -> str:
        """A template with every slot filled; `Act` and `When` are the capitalised forms of `act` and `when`."""
        words = self.slots | more
        words |= {name.capitalize(): text[:1].upper() + text[1:] for name, text in more.items()}
        text = template.format_map(words)
        return text[:1].upper() + text[1:] if template[:1] == "{" and template[-1:] in ".?" else text


def draw_scene(rng: random.Random, split: Split = "train") -> Scene:
    """A scene of one of the nine domains."""
    domain = rng.choice(DOMAINS)
    person = draw_person(rng, split)
    place = _draw_place(rng, domain, split)
    pronouns = ("she", "her", "her") if person.female else ("he", "him", "his")
    return Scene(
        {
            "P": person.name,
            "s": pronouns[0],
            "o": pronouns[1],
            "p": pronouns[2],
            "T": _draw_thing(rng, domain, split),
            "L": place,
            "L0": place.split(" ", 1)[1],
            "R": _draw_filler(rng, f"{domain}.relation", split, share=0.1),
            "B": _draw_filler(rng, f"{domain}.authority", split, "the {}", 0.25),
            "G": _draw_filler(rng, f"{domain}.group", split, "the {}s", 0.25),
        },
        domain,
    )
