"""Asking a model without a run: real processes, a scripted model."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workbench.models.served import serving
from tests.workbench.project.projects import project, prompts
from workbench.errors import BadInputError, MissingError
from workbench.models.rendering import Renderer
from workbench.models.scripted import ScriptedModel
from workbench.project import Project
from workbench.project.model_choice import demo_ref, endpoint_ref
from workbench.project.requesting import Trial, chat_request, render_request, try_request
from workbench.records.comparison import Comparison
from workbench.records.constitution import Constitution, Principle
from workbench.records.endpoint import Capabilities, Endpoint, key_variable
from workbench.records.model import ModelRef
from workbench.records.prompt import prompt_of
from workbench.records.request import (
    ChatRequest,
    Ended,
    Labelled,
    LabelRequest,
    NamedConstitution,
    Notice,
    Rendered,
    TextDone,
    TextSoFar,
)
from workbench.records.run import Plan
from workbench.records.settings import LabelSettings
from workbench.records.transcript import Message
from workbench.runs.device import Device
from workbench.runs.folder import RunFolder
from workbench.runs.identity import identity_of
from workbench.runs.mailbox import Asking, Mailbox
from workbench.sources.endpoints import Endpoints
from workbench.worker.opening import open_model, open_renderer

SCRIPTED = ModelRef("scripted", "scripted", "scripted")
HELLO = ChatRequest(SCRIPTED, (Message("user", "Hello."),))


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Project]:
    with project(tmp_path / "project") as made:
        yield made
        _end(made.mailbox)


def _end(mailbox: Mailbox) -> None:
    mailbox.dismiss()
    while mailbox.worker() is not None:
        time.sleep(0.01)


def _long(number: int = 20_000) -> LabelRequest:
    prompt = prompt_of("What now?")
    constitution = Constitution("kind", principles=(Principle("kindness", comparison_question="Which is kinder?"),))
    pairs = tuple(Comparison(f"c{place}", prompt.id, "one", "two") for place in range(number))
    named = (NamedConstitution("committed", constitution),)
    return LabelRequest(SCRIPTED, named, (prompt,), pairs, LabelSettings())


def _until_it_labels(asking: Asking) -> None:
    assert any(isinstance(piece, Labelled) for piece in asking.wait())


def test_an_answer_streams_and_its_files_go_away(mine: Project) -> None:
    pieces = list(mine.mailbox.ask(HELLO).wait())
    kinds = [type(piece) for piece in pieces]
    assert kinds[0] is TextSoFar
    assert kinds[-2:] == [TextDone, Ended]
    assert pieces[-1] == Ended("done", "", pieces[-1].seconds)  # type: ignore[union-attr]
    assert list(mine.mailbox.path.glob("[0-9]*")) == []


def test_one_process_answers_all_that_ask_and_labels_give_way(mine: Project) -> None:
    labels = mine.mailbox.ask(_long())
    _until_it_labels(labels)
    worker = mine.mailbox.worker()
    answers = [Mailbox(mine.folder).ask(HELLO) for _ in range(3)]
    assert all(list(one.wait())[-1].state == "done" for one in answers)  # type: ignore[union-attr]
    assert mine.mailbox.worker() == worker
    assert not labels.over
    labels.cancel()
    assert list(labels.wait())[-1].state == "cancelled"  # type: ignore[union-attr]


def test_a_killed_process_is_told_and_the_next_question_starts_another(mine: Project) -> None:
    labels = mine.mailbox.ask(_long())
    _until_it_labels(labels)
    worker = mine.mailbox.worker()
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    ended = list(labels.wait())[-1]
    assert isinstance(ended, Ended)
    assert ended.state == "refused"
    assert "ended without a word" in ended.sentence
    assert list(mine.mailbox.ask(HELLO).wait())[-1].state == "done"  # type: ignore[union-attr]


def test_a_key_of_an_endpoint_that_was_added_since_is_found(mine: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(mine.mailbox.ask(HELLO).wait())[-1].state == "done"  # type: ignore[union-attr]
    first = mine.mailbox.worker()
    with serving(ScriptedModel(name="m"), key="secret") as server:
        Endpoints().put(Endpoint("mine", (server.url,), "m", can=Capabilities(dialect="chat", checked="today")))
        monkeypatch.setenv(key_variable(server.url), "secret")
        asked = ChatRequest(endpoint_ref(Endpoints().get("mine")), HELLO.turns)
        ended = list(mine.mailbox.ask(asked).wait())[-1]
        second = mine.mailbox.worker()
        assert (ended.state, ended.sentence) == ("done", "")  # type: ignore[union-attr]
        assert list(mine.mailbox.ask(asked).wait())[-1].state == "done"  # type: ignore[union-attr]
    assert second is not None
    assert first != second == mine.mailbox.worker(), "once it knows the way it stays"


def test_a_training_on_the_device_makes_it_leave_and_a_later_question_is_answered_beside_it(mine: Project) -> None:
    labels = mine.mailbox.ask(_long())
    _until_it_labels(labels)
    run = RunFolder.create(mine.folder / "runs" / "sft-1", Plan("sft-1", "sft"), Constitution("kind"), ())
    lock = Device("default").acquire(identity_of(os.getpid()), run.path)
    try:
        ended = list(labels.wait())[-1]
        assert isinstance(ended, Ended)
        assert "sft-1 has begun to train" in ended.sentence
        pieces = list(mine.mailbox.ask(HELLO).wait())
    finally:
        lock.release()
    assert any(isinstance(piece, Notice) and "sft-1" in piece.text for piece in pieces)
    assert pieces[-1].state == "done"  # type: ignore[union-attr]


def test_what_is_no_request_is_refused_with_a_sentence(mine: Project) -> None:
    asking = mine.mailbox.ask(HELLO)
    (mine.mailbox.path / f"{asking.name}.json").write_text("{}")
    ended = list(asking.wait())[-1]
    assert isinstance(ended, Ended)
    assert ended.state in ("refused", "done")  # it may have been taken up before it was spoiled
    other = mine.mailbox.ask(ChatRequest(SCRIPTED, (Message("user", "Hello."),), task="poem"))
    ended = list(other.wait())[-1]
    assert isinstance(ended, Ended)
    assert "There is no task poem" in ended.sentence


def test_a_principle_is_tried_in_both_wordings_from_one_response(mine: Project) -> None:
    mine.save_draft(
        "name: kind\nprinciples:\n"
        "  - {id: kindness, critique_request: 'Is it?', revision_request: 'Be kinder.', comparison_question: 'Which?'}\n"
    )
    request = try_request(mine, Trial("Help me.", "kindness", response="scripted"))
    texts = {piece.part: piece for piece in mine.mailbox.ask(request).wait() if isinstance(piece, TextDone)}
    assert set(texts) == {
        "initial",
        "committed/critique",
        "committed/revision",
        "draft/critique",
        "draft/revision",
    }
    assert texts["committed/critique"].seed == texts["draft/critique"].seed
    assert texts["committed/revision"].sent.endswith("RevisionRequest: Be kind.\n\nRevision:")
    assert texts["draft/revision"].sent.endswith("RevisionRequest: Be kinder.\n\nRevision:")
    assert all(texts["initial"].text in one.sent for one in texts.values() if one.part != "initial")


def test_equal_wordings_are_tried_once_and_a_given_response_is_not_written_again(mine: Project) -> None:
    mine.save_draft(
        "name: kind\nprinciples:\n  - {id: kindness, critique_request: 'Is it?', revision_request: 'Be kind.'}\n"
    )
    request = try_request(mine, Trial("Help me.", "kindness", initial="No.", response="scripted"))
    parts = [piece.part for piece in mine.mailbox.ask(request).wait() if isinstance(piece, TextDone)]
    assert parts == ["committed/critique", "committed/revision"]


def test_what_cannot_be_tried_is_said_before_anything_is_asked(mine: Project) -> None:
    mine.save_draft("name: kind\nprinciples:\n  - {id: kindness, comparison_question: 'Which?'}\n")
    with pytest.raises(BadInputError, match="no prompt"):
        try_request(mine, Trial("  ", "kindness"))
    with pytest.raises(MissingError, match="no principle rudeness"):
        try_request(mine, Trial("Help me.", "rudeness"))
    with pytest.raises(BadInputError, match="no revision request in the draft"):
        try_request(mine, Trial("Help me.", "kindness", ("draft",), response="scripted"))
    with pytest.raises(BadInputError, match="nothing to answer"):
        chat_request(mine, [])


def test_a_prompt_is_rendered_as_sent(mine: Project) -> None:
    request = render_request(mine, prompts(1)[0].messages, "scripted", "critique")
    rendered = next(piece for piece in mine.mailbox.ask(request).wait() if isinstance(piece, Rendered))
    assert rendered.sent == "\n\nHuman: train red-team 0\n\nCritique:"
    assert rendered.tokens == 5


def test_tokenizers_alone_render_as_their_models_do() -> None:
    ref = demo_ref()
    turns = (Message("user", "Hello."), Message("assistant", "Good day."), Message("user", "So?"))
    model, renderer = open_model(ref, "dialogue", {}), open_renderer(ref, "dialogue")
    assert isinstance(renderer, Renderer)
    sent = renderer.render(turns, "assistant")
    assert sent == model.render(turns, "assistant")
    assert renderer.tokenise(sent) == model.tokenise(sent)
