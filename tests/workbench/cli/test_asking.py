import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workbench.errors import BadInputError, MissingError
from workbench.runs.mailbox import Mailbox

Run = Callable[..., str]


@pytest.fixture
def project(run: Run, tmp_path: Path) -> Iterator[str]:
    run("new", "p", "--constitution", "demo")
    yield "p"
    Mailbox(tmp_path / "p").dismiss()


def test_a_principle_is_tried_in_both_wordings_or_in_one(run: Run, project: str) -> None:
    run("constitution", "edit", project, "insult", "--set", "revision_request=Be polite.")
    tried = json.loads(run("try", project, "Hello.", "--principle", "insult", "--model", "scripted", "--json"))
    assert set(tried["parts"]) == {
        "initial",
        "committed/critique",
        "committed/revision",
        "draft/critique",
        "draft/revision",
    }
    assert "Be polite." in tried["parts"]["draft/revision"]["sent"]
    shown = run(
        "try", project, "Hello.", "--principle", "insult", "--model", "scripted", "--wording-from", "draft", "--sent"
    )
    assert "── draft: revision ──" in shown
    assert "committed" not in shown
    assert "── sent for draft/revision" in shown
    with pytest.raises(BadInputError, match="committed, draft or both"):
        run("try", project, "Hello.", "--principle", "insult", "--wording-from", "elsewhere")


def test_chatting_with_two_models_and_rendering(run: Run, project: str) -> None:
    shown = run("chat", project, "Hello.", "--model", "scripted", "--model", "scripted")
    assert shown.count("── scripted ──") == 2
    one, two = (part for part in shown.split("── scripted ──\n") if part)
    assert one == two
    rendered = json.loads(run("render", project, "Hello.", "--model", "scripted", "--json"))
    assert rendered == {"sent": "\n\nHuman: Hello.\n\nAssistant:", "tokens": 3}
    several = json.loads(run("render", project, "Hello.", "Hi!", "So?", "--model", "scripted", "--json"))
    assert several["sent"] == "\n\nHuman: Hello.\n\nAssistant: Hi!\n\nHuman: So?\n\nAssistant:"
    with pytest.raises(BadInputError, match="has an odd number of turns, not 2"):
        run("render", project, "Hello.", "Hi!")
    with pytest.raises(BadInputError, match="one of the two"):
        run("render", project)
    with pytest.raises(MissingError, match="no prompt x in this project"):
        run("render", project, "--prompt", "x")
    with pytest.raises(BadInputError, match="At most three"):
        run("chat", project, "Hello.", *(["--model", "scripted"] * 4))
