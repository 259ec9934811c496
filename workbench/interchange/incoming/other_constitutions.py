"""Constitutions of llm-swarm (JSON), of Inverse Constitutional AI (a list of sentences), and lists of principles of LangChain.

LangChain's are JSON, or its Python source, which is never run.
"""

import ast
import re
from typing import Any

from workbench.errors import BadInputError
from workbench.interchange.incoming.constitution_parts import Part, most, required, slug
from workbench.interchange.incoming.paper_constitution import asks_to_select
from workbench.records.constitution import FewShot, Principle
from workbench.sentences import said

#: What a source with principles holds, and few other texts: it is looked for before such a text is parsed.
_MAKES_PRINCIPLES = re.compile(r"^[^#\n]*\bConstitutionalPrinciple\(", re.MULTILINE)
_TURNS = ("user", "assistant", "user", "assistant", "user", "assistant")


def is_llm_swarm(data: Any, name: str) -> bool:
    """Say whether this is a constitution of llm-swarm."""
    return isinstance(data, dict) and ("constitutions" in data or "system_chat" in data)


def llm_swarm(data: dict[str, Any], name: str) -> Part:
    """Read `constitutions` (critic, revision) and `system_chat`, chats of six turns that are examples of revisions."""
    principles = []
    pairs, chats = (data.get(field) or [] for field in ("constitutions", "system_chat"))
    if not isinstance(pairs, list):
        raise BadInputError("{name}: constitutions must be a list of principles.", name=name)
    if not isinstance(chats, list):
        raise BadInputError("{name}: system_chat must be a list of chats.", name=name)
    if not (pairs or chats):
        raise BadInputError(
            "{name} holds no principle and no chat: its constitutions are empty. Choose another file.",
            name=name,
        )
    for place, one in enumerate(pairs, start=1):
        where = f"{name}, principle {place}"
        if not isinstance(one, dict):
            raise BadInputError("{where} is no object with critic and revision.", where=where)
        critique, revision = (required(one.get(key), key, where) for key in ("critic", "revision"))
        principles.append(Principle(f"principle{place}", f"principle {place}", critique, revision, source=name))
    shots = tuple(_shot(chat, f"{name}, chat {place}") for place, chat in enumerate(chats, start=1))
    return Part(said("Constitution of llm-swarm"), tuple(principles), shots)


def is_langchain(data: Any, name: str) -> bool:
    """Say whether this is a list of LangChain's principles, or such principles by name."""
    rows = list(data.values()) if isinstance(data, dict) else data
    return isinstance(rows, list) and most(
        rows, lambda one: isinstance(one, dict) and bool({"critique_request", "revision_request"} & set(one))
    )


def langchain(data: Any, name: str) -> Part:
    """Read principles of name, critique_request and revision_request."""
    named = data.items() if isinstance(data, dict) else (("", one) for one in data)
    principles = []
    for place, (key, one) in enumerate(named, start=1):
        where = f"{name}, principle {place}"
        if not isinstance(one, dict):
            raise BadInputError("{where} is no object with critique_request and revision_request.", where=where)
        title = str(one.get("name") or key or f"principle {place}")
        fields = ("critique_request", "revision_request")
        critique, revision = (required(one.get(field), field, where) for field in fields)
        principles.append(Principle(slug(title), title, critique, revision, source=name))
    return Part(said("Principles of LangChain"), tuple(principles))


def is_inverse(data: Any, name: str) -> bool:
    """Say whether this is a constitution that Inverse Constitutional AI found: sentences that ask to select a response."""
    return isinstance(data, list) and most(data, asks_to_select)


def inverse(data: list[Any], name: str) -> Part:
    """Read sentences to compare by."""
    questions = [required(text, f"sentence {place}", name) for place, text in enumerate(data, start=1)]
    principles = tuple(
        Principle(f"inverse{place}", f"inverse {place}", comparison_question=text, source=name)
        for place, text in enumerate(questions, start=1)
    )
    return Part(said("Principles of Inverse Constitutional AI"), principles)


def langchain_source(text: str, name: str) -> Part:
    """Read the calls ConstitutionalPrinciple(...) of a Python source; nothing of it is run."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line, why = getattr(error, "lineno", None) or 1, getattr(error, "msg", None) or error
        raise BadInputError(
            "{name}, line {line}: this is not valid Python: {why}.", name=name, line=line, why=why
        ) from error
    except (RecursionError, MemoryError) as error:
        raise BadInputError("{name} cannot be read: what it says is nested too deeply.", name=name) from error
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node) == "ConstitutionalPrinciple"
    ]
    if not calls:
        raise BadInputError(
            "{name} makes no ConstitutionalPrinciple(...), so it holds no principles.",
            name=name,
        )
    return langchain([_arguments(call, name) for call in calls], name)


def is_langchain_source(text: str) -> bool:
    """Say whether a text is a Python source that makes principles; one whose words alone say so is none."""
    if not _MAKES_PRINCIPLES.search(text):
        return False
    try:
        langchain_source(text, "")
    except BadInputError:
        return False
    return True


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _arguments(call: ast.Call, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {"critique_request": None, "revision_request": None}
    for keyword in call.keywords:
        try:
            value = ast.literal_eval(keyword.value)
            str(value).encode()
        except UnicodeEncodeError as error:
            where = f"{name}, line {call.lineno}: {keyword.arg}"
            raise BadInputError(
                "{where} holds half a character (a lone surrogate); take it out.", where=where
            ) from error
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
            raise BadInputError(
                "{name}, line {line}: {field} is not a plain text.", name=name, line=call.lineno, field=keyword.arg
            ) from error
        found[str(keyword.arg)] = value
    return found


def _shot(chat: Any, where: str) -> FewShot:
    turns = chat if isinstance(chat, list) else []
    if [turn.get("role") if isinstance(turn, dict) else None for turn in turns] != list(_TURNS):
        raise BadInputError("{where} must be six turns, the user's and the assistant's in turn.", where=where)
    return FewShot("revision", *(required(turn.get("content"), "content", where) for turn in turns))
