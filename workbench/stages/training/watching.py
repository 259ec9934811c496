"""How a training stage tells what it does, and how it is asked to stop."""

from dataclasses import dataclass
from typing import Protocol

from workbench.records.pair_scores import PairScores
from workbench.records.policy_sample import PolicySample
from workbench.records.run import Metric, Output


class Watcher(Protocol):
    """Whoever follows a training: it takes numbers, progress and sentences, and may ask to stop."""

    def emit(self, metric: Metric) -> None:
        """Take one number of the run."""
        ...

    def progress(self, done: int, total: int) -> None:
        """Take how many optimiser steps are done, of how many."""
        ...

    def say(self, text: str) -> None:
        """Take a sentence for the person, for example what was left out and why."""
        ...

    def show(self, name: str, text: str) -> None:
        """Take a text the model has just written, to be looked at."""
        ...

    def sample(self, sample: PolicySample | PairScores) -> None:
        """Take a policy's response to a pinned prompt, or a preference model's scores of a pinned pair."""
        ...

    def made(self, output: Output) -> None:
        """Take that a model folder has been written."""
        ...

    def should_stop(self) -> bool:
        """Whether to leave a checkpoint at the next opportunity and return."""
        ...

    def keeps(self) -> bool:
        """Whether a training that stops is over, and what it has learnt so far is to be written as its model."""
        ...


class Quiet:
    """A watcher that listens to nothing and never asks to stop."""

    def emit(self, metric: Metric) -> None:
        """Take one number of the run."""

    def progress(self, done: int, total: int) -> None:
        """Take how many optimiser steps are done, of how many."""

    def say(self, text: str) -> None:
        """Take a sentence for the person."""

    def show(self, name: str, text: str) -> None:
        """Take a text the model has just written."""

    def sample(self, sample: PolicySample | PairScores) -> None:
        """Take a policy's response to a pinned prompt, or a preference model's scores of a pinned pair."""

    def made(self, output: Output) -> None:
        """Take that a model folder has been written."""

    def should_stop(self) -> bool:
        """Never ask to stop."""
        return False

    def keeps(self) -> bool:
        """Want no model of a training that stops."""
        return False


@dataclass(frozen=True)
class Watching:
    """A watcher that passes everything on to another."""

    watcher: Watcher

    def emit(self, metric: Metric) -> None:
        """Pass a number on."""
        self.watcher.emit(metric)

    def progress(self, done: int, total: int) -> None:
        """Pass the progress on."""
        self.watcher.progress(done, total)

    def say(self, text: str) -> None:
        """Pass a sentence on."""
        self.watcher.say(text)

    def show(self, name: str, text: str) -> None:
        """Pass a text on."""
        self.watcher.show(name, text)

    def sample(self, sample: PolicySample | PairScores) -> None:
        """Pass what was written or scored on."""
        self.watcher.sample(sample)

    def made(self, output: Output) -> None:
        """Pass a model folder on."""
        self.watcher.made(output)

    def should_stop(self) -> bool:
        """Ask the other."""
        return self.watcher.should_stop()

    def keeps(self) -> bool:
        """Ask the other."""
        return self.watcher.keeps()
