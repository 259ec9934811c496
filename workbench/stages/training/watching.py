"""How a training stage tells what it does, and how it is asked to stop."""

from typing import Protocol

from workbench.records.run import Metric


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

    def should_stop(self) -> bool:
        """Whether to leave a checkpoint at the next opportunity and return."""
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

    def should_stop(self) -> bool:
        """Never ask to stop."""
        return False
