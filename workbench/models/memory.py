"""How much memory a device has left."""

import psutil
import torch


def free_bytes(device: str) -> int:
    """Return the bytes a model may still take on a device; what is not a CUDA device shares the machine's memory.

    What this process has let go of on a CUDA device torch keeps for its next tensors, and the device takes for used.
    """
    if device.startswith("cuda"):
        where = torch.device(device)
        kept = torch.cuda.memory_reserved(where) - torch.cuda.memory_allocated(where)
        return int(torch.cuda.mem_get_info(where)[0]) + kept
    return int(psutil.virtual_memory().available)
