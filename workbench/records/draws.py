"""Random streams: every draw has its own, so that batch size, order and interruptions change none of them."""

import hashlib
import random


def stream_seed(seed: int, *key: object) -> int:
    """Return the 63-bit seed of the draw named by key (for example input id, round, step) in the run seeded with seed."""
    digest = hashlib.sha256("\x1f".join([str(seed), *map(str, key)]).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def stream(seed: int, *key: object) -> random.Random:
    """Return the random stream of one draw."""
    return random.Random(stream_seed(seed, *key))
