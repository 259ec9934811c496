"""How a text came about, for the inspector: the models, settings and seed of the run that made it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.records.run import Run
    from workbench.records.transcript import Message


def run_lines(run: "Run | None", doing: str) -> list[tuple[str, str]]:
    """Return a run's lines under a heading that says what it did; none where no run did it, as with what came in from a file."""
    if run is None or run.plan is None:
        return []
    plan = run.plan
    models = [
        f"{role}: {ref.label or ref.location}{_exact(ref.commit or ref.weights)}" for role, ref in plan.models.items()
    ]
    settings = [f"{name} = {value}" for name, value in plan.settings.items()]
    constitution = _tr("constitution {hash}").format(hash=plan.constitution_hash[:12])
    said = [_tr("{run}, seed {seed}, {constitution}").format(run=run.id, seed=plan.seed, constitution=constitution)]
    return [(doing, "\n".join([*said, *models, *settings]))]


def turns_of(messages: "Sequence[Message]") -> str:
    """Return what was asked: a single turn alone, several with who spoke."""
    if len(messages) == 1:
        return messages[0].text
    return "\n\n".join(f"{message.role}: {message.text}" for message in messages)


def _exact(weights: str) -> str:
    return f" ({weights[:12]})" if weights else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("run_lines", text)
