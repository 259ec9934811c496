"""What a model may be asked without a run, and the pieces in which it answers.

A request names its models as resolved references and carries all it is about; the answer to it is a row of pieces, of which
`Ended` is the last.
"""

from dataclasses import dataclass
from typing import Literal

from workbench.records.comparison import Comparison, Label
from workbench.records.constitution import Constitution, FewShot, Principle
from workbench.records.model import ModelRef
from workbench.records.prompt import Prompt
from workbench.records.settings import LabelSettings
from workbench.records.transcript import Message

EndState = Literal["done", "cancelled", "refused"]


@dataclass(frozen=True)
class ChatRequest:
    """A conversation to continue by one answer; max_tokens 0 takes the task's rule."""

    model: ModelRef
    turns: tuple[Message, ...]
    seed: int = 0
    temperature: float = 1.0
    max_tokens: int = 0
    task: str = "dialogue"


@dataclass(frozen=True)
class Wording:
    """A principle in one wording, with the examples that stand in front of it; name is what its parts are called by."""

    name: str
    principle: Principle
    few_shots: tuple[FewShot, ...] = ()


@dataclass(frozen=True)
class TryRequest:
    """A prompt answered once, then criticised and revised under each wording, with the same seed.

    initial is a response to begin from; empty has the model write one. Parts: `initial`, then NAME/critique and NAME/revision.
    remark is a sentence on how the request was made, told with the answer.
    """

    response: ModelRef
    critic: ModelRef
    prompt: Prompt
    wordings: tuple[Wording, ...]
    initial: str = ""
    seed: int = 0
    temperature: float = 1.0
    max_tokens: int = 0
    critique: bool = True
    task: str = "dialogue"
    remark: str = ""


@dataclass(frozen=True)
class RenderRequest:
    """A conversation as it would be sent, and how many tokens that is; begin is the role whose turn is opened.

    An endpoint counts tokens only where counted is told: to count them its server must be sent the text.
    """

    model: ModelRef
    turns: tuple[Message, ...]
    begin: str = "assistant"
    prefix: str = ""
    task: str = "dialogue"
    counted: bool = True


@dataclass(frozen=True)
class ScoredRow:
    """A conversation and the responses to score against each other."""

    turns: tuple[Message, ...]
    responses: tuple[str, ...]


@dataclass(frozen=True)
class ScoreRequest:
    """Responses to score by a preference model."""

    model: ModelRef
    rows: tuple[ScoredRow, ...]
    task: str = "dialogue"


@dataclass(frozen=True)
class NamedConstitution:
    """A constitution and what its labels are called by."""

    name: str
    constitution: Constitution


@dataclass(frozen=True)
class LabelRequest:
    """Comparisons to label under each constitution, with the same seed; it gives way to every other request."""

    model: ModelRef
    constitutions: tuple[NamedConstitution, ...]
    prompts: tuple[Prompt, ...]
    comparisons: tuple[Comparison, ...]
    settings: LabelSettings
    seed: int = 0
    task: str = "dialogue"


ModelRequest = ChatRequest | TryRequest | RenderRequest | ScoreRequest | LabelRequest


@dataclass(frozen=True)
class Notice:
    """A sentence on what goes on, for example that a model is being loaded; a lasting one holds for the whole answer."""

    text: str
    lasting: bool = False


@dataclass(frozen=True)
class TextSoFar:
    """A part of the answer as far as it is written."""

    part: str
    text: str


@dataclass(frozen=True)
class TextDone:
    """A part that is written, what was sent for it, its length in tokens, how it ended, and what the filters found."""

    part: str
    text: str
    sent: str
    prompt_tokens: int = 0
    tokens: int = 0
    finish: str = "stop"
    model: str = ""
    seed: int = 0
    verdicts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rendered:
    """A prompt exactly as sent and how many tokens it has; -1 where they were not counted."""

    sent: str
    tokens: int


@dataclass(frozen=True)
class Scored:
    """The scores of each row's responses; a difference of two is the log-odds of being preferred."""

    rows: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Labelled:
    """A comparison's label under the constitution of that name."""

    name: str
    label: Label


@dataclass(frozen=True)
class Ended:
    """Nothing more comes: done, cancelled, or refused with a sentence that says why and what helps."""

    state: EndState
    sentence: str = ""
    seconds: float = 0.0
    #: Where it was refused for want of a trained model: the stage that makes it, and the run whose weights have gone.
    untrained: str = ""
    run: str = ""


Piece = Notice | TextSoFar | TextDone | Rendered | Scored | Labelled | Ended
