"""The shape of a constitution's YAML file, checked at the file's edge and published as docs/constitution.schema.json."""

import json
import sys
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_STRICT = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True, allow_inf_nan=False)
#: Names are typed on command lines and stand in every row's trace, so they hold no spaces.
_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"

Name = Annotated[str, Field(pattern=_NAME, max_length=64)]


class PrincipleShape(BaseModel):
    """One rule with up to three wordings."""

    model_config = _STRICT | ConfigDict(title="Principle")

    id: Name = Field(description="Short name, unique in the file; every generated row is traced to it.")
    title: str = Field("", description="What people read in lists.")
    critique_request: str = Field("", description="Asks the model to criticise the response (paper section 3.1).")
    revision_request: str = Field("", description="Asks the model to rewrite the response.")
    comparison_question: str = Field(
        "",
        description="Asks which of two responses is better (paper section 4.1); ' Options:' is added when it is asked.",
    )
    tags: list[str] = Field(default_factory=list, description="Free words to group principles by.")
    weight: float = Field(1.0, ge=0, description="How often it is drawn, relative to the others; 0 means never.")
    enabled: bool = Field(True, description="Off keeps it in the file and out of use.")
    applies_to: list[str] = Field(
        default_factory=list, description="Kinds of prompt it is drawn for (red-team, helpful); empty means all."
    )
    rationale: str = Field("", description="Why we want it.")
    source: str = Field("", description="Where the idea comes from.")


class FewShotShape(BaseModel):
    """An example exchange put in front of a request; which fields it needs follows from its use."""

    model_config = _STRICT | ConfigDict(title="FewShot")

    use: Literal["revision", "comparison", "rationale"] = Field(
        description="revision: a critique and revision; comparison: a choice; rationale: a choice with its reasons first."
    )
    prompt: str = Field(min_length=1, description="What was asked.")
    response: str = Field("", description="revision: the response that is criticised.")
    critique_request: str = Field("", description="revision: the request for the critique.")
    critique: str = Field("", description="revision: the critique.")
    revision_request: str = Field("", description="revision: the request for the revision.")
    revision: str = Field("", description="revision: the revised response.")
    response_a: str = Field("", description="comparison, rationale: the first response.")
    response_b: str = Field("", description="comparison, rationale: the second response.")
    comparison_question: str = Field("", description="comparison, rationale: the question that is asked.")
    rationale: str = Field("", description="rationale: the reasons, which end before the answer is named.")
    answer: Literal["", "A", "B"] = Field("", description="comparison, rationale: the better response.")


class ConstitutionShape(BaseModel):
    """A named list of principles with few-shot examples, for one task; text is read without blanks around it."""

    model_config = _STRICT | ConfigDict(title="Constitution")

    name: Name = Field(description="Short name, the same as the file's.")
    title: str = Field("", description="What people read in lists.")
    description: str = Field("", description="What it is for.")
    task: Name = Field("dialogue", description="What kind of text is aligned: dialogue or summary.")
    principles: list[PrincipleShape] = Field(default_factory=list, description="The rules, in order.")
    few_shots: list[FewShotShape] = Field(default_factory=list, description="Example exchanges, in order.")
    sources: list[str] = Field(default_factory=list, description="Works the whole draws on.")


def json_schema() -> str:
    """Return the JSON Schema (draft 2020-12) of a constitution's YAML file, as the text that is published."""
    schema: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(schema | ConstitutionShape.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(json_schema())
