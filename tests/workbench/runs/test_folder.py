import dataclasses
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workbench.runs.folders import CONSTITUTION, prompts, run_folder
from workbench.errors import BadInputError, MissingError
from workbench.records.comparison import Comparison, Label, OrderedAnswer
from workbench.records.encoding import to_data
from workbench.records.model import ModelRef
from workbench.records.prompt import Prompt
from workbench.records.run import Done, Plan, RunState
from workbench.runs.contents import parse_record, record_line
from workbench.runs.folder import RunFolder
from workbench.runs.lines import typed_line


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    plan = Plan("labels-1", "labels", {"feedback": ModelRef("demo", "demo")}, settings={"limit": 3}, seed=7, total=2)
    comparison = Comparison("c", "p", "one", "two\n\u2028")
    folder = RunFolder.create(tmp_path / "labels-1", plan, CONSTITUTION, [*prompts(2), comparison], "name: kind\n")

    again = RunFolder.open(tmp_path / "labels-1")
    assert again.plan == dataclasses.replace(plan, inputs_hash=again.plan.inputs_hash)
    again.verify_inputs()
    assert again.constitution == CONSTITUTION
    assert list(again.inputs(Prompt)) == prompts(2)
    assert list(again.inputs(Comparison)) == [comparison]
    assert (folder.path / "constitution.yaml").read_text() == "name: kind\n"
    assert again.status().state is RunState.QUEUED
    assert list(again.results(Done)) == []


def test_inputs_that_were_changed_are_not_worked(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(2))
    path = folder.path / "inputs.jsonl"
    path.write_text(path.read_text().replace("prompt 1", "prompt 2"))
    with pytest.raises(BadInputError, match="make a new run"):
        folder.verify_inputs()


def test_models_beside_the_run_are_found_wherever_both_are(tmp_path: Path) -> None:
    inside, outside = ModelRef("run", "sft-1", folder="../sft-1/output"), ModelRef("folder", "x", folder="/models/x")
    plan = Plan("rl-1", "rl", {"policy": inside, "reward": outside})
    RunFolder.create(tmp_path / "runs" / "rl-1", plan, CONSTITUTION, [])
    (tmp_path / "runs").rename(tmp_path / "moved")
    models = RunFolder.open(tmp_path / "moved" / "rl-1").plan.models
    assert models["policy"].folder == str(tmp_path / "moved" / "sft-1" / "output")
    assert models["reward"].folder == "/models/x"


def test_a_folder_is_made_once_and_left_overs_of_a_crash_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / ".chains-1.new").mkdir()
    (tmp_path / ".chains-1.new" / "rest").write_text("half")
    folder = run_folder(tmp_path, prompts(1))
    assert sorted(path.name for path in folder.path.iterdir()) == [
        "constitution.json", "inputs.jsonl", "plan.json", "state.json",
    ]  # fmt: skip
    with pytest.raises(BadInputError, match="there already"):
        run_folder(tmp_path, prompts(1))


def test_another_folder_is_not_a_run(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"no plan\.json"):
        RunFolder.open(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.binary(max_size=60))
def test_a_damaged_state_file_is_an_interruption_not_a_crash(tmp_path: Path, garbage: bytes) -> None:
    (tmp_path / "state.json").write_bytes(garbage)
    assert RunFolder(tmp_path).status().state is RunState.INTERRUPTED


@given(
    st.text(st.characters()),
    st.floats(allow_nan=False),
    st.booleans(),
    st.none() | st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_a_record_survives_its_line(text: str, number: float, flip: bool, clamp: tuple[float, float] | None) -> None:
    answer = OrderedAnswer("ab", number, -number, text)
    label = Label(text, text, (text, "b"), number, (answer, answer), flip, "rationale", clamp)
    assert parse_record(record_line(label).encode(), Path("x")) == label
    assert record_line(label) == typed_line("Label", to_data(label)), "made without its data, it reads like them"


def test_a_record_of_an_unknown_kind_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="a Poem, which this version does not know"):
        parse_record(b'{"type": "Poem", "data": {}}', tmp_path)
