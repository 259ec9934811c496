"""Prompts: the inputs a model answers."""

from dataclasses import dataclass, field

from workbench.records.identity import record_id
from workbench.records.transcript import Message

RED_TEAM = "red-team"
HELPFUL = "helpful"
#: A prompt's split says which stages may use it; "train" serves all but evaluation.
SPLITS: tuple[str, ...] = ("train", "sft", "preferences", "rl", "test")


@dataclass(frozen=True)
class Prompt:
    """An input to answer: its turns (the last one a user's), where it came from, its kind and split."""

    id: str
    messages: tuple[Message, ...]
    kind: str = RED_TEAM
    split: str = "train"
    source: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The last turn's text: what is asked."""
        return self.messages[-1].text if self.messages else ""


def prompt_of(text: str, kind: str = RED_TEAM, split: str = "train", source: str = "") -> Prompt:
    """Make a one-turn prompt; equal text of one kind gives one id."""
    return prompt_of_messages((Message("user", text),), kind, split, source)


def prompt_of_messages(
    messages: tuple[Message, ...], kind: str = RED_TEAM, split: str = "train", source: str = ""
) -> Prompt:
    """Make a prompt from turns; its id follows from the turns and the kind."""
    turns = [[message.role, message.text] for message in messages]
    return Prompt(record_id("prompt", kind, turns), messages, kind, split, source)
