from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.stages.written import written
from workbench.errors import BadInputError, NoRoomError
from workbench.models.language_model import SampleRequest
from workbench.models.scripted import ScriptedModel
from workbench.records.chain import Step, chain_of
from workbench.records.constitution import Constitution, FewShot, Principle
from workbench.records.prompt import HELPFUL, RED_TEAM, Prompt, prompt_of
from workbench.records.settings import ChainSettings
from workbench.records.task import DIALOGUE, SUMMARY, Task
from workbench.stages.chains import ChainWork, chain_walk, steps_per_chain, write_chains
from workbench.stages.walking import LeftOut, drive

KIND = Principle("kind", critique_request="Find what is unkind.", revision_request="Make it kind.")
HONEST = Principle("honest", critique_request="Find what is untrue.", revision_request="Make it true.")
SHOT = FewShot(
    "revision",
    prompt="May I shout?",
    response="Yes, shout.",
    critique_request="Find what is loud.",
    critique="Shouting is loud.",
    revision_request="Make it quiet.",
    revision="Speak softly.",
)
CONSTITUTION = Constitution("test", principles=(KIND, HONEST), few_shots=(SHOT,))
PROMPTS = [prompt_of(f"Question {number}?") for number in range(6)]


def work_of(
    model: ScriptedModel | None = None,
    constitution: Constitution = CONSTITUTION,
    task: Task = DIALOGUE,
    **knobs: object,
) -> ChainWork:
    model = model or ScriptedModel()
    settings_ = replace(ChainSettings(), **knobs)  # type: ignore[arg-type]
    return ChainWork({"response": model, "critic": model}, constitution, settings_, task, seed=7, run_id="run-1")


def by_prompt(steps: list[Step]) -> dict[str, list[Step]]:
    found: dict[str, list[Step]] = {}
    for step in steps:
        found.setdefault(step.prompt_id, []).append(step)
    return found


def test_a_chain_critiques_and_revises_in_turn() -> None:
    steps = written(write_chains(work_of(), PROMPTS))
    for prompt in PROMPTS:
        mine = [step for step in steps if step.prompt_id == prompt.id]
        assert [step.kind for step in mine] == ["initial"] + ["critique", "revision"] * 4
        assert [step.round for step in mine] == [0, 1, 1, 2, 2, 3, 3, 4, 4]
        assert [step.index for step in mine] == list(range(9))
        assert len(mine) == steps_per_chain(work_of(), prompt)


def test_each_round_starts_from_the_latest_response_alone() -> None:
    steps = written(write_chains(work_of(rounds=2), PROMPTS[:1]))
    _, critique1, revision1, critique2, revision2 = steps
    assert revision1.text in critique2.sent
    assert critique1.text not in critique2.sent
    assert critique2.text in revision2.sent
    assert critique2.sent.endswith("\n\nCritique:")


def test_examples_stand_in_front_of_requests_but_not_of_the_initial_response() -> None:
    initial, critique, revision = written(write_chains(work_of(rounds=1), PROMPTS[:1]))
    assert SHOT.critique not in initial.sent
    assert critique.sent.startswith("\n\nHuman: May I shout?\n\nAssistant: Yes, shout.\n\nCritiqueRequest:")
    assert SHOT.revision in revision.sent
    plain = written(write_chains(work_of(rounds=1, few_shots=False), PROMPTS[:1]))
    assert all(SHOT.prompt not in step.sent for step in plain)


def test_direct_revision_asks_for_no_critique() -> None:
    steps = written(write_chains(work_of(critique=False), PROMPTS[:1]))
    assert [step.kind for step in steps] == ["initial"] + ["revision"] * 4
    assert all("Critique" not in step.sent for step in steps)


def test_helpful_prompts_are_only_answered() -> None:
    steps = written(write_chains(work_of(), [prompt_of("How do I bake bread?", HELPFUL)]))
    assert [step.kind for step in steps] == ["initial"]


@settings(max_examples=25, deadline=None)
@given(slots=st.integers(1, 8), order=st.permutations(PROMPTS), cut=st.integers(0, 54))
def test_draws_depend_on_neither_batch_nor_order_nor_interruption(slots: int, order: list[Prompt], cut: int) -> None:
    whole = {step.id: step for step in written(write_chains(work_of(), PROMPTS))}
    model = ScriptedModel(slots=slots)
    begun = written(write_chains(work_of(model), order))[:cut]
    resumed = written(write_chains(work_of(model), PROMPTS, by_prompt(begun)))
    assert {step.id: step for step in begun + resumed} == whole
    assert not {step.id for step in begun} & {step.id for step in resumed}


