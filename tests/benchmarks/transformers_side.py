"""The baseline of chains: transformers' own ways to generate, each step with its whole transcript."""

from collections.abc import Callable
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, ContinuousBatchingConfig, GenerationConfig, pipeline

from tests.benchmarks.side import serve

loaded: dict[str, Any] = {}
Ids = list[list[int]]


def open_model(folder: str, dtype: str, threads: int, device: str = "cpu") -> str:
    """Load the model."""
    torch.set_num_threads(threads)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).to(device).eval()
    model.generation_config.eos_token_id = None
    loaded["model"] = model
    loaded["tokenizer"] = AutoTokenizer.from_pretrained(folder, padding_side="left")
    return dtype


def settings(tokens: int, temperature: float) -> dict[str, Any]:
    """Return generate's arguments: plain sampling from the whole distribution, or the best token."""
    plain = {"max_new_tokens": tokens, "pad_token_id": 0, "eos_token_id": None}
    if temperature == 0:
        return {**plain, "do_sample": False}
    return {**plain, "do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}


def batched(texts: list[str], tokens: int, temperature: float, size: int) -> list[str]:
    """Generate in batches of texts of like length, padded on the left."""
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    answers = [""] * len(texts)
    model, tokenizer = loaded["model"], loaded["tokenizer"]
    for first in range(0, len(texts), size):
        some = order[first : first + size]
        inputs = tokenizer([texts[at] for at in some], return_tensors="pt", padding=True, return_token_type_ids=False)
        inputs = inputs.to(model.device)
        with torch.inference_mode():
            output = model.generate(**inputs, **settings(tokens, temperature))
        answers_here = tokenizer.batch_decode(output[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        for at, answer in zip(some, answers_here, strict=True):
            answers[at] = answer
    return answers


def piped(texts: list[str], tokens: int, temperature: float) -> list[str]:
    """Generate by the text-generation pipeline."""
    run = pipeline("text-generation", model=loaded["model"], tokenizer=loaded["tokenizer"], batch_size=16)
    found = run(texts, return_full_text=False, **settings(tokens, temperature))
    return [answer[0]["generated_text"].strip() for answer in found]


def continuous(texts: list[str], tokens: int, temperature: float) -> list[str]:
    """Generate by transformers' continuous batching."""
    tokenizer = loaded["tokenizer"]
    ids: Ids = [tokenizer(text)["input_ids"] for text in texts]
    # Pages that hold all texts at once; on a CUDA device it takes what memory there is by itself.
    pages = sum(-(-(len(text) + tokens) // 256) + 1 for text in ids) if loaded["model"].device.type == "cpu" else None
    found = loaded["model"].generate_batch(
        inputs=ids,
        generation_config=GenerationConfig(**settings(tokens, temperature)),
        continuous_batching_config=ContinuousBatchingConfig(num_blocks=pages),
    )
    by_prompt = {tuple(output.prompt_ids): output.generated_tokens for output in found.values()}
    return [tokenizer.decode(by_prompt[tuple(text)], skip_special_tokens=True) for text in ids]


METHODS: dict[str, Callable[[list[str], int, float], list[str]]] = {
    "one by one": lambda texts, tokens, temperature: batched(texts, tokens, temperature, 1),
    "batches of 8": lambda texts, tokens, temperature: batched(texts, tokens, temperature, 8),
    "batches of 16": lambda texts, tokens, temperature: batched(texts, tokens, temperature, 16),
    "batches of 64": lambda texts, tokens, temperature: batched(texts, tokens, temperature, 64),
    "batches of 256": lambda texts, tokens, temperature: batched(texts, tokens, temperature, 256),
    "pipeline": piped,
    "generate_batch": continuous,
}


def chains(texts: list[dict[str, Any]], tokens: int, temperature: float, method: str) -> dict[str, Any]:
    """Write all steps of some chains, step by step; return each step's text and the tokens in all."""
    sent = [text["prompt"] for text in texts]
    steps: list[list[tuple[str, int]]] = [[] for _ in texts]
    total = 0
    for number in range(len(texts[0]["requests"]) + 1):
        answers = METHODS[method](sent, tokens, temperature)
        for at, answer in enumerate(answers):
            steps[at].append((answer, 0))
            total += len(loaded["tokenizer"](answer)["input_ids"])
            if number < len(texts[at]["requests"]):
                sent[at] = f"{sent[at]} {answer} {texts[at]['requests'][number]}"
    return {"steps": steps, "tokens": total}


if __name__ == "__main__":
    serve({"open": open_model, "chains": chains})
