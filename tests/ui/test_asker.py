from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.ui.test_session import opened
from ui.asker import Asker
from workbench.project import Project
from workbench.project.requesting import chat_request
from workbench.records.request import ChatRequest, Ended, Piece, TextDone, TextSoFar
from workbench.records.transcript import Message


def hello(project: Project) -> ChatRequest:
    return chat_request(project, [Message("user", "Hello.")], "scripted")


def test_three_answers_stream_side_by_side_and_end_with_one_piece(qtbot: QtBot, folder: Path) -> None:
    session = opened(qtbot, folder)
    asker = Asker(session)
    heard: list[list[Piece]] = [[], [], []]
    inquiries = [asker.ask("Chatting", hello, one.append) for one in heard]
    qtbot.waitUntil(lambda: all(one.over for one in inquiries), timeout=60_000)
    for pieces in heard:
        assert isinstance(pieces[0], TextSoFar)
        assert [type(piece) for piece in pieces[-2:]] == [TextDone, Ended]
    session.ask("Ending", lambda project: project.mailbox.dismiss())
    session.close()


def test_what_cannot_be_asked_ends_with_its_sentence_and_a_cancelled_one_says_so(qtbot: QtBot, folder: Path) -> None:
    session = opened(qtbot, folder)
    asker = Asker(session)
    heard: list[Piece] = []
    refused = asker.ask("Chatting", lambda project: chat_request(project, []), heard.append)
    qtbot.waitUntil(lambda: refused.over, timeout=60_000)
    assert heard == [Ended("refused", "There is nothing to answer yet; write a message.")]
    cancelled = asker.ask("Chatting", hello, heard.append)
    cancelled.cancel()
    qtbot.waitUntil(lambda: cancelled.over, timeout=60_000)
    assert isinstance(heard[-1], Ended)
    assert heard[-1].state in ("cancelled", "done")
    session.ask("Ending", lambda project: project.mailbox.dismiss())
    session.close()
