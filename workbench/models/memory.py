"""How much memory a device has left."""

import psutil
import torch


def free_bytes(device: str) -> int:
    """Return the bytes a model may still take on a device; what is not a CUDA device shares the machine's memory."""
    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(torch.device(device))[0])
    return int(psutil.virtual_memory().available)
