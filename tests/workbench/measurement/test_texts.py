"""Diversity of texts by hand and on any text."""

from hypothesis import given
from hypothesis import strategies as st

from workbench.measurement.texts import distinct_share, sentences, top_sentence, top_sentence_share

texts = st.lists(st.text(max_size=60), max_size=12)


def test_sentences_end_at_marks_and_lines() -> None:
    assert sentences('Ask her. Why not? "Well!" she said.\nGo on… now') == [
        "Ask her.",
        "Why not?",
        '"Well!"',
        "she said.",
        "Go on…",
        "now",
    ]
    assert sentences("  \n ") == []


def test_distinct_texts_are_counted_case_and_spaces_aside() -> None:
    assert distinct_share(["Ask her.", "ask  her. ", "Ask him.", "Go."]) == 0.75
    assert distinct_share([]) == 0


def test_the_top_sentence_counts_once_in_each_text() -> None:
    rows = ["Stop. Stop. Ask her.", "Ask her. Go.", "Go on. ask her.", "Wait."]
    assert top_sentence(rows) == ("ask her.", 0.75)
    assert top_sentence_share(rows) == 0.75
    assert top_sentence_share(["", " "]) == 0


@given(texts)
def test_shares_are_shares_and_sentences_lose_only_spaces(rows: list[str]) -> None:
    assert 0 <= distinct_share(rows) <= 1
    assert 0 <= top_sentence_share(rows) <= 1
    for text in rows:
        assert "".join("".join(sentences(text)).split()) == "".join(text.split())
