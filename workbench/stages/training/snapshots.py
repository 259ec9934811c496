"""Snapshots: policies kept on the way of reinforcement learning, whole models that an evaluation can set beside the last."""

import copy
from collections.abc import Callable
from typing import Any

from transformers import TrainerCallback

from workbench.records.run import Output
from workbench.records.settings import RlSettings
from workbench.records.snapshots import snapshot_batches
from workbench.stages.training.adapted import as_one_model
from workbench.stages.training.course import Place
from workbench.stages.training.rhythm import Rhythm
from workbench.stages.training.watching import Watcher
from workbench.stages.training.weights import save_model

SNAPSHOT = "rl_snapshot"


class Snapshots(TrainerCallback):  # type: ignore[misc]
    """Writes the policy, where it is time to, into a folder named after the responses it has learned from."""

    def __init__(
        self,
        policy: Callable[[], Any],
        settings: RlSettings,
        rhythm: Rhythm,
        place: Place,
        tokenizer: Any,
        watcher: Watcher,
    ) -> None:
        #: Returns the policy in one piece on the process that leads; every process must ask.
        self.policy = policy
        self.writes = place.ranks.leads
        #: Responses learned from, by optimiser step.
        self.steps = {batch * rhythm.steps_per_batch: batch * rhythm.batch_size for batch in snapshot_batches(settings)}
        self.folder = place.snapshots
        self.tokenizer = tokenizer
        self.watcher = watcher

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Keep the policy; after a resume that repeats this step, the same policy again."""
        responses = self.steps.get(state.global_step)
        if responses is None:
            return
        policy = self.policy()
        if not self.writes:
            return
        place = self.folder / str(responses)
        # An adapter is merged into a copy: the policy itself goes on learning through it.
        policy = as_one_model(copy.deepcopy(policy)) if hasattr(policy, "peft_config") else policy
        weights = save_model(policy, self.tokenizer, place)
        self.watcher.made(Output(f"{self.folder.name}/{responses}", SNAPSHOT, weights, state.global_step))
