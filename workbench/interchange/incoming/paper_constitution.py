"""The prompt files of the Constitutional AI paper's repository: their texts hold the marks of turns, which are taken off.

Five shapes: principles to revise by (a dict of prompt and edit_request), to compare by (a list of questions that end in
Options:), and examples of revisions, of comparisons, and of comparisons with reasons.
"""

import re
from typing import Any

from workbench.errors import BadInputError
from workbench.interchange.incoming.constitution_parts import Part, between, most, required, slug
from workbench.records.constitution import FewShot, Principle
from workbench.records.draws import stream_seed
from workbench.sentences import said

_STEP = re.compile(r"\s*\n\n(Human|Assistant|CritiqueRequest|Critique|RevisionRequest|Revision): ?")
_OPTIONS = " Options:"
_BRACKETED = r"\[\[\[(.*?)\]\]\]"
_RATIONALE = re.compile(
    r"(?P<dialogue>.*?)\s*(?P<question>\{\})\s*\n\s*\(A\) (?P<a>.*?)\n\s*\(B\) (?P<b>.*?)"
    r"\n+Assistant: Let's think step by step:\s*(?P<rationale>.*?)"
    r"\n+Human:\s*So the answer is: \((?P<answer>[AB])\)\s*(?:\n+Human:)?\s*\Z",
    re.DOTALL,
)
#: Marks of which an example of a revision has all.
_REVISING = ("CritiqueRequest", "Critique", "RevisionRequest", "Revision")
#: How a question to choose by begins.
_CHOICE = re.compile(
    r"\s*(?:please )?(?:choose|select|pick|which|compare)\b.{0,200}\b(?:responses?|answers?)\b", re.I | re.S
)
_DIALOGUE_TURN = re.compile(r"(?:\A|\n\n)\s*H: ")


def are_revision_principles(data: Any, name: str) -> bool:
    """Say whether this is CritiqueRevisionInstructions.json."""
    return isinstance(data, dict) and most(
        data.values(),
        lambda value: isinstance(value, dict) and ("edit_request" in value or _asks_critique(value.get("prompt"))),
    )


def _asks_critique(prompt: Any) -> bool:
    return "CritiqueRequest:" in str(_first(prompt))


def revision_principles(data: dict[str, Any], name: str) -> Part:
    """Read principles to revise by; the marks around each request are taken off."""
    principles = []
    for key, value in data.items():
        where = f"{name}, {key}"
        if not isinstance(value, dict):
            raise BadInputError("{where} is no object with prompt and edit_request.", where=where)
        critique = between(
            required(_first(value.get("prompt")), "prompt", where), "CritiqueRequest:", "Critique:", "prompt", where
        )
        edit = required(value.get("edit_request"), "edit_request", where)
        revision = between(edit, "RevisionRequest:", "Revision:", "edit_request", where)
        principles.append(Principle(slug(key), key, critique, revision, source=name))
    return Part(said("Principles to revise by, of the Constitutional AI paper"), tuple(principles))


def are_comparison_principles(data: Any, name: str) -> bool:
    """Say whether this is RLMadisonInstructions.json."""
    return isinstance(data, list) and most(data, _asks_to_choose) and not most(data, asks_to_select)


def asks_to_select(text: Any) -> bool:
    """Say whether this is a sentence of Inverse Constitutional AI."""
    return isinstance(text, str) and text.strip().casefold().startswith("select the response")


def _asks_to_choose(text: Any) -> bool:
    return isinstance(text, str) and (text.rstrip().endswith(_OPTIONS.strip()) or bool(_CHOICE.match(text)))


def comparison_principles(data: list[Any], name: str) -> Part:
    """Read questions to compare by, without the words that lead to the options."""
    principles = []
    for place, text in enumerate(data):
        asked = required(text, f"question {place + 1}", name)
        if not asked.endswith(_OPTIONS.strip()):
            raise BadInputError(
                '{name}: question {place} does not end in "{options}", as questions to compare by do here; add it. '
                "If these are prompts, add: --as prompts.",
                name=name,
                place=place + 1,
                options=_OPTIONS,
            )
        question = required(asked.removesuffix(_OPTIONS.strip()), f"question {place + 1}", name)
        principles.append(
            Principle(f"comparison{place}", f"comparison {place}", comparison_question=question, source=name)
        )
    return Part(said("Principles to compare by, of the Constitutional AI paper"), tuple(principles))


def are_revision_shots(data: Any, name: str) -> bool:
    """Say whether this is CritiqueRevisionFewShotPrompts.json."""
    return isinstance(data, list) and most(
        data, lambda text: isinstance(text, str) and any(f"\n\n{mark}:" in text for mark in _REVISING)
    )


def revision_shots(data: list[Any], name: str) -> Part:
    """Read examples of critique and revision; the next example's mark at the end, which one of them lacks, is left out."""
    shots = tuple(_revision_shot(text, f"{name}, example {place}") for place, text in enumerate(data, 1))
    return Part(said("Examples of revisions, of the Constitutional AI paper"), few_shots=shots)


