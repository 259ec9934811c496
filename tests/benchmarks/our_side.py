"""Our side: the workbench's own model, through its protocol."""

import math
from pathlib import Path
from typing import Any

import torch

from tests.benchmarks.side import gflops, serve
from tests.benchmarks.workloads import OPTIONS, ChainTexts
from workbench.models.language_model import ChoiceRequest, SampleRequest
from workbench.models.loading import load
from workbench.models.local import LocalModel

loaded: dict[str, LocalModel] = {}


def open_model(folder: str, dtype: str, threads: int, device: str = "cpu") -> str:
    """Load the model as a run on this machine would."""
    torch.set_num_threads(threads)
    attention = "compiled" if device == "cpu" else "sdpa"
    loaded["model"] = load(Path(folder), machine={"device": device, "dtype": dtype, "attention": attention})
    return dtype


def score(prompts: list[str]) -> list[float]:
    """Return the probability of the first option of each prompt."""
    answers = loaded["model"].choice_logprobs([ChoiceRequest(prompt, OPTIONS) for prompt in prompts])
    return [math.exp(answer[0]) for answer in answers]


def chains(texts: list[dict[str, Any]], tokens: int, temperature: float, method: str = "") -> dict[str, Any]:
    """Write all steps of some chains; return each step's text, near ties, and the tokens in all."""
    model = loaded["model"]
    sampler = model.sampler()
    waiting = [(number, ChainTexts(text["prompt"], tuple(text["requests"]))) for number, text in enumerate(texts)]
    busy: dict[int, tuple[ChainTexts, str]] = {}
    steps: list[list[tuple[str, int]]] = [[] for _ in texts]
    total = 0

    def submit(number: int, chain: ChainTexts, text: str) -> None:
        busy[number] = (chain, text)
        seed = number * 100 + len(steps[number])
        sampler.submit(number, SampleRequest(text, seed, tokens, temperature))

    while waiting or busy:
        while waiting and len(busy) < sampler.slots:
            number, chain = waiting.pop(0)
            submit(number, chain, chain.prompt)
        for walk, sample in sampler.advance():
            number = int(str(walk))
            chain, text = busy.pop(number)
            total += sample.tokens
            steps[number].append((sample.text, sample.near_ties))
            done = len(steps[number])
            if done <= len(chain.requests):
                submit(number, chain, f"{text} {sample.text} {chain.requests[done - 1]}")
            else:
                sampler.release(number)
    return {"steps": steps, "tokens": total}


if __name__ == "__main__":
    serve({"open": open_model, "score": score, "chains": chains, "gflops": gflops})
