"""Rollouts: responses of the policy as it is now, read by all four models of PPO."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from workbench.models.attention import COMPILED
from workbench.models.engine import Engine, Verdict
from workbench.models.linears import can_pack, can_reduce, pack
from workbench.records.draws import stream, stream_seed
from workbench.records.settings import RlSettings
from workbench.stages.training.compute import Compute
from workbench.stages.training.experience import Experience, Readings, Texts, experience_of
from workbench.stages.training.forward import padded, response_tokens
from workbench.stages.training.generation import Draw, generate, generate_packed
from workbench.stages.training.lanes import Lanes
from workbench.stages.training.logprobs import logprobs_and_entropy, tempered, token_logprobs
from workbench.stages.training.readers import Players, Readers
from workbench.stages.training.rewards import scored, weighted_sum
from workbench.stages.training.shards import is_sharded, whole

#: Below so many responses times parameters one thread writes a batch as fast as two.
_ONE_LANE = 2e8


@dataclass(frozen=True)
class RlPrompt:
    """A prompt as token ids."""

    id: str
    ids: list[int]


class Rollouts:
    """Makes each batch of experience; what it draws depends on seed, prompt and episode alone."""

    def __init__(
        self,
        players: Players,
        prompts: Sequence[RlPrompt],
        settings: RlSettings,
        end_id: int,
        pad_id: int,
        max_tokens: int,
        seed: int,
        compute: Compute,
    ) -> None:
        self.players = players
        self.prompts = prompts
        self.settings = settings
        self.end_id = end_id
        self.pad_id = pad_id
        self.max_tokens = max_tokens
        self.seed = seed
        self.compute = compute
        self.ranks = compute.ranks
        # What units are dropped comes from one generator, and an adapter is on or off: two lanes would share them.
        # Processes that share the work must do it in the same order.
        together = settings.dropout > 0 or settings.lora_rank > 0 or settings.value == "shared" or self.ranks.size > 1
        self.lanes = Lanes(compute, alone=together)
        self._verdict: Verdict | None = None
        self.readers = Readers(players, settings, compute)

    def make(
        self, batch: int, kl_coef: float, beside: Sequence[Draw] = ()
    ) -> tuple[Experience, list[list[int]], list[list[int]]]:
        """Return the experience of a batch (numbered from 0) under the models as they are now, and the responses' token ids.

        What is drawn beside it, by the same policy for somebody else, comes third: on its own it would take most of the time
        that a whole batch takes.
        """
        size = self.settings.batch_size
        episodes = range(batch * size, (batch + 1) * size)
        drawn = [self.prompt_of(episode) for episode in episodes]
        draws = [
            Draw(prompt.ids, stream_seed(self.seed, prompt.id, episode))
            for prompt, episode in zip(drawn, episodes, strict=True)
        ]
        written = self._written(self.players.policy.eval(), [*draws, *beside])
        responses = written[:size]
        return self.assess([prompt.ids for prompt in drawn], responses, kl_coef), responses, written[size:]

    def _written(self, policy: Any, draws: Sequence[Draw]) -> list[list[int]]:
        """Return the policy's responses; the processes, and the lanes of each, write every so-manieth."""

        def write(mine: Sequence[Draw]) -> list[list[int]]:
            if self._packs(policy) and len(mine) * policy.num_parameters() < _ONE_LANE:
                # Two threads would hinder each other more than they compute: most of a token's time is Python's.
                return self.write(policy, mine)
            halves = self.lanes.both(lambda: self.write(policy, mine[::2]), lambda: self.write(policy, mine[1::2]))
            return [halves[at % 2][at // 2] for at in range(len(mine))]

        with whole(policy):
            return self.ranks.divided(draws, write)

    def write(self, model: Any, draws: Sequence[Draw]) -> list[list[int]]:
        """Return the token ids of a model's response to each draw; of a model in shards every process must ask."""
        temperature = self.settings.temperature
        with whole(model):
            if not draws:
                return []
            if self._packs(model):
                return self._write_packed(model, draws)
            return generate(model, draws, self.end_id, self.pad_id, self.max_tokens, temperature)

    def _write_packed(self, model: Any, draws: Sequence[Draw]) -> list[list[int]]:
        """Write by a copy with packed products, made anew for each batch: the weights have moved on."""
        temperature = self.settings.temperature
        packed = copy.deepcopy(model)
        pack(packed, torch.bfloat16)
        engine = Engine(packed, COMPILED, reduced=True)
        self._verdict = engine.judge(self._verdict)
        if not self._verdict.serves:
            return generate(packed, draws, self.end_id, self.pad_id, self.max_tokens, temperature)
        return generate_packed(engine, draws, self.end_id, self.max_tokens, temperature)

    def _packs(self, model: Any) -> bool:
        """Whether responses are drawn from a copy with packed products: in bfloat16 on a processor, of a model held whole."""
        here = self.compute.bf16 and isinstance(model, PreTrainedModel) and can_pack(model) and can_reduce()
        return bool(here and not is_sharded(model))  # what was brought together for a while is not to be copied

    def prompt_of(self, episode: int) -> RlPrompt:
        """Return the prompt of an episode: every pass over the prompts is shuffled by the seed."""
        passed, at = divmod(episode, len(self.prompts))
        order = list(range(len(self.prompts)))
        stream(self.seed, "prompt order", passed).shuffle(order)
        return self.prompts[order[at]]

    def assess(self, prompts: Sequence[list[int]], responses: Sequence[list[int]], kl_coef: float) -> Experience:
        """Return the experience of given responses under the models as they are now."""
        sequences = [prompt + response for prompt, response in zip(prompts, responses, strict=True)]
        texts = Texts(
            padded(sequences, self.pad_id),
            torch.tensor([len(prompt) for prompt in prompts]),
            torch.tensor([len(ids) for ids in sequences]),
            torch.tensor([response[-1] == self.end_id for response in responses]),
            _mask([len(response) for response in responses]),
        )
        shared = self.players.shares_trunk
        spoken, (valued, (scores, each), gold) = self.lanes.both(
            lambda: self._forward(self._speak, 4 if shared else 3, texts),
            lambda: (
                [] if shared else self._forward(self._value, 1, texts),
                weighted_sum(self.players.rewards, prompts, responses, self.ranks),
                self._gold(prompts, responses),
            ),
        )
        logprobs, reference, entropy, values = *spoken, *valued
        readings = Readings(logprobs, reference, entropy, values, scores, gold, each)
        return experience_of(texts, readings, self.settings, kl_coef)

    def _gold(self, prompts: Sequence[list[int]], responses: Sequence[list[int]]) -> Tensor | None:
        return scored(self.players.gold, prompts, responses, self.ranks) if self.players.gold else None

    def _forward(
        self, read: Callable[[Tensor, Tensor, int, Tensor], tuple[Tensor, ...]], count: int, texts: Texts
    ) -> list[Tensor]:
        """Return the count tensors that read gives for micro-batches, put together as [episodes, width]."""
        found = [torch.zeros(texts.mask.shape) for _ in range(count)]
        by_length = texts.lengths.argsort(stable=True)
        size = self.readers.rows_at_once
        # Inside the lane: whether gradients are kept is a matter of the thread.
        with torch.no_grad(), self.compute.autocast():
            for start in range(0, len(by_length), self.ranks.size * size):
                mine = by_length[start + self.ranks.rank * size :][:size]
                rows = mine if len(mine) else by_length[:1]  # shards come together for all processes or none
                width, tokens = int(texts.mask[rows].sum(1).max()), int(texts.lengths[rows].max())
                input_ids = texts.input_ids[rows, :tokens].to(self.compute.device)
                starts, lengths = (each[rows].to(self.compute.device) for each in (texts.prompt_lengths, texts.lengths))
                micro = read(input_ids, starts, width, lengths)
                for store, tensor in zip(found, micro, strict=True):
                    store[mine, :width] = tensor[: len(mine)].cpu()
        # Each process has filled in its rows; as objects, since these tensors are not on the device where gradients are.
        shares = self.ranks.gathered(found)
        return [torch.stack(tensors).sum(0) * texts.mask for tensors in zip(*shares, strict=True)]

    def _speak(self, input_ids: Tensor, prompt_lengths: Tensor, width: int, lengths: Tensor) -> tuple[Tensor, ...]:
        """Return log-probabilities under policy and reference, the policy's entropy, and the values of a head on its trunk."""
        texts = input_ids, prompt_lengths, width, lengths
        tokens = response_tokens(input_ids, prompt_lengths, width)
        temperature = self.settings.temperature
        raw, *values = self.readers.policy(*texts)
        mine, entropy = logprobs_and_entropy(tempered(raw, temperature), tokens)
        reference = tempered(self.readers.reference(*texts), temperature)
        return mine, token_logprobs(reference, tokens), entropy, *values

    def _value(self, input_ids: Tensor, prompt_lengths: Tensor, width: int, lengths: Tensor) -> tuple[Tensor, ...]:
        return (self.readers.value(input_ids, prompt_lengths, width, lengths) - self.players.value_offset,)


def _mask(lengths: Sequence[int]) -> Tensor:
    counts = torch.tensor(list(lengths))
    return torch.arange(int(counts.max())) < counts.unsqueeze(1)
