"""What both sides are asked: the same texts, made from a seed, over a vocabulary of plain words."""

import random
from dataclasses import dataclass

#: Tokens of each part of a comparison, as a short dialogue has them.
TALK, PRINCIPLE, RESPONSE = (80, 160), (20, 28), (36, 60)
#: Tokens of a chain's prompt and of each request in it.
PROMPT, REQUEST = (80, 160), (28, 40)
#: A chain: response, critique, revision, critique, revision.
STEPS = 5
#: The words that stand for the options; one token each.
OPTIONS = (" w1", " w2")


def words(draw: random.Random, low_high: tuple[int, int], vocabulary: int) -> str:
    """Return random words; word n is one token."""
    return " ".join(f"w{draw.randrange(10, vocabulary - 1)}" for _ in range(draw.randint(*low_high)))


def scoring_requests(
    comparisons: int, principles: int, vocabulary: int, options_first: bool, seed: int = 0
) -> list[str]:
    """Return prompts: each comparison under each principle in both orders."""
    draw = random.Random(seed)
    asked = [words(draw, PRINCIPLE, vocabulary) for _ in range(principles)]
    prompts = []
    for _ in range(comparisons):
        talk, first, second = (words(draw, size, vocabulary) for size in (TALK, RESPONSE, RESPONSE))
        for principle in asked:
            for one, other in ((first, second), (second, first)):
                options = f"w3 w1 {one} w3 w2 {other}"
                parts = (talk, options, principle) if options_first else (talk, principle, options)
                prompts.append(" ".join([*parts, "w4 w5"]))
    return prompts


@dataclass(frozen=True)
class ChainTexts:
    """A chain's prompt and the request that follows each of its steps but the last."""

    prompt: str
    requests: tuple[str, ...]


def chain_texts(chains: int, vocabulary: int, seed: int = 0) -> list[ChainTexts]:
    """Return prompts and requests of some chains."""
    draw = random.Random(seed)

    sizes = [PROMPT] + [REQUEST] * (STEPS - 1)
    texts = [[words(draw, size, vocabulary) for size in sizes] for _ in range(chains)]
    return [ChainTexts(prompt, tuple(requests)) for prompt, *requests in texts]
