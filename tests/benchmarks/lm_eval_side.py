"""The baseline of choice scoring: lm-evaluation-harness, through its own HFLM."""

import math
from typing import Any

import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM

from tests.benchmarks.side import serve
from tests.benchmarks.workloads import OPTIONS

loaded: dict[str, Any] = {}


def open_model(folder: str, dtype: str, threads: int, device: str = "cpu") -> str:
    """Load the model as `lm_eval --model hf` does."""
    torch.set_num_threads(threads)
    loaded["model"] = HFLM(pretrained=folder, dtype=dtype, device=device, batch_size=1)
    return dtype


def score(prompts: list[str], batch: int) -> list[float]:
    """Return the probability of the first option of each prompt, normalised over the two."""
    model = loaded["model"]
    model.batch_size_per_gpu = batch
    asked = [
        Instance(request_type="loglikelihood", doc={}, arguments=(prompt, option), idx=number)
        for number, prompt in enumerate(prompts)
        for option in OPTIONS
    ]
    found = [logprob for logprob, _ in model.loglikelihood(asked, disable_tqdm=True)]
    return [1 / (1 + math.exp(found[at + 1] - found[at])) for at in range(0, len(found), 2)]


if __name__ == "__main__":
    serve({"open": open_model, "score": score})
