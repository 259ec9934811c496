"""Constitutions of other tools: the marks within their texts are taken off, examples become examples."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.interchange.constitution_yaml import read
from workbench.interchange.incoming.constitution_files import added_to, read_constitution, reads_constitution
from workbench.interchange.lint_few_shots import few_shot_findings
from workbench.records.constitution import Constitution

FORMATS = Path(__file__).parents[2] / "data" / "formats"
words = st.text("abcdefgh ,.'é“", min_size=1, max_size=30).map(str.strip).filter(bool)


def revised_by(critique: str, revision: str) -> dict[str, Any]:
    edit = f"\n\nRevisionRequest: {revision}\n\nRevision:"
    return {"prompt": [f"\n\nCritiqueRequest: {critique}\n\nCritique:"], "edit_request": edit}


def constitution_in(name: str) -> Constitution:
    found = read_constitution(str(FORMATS / name))
    assert read(found.text) == found.constitution
    return found.constitution


def test_the_papers_principles_come_in_without_their_marks() -> None:
    first, _ = constitution_in("CritiqueRevisionInstructions.json").principles
    assert (first.id, first.critique_request) == ("harmful0", "Say what is rude in the last answer.")
    assert first.revision_request == "Write the answer again without what is rude."
    asked = [one.comparison_question for one in constitution_in("RLMadisonInstructions.json").principles]
    assert asked == ["Which of these answers is kinder? Choose the kinder one.", "Which answer is more honest?"]


def test_the_papers_examples_come_in_whether_or_not_they_end_in_a_mark() -> None:
    first, second = constitution_in("CritiqueRevisionFewShotPrompts.json").few_shots
    assert first.prompt == "How do I leave early?\n\nAssistant: Leave where?\n\nHuman: My job."
    assert (first.response, first.revision) == ("Just run, fool.", "Ask for leave.")
    assert (second.prompt, second.critique, second.revision) == ("What is two and two?", "Nothing is rude.", "Four.")
    one, other = constitution_in("RLMadisonFewShotPrompts.json").few_shots
    assert {one.response_a, one.response_b} == {"Ask for leave.", "Just run, fool."}
    assert (one.response_a if one.answer == "A" else one.response_b) == "Ask for leave."
    assert other.prompt == "Hi\n\nAssistant: Hello\n\nHuman: Where is he?"
    first, second = constitution_in("RLMadisonPrecogFewShotPrompts.json").few_shots
    assert (first.prompt, first.response_a, first.answer) == ("How do I leave early?", "Ask for leave.", "A")
    assert first.rationale == "B calls the person a fool, A helps."
    assert (second.prompt, second.answer) == ("Where is he?\n\nAssistant: Who?\n\nHuman: Tom.", "B")
    assert second.response_a == "Follow him.\n\nThen wait."


def test_examples_that_came_in_have_all_that_is_needed() -> None:
    for name in (
        "CritiqueRevisionFewShotPrompts",
        "RLMadisonFewShotPrompts",
        "RLMadisonPrecogFewShotPrompts",
        "llm_swarm",
    ):
        found = few_shot_findings(constitution_in(f"{name}.json").few_shots)
        assert [finding for finding in found if finding[0] == "error"] == []


def test_other_tools_constitutions_come_in(tmp_path: Path) -> None:
    swarm = constitution_in("llm_swarm.json")
    assert swarm.principles[0].critique_request == "Say what is rude."
    assert swarm.few_shots[0].revision == "Ask for leave."
    inverse = constitution_in("inverse_constitution.json").principles
    assert [one.comparison_question for one in inverse] == [
        "Select the response that is kinder.",
        "Select the response that names the tree",
    ]
    assert constitution_in("langchain.json").principles[0].id == "kind-one"
    shutil.copy(FORMATS / "langchain_principles.py.txt", tmp_path / "principles.py")
    (found,) = read_constitution(str(tmp_path / "principles.py")).constitution.principles
    assert (found.id, found.critique_request) == ("kind", "Say what is unkind.")
    as_text = str(FORMATS / "langchain_principles.py.txt")  # as code hosts hand a source out
    assert reads_constitution(as_text)
    assert read_constitution(as_text).constitution.principles[0].id == "kind"


@pytest.mark.parametrize(
    "text", ["How do I call ConstitutionalPrinciple(?\nAnd then?\n", "# ConstitutionalPrinciple()\n", "Hello\n"]
)
def test_a_list_of_prompts_is_no_source_of_principles(tmp_path: Path, text: str) -> None:
    (tmp_path / "prompts.txt").write_text(text)
    assert not reads_constitution(str(tmp_path / "prompts.txt"))


def test_a_folder_of_the_papers_files_is_one_constitution(tmp_path: Path) -> None:
    for path in FORMATS.glob("*.json"):
        if path.name.startswith(("Critique", "RLMadison")):
            shutil.copy(path, tmp_path)
    assert reads_constitution(str(tmp_path))
    found = read_constitution(str(tmp_path))
    assert (len(found.constitution.principles), len(found.constitution.few_shots), found.adds) == (4, 6, False)
    assert [one.use for one in found.constitution.few_shots].count("rationale") == 2


def test_examples_alone_are_added_to_what_is_there() -> None:
    before = constitution_in("CritiqueRevisionInstructions.json")
    examples = read_constitution(str(FORMATS / "RLMadisonFewShotPrompts.json"))
    assert examples.adds
    both = added_to(before, examples.constitution)
    assert (both.principles, both.few_shots) == (before.principles, examples.constitution.few_shots)
    assert added_to(both, examples.constitution) == both


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(words, words), min_size=1, max_size=4))
def test_any_texts_within_the_marks_come_through(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("c")
    paper = {f"k{n}": revised_by(a, b) for n, (a, b) in enumerate(rows)}
    swarm = {"constitutions": [{"critic": a, "revision": b} for a, b in rows], "system_chat": []}
    chain = [{"name": f"k{n}", "critique_request": a, "revision_request": b} for n, (a, b) in enumerate(rows)]
    asked = [f"Select the response that {a}" for a, _ in rows]
    (folder / "x.json").write_text(json.dumps(asked))
    assert [
        one.comparison_question for one in read_constitution(str(folder / "x.json")).constitution.principles
    ] == asked
    for data in (paper, swarm, chain):
        (folder / "x.json").write_text(json.dumps(data))
        found = read_constitution(str(folder / "x.json")).constitution.principles
        assert [(one.critique_request, one.revision_request) for one in found] == rows


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(words, words, words, words), min_size=1, max_size=3))
def test_any_examples_within_the_marks_come_through(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("c")

    def shots_of(name: str, data: Any) -> list[Any]:
        (folder / name).write_text(json.dumps(data))
        return list(read_constitution(str(folder / name)).constitution.few_shots)

    whole = [
        f"\n\nHuman: {a}\n\nAssistant: {b}\n\nCritiqueRequest: {c}\n\nCritique: {d}\n\nRevisionRequest: {c}\n\nRevision: {b}"
        + "\n\nHuman:" * (place % 2)
        for place, (a, b, c, d) in enumerate(rows)
    ]
    found = shots_of("CritiqueRevisionFewShotPrompts.json", whole)
    assert [(s.prompt, s.response, s.critique_request, s.critique) for s in found] == rows
    chats = [
        [{"role": "user" if n % 2 == 0 else "assistant", "content": text} for n, text in enumerate((a, b, c, d, c, b))]
        for a, b, c, d in rows
    ]
    found = shots_of("x.json", {"constitutions": [{"critic": "x", "revision": "y"}], "system_chat": chats})
    assert [(s.prompt, s.response, s.critique_request, s.critique) for s in found] == rows
    pairs = [
        {"prompt": f"\n\nHuman: {a}\n\nAssistant:", "corrects": [f" {b}"], "incorrects": [f" {c} not"]}
        for a, b, c, _ in rows
    ]
    found = shots_of("RLMadisonFewShotPrompts.json", pairs)
    assert [(s.prompt, *sorted((s.response_a, s.response_b))) for s in found] == [
        (a, *sorted((b, f"{c} not"))) for a, b, c, _ in rows
    ]
    assert [s.response_a if s.answer == "A" else s.response_b for s in found] == [b for _, b, *_ in rows]
    thought = [
        {"prompt": f"\n\nHuman: Consider the following conversation:\n\nH: {a}\n\nA:\n\n{{}}\n (A) [[[{b}]]]\n (B) [[[{c}]]]\n\n"
         f"Assistant: Let's think step by step: {d}\n\nHuman:\nSo the answer is: (B)"}
        for a, b, c, d in rows
    ]  # fmt: skip
    found = shots_of("RLMadisonPrecogFewShotPrompts.json", thought)
    assert [(s.prompt, s.response_a, s.response_b, s.rationale) for s in found] == rows
    asked = [f"\n{a} Options:" for a, *_ in rows]
    (folder / "RLMadisonInstructions.json").write_text(json.dumps(asked))
    questions = read_constitution(str(folder / "RLMadisonInstructions.json")).constitution.principles
    assert [one.comparison_question for one in questions] == [a for a, *_ in rows]
    source = "".join(
        f"ConstitutionalPrinciple(name='k{n}', critique_request={a!r}, revision_request={b!r})\n"
        for n, (a, b, *_) in enumerate(rows)
    )
    (folder / "x.py").write_text(source, encoding="utf-8")
    principles = read_constitution(str(folder / "x.py")).constitution.principles
    assert [(one.critique_request, one.revision_request) for one in principles] == [row[:2] for row in rows]
