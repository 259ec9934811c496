"""Two versions of a constitution compared: what changed is told in a line first, then by its title, in words."""

from dataclasses import replace

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.look.theme import Theme
from ui.widgets.change_words import titles_of
from ui.widgets.diff_view import DiffView
from workbench.interchange.diff import compare
from workbench.records.constitution import Constitution, FewShot, Principle

KIND, TRUE, SAFE, CALM = (
    Principle(name, f"Be {name}", critique_request=f"Is it {name}?") for name in ("kind", "true", "safe", "calm")
)
SHOT = FewShot("comparison", "A prompt", response_a="x", response_b="y", answer="A")
OLD = Constitution("ours", principles=(KIND, TRUE, SAFE), few_shots=(SHOT,))
NEW = Constitution(
    "ours",
    "Ours",
    principles=(replace(TRUE, enabled=False), replace(CALM, tags=("mood",)), replace(KIND, weight=2.5, title="Kind")),
    few_shots=(replace(SHOT, answer="B"), replace(SHOT, prompt="Another: one")),
)


def shown(qtbot: QtBot, qapp: QApplication, before: Constitution, after: Constitution) -> str:
    view = DiffView("What changed", Theme(qapp))
    qtbot.addWidget(view)
    view.show_changes(compare(before, after), "They say the same.", titles_of(before, after))
    return view.toPlainText()


def test_every_kind_of_change_is_counted_and_told_under_its_part(qtbot: QtBot, qapp: QApplication) -> None:
    assert shown(qtbot, qapp, OLD, NEW) == (
        "Principles: 1 new, 1 taken out, 1 changed, 1 switched on or off, 1 moved · Examples: 1 new, 1 changed"
        " · the whole: changed\n"
        "\nthe whole\ntitle: Ours\n"
        "\nBe safe (safe)\ntaken out\ntitle: Be safe\ncritique request: Is it safe?\n"
        "\nBe true (true)\nswitched off\nmoved from place 2 to 1\n"
        "\nBe calm (calm)\nnew\ntitle: Be calm\ncritique request: Is it calm?\ntags: mood\n"
        "\nKind (kind)\ntitle: Be kindKind\nweight: 1.0 → 2.5\n"
        "\ncomparison example 'A prompt'\nanswer: AB\n"
        "\ncomparison example 'Another: one'\nnew\nprompt: Another: one\nresponse a: x\nresponse b: y\nanswer: A\n"
    )


def test_what_changed_in_weight_alone_is_told_as_such(qtbot: QtBot, qapp: QApplication) -> None:
    heavier = replace(OLD, principles=(replace(KIND, weight=2), TRUE, replace(SAFE, weight=0.5)))
    assert shown(qtbot, qapp, OLD, heavier).startswith(
        "Principles: 2 changed in weight alone\n\nBe kind (kind)\nweight:"
    )
    assert shown(qtbot, qapp, OLD, OLD) == "They say the same."
