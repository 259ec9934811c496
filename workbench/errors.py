"""The two kinds of wrong: a WorkbenchError is a sentence a person can act on; anything else is a bug."""

from collections.abc import Hashable
from typing import Any

from workbench.sentences import Sentence


class SpokenError(Exception):
    """An error whose text a window can show in another language.

    What varies in it is named in braces, as in BadInputError("There is no run {run}.", run=name).
    """

    def __init__(self, template: str, /, **values: Any) -> None:
        made = template if isinstance(template, Sentence) and not values else Sentence(template, **values)
        super().__init__(made)
        self.sentence = made

    def __reduce__(self) -> tuple[Any, ...]:
        """Come back the same from another process, whatever a kind of error is made of."""
        return _again, (type(self), self.args, self.__dict__)


class WorkbenchError(SpokenError):
    """Something the person can understand and mend; its text is one clear sentence."""


class BadInputError(WorkbenchError):
    """A file, a setting or an argument is not as it must be; the text says where and what to do."""


class NoRoomError(BadInputError):
    """A prompt leaves the model no room for an answer."""

    def __init__(self, why: str, walk: Hashable = None) -> None:
        super().__init__(
            "{why} Shorten it, leave out the examples in front (few_shots=false), or take a model that holds more.",
            why=why,
        )
        #: What is too long for what, a sentence.
        self.why = why
        #: Whose prompt it was, where a model is asked for many at once.
        self.walk = walk


class MissingError(WorkbenchError):
    """Something that was asked for is not there; the text names what makes it."""


class UntrainedError(MissingError):
    """A model that a training makes is not there: it was never made, or its weights have gone."""

    def __init__(self, sentence: str, /, stage: str, run: str = "") -> None:
        super().__init__(sentence)
        self.stage = stage
        #: The run whose weights have gone; empty where none made such a model.
        self.run = run


class GoneError(MissingError):
    """A project's folder is not where it was, or holds no project."""


class DiskFullError(WorkbenchError):
    """There is no room for what was to be written."""


class BusyError(WorkbenchError):
    """Somebody else has it now; the text says who."""


class NotReadyError(WorkbenchError):
    """Something is there but was found unfit for its use; the text says why, and how to go on anyway."""


class TooNewError(WorkbenchError):
    """A file was written by a newer version of the workbench."""


def _again(kind: type[SpokenError], args: tuple[Any, ...], known: dict[str, Any]) -> SpokenError:
    made = kind.__new__(kind)
    made.args = args
    made.__dict__.update(known)
    return made
