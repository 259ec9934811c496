"""Errors say the same where a process of a run hands them to another."""

import pickle

import pytest

from workbench.errors import MissingError, NoRoomError, UntrainedError, WorkbenchError


@pytest.mark.parametrize(
    "error", [MissingError("None."), NoRoomError("Too long.", "walk"), UntrainedError("Train it.", "sft", "sft-1")]
)
def test_an_error_comes_back_from_another_process_as_it_was(error: WorkbenchError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.__dict__) == (type(error), str(error), error.__dict__)