def test_principles_are_drawn_by_weight_with_replacement() -> None:
    heavy = replace(CONSTITUTION, principles=(replace(KIND, weight=3.0), HONEST))
    prompts = [prompt_of(f"Question {number}?") for number in range(200)]
    steps = written(write_chains(work_of(ScriptedModel(slots=50), heavy, critique=False), prompts))
    drawn = Counter(step.principle_id for step in steps if step.kind == "revision")
    assert drawn["kind"] + drawn["honest"] == 800
    assert 540 < drawn["kind"] < 660
    chains = by_prompt(steps).values()
    assert any(len({step.principle_id for step in chain if step.round}) == 1 for chain in chains)


def test_disabled_principles_are_never_drawn() -> None:
    off = replace(CONSTITUTION, principles=(KIND, replace(HONEST, enabled=False)))
    steps = written(write_chains(work_of(constitution=off), PROMPTS))
    assert {step.principle_id for step in steps if step.round} == {"kind"}


def test_an_empty_constitution_is_refused_in_a_sentence() -> None:
    with pytest.raises(BadInputError, match="no enabled principle"):
        written(write_chains(work_of(constitution=Constitution("empty")), PROMPTS))
    bare = Constitution("bare", principles=(replace(KIND, critique_request=""),))
    with pytest.raises(BadInputError, match="critique=false"):
        written(write_chains(work_of(constitution=bare), PROMPTS))


def test_another_model_criticises() -> None:
    critic = ScriptedModel({"Revision:$": "Be kind to all.", "Critique:$": "It is unkind."}, name="critic")
    work = replace(
        work_of(ScriptedModel(name="writer")), models={"response": ScriptedModel(name="writer"), "critic": critic}
    )
    steps = written(write_chains(work, PROMPTS[:2]))
    assert {step.model for step in steps if step.kind == "initial"} == {"writer"}
    assert {step.model for step in steps if step.kind != "initial"} == {"critic"}
    assert {step.text for step in steps if step.kind == "critique"} == {"It is unkind."}


def test_filters_count_what_looks_wrong() -> None:
    def answer(request: SampleRequest) -> str:
        return (
            "The response is rude and should be kinder." if request.prompt.endswith("Revision:") else "Shout at them."
        )

    steps = written(write_chains(work_of(ScriptedModel(answer), rounds=2), PROMPTS[:1]))
    first, second = (step for step in steps if step.kind == "revision")
    assert first.verdicts == ("point_of_view",)
    assert second.verdicts == ("unchanged", "point_of_view")
    chain = chain_of(steps, "run-1", 2)
    assert chain.complete
    assert chain.revisions[0].critique == "Shout at them."


def test_a_summary_task_uses_its_own_role_names() -> None:
    model = ScriptedModel(names=SUMMARY.roles)
    prompt = prompt_of("A long post about a garden.", RED_TEAM)
    steps = written(write_chains(work_of(model, task=SUMMARY, rounds=1), [prompt]))
    assert steps[0].sent == "\n\nText: A long post about a garden.\n\nSummary:"
    assert "Human" not in "".join(step.sent for step in steps)


@pytest.mark.parametrize("slots", [1, 3])
def test_a_chain_that_does_not_fit_ends_there_and_the_others_go_on(slots: int) -> None:
    long = prompt_of(" ".join(["word"] * 60))  # leaves no room for the first answer
    wordy = prompt_of(" ".join(["word"] * 30))  # nor this one for the first critique
    model = ScriptedModel(lambda _: "word " * 6, slots=slots, room=40)
    records = list(write_chains(work_of(model, rounds=1, few_shots=False), [PROMPTS[0], long, PROMPTS[1], wordy]))
    left = {record.key: record.why for record in records if isinstance(record, LeftOut)}
    assert left.keys() == {long.id, wordy.id}
    assert left[long.id] == "A prompt of 62 tokens does not fit the model, which holds 40 with its answer."
    steps = by_prompt([record for record in records if isinstance(record, Step)])
    assert {name: len(found) for name, found in steps.items()} == {PROMPTS[0].id: 3, PROMPTS[1].id: 3, wordy.id: 1}
    with pytest.raises(NoRoomError, match="take a model that holds more"):
        list(drive(work_of(model).models, [(long.id, chain_walk(work_of(model, rounds=0), long, ()))]))
