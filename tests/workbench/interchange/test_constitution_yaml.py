"""Reading, checking and writing constitutions as YAML."""

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import BadInputError
from workbench.interchange.constitution_schema import ConstitutionShape, FewShotShape, PrincipleShape, json_schema
from workbench.interchange.constitution_yaml import read, read_file, write
from workbench.records.constitution import Constitution, FewShot, Principle

TEXT = """\
# House rules
name: house
task: dialogue
principles:
  - id: kindness  # the first
    critique_request: >
      Say what is
      unkind.
    revision_request: "Make it kind."
    weight: 2
    tags: [insult]
  - id: help
    comparison_question: Which answer is of more use?
    applies_to:
      - helpful
few_shots:
  - use: comparison
    prompt: Hello
    response_a: Hi.
    response_b: Go away.
    answer: A
"""

#: Everything YAML can hold and a person might paste: no control characters but tab and newline are kept raw.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60).map(str.strip)
names = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,20}\Z")
principles = st.builds(
    Principle,
    id=names,
    title=texts,
    critique_request=texts,
    revision_request=texts,
    comparison_question=texts,
    tags=st.lists(texts, max_size=3).map(tuple),
    weight=st.floats(0, 1e6),
    enabled=st.booleans(),
    applies_to=st.lists(st.sampled_from(["red-team", "helpful"]), max_size=2).map(tuple),
    rationale=texts,
    source=texts,
)
few_shots = st.builds(
    FewShot,
    use=st.sampled_from(["revision", "comparison", "rationale"]),
    prompt=texts.filter(bool),
    response=texts,
    critique=texts,
    answer=st.sampled_from(["", "A", "B"]),
)
constitutions = st.builds(
    Constitution,
    name=names,
    title=texts,
    description=texts,
    principles=st.lists(principles, max_size=3, unique_by=lambda item: item.id).map(tuple),
    few_shots=st.lists(few_shots, max_size=2).map(tuple),
    sources=st.lists(texts, max_size=2).map(tuple),
)


def test_reads_principles_and_few_shots_with_text_stripped() -> None:
    constitution = read(TEXT)
    first, second = constitution.principles
    assert (constitution.name, first.critique_request, first.weight) == ("house", "Say what is unkind.", 2.0)
    assert (second.applies_to, second.revision_request) == (("helpful",), "")
    assert constitution.few_shots[0].answer == "A"


@settings(max_examples=60, deadline=None)
@given(constitutions)
def test_writing_and_reading_gives_the_same_constitution(constitution: Constitution) -> None:
    assert read(write(constitution)) == constitution


def test_layout_and_comments_do_not_change_the_hash() -> None:
    assert read(TEXT).hash == read(write(read(TEXT))).hash
    assert read(TEXT).hash != read(TEXT.replace("unkind", "rude")).hash


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "f.yaml, line 1: the file is empty"),
        ("- a", "line 1: the file must be a group of"),
        (
            "name: x\nprinciples:\n  - id: a\n    critque_request: y\n",
            "line 4: principle 1: critque_request is not a field here; did you mean critique_request?",
        ),
        (
            "name: x\nprinciples:\n  - id: a\n    weight: heavy\n",
            "line 4: principle 1: weight must be a number, not 'heavy'",
        ),
        ("name: x\nprinciples:\n  - id: a\n    weight: -1\n", "line 4: principle 1: weight must be at least 0"),
        ("name: x\nprinciples:\n  - id: a\n    weight: .nan\n", "principle 1: weight must be a finite number"),
        ("name: x\nprinciples:\n  - id: a\n    tags: [b, 3]\n", "principle 1: tags, item 2, must be text"),
        ("name: x\nprinciples:\n  - title: a\n", "line 3: principle 1: id is missing"),
        ("name: x\nprinciples: [a]", "principle 1 must be a group of 'field: value' lines, not 'a'."),
        ("on: push\njobs: {}\n", "f.yaml, line 1: this is no constitution; one has at least a name and principles."),
        ("name: x\nprinciples: a", "principles must be a list"),
        ("name: x\nprinciples:\n- id: a\n- id: a\n", "line 4: the id a is already taken on line 3"),
        (
            "name: x\nfew_shots:\n- use: judge\n  prompt: y",
            "line 3: few-shot 1: use must be 'revision', 'comparison' or 'rationale', not 'judge'",
        ),
        ("name: x\nname: y", "line 2: this is not valid YAML: found duplicate key"),
        ("name: x\ntitle: 2026-11-20", "line 2: title must be text"),
        ("name: two words", "line 1: name may hold letters"),
        ("name: 3", "put it in quotes"),
        ("1: x\nname: a", "is not a field here"),
        ("name: x\n\tb: 3", "line 2: this is not valid YAML: this line is indented by a tab; indent by spaces."),
        ("name: x\ntitle: b: c", "line 2: this is not valid YAML: a text that holds a colon and a blank must stand"),
        ('name: x\ntitle: "b\ntask: c\n', "line 2: this is not valid YAML: a quote is opened here and never closed."),
        ("name: x\ntitle: 'don't'", "line 2: this is not valid YAML: the text goes on behind its closing quote."),
        ("name: x\ntitle: @b", "line 2: this is not valid YAML: a text that begins with @ must stand in quotes."),
        ("name: x\ntitle: *b*", "line 2: this is not valid YAML: a text that begins with * must stand in quotes."),
        ("name: x\nsources:\n  - b\n task: c", "line 4: this is not valid YAML: this line is indented otherwise"),
        ("name: x\ntitle\n", "line 3: this is not valid YAML: this is no 'field: value' line"),
        ("name: x\n---\nname: y", "this is not valid YAML"),
        ("name: " + "[" * 1000, "nested too deeply"),
        ("name: \x00", "this is not valid YAML"),
        ("name: x\ntitle: !!python/object:os.system y", "title must be text"),
    ],
)
def test_a_bad_file_is_one_sentence_with_file_line_and_field(text: str, sentence: str) -> None:
    with pytest.raises(BadInputError) as caught:
        read(text, "f.yaml")
    assert str(caught.value).startswith("f.yaml")
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_several_problems_are_counted() -> None:
    with pytest.raises(BadInputError, match=r"line 1: .*\(and 1 more\)"):
        read("name: 3\nfoo: 1\n")


def test_a_field_left_blank_takes_its_default() -> None:
    assert read("name: x\ntitle:\nprinciples:\n  - id: a\n    weight:\n").principles[0].weight == 1.0


def test_a_file_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("name: x\ntitle: caf\xe9\n".encode("latin-1"))
    with pytest.raises(BadInputError, match="line 2: this is not UTF-8"):
        read_file(path)


def test_a_file_with_a_byte_order_mark_and_crlf_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert read_file(path)[0] == read(TEXT)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot be read: it is not there"):
        read_file(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("shape", "record"),
    [(PrincipleShape, Principle), (FewShotShape, FewShot), (ConstitutionShape, Constitution)],
)
def test_the_file_has_the_fields_of_the_record(shape: type[PrincipleShape], record: type[Principle]) -> None:
    assert set(shape.model_fields) == {field.name for field in fields(record)}


def test_the_published_schema_is_up_to_date() -> None:
    published = Path(__file__).parents[3] / "docs" / "constitution.schema.json"
    renew = "python -m workbench.interchange.constitution_schema > docs/constitution.schema.json"
    assert published.read_text(encoding="utf-8") == json_schema(), f"renew it with: {renew}"
