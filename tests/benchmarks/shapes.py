"""The models the benchmarks run, made on the spot with random weights."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast


@dataclass(frozen=True)
class Shape:
    """A Llama by its sizes."""

    name: str
    vocabulary: int
    hidden: int
    mlp: int
    layers: int
    heads: int
    key_heads: int

    def build(self, folder: Path) -> Path:
        """Write model and tokenizer into folder unless they are there, and return it."""
        if not (folder / "tokenizer.json").is_file():
            torch.manual_seed(0)
            LlamaForCausalLM(self.config()).save_pretrained(folder)
            word_tokenizer(self.vocabulary).save_pretrained(folder)
        return folder

    def build_trainable(self, folder: Path) -> Path:
        """Write a model as build does, whose padding is a token of its own: trainers look for where a text ends by it."""
        if not (folder / "tokenizer.json").is_file():
            torch.manual_seed(0)
            LlamaForCausalLM(self.config(pad=1)).save_pretrained(folder)
            word_tokenizer(self.vocabulary, "<|pad|>").save_pretrained(folder)
        return folder

    def config(self, pad: int = 0) -> Any:
        """Return the model's configuration."""
        return LlamaConfig(
            vocab_size=self.vocabulary,
            hidden_size=self.hidden,
            intermediate_size=self.mlp,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            num_key_value_heads=self.key_heads,
            max_position_embeddings=4096,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=0,
            pad_token_id=pad,
        )


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("llama-7m", 8192, 256, 704, 6, 4, 4),
        Shape("grouped-32k", 32768, 256, 704, 6, 8, 2),
        Shape("llama-100m", 32768, 640, 1760, 16, 10, 10),
        Shape("llama-1b", 32768, 2048, 5632, 22, 32, 4),
    )
}

#: What is run unless models are named; the largest is for CUDA devices.
USUAL = ("llama-7m", "grouped-32k", "llama-100m")

#: What trainings are timed on (on a CUDA device it is the one of 100 M), and a model so small that what stands around a step
#: weighs the most.
TRAINED = Shape("llama-7m", 8192, 256, 704, 6, 4, 4)
SMALL = Shape("llama-1m", 4096, 128, 352, 3, 4, 4)


def word_tokenizer(vocabulary: int, pad: str = "<|end|>") -> Any:
    """Return a tokenizer of whole words: any tokens, decoded and encoded again, are the same tokens, on both sides."""
    special = list(dict.fromkeys(["<|end|>", pad]))
    table = {name: number for number, name in enumerate(special)}
    table |= {f"w{number}": number for number in range(len(special), vocabulary)}
    tokenizer = Tokenizer(models.WordLevel(table, unk_token="<|end|>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.decoder = decoders.WordPiece(prefix="##", cleanup=False)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>", pad_token=pad)
