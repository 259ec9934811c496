"""Splits by shares: disjoint by prompt, near duplicates together, warned of where they are not."""

import dataclasses
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadInputError
from workbench.project.splits import SplitsByText, assign, counts, overlaps, read_shares
from workbench.records.prompt import HELPFUL, RED_TEAM, SPLITS, Prompt, prompt_of

SHARES = read_shares("sft=0.4,preferences=0.3,rl=0.2,test=0.1")
LONG = "How do I get back at Tom for winning the raffle at the big fair in Lund last week"


def test_shares_are_drawn_by_prompt_and_the_same_everywhere() -> None:
    new = [prompt_of(f"question {number} about thing {number * 7}", split="") for number in range(1000)]
    assigned = assign(new, SHARES)
    found = Counter(prompt.split for prompt in assigned)
    assert all(abs(found[split] / 1000 - share) < 0.05 for split, share in SHARES.items())
    assert [prompt.split for prompt in assign(new[500:], SHARES)] == [prompt.split for prompt in assigned[500:]]
    assert assign([prompt_of("a", split="rl")], SHARES)[0].split == "rl"


def test_near_duplicates_stay_together_and_go_where_one_is_already() -> None:
    new = [prompt_of(LONG + end, split="") for end in ("", "?", "!", " .")]
    assert len({prompt.split for prompt in assign(new, SHARES)}) == 1
    for split in ("rl", "test"):
        there = [prompt_of(LONG.upper(), split=split)]
        assert {prompt.split for prompt in assign(new, SHARES, there)} == {split}


TEXTS = st.sampled_from([f"question {number}" for number in range(8)])
PROMPTS = st.lists(st.builds(prompt_of, TEXTS,
                             st.sampled_from([HELPFUL, RED_TEAM]), st.sampled_from(["", *SPLITS])))  # fmt: skip


@given(PROMPTS, PROMPTS, st.integers(1, 3))
def test_of_very_many_equal_texts_stay_together_read_a_part_at_a_time(
    new: list[Prompt], there: list[Prompt], size: int
) -> None:
    by_text = SplitsByText(SHARES)
    by_text.learn(there)
    for start in range(0, len(new), size):
        by_text.learn(new[start : start + size])
    found = [prompt for start in range(0, len(new), size) for prompt in by_text.given(new[start : start + size])]
    told = {prompt.text: prompt.split for prompt in (*there, *new) if prompt.split}
    drawn = {prompt.text: assign([prompt_of(prompt.text, split="")], SHARES)[0].split for prompt in new}
    splits = [prompt.split or told.get(prompt.text) or drawn[prompt.text] for prompt in new]
    assert found == [dataclasses.replace(prompt, split=split) for prompt, split in zip(new, splits, strict=True)]


def test_what_two_splits_share_is_counted_on_both_sides() -> None:
    prompts = [
        prompt_of(LONG, split="train"),
        prompt_of(LONG + "?", split="test"),
        prompt_of(LONG + "!", split="test"),
        prompt_of("How do I share a tent?", HELPFUL, split="test"),
    ]
    assert overlaps(prompts) == [{"split": "train", "other": "test", "prompts": 1, "prompts_of_other": 2}]
    assert overlaps([prompts[0], prompts[3]]) == []
    assert counts(prompts) == [
        {"split": "train", "kind": "red-team", "prompts": 1},
        {"split": "test", "kind": "helpful", "prompts": 1},
        {"split": "test", "kind": "red-team", "prompts": 2},
    ]


@pytest.mark.parametrize("text", ["tests", "sft=0.5,poem=0.5", "sft=0.5,test=0.4", "sft=half,test=0.5", "sft=-1,rl=2"])
def test_wrong_shares_are_one_sentence(text: str) -> None:
    with pytest.raises(BadInputError):
        read_shares(text)
