"""The origin of a pair for the inspector: who wrote the answers, who labelled them by what, and what people said."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ui.pages.run_lines import run_lines
from ui.static_words import in_language
from ui.tables.pairs_model import decision_words
from ui.widgets.inspector import Facts
from ui.widgets.review_keys import key_words
from ui.widgets.texts import moment

if TYPE_CHECKING:
    from workbench.project.reviewing import ReviewItem
    from workbench.records.comparison import Label, Review


def pair_facts(
    item: "ReviewItem",
    made: "Review | None",
    reveals: bool,
    history: "Sequence[dict[str, object]]" = (),
    covered: bool = False,
) -> Facts:
    """Tell where a pair comes from; what the label says only where it is revealed, and texts only where they are not covered."""
    from workbench.project.reviewing import decided  # noqa: PLC0415

    comparison = item.comparison
    models = ", ".join(dict.fromkeys(filter(None, [comparison.model_a, comparison.model_b])))
    lines = [
        (_tr("Pair"), comparison.id),
        (_tr("Prompt"), f"{item.prompt}\n({comparison.prompt_id}, {in_language(item.kind)})"),
        (_tr("Answers by"), f"{models} ({comparison.source})".strip()),
        (_tr("Seeds"), f"a {comparison.seed_a}, b {comparison.seed_b}"),
        *run_lines(item.written_by, _tr("Responses asked for by")),
    ]
    if made is not None:
        left = _tr("A was response a") if made.side_shown == "ab" else _tr("A was response b")
        said = key_words().get(decided(made.decision, made.side_shown), made.decision)
        blind = _tr("blind") if made.blind else _tr("after reveal") if made.after_reveal else _tr("not blind")
        lines += [(_tr("Your review"), f"{said} ({left}) · {made.seconds:.1f} s · {blind} · {made.reviewer}")]
        lines += [(_tr("Note"), made.reason)]
    if history:
        words = {**decision_words(), "withdrawn": _tr("taken back"), "": "–"}
        rows = []
        for row in history:
            turned = f"{words[str(row['before'])]} → {words[str(row['decision'])]}"
            rows.append(f"{moment(str(row['created']))} {row['reviewer']}: {turned} {row['reason']}".rstrip())
        lines.append((_tr("Reviews"), "\n".join(rows)))
    if not reveals:
        lines.append((_tr("Label"), _tr("Shown when the whole sample is done.")))
    elif item.label is None:
        lines.append((_tr("Label"), _tr("It has no label.")))
    else:
        lines += _label_lines(item.label)
        lines += run_lines(item.labelled_by, _tr("Label asked for by"))
    hidden = frozenset({_tr("Prompt exactly as sent"), _tr("Rationale")} if covered else ())
    return Facts(_tr("The last pair") if made else _tr("A pair"), lines, hidden)


def _label_lines(made: "Label") -> list[tuple[str, str]]:
    orders = "\n".join(
        f"{one.order}: log P(a) {one.logprob_a:.3f}, log P(b) {one.logprob_b:.3f}" for one in made.answers
    )
    sent = next((one.sent for one in made.answers if one.sent), _tr("The prompt was not stored with this label."))
    rationale = next((one.rationale for one in made.answers if one.rationale), "")
    return [
        (_tr("Label"), f"{made.id} · P(a) = {made.probability_a:.3f} · {made.method}"),
        (_tr("Principles"), ", ".join(made.principle_ids)),
        (_tr("Constitution"), made.constitution_hash[:12]),
        (_tr("Labelled by"), f"{made.model}, seed {made.seed}"),
        (_tr("Both orders"), orders),
        (_tr("Rationale"), rationale),
        (_tr("Prompt exactly as sent"), sent),
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("pair_facts", text)
