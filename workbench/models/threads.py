"""How many threads torch's operations use."""

import torch


def use_threads(count: int) -> None:
    """Give torch this many threads for every operation from now on."""
    torch.set_num_threads(count)
