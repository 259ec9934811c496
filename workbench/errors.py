"""The two kinds of wrong: a WorkbenchError is a sentence a person can act on; anything else is a bug."""

from collections.abc import Hashable


class WorkbenchError(Exception):
    """Something the person can understand and mend; its text is one clear sentence."""


class BadInputError(WorkbenchError):
    """A file, a setting or an argument is not as it must be; the text says where and what to do."""


class NoRoomError(BadInputError):
    """A prompt leaves the model no room for an answer."""

    def __init__(self, why: str, walk: Hashable = None) -> None:
        super().__init__(why, walk)  # as they were given, so that it comes back the same from another process
        #: What is too long for what, a sentence.
        self.why = why
        #: Whose prompt it was, where a model is asked for many at once.
        self.walk = walk

    def __str__(self) -> str:
        return f"{self.why} Shorten it, leave out the examples in front (few_shots=false), or take a model that holds more."


class MissingError(WorkbenchError):
    """Something that was asked for is not there; the text names what makes it."""


class UntrainedError(MissingError):
    """A model that a training makes is not there: it was never made, or its weights have gone."""

    def __init__(self, sentence: str, stage: str, run: str = "") -> None:
        super().__init__(sentence, stage, run)
        self.stage = stage
        #: The run whose weights have gone; empty where none made such a model.
        self.run = run

    def __str__(self) -> str:
        return str(self.args[0])


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