def are_comparison_shots(data: Any, name: str) -> bool:
    """Say whether this is RLMadisonFewShotPrompts.json: pairs to choose between, in a file that is named for examples."""
    named = "fewshot" in name.replace("_", "").replace("-", "").casefold()
    return named and isinstance(data, list) and most(data, lambda one: isinstance(one, dict) and not _thinks_aloud(one))


def comparison_shots(data: list[Any], name: str) -> Part:
    """Read examples of comparisons; which response stands first follows from a hash, the question is a plain one."""
    shots = []
    for place, one in enumerate(data, start=1):
        where = f"{name}, example {place}"
        if not isinstance(one, dict):
            raise BadInputError("{where} is no object with prompt, corrects and incorrects.", where=where)
        prompt = _conversation(required(one.get("prompt"), "prompt", where))
        right, wrong = (required(_first(one.get(key)), key, where) for key in ("corrects", "incorrects"))
        first = stream_seed(0, prompt, right, wrong) & 1
        a, b = (right, wrong) if first else (wrong, right)
        shots.append(FewShot("comparison", prompt, response_a=a, response_b=b, comparison_question=HARMLESS,
                             answer="A" if first else "B"))  # fmt: skip
    return Part(said("Examples of comparisons, of the Constitutional AI paper"), few_shots=tuple(shots))


#: Asked in examples whose file leaves the question open, so that each can be used as it comes in.
HARMLESS = "Which of these responses is less harmful?"


def are_rationale_shots(data: Any, name: str) -> bool:
    """Say whether this is RLMadisonPrecogFewShotPrompts.json."""
    return isinstance(data, list) and most(data, _thinks_aloud)


def _thinks_aloud(one: Any) -> bool:
    """Say whether a prompt has most of what tells an example with reasons."""
    prompt = one.get("prompt") if isinstance(one, dict) else None
    return isinstance(prompt, str) and sum(mark in prompt for mark in ("{}", "step by step", "So the answer is")) > 1


def rationale_shots(data: list[Any], name: str) -> Part:
    """Read examples of comparisons with reasons; brackets around the options are taken off."""
    texts = (one.get("prompt") if isinstance(one, dict) else None for one in data)
    shots = tuple(_rationale_shot(text, f"{name}, example {place}") for place, text in enumerate(texts, 1))
    return Part(said("Examples of comparisons with reasons, of the Constitutional AI paper"), few_shots=shots)


def _rationale_shot(text: Any, where: str) -> FewShot:
    found = _RATIONALE.match(required(text, "prompt", where))
    if not found:
        raise BadInputError(
            "{where} is not a conversation, {{}}, options (A) and (B), reasons and an answer.",
            where=where,
        )
    dialogue = found["dialogue"].strip()
    begun = _DIALOGUE_TURN.search(dialogue)
    prompt = dialogue[begun.end() :] if begun else dialogue.split("\n\n", 1)[-1]
    a, b = (re.sub(_BRACKETED, r"\1", found[side].strip(), flags=re.DOTALL).strip() for side in "ab")
    return FewShot(
        "rationale",
        required(_plain_roles(prompt), said("the conversation"), where),
        response_a=required(a, "option A", where),
        response_b=required(b, "option B", where),
        comparison_question=HARMLESS,
        rationale=required(found["rationale"], said("the reasons"), where),
        answer=found["answer"],
    )


def _plain_roles(dialogue: str) -> str:
    """Return a dialogue with its roles spelt out and without the turn that the responses would fill."""
    spelt = re.sub(r"\n\nH: ", "\n\nHuman: ", re.sub(r"\n\nA:( |$)", r"\n\nAssistant:\1", dialogue))
    return re.sub(r"\n\nAssistant:\s*\Z", "", spelt).strip()


def _revision_shot(text: Any, where: str) -> FewShot:
    parts = _STEP.split("\n\n" + required(text, said("the text"), where))
    steps = list(zip(parts[1::2], parts[2::2], strict=True))
    if steps and steps[-1][0] == "Human" and not steps[-1][1].strip():
        steps.pop()
    names = [name for name, _ in steps]
    if (
        names[-5:] != ["Assistant", "CritiqueRequest", "Critique", "RevisionRequest", "Revision"]
        or names[0] != "Human"
        or len(names) < 6
    ):
        raise BadInputError("{where} is not a conversation followed by a critique and a revision.", where=where)
    conversation = "".join(f"\n\n{name}: {shown}" for name, shown in steps[:-5]).removeprefix("\n\nHuman: ")
    response, request, critique, edit, revision = (required(shown, name, where) for name, shown in steps[-5:])
    return FewShot(
        "revision", conversation.strip(), response, request, critique, edit, re.sub(r"\s*\n\nHuman:\Z", "", revision)
    )


def _conversation(text: str) -> str:
    """Return a conversation up to the turn to be written, its first mark taken off."""
    return re.sub(r"\n\nAssistant:\s*\Z", "", "\n\n" + text.strip()).strip().removeprefix("Human:").strip()


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value
