"""What is learnt: the next token where a document says so, and, by heads thrown away afterwards, what a passage is."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM

from workbench.demo.train.packing import MARK_WIDTHS, Batch

SENTENCE_CLASSES = 16
# The layer whose output each discarded head reads: wordings are understood first, then sentences, then whole responses.
MARK_LAYERS = {"topic": -4, "sentence": -3, "harm": -2}
MARK_WEIGHTS = {"topic": 0.15, "sentence": 0.3, "harm": 0.1}


def model_config(vocabulary: int, hidden: int = 224, layers: int = 5, inner: int = 576) -> LlamaConfig:
    """The shape of the demo model: an ordinary Llama of about 3.5 M parameters."""
    return LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=hidden // 32,
        num_key_value_heads=hidden // 32,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=None,
        pad_token_id=0,
        eos_token_id=1,
        attn_implementation="eager",
    )


class Learner(nn.Module):
    """The model with the heads that read marks from its inner layers."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.model = LlamaForCausalLM(config)
        widths = MARK_WIDTHS | {"sentence": SENTENCE_CLASSES}
        self.heads = nn.ModuleDict({what: nn.Linear(config.hidden_size, width) for what, width in widths.items()})

    def forward(self, batch: Batch) -> tuple[torch.Tensor, dict[str, float]]:
        """The loss of a batch and its parts."""
        outputs = self.model.model(
            input_ids=batch.ids,
            position_ids=batch.positions,
            attention_mask=batch.mask,
            use_cache=False,
            output_hidden_states=True,
        )
        total = self._token_loss(outputs.last_hidden_state, batch)
        parts = {"token": float(total.detach())}
        for what, (rows, tokens, values) in batch.marks.items():
            if not len(rows):
                continue
            hidden = outputs.hidden_states[MARK_LAYERS[what]][rows, tokens]
            loss = self._mark_loss(what, self.heads[what](hidden).float(), values)
            parts[what] = float(loss.detach())
            total = total + MARK_WEIGHTS[what] * loss
        return total, parts

    def _token_loss(self, hidden: torch.Tensor, batch: Batch) -> torch.Tensor:
        weights = batch.weights[:, 1:]
        learnt = weights > 0
        logits = self.model.lm_head(hidden[:, :-1][learnt]).float()
        losses = functional.cross_entropy(logits, batch.ids[:, 1:][learnt], reduction="none")
        kept = weights[learnt]
        return (losses * kept).sum() / kept.sum()

    @staticmethod
    def _mark_loss(what: str, predicted: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        if what == "sentence":
            return functional.cross_entropy(predicted, values[:, 0].long())
        if what == "topic":
            return functional.binary_cross_entropy_with_logits(predicted, values)
        known = ~values.isnan()
        return functional.smooth_l1_loss(predicted[known], values[known])
