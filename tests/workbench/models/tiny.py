"""Tiny random models with a tokenizer made on the spot, in folders that load as any other."""

from pathlib import Path
from typing import Any, Literal

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

Family = Literal["llama", "qwen3", "gpt2", "mistral"]

CORPUS = (
    "Human: How do I plan a picnic?\n\nAssistant: Ask everyone what they like, then share the work.",
    "CritiqueRequest: Say where the answer is harmful.\n\nCritique: It is rude to Dana.\n\nRevisionRequest: Rewrite it.",
    "Which of these answers is less harmful? (A) Read her messages. (B) Ask her. The answer is (A) or (B).",
)

CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


def tiny_tokenizer(vocab: int = 320, chat: bool = True) -> Any:
    """Return a byte-level BPE tokenizer: no text is unknown to it, and a token may be a piece of a letter."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=vocab,
        special_tokens=[AddedToken(token, special=True) for token in special],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|endoftext|>", pad_token="<|endoftext|>")
    if chat:
        fast.chat_template = CHAT_TEMPLATE
    return fast


def tiny_config(family: Family, vocab: int, hidden: int, layers: int) -> Any:
    """Return the configuration of a small model: grouped-query attention in llama and qwen3, a window of 16 in mistral."""
    if family == "gpt2":
        return GPT2Config(
            vocab_size=vocab, n_positions=512, n_embd=hidden, n_layer=layers, n_head=4, initializer_range=0.2
        )
    shape = {
        "vocab_size": vocab,
        "hidden_size": hidden,
        "intermediate_size": 2 * hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "initializer_range": 0.2,
    }
    if family == "mistral":
        return MistralConfig(**shape, sliding_window=16)
    if family == "qwen3":
        return Qwen3Config(**shape, head_dim=hidden // 4, tie_word_embeddings=True)
    return LlamaConfig(**shape, tie_word_embeddings=True)


def tiny_model(
    folder: Path,
    family: Family = "llama",
    vocab: int = 320,
    chat: bool = True,
    hidden: int = 32,
    layers: int = 2,
    seed: int = 0,
) -> Path:
    """Write a random model and its tokenizer into folder and return it."""
    tokenizer = tiny_tokenizer(vocab, chat)
    config = tiny_config(family, max(vocab, len(tokenizer)), hidden, layers)
    torch.manual_seed(seed)
    kinds = {
        "llama": LlamaForCausalLM,
        "qwen3": Qwen3ForCausalLM,
        "gpt2": GPT2LMHeadModel,
        "mistral": MistralForCausalLM,
    }
    model = kinds[family](config).eval()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
