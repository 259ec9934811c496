"""Looking at a model while it learns: the same few prompts answered, or the same few pairs scored, from the start to the end.

A look draws from random numbers of its own and leaves the model as it found it, so that a training is the same with and without.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from transformers import TrainerCallback

from workbench.errors import BadInputError
from workbench.models.rendering import end_of_turn
from workbench.records.draws import stream_seed
from workbench.records.identity import record_id
from workbench.records.pair_scores import PairScores
from workbench.records.policy_sample import PolicySample
from workbench.records.settings import DpoSettings, PreferenceModelSettings, SftSettings
from workbench.stages.training.course import Place
from workbench.stages.training.generation import Draw, generate
from workbench.stages.training.lora import Learning
from workbench.stages.training.pairs import Pair
from workbench.stages.training.scorer import Scorer
from workbench.stages.training.shards import whole
from workbench.stages.training.watching import Watcher

#: Into how many parts looks divide a training, where nobody says how far apart they are: few, because answers take time.
PARTS = 4


class Looking(TrainerCallback):  # type: ignore[misc]
    """Looks at the model before the first step, every so many steps and after the last; of several processes the first does."""

    def __init__(self, settings: Learning, place: Place, watcher: Watcher) -> None:
        if settings.pinned < 0 or settings.pinned_every < 0:
            raise BadInputError("pinned and pinned_every must be 0 or more.")
        self.every, self.place, self.watcher = settings.pinned_every, place, watcher

    def look(self, model: Any, step: int) -> None:
        """Tell what the model makes of what is pinned."""
        raise NotImplementedError

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        """Look at the model the training begins with; a resumed one has been looked at."""
        if state.global_step == 0:
            self._look(model, 0)

    def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        """Look where it is time to."""
        step, every = state.global_step, self.every or math.ceil(state.max_steps / PARTS)
        if step % every == 0 or step >= state.max_steps:
            self._look(model, step)

    def _look(self, model: Any, step: int) -> None:
        with whole(model):  # which all processes bring together for the one that looks
            if not self.place.ranks.leads:
                return
            was_training = model.training
            with self.place.compute.autocast():
                self.look(model.eval(), step)
            model.train(was_training)


class PinnedAnswers(Looking):
    """Answers prompts, each from the same random numbers every time: what changes in an answer is the training's doing."""

    def __init__(
        self,
        prompts: Mapping[str, list[int]],
        settings: SftSettings | DpoSettings,
        place: Place,
        tokenizer: Any,
        watcher: Watcher,
        longest: int,
    ) -> None:
        super().__init__(settings, place, watcher)
        self.drawn = drawn(list(prompts), settings.pinned, place.seed)
        self.prompts = [prompts[name] for name in self.drawn]
        self.tokenizer, self.longest = tokenizer, longest

    def look(self, model: Any, step: int) -> None:
        """Write the answers and tell them."""
        if not self.drawn:
            return
        draws = [
            Draw(ids, stream_seed(self.place.seed, name, "pinned"))
            for name, ids in zip(self.drawn, self.prompts, strict=True)
        ]
        end, pad = end_of_turn(self.tokenizer), self.tokenizer.pad_token_id
        for name, ids in zip(self.drawn, generate(model, draws, end, pad, self.longest, 1.0), strict=True):
            text = self.tokenizer.decode(ids, skip_special_tokens=True).strip()
            self.watcher.sample(PolicySample(record_id("sample", self.place.run, name, str(step)), name, step, text))


class PinnedPairs(Looking):
    """Scores comparisons, those that are held out first: on them nothing is learnt by heart."""

    def __init__(
        self,
        pairs: Sequence[Pair],
        settings: PreferenceModelSettings,
        place: Place,
        tokenizer: Any,
        watcher: Watcher,
    ) -> None:
        super().__init__(settings, place, watcher)
        known = {pair.row.comparison_id: pair for pair in pairs if pair.row.comparison_id}
        held_out = [name for name, pair in known.items() if pair.held_out]
        names = drawn(held_out, settings.pinned, place.seed)
        rest = [name for name in known if name not in set(held_out)]
        names += drawn(rest, settings.pinned - len(names), place.seed)
        self.pairs = [known[name] for name in names]
        self.tokenizer = tokenizer

    def look(self, model: Any, step: int) -> None:
        """Score the pairs and tell."""
        scorer = Scorer(model, self.tokenizer, self.place.compute)
        scores = scorer.score_ids([ids for pair in self.pairs for ids in (pair.chosen, pair.rejected)])
        for pair, first, second in zip(self.pairs, scores[::2], scores[1::2], strict=True):
            name, (a, b) = pair.row.comparison_id, (second, first) if pair.turned else (first, second)
            made = record_id("scores", self.place.run, name, str(step))
            self.watcher.sample(PairScores(made, name, step, a, b, pair.held_out))


def drawn(names: Sequence[str], count: int, seed: int) -> list[str]:
    """Return as many names as are asked for, drawn by the seed whatever their order."""
    return sorted(names, key=lambda name: stream_seed(seed, "pinned", name))[: max(0, count)]
