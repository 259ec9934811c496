"""Sentences that came through a file are known again by their templates, and shown in the window's language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.read_sentences import ReadSentences
from workbench.sentences import Sentence

#: Templates, and what a translator made of them.
GERMAN = {
    "not responding for {silent:.0f} seconds": "seit {silent} Sekunden keine Antwort",
    "Alarm {name}: {what} is {value:.3g} (limit {limit:.3g}); see {name}.": "Alarm {name}: {what} {value} ({limit}); {name}",
    "The {name} is not ready to label, because {why} ({reached}).": "{name} nicht bereit ({reached}): {why}",
    "it is right less often than {share:.0%}": "zu selten richtig, unter {share}",
    "{told}: {words}": "{words}, {told}",
    "Nothing was imported; look at it again.": "Nichts kam herein.",
    'it is no JSON object such as {"prompt": "…"}': "kein Objekt",
}
VERDICT = "The {name} is not ready to label, because {why} ({reached})."


def reading(translations: dict[str, str]) -> ReadSentences:
    return ReadSentences(list(translations), lambda text: translations.get(text, text))


READ, TURNED = reading(GERMAN), reading({VERDICT: "{reached}{why}{name}"})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("not responding for 12 seconds", "seit 12 Sekunden keine Antwort"),
        ("Alarm kl: it is 3 (limit 2); see kl.", "Alarm kl: it 3 (2); kl"),
        # One name stands for one value.
        ("Alarm kl: it is 3 (limit 2); see length.", "Alarm kl: it is 3 (limit 2); see length."),
        (
            "The feedback model is not ready to label, because it is right less often than 70% (right on 60%).",
            "feedback model nicht bereit (right on 60%): zu selten richtig, unter 70%",
        ),
        ("Somebody wrote this. Nothing was imported; look at it again.", "Somebody wrote this. Nichts kam herein."),
        ('it is no JSON object such as {"prompt": "…"}', "kein Objekt"),
        # A template with hardly a letter takes nothing.
        ("A note: of a person's own", "A note: of a person's own"),
    ],
)
def test_a_text_is_known_by_what_its_template_says(text: str, shown: str) -> None:
    assert READ.said(text) == shown


@given(st.text(), st.text(), st.text())
def test_no_letter_of_what_was_filled_in_is_lost(name: str, why: str, reached: str) -> None:
    text = str(Sentence(VERDICT, name=name, why=why, reached=reached))
    own = len(VERDICT.format(name="", why="", reached=""))
    assert len(TURNED.said(text)) <= len(text) - own  # a value may itself hold such a sentence
    if "label" not in name + why + reached:
        assert sorted(TURNED.said(text)) == sorted(name + why + reached)


def test_a_translator_who_leaves_a_brace_open_or_changes_a_name_breaks_nothing() -> None:
    template = "not responding for {silent:.0f} seconds"
    for translation, shown in (("seit {silent", "seit {silent"), ("seit {Zeit} s", "seit {Zeit} s")):
        assert reading({template: translation}).said("not responding for 3 seconds") == shown
