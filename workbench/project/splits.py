"""Splits of prompts: shares drawn by prompt, near duplicates kept together, and what splits have in common."""

import dataclasses
import math
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from workbench.errors import BadInputError
from workbench.measurement.near_duplicates import MOST_COMPARISONS, TooAlikeError, clusters, near_duplicates
from workbench.records.draws import stream_seed
from workbench.records.prompt import SPLITS, Prompt
from workbench.store.database import Store

_STREAM_END = float(1 << 63)

#: Near duplicates are looked for among so many prompts at most: all of their words are held in memory.
MOST_COMPARED = 50_000


def read_shares(text: str) -> dict[str, float]:
    """Read a split ("test") or shares of several ("sft=0.4,preferences=0.3,rl=0.2,test=0.1"), which must add up to 1."""
    if "=" not in text:
        _require_splits([text])
        return {text: 1.0}
    parts = [part.partition("=") for part in text.split(",")]
    names = [name.strip() for name, _, _ in parts]
    _require_splits(names)
    try:
        shares = {name: float(share) for name, (_, _, share) in zip(names, parts, strict=True)}
    except ValueError as error:
        raise BadInputError("'{text}' is not shares of splits; write them as sft=0.5,test=0.5.", text=text) from error
    values = list(shares.values())
    if len(shares) < len(names) or not all(share >= 0 for share in values) or not math.isclose(sum(values), 1.0):
        raise BadInputError(
            "The shares in '{text}' must name each split once, be 0 or more, and add up to 1.",
            text=text,
        )
    return shares


def assign(new: Sequence[Prompt], shares: Mapping[str, float], there: Sequence[Prompt] = ()) -> list[Prompt]:
    """Return the new prompts with a split each where they have none, near duplicates in one split.

    A near duplicate of a prompt that has a split takes that one; otherwise a hash of the text decides, the same in every project.
    Among more than MOST_COMPARED prompts, or so many that are made alike, only equal texts are kept together.
    """
    texts = [prompt.text for prompt in (*there, *new)]
    groups = _alike(texts)
    if groups is None:
        by_text = SplitsByText(shares)
        by_text.learn((*there, *new))
        return by_text.given(new)
    splits = {group: prompt.split for prompt, group in zip((*there, *new), groups, strict=True) if prompt.split}
    return [
        prompt
        if prompt.split
        else dataclasses.replace(prompt, split=splits.get(group) or _drawn(_draw(texts[group]), shares))
        for prompt, group in zip(new, groups[len(there) :], strict=True)
    ]


class SplitsByText:
    """Splits for very many prompts, a part of them in memory at a time: equal texts get one.

    Only texts that have another split than they would draw are remembered, by their hash: of a million prompts that were split by
    the same shares before, none.
    """

    def __init__(self, shares: Mapping[str, float]) -> None:
        self._shares = shares
        self._told: dict[int, str] = {}

    def learn(self, prompts: Iterable[Prompt]) -> None:
        """Remember which splits texts have; of equal ones the last counts."""
        for prompt in prompts:
            if not prompt.split:
                continue
            draw = _draw(prompt.text)
            if prompt.split != _drawn(draw, self._shares):
                self._told[draw] = sys.intern(prompt.split)
            else:
                self._told.pop(draw, None)

    def given(self, prompts: Iterable[Prompt]) -> list[Prompt]:
        """Return prompts with a split each, where they have none."""
        return [prompt if prompt.split else self._with_split(prompt) for prompt in prompts]

    def _with_split(self, prompt: Prompt) -> Prompt:
        draw = _draw(prompt.text)
        return Prompt(**{**vars(prompt), "split": self._told.get(draw) or _drawn(draw, self._shares)})


def shared_with_other_splits(store: Store, ids: Collection[str]) -> int | None:
    """Return how many of these prompts have a near duplicate in another split than their own; None where it takes too long."""
    if store.prompts.count() > MOST_COMPARED:
        return None
    prompts = list(store.prompts.each())
    if len({prompt.split for prompt in prompts}) < 2:
        return 0
    found: set[str] = set()
    try:
        for one, other in near_duplicates([prompt.text for prompt in prompts], most=MOST_COMPARISONS):
            if prompts[one].split != prompts[other].split:
                found.update((prompts[one].id, prompts[other].id))
    except TooAlikeError:
        return None
    return len(found.intersection(ids))


def overlaps(prompts: Sequence[Prompt]) -> list[dict[str, Any]]:
    """Return for every two splits how many prompts of the one have a near duplicate in the other."""
    found: dict[tuple[str, str], set[int]] = {}
    for one, other in near_duplicates([prompt.text for prompt in prompts]):
        if prompts[one].split != prompts[other].split:
            found.setdefault((prompts[one].split, prompts[other].split), set()).add(one)
            found.setdefault((prompts[other].split, prompts[one].split), set()).add(other)
    rows = []
    for first, second in combinations(SPLITS, 2):
        if (first, second) in found:
            counts = len(found[first, second]), len(found[second, first])
            rows.append({"split": first, "other": second, "prompts": counts[0], "prompts_of_other": counts[1]})
    return rows


def counts(prompts: Sequence[Prompt]) -> list[dict[str, Any]]:
    """Return how many prompts of each kind each split holds."""
    found = Counter((prompt.split, prompt.kind) for prompt in prompts)
    return [
        {"split": split, "kind": kind, "prompts": found[split, kind]}
        for split, kind in sorted(found, key=lambda key: (SPLITS.index(key[0]), key[1]))
    ]


def _draw(text: str) -> int:
    """Return what decides about a text's split: a hash of it, of 63 bits."""
    return stream_seed(0, "split", text)


def _drawn(draw: int, shares: Mapping[str, float]) -> str:
    point, reached = draw / _STREAM_END, 0.0
    for split, share in shares.items():
        reached += share
        if point < reached:
            return split
    return [split for split, share in shares.items() if share][-1]


def _alike(texts: Sequence[str]) -> list[int] | None:
    """Return for each text the place of the first it is kept together with; None where only equal ones are."""
    if len(texts) > MOST_COMPARED:
        return None
    try:
        return clusters(texts, most=MOST_COMPARISONS)
    except TooAlikeError:
        return None


def _require_splits(names: Sequence[str]) -> None:
    for name in names:
        if name not in SPLITS:
            raise BadInputError("There is no split {name}; there are {splits}.", name=name, splits=", ".join(SPLITS))
