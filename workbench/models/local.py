"""LocalModel: any transformers causal language model in memory, behind the protocol."""

from collections.abc import Sequence
from typing import Any

import torch

from workbench.models import rendering
from workbench.models.engine import Engine
from workbench.models.fallback import GenerateSampler
from workbench.models.language_model import UNSCORED, ChoiceRequest, Listener, Sampler
from workbench.models.memory import free_bytes
from workbench.models.sampler import SlotSampler
from workbench.models.scoring import Question, TreeScorer, question
from workbench.models.spelling import Speller
from workbench.models.templates import own_words
from workbench.records.endpoint import Reading
from workbench.records.transcript import Message, RoleNames
from workbench.sentences import said

#: Memory all slots of a sampler may take on a processor, in bytes, with texts of so many tokens; and the most slots there.
SLOT_BYTES, TEXT, MOST_SLOTS = 1 << 30, 1024, 64
#: The same on a CUDA device, where it is a share of the memory that is free.
CUDA_SHARE, CUDA_TEXT, MOST_CUDA_SLOTS = 1 / 3, 4096, 256


class LocalModel:
    """A loaded model and its tokenizer; weights may be trained between samplers, not while one is in use."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        name: str,
        names: RoleNames | None = None,
        slots: int = 0,
        kernel: str = "sdpa",
        reduced: bool = False,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self._name = name
        self._names = names or RoleNames()
        self._engine = Engine(model, kernel, reduced)
        self._reduced = reduced or self._engine.dtype != torch.float32
        self._served = self._engine.serves()
        self._own_words = own_words(tokenizer)
        self._speller = Speller(tokenizer)
        self._ends = _ends(model, tokenizer)
        self._slots = slots or _slots(model)
        self._scorer = TreeScorer(self._engine)

    @property
    def name(self) -> str:
        """What people read."""
        return self._name

    @property
    def room(self) -> int:
        """The longest text the model can hold, in tokens."""
        return self._engine.room

    @property
    def reading(self) -> Reading:
        """How the options' probabilities are read."""
        return "exact"

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences a run must say."""
        notes = []
        if not self._served:
            kind = type(self.model).__name__
            notes.append(
                said(
                    "{name} ({kind}) cannot be batched by the workbench and answers one request at a time, slower.",
                    name=self._name,
                    kind=kind,
                )
            )
        if self._own_words:
            notes.append(
                said(
                    "{name}'s chat template adds words of its own to what is sent: “{own_words}”.",
                    name=self._name,
                    own_words=self._own_words,
                )
            )
        if self._reduced:
            notes.append(
                said(
                    "{name} computes in reduced precision, so texts may differ between batch sizes.",
                    name=self._name,
                )
            )
        return tuple(notes)

    def tokenise(self, text: str) -> list[int]:
        """Return token ids of text as sent."""
        return rendering.encode(self.tokenizer, text)

    def render(self, messages: Sequence[Message], begin: str | None = None, prefix: str = "") -> str:
        """Return the text as sent, in the tokenizer's chat template or the paper's plain text."""
        return rendering.render(self.tokenizer, messages, begin, prefix, self._names)

    def stops(self) -> tuple[str, ...]:
        """Return the stop strings that end a turn."""
        return rendering.stops(self.tokenizer, self._names)

    def sampler(self, on_text: Listener | None = None) -> Sampler:
        """Return a sampler with memory of its own."""
        shared = self.tokenise, self._speller, self._ends, self._slots
        if self._served:
            return SlotSampler(self._engine, *shared, on_text)
        return GenerateSampler(self.model, *shared, self._engine.room, on_text)

    def choice_logprobs(self, requests: Sequence[ChoiceRequest]) -> list[tuple[float, ...]]:
        """Return for each request the options' log-probabilities (nats), normalised over them; UNSCORED for one too long."""
        asked = [[self.tokenise(request.prompt + option) for option in request.options] for request in requests]
        fitting = [max(map(len, options)) <= self.room for options in asked]
        scores = iter(self.score([question(options) for options, fits in zip(asked, fitting, strict=True) if fits]))
        return [next(scores) if fits else UNSCORED for fits in fitting]

    def score(self, questions: Sequence[Question]) -> list[tuple[float, ...]]:
        """Return the log-probabilities of questions whose options are tokens already."""
        if self._served:
            return self._scorer.score(questions)
        return [plain_logprobs(self.model, asked) for asked in questions]


def plain_logprobs(model: Any, asked: Question) -> tuple[float, ...]:
    """Return a question's log-probabilities by one plain forward per option: slow, and the measure of the fast way."""
    scores = []
    for option in asked.options:
        ids = torch.tensor([option], device=model.device)
        with torch.inference_mode():
            logprobs = model(ids).logits[0, :-1].float().log_softmax(-1)
        chosen = logprobs.gather(1, ids[0, 1:, None])[asked.fork - 1 :]
        scores.append(float(chosen.double().sum()))
    return tuple(torch.tensor(scores, dtype=torch.float64).log_softmax(0).tolist())


def _ends(model: Any, tokenizer: Any) -> frozenset[int]:
    """Return every token that ends a reply."""
    told = getattr(model.generation_config, "eos_token_id", None)
    more = told if isinstance(told, list) else [told, tokenizer.eos_token_id]
    return frozenset({rendering.end_of_turn(tokenizer), *(token for token in more if token is not None)})


def _slots(model: Any) -> int:
    """Return how many slots fit the memory meant for them."""
    config = model.config.get_text_config()
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    token = int(2 * config.num_hidden_layers * heads * size * model.dtype.itemsize)
    if model.device.type == "cuda":
        text = min(CUDA_TEXT, getattr(config, "max_position_embeddings", None) or CUDA_TEXT)
        return max(1, min(MOST_CUDA_SLOTS, int(CUDA_SHARE * free_bytes(str(model.device))) // (text * token)))
    return max(1, min(MOST_SLOTS, SLOT_BYTES // (TEXT * token)))
