"""Continuous batching over slots: a finished request makes room at once, and a walk keeps its memory between requests."""

import time
from collections.abc import Callable, Hashable

import torch

from workbench.errors import BadInputError
from workbench.models.engine import Engine
from workbench.models.language_model import Listener, Sample, SampleRequest, too_long, wanted
from workbench.models.sampling import Race, noise, pick
from workbench.models.slots import Piece
from workbench.models.spelling import Speller, without_begun_stop
from workbench.models.walks import Slot, shared

#: Prompt tokens computed in one step beside the tokens being drawn: as many as keep the device busy without holding up the rest.
PROMPT_BUDGET = {"cpu": 512, "cuda": 4096}
#: A common beginning shorter than this is not worth copying or waiting for.
WORTH = 16
#: Seconds between two looks at the texts so far.
LOOK = 0.05


class SlotSampler:
    """Keeps the Sampler protocol on an engine: one step draws one token of every busy walk."""

    def __init__(
        self,
        engine: Engine,
        tokenise: Callable[[str], list[int]],
        speller: Speller,
        ends: frozenset[int],
        slots: int,
        listener: Listener | None = None,
    ) -> None:
        self._engine = engine
        self._tokenise = tokenise
        self._speller = speller
        self._ends = ends
        self._memory = engine.memory(slots)
        self._budget = PROMPT_BUDGET.get(engine.device.type, PROMPT_BUDGET["cpu"])
        self._slots = [Slot(index) for index in range(slots)]
        self._walks: dict[Hashable, Slot] = {}
        self._turn = 0
        self._listener = listener
        self._looked = 0.0

    @property
    def slots(self) -> int:
        """How many walks can be held at once."""
        return len(self._slots)

    def submit(self, walk: Hashable, request: SampleRequest) -> None:
        """Queue the walk's next request; ValueError if it still has one or no slot is free.

        Raises NoRoomError where the prompt leaves the model no room for an answer, BadInputError where it is empty.
        """
        prompt = checked_prompt(self._tokenise(request.prompt), request, self._engine.room)
        slot = self._walks.get(walk) or self._free(prompt)
        if slot.draft is not None:
            raise ValueError(f"walk {walk!r} has an unfinished request")
        self._walks[walk] = slot
        slot.walk, slot.taken = walk, True
        self._turn += 1
        slot.begin(prompt, request, self._turn)

    def release(self, walk: Hashable) -> None:
        """Give the walk's slot back; what is computed stays there until somebody takes it, and can be copied from."""
        slot = self._walks.pop(walk, None)
        if slot is not None:
            slot.rest()
            slot.walk, slot.taken = None, False

    def advance(self) -> list[tuple[Hashable, Sample]]:
        """Compute one step and return what has finished."""
        pieces = self._plan()
        if not pieces:
            return []
        logits = self._engine.run(self._memory, pieces)
        rows: list[int] = []
        for row, piece in enumerate(pieces):
            slot = self._slots[piece.slot]
            slot.computed = piece.end
            if not slot.missing:
                rows.append(row)
        if rows:
            self._draw(
                [self._slots[pieces[row].slot] for row in rows], logits if len(rows) == len(pieces) else logits[rows]
            )
        self._look()
        return self._finished()

    def _free(self, prompt: list[int]) -> Slot:
        """Return the free slot that holds most of the prompt, the first of equals."""
        free = [slot for slot in self._slots if not slot.taken]
        if not free:
            raise ValueError(f"all {len(self._slots)} slots are taken")
        return max(free, key=lambda slot: (shared(slot.known[: slot.computed], prompt), -slot.computed, -slot.index))

    def _plan(self) -> list[Piece]:
        """Choose what to compute: the newest token of every walk being drawn, and prompts up to the budget, oldest first."""
        busy = sorted((slot for slot in self._slots if slot.draft is not None), key=lambda slot: slot.turn)
        pieces: list[Piece] = []
        budget = self._budget
        waiting: list[Slot] = []
        for slot in busy:
            if not slot.settled and not self._settle(slot, waiting):
                continue
            count = min(slot.missing, max(budget, 1))
            if slot.missing > 1:
                waiting.append(slot)
                if budget <= 0:
                    continue
                budget -= count
            pieces.append(Piece(slot.index, slot.computed, slot.known[slot.computed : slot.computed + count]))
        return pieces

    def _settle(self, slot: Slot, ahead: list[Slot]) -> bool:
        """Copy the longest beginning another slot has computed; False while one that is ahead computes a longer one."""
        coming = max((shared(other.known, slot.known) for other in ahead), default=0)
        best, donor = slot.computed, None
        for other in self._slots:
            have = min(shared(other.known[: other.computed], slot.known), len(slot.known) - 1)
            if other is not slot and have > best:
                best, donor = have, other
        if min(coming, len(slot.known) - 1) >= best + WORTH:
            return False
        if donor is not None and best >= slot.computed + WORTH:
            self._memory.copy(donor.index, slot.index, slot.computed, best)
            slot.computed = best
        slot.settled = True
        return True

    def _draw(self, slots: list[Slot], logits: torch.Tensor) -> None:
        drafts = [slot.draft for slot in slots if slot.draft is not None]
        race = Race(logits.shape[-1])
        numbers = noise(race, [draft.noise for draft in drafts])
        picked = pick(logits, [draft.request.temperature for draft in drafts], numbers, race)
        for row, (slot, draft) in enumerate(zip(slots, drafts, strict=True)):
            token = picked.tokens[row]
            draft.take(token, picked.near[row], picked.logprobs[row], self._ends, self._speller, self._engine.room)
            slot.known.append(token)

    def _finished(self) -> list[tuple[Hashable, Sample]]:
        done: list[tuple[Hashable, Sample]] = []
        for walk, slot in self._walks.items():
            if slot.draft is not None and slot.draft.finish is not None:
                sample = slot.draft.sample(self._ends)
                slot.rest()
                done.append((walk, sample))
                if self._listener and wanted(self._listener, walk):
                    self._listener(walk, sample.text)
        return done

    def _look(self) -> None:
        """Tell the listener the texts so far, if the last look is long enough ago."""
        now = time.monotonic()
        if self._listener is None or now - self._looked < LOOK:
            return
        self._looked = now
        for walk, slot in self._walks.items():
            draft = slot.draft
            if draft is not None and draft.finish is None and draft.drawn and wanted(self._listener, walk):
                self._listener(walk, without_begun_stop(self._speller.text(draft.drawn), draft.request.stop))


def checked_prompt(prompt: list[int], request: SampleRequest, room: int) -> list[int]:
    """Return the prompt's tokens if the model can answer it."""
    if request.max_tokens < 1:
        raise ValueError("max_tokens must be at least 1")
    if not prompt:
        raise BadInputError("An empty text was sent to the model; there is nothing to continue.")
    if len(prompt) >= room:
        raise too_long(len(prompt), room)
    return prompt
