"""Baselines of an evaluation: what a model does without training, by picking among answers or by being told the rules."""

from dataclasses import dataclass

from workbench.errors import BadInputError

_EXAMPLE = "best_of_16:sl_cai,constitution:base"


@dataclass(frozen=True)
class Policy:
    """Who answers in an evaluation: a model as it is, the best of several of its answers, or it with the rules in front."""

    name: str
    role: str
    #: Answers drawn per prompt, of which the preference model's favourite is kept; 1 keeps what comes.
    best_of: int = 1
    #: Whether the constitution stands in front of each prompt as a system turn.
    constitution: bool = False


def parse_baselines(text: str, roles: tuple[str, ...]) -> tuple[Policy, ...]:
    """Read texts such as 'best_of_16:sl_cai,constitution:base' into policies named sl_cai_best_of_16, base_constitution."""
    found: dict[str, Policy] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        kind, _, role = part.partition(":")
        if role not in roles:
            raise BadInputError(
                "Baseline '{part}' names no model of this evaluation ({roles}), as in {example}.",
                part=part,
                roles=", ".join(roles),
                example=_EXAMPLE,
            )
        name = f"{role}_{kind}"
        if kind == "constitution":
            found[name] = Policy(name, role, constitution=True)
        else:
            found[name] = Policy(name, role, best_of=_number(part, kind))
    return tuple(found.values())


def _number(part: str, kind: str) -> int:
    number = kind.removeprefix("best_of_")
    if number == kind or not number.isdecimal() or int(number) < 2:
        raise BadInputError(
            "'{part}' is not a baseline; write best_of_N (N at least 2) or constitution, as in {example}.",
            part=part,
            example=_EXAMPLE,
        )
    return int(number)
