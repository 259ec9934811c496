"""Models and endpoints in a few words, the same at the terminal and in the window."""

from dataclasses import dataclass

from workbench.records.endpoint import Endpoint
from workbench.sentences import said
from workbench.sources.folder import FoundModel


@dataclass(frozen=True)
class Badge:
    """One thing an endpoint can or cannot do: told by a mark and a word, never by colour alone."""

    word: str
    good: bool
    why: str = ""

    @property
    def text(self) -> str:
        """The badge as people read it."""
        return f"{'✓' if self.good else '✗'} {self.word}"


_LOGPROBS = {
    "returned": "",
    "dropped": said("it was asked for log-probabilities and left them out without a word"),
    "refused": said("it refuses to give log-probabilities"),
}


def badges(endpoint: Endpoint) -> tuple[Badge, ...]:
    """Return an endpoint's badges; none where it was never asked."""
    can = endpoint.can
    if not can.checked:
        return ()
    seeds = "" if can.seed_bits else said("the same seed gives another text")
    return (
        Badge("stream", can.streaming),
        Badge("seed", bool(can.seed_bits), seeds),
        Badge("logprobs", can.logprobs == "returned", _LOGPROBS[can.logprobs]),
        Badge("prompt_logprobs", can.prompt_logprobs or can.echo),
        Badge("scoring", bool(can.scoring), can.scoring),
    )


def labels_sentence(endpoint: Endpoint) -> str:
    """Say how labels are read from an endpoint."""
    if not endpoint.can.checked:
        return said("not tested yet")
    return {
        "exact": said("exact labels"),
        "top_logprobs": said("labels from likely tokens, renormalised"),
        "votes": said("labels by {votes}-sample vote", votes=endpoint.votes),
        "text": said("labels by one parsed answer"),
    }[endpoint.reading]


def facts(model: FoundModel) -> tuple[str, ...]:
    """Return what a model is, a fact at a time."""
    marks = [
        said("adapter") if model.kind == "adapter" else "",
        _count(model.parameters),
        model.dtype,
        _size(model.size),
        said("{sign} chat template", sign="✓" if model.template else "✗"),
        said("{sign} trainable", sign="✗" if model.untrainable else "✓"),
    ]
    return tuple(mark for mark in marks if mark)


def _count(parameters: int) -> str:
    if parameters >= 1e9:
        return f"{parameters / 1e9:.2g} B"
    return f"{parameters / 1e6:.3g} M" if parameters >= 1e6 else f"{parameters / 1e3:.3g} K"


def _size(size: int) -> str:
    if size >= 1e9:
        return f"{size / 1e9:.1f} GB"
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} KB"


def asking_bytes(model: FoundModel, reduced: bool = False) -> int:
    """Return the memory it takes to ask a model on the CPU: float32 weights (half that in bfloat16), and texts under way."""
    return int((model.parameters + model.base_parameters) * (2 if reduced else 4) * 1.05) + (1 << 30)


def memory_words(model: FoundModel) -> str:
    """Say how much memory it takes to ask a model."""
    return said(
        "about {full:.1f} GB in float32, {reduced:.1f} GB in bfloat16",
        full=asking_bytes(model) / 1e9,
        reduced=asking_bytes(model, reduced=True) / 1e9,
    )
