"""The demo model's tokenizer: byte-pair encoding that falls back to bytes, so that it needs no unknown token."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import PreTrainedTokenizerFast

SPECIAL = ["<|pad|>", "<|end|>", "<|user|>", "<|assistant|>"]
ALPHABET = [chr(code) for code in range(33, 127)] + ["\n", "▁"]
# An option's letter with its space and brackets, a word with its space, a digit, a run of line breaks, anything else.
PIECES = r"▁\([A-E]\)|▁?[A-Za-z]+|▁?\d|\n+|▁|[^\sA-Za-z\d▁]"
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|assistant|>' if message['role'] == 'assistant' else '<|user|>' }}{{ message['content'] }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def _blank(model: BPE) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(PIECES), behavior="isolated")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    return tokenizer


def train_tokenizer(texts: Iterable[str], size: int) -> Tokenizer:
    """Learn merges from texts and add the 256 byte tokens; `size` counts them and the special tokens."""
    learner = _blank(BPE())
    room = size - 256 - len(SPECIAL)
    trainer = BpeTrainer(vocab_size=room, initial_alphabet=ALPHABET, special_tokens=[], show_progress=False)
    learner.train_from_iterator(texts, trainer)
    learnt: dict[str, Any] = json.loads(learner.to_str())["model"]
    names = SPECIAL + [f"<0x{byte:02X}>" for byte in range(256)] + sorted(learnt["vocab"], key=learnt["vocab"].get)
    vocab = {name: i for i, name in enumerate(names)}
    merges = [tuple(pair) for pair in learnt["merges"]]
    tokenizer = _blank(BPE(vocab=vocab, merges=merges, byte_fallback=True))
    tokenizer.add_special_tokens(SPECIAL)
    return tokenizer


def as_folder_tokenizer(tokenizer: Tokenizer) -> PreTrainedTokenizerFast:
    """The tokenizer as a model folder keeps it: pad, end of sequence and chat template, no beginning token."""
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<|pad|>",
        eos_token="<|end|>",
        additional_special_tokens=["<|user|>", "<|assistant|>"],
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
        model_max_length=1024,
    )
