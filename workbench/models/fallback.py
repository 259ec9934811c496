"""Models the in-place cache cannot serve: one walk at a time by transformers' own generate, with the same draws."""

from collections.abc import Callable, Hashable
from typing import Any

import torch
from torch import Tensor
from transformers import LogitsProcessor, StoppingCriteria

from workbench.models.language_model import Listener, Sample, SampleRequest, wanted
from workbench.models.sampler import checked_prompt
from workbench.models.sampling import Race, noise, pick
from workbench.models.spelling import Speller, without_begun_stop
from workbench.models.walks import Draft


class _Draws(LogitsProcessor):  # type: ignore[misc]
    """Draws each token by our race and leaves it as the only one generate can take."""

    def __init__(self, draft: Draft, ends: frozenset[int], speller: Speller, room: int) -> None:
        self._draft, self._ends, self._speller, self._room = draft, ends, speller, room

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Return scores with one finite entry, the token drawn."""
        draft = self._draft
        race = Race(scores.shape[-1])
        picked = pick(scores, [draft.request.temperature], noise(race, [draft.noise]), race)
        draft.take(picked.tokens[0], picked.near[0], picked.logprobs[0], self._ends, self._speller, self._room)
        only = torch.full_like(scores, float("-inf"))
        only[0, picked.tokens[0]] = 0.0
        return only


class _Over(StoppingCriteria):  # type: ignore[misc]
    """Stops as soon as the draft is answered, and tells how far it is."""

    def __init__(self, draft: Draft, tell: Callable[[Draft], None]) -> None:
        self._draft, self._tell = draft, tell

    def __call__(self, input_ids: Tensor, scores: Tensor, **kwargs: Any) -> Tensor:
        """Return [batch] booleans."""
        self._tell(self._draft)
        return torch.tensor([self._draft.finish is not None], device=input_ids.device)


class GenerateSampler:
    """Keeps the Sampler protocol: each advance answers the oldest request whole."""

    def __init__(
        self,
        model: Any,
        tokenise: Callable[[str], list[int]],
        speller: Speller,
        ends: frozenset[int],
        slots: int,
        room: int,
        listener: Listener | None = None,
    ) -> None:
        self._model = model
        self._tokenise = tokenise
        self._speller = speller
        self._ends = ends
        self._slots = slots
        self._room = room
        self._listener = listener
        #: Walk -> its prompt and draft, or None while it rests; the oldest request first.
        self._walks: dict[Hashable, tuple[list[int], Draft] | None] = {}

    @property
    def slots(self) -> int:
        """How many walks can be held at once."""
        return self._slots

    def submit(self, walk: Hashable, request: SampleRequest) -> None:
        """Queue the walk's next request; ValueError if it still has one or no slot is free, NoRoomError if it is too long."""
        prompt = checked_prompt(self._tokenise(request.prompt), request, self._room)
        if self._walks.get(walk) is not None:
            raise ValueError(f"walk {walk!r} has an unfinished request")
        if walk not in self._walks and len(self._walks) >= self._slots:
            raise ValueError(f"all {self._slots} slots are taken")
        self._walks.pop(walk, None)
        self._walks[walk] = (prompt, Draft(request, len(prompt)))

    def advance(self) -> list[tuple[Hashable, Sample]]:
        """Answer the oldest request."""
        for walk, work in self._walks.items():
            if work is not None:
                sample = self._answer(walk, *work)
                self._walks[walk] = None
                return [(walk, sample)]
        return []

    def release(self, walk: Hashable) -> None:
        """Give the walk's slot back."""
        self._walks.pop(walk, None)

    def _answer(self, walk: Hashable, prompt: list[int], draft: Draft) -> Sample:
        def tell(draft: Draft) -> None:
            if self._listener and wanted(self._listener, walk):
                text = draft.text if draft.finish else self._speller.text(draft.drawn)
                self._listener(walk, without_begun_stop(text, draft.request.stop) if draft.finish is None else text)

        ids = torch.tensor([prompt], device=self._model.device)
        with torch.inference_mode():
            self._model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                do_sample=False,
                max_new_tokens=draft.request.max_tokens,
                # The draft itself knows where a reply ends; generate's own end tokens would cut it short of its stop string.
                eos_token_id=None,
                pad_token_id=0,
                logits_processor=[_Draws(draft, self._ends, self._speller, self._room)],
                stopping_criteria=[_Over(draft, tell)],
            )
        return draft.sample(self._ends)
