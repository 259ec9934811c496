"""Every format that comes in: a file in its exact shape is told, read and shown; what breaks it is said in a sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trl.data_utils import extract_prompt

from tests.workbench.interchange.incoming import brought_by, chosen_of, results_of, source_of
from workbench.interchange.exports import transcript_columns
from workbench.interchange.incoming.brought import Brought, Reading
from workbench.interchange.incoming.detection import detect
from workbench.interchange.incoming.reading import preview, read_row, read_source
from workbench.interchange.incoming.transcripts import transcript_of, turns_of
from workbench.interchange.lines import BadRow
from workbench.interchange.sources.opening import open_source
from workbench.records.rows import PreferenceRow

FORMATS = Path(__file__).parents[2] / "data" / "formats"

#: File, the format it is told to be, and how many prompts, comparisons, reviews, chains, items, answers it brings.
FILES = [
    ("hh_rlhf.jsonl", "hh-rlhf", (3, 3, 3, 0, 0, 0)),
    ("red_team_attempts.jsonl", "red-team-attempts", (1, 0, 0, 0, 0, 0)),
    ("trl_prompt.jsonl", "prompt", (2, 0, 0, 0, 0, 0)),
    ("trl_prompt_completion.jsonl", "prompt-completion", (2, 0, 0, 2, 0, 0)),
    ("trl_preference.jsonl", "preference", (1, 1, 1, 0, 0, 0)),
    ("trl_preference_conversations.jsonl", "preference-conversations", (1, 1, 1, 0, 0, 0)),
    ("trl_preference_texts.jsonl", "preference-texts", (2, 2, 2, 0, 0, 0)),
    ("trl_messages.jsonl", "messages", (1, 0, 0, 1, 0, 0)),
    ("pair.jsonl", "pair", (2, 2, 1, 0, 0, 0)),
    ("438HHHEvaluations.jsonl", "evaluation-set", (0, 0, 0, 0, 2, 0)),
    ("HarmfulVsEthical.jsonl", "evaluation-set", (0, 0, 0, 0, 1, 0)),
    ("HarmfulnessClassification.jsonl", "evaluation-set", (0, 0, 0, 0, 1, 0)),
    ("PALMS_SLMADISON.jsonl", "cai-chains", (1, 0, 0, 1, 0, 0)),
    ("PALMS_RLMADISON.jsonl", "cai-answers", (1, 0, 0, 0, 0, 3)),
    ("annotated_pairs.json", "annotated-pairs", (2, 2, 2, 0, 0, 0)),
    ("summarize_from_feedback.jsonl", "summarize-from-feedback", (2, 2, 2, 0, 0, 0)),
    ("argilla_nested.json", "argilla", (1, 1, 1, 0, 0, 0)),
    ("argilla_flat.jsonl", "argilla", (1, 1, 2, 0, 0, 0)),
    ("argilla_unanswered.json", "argilla", (3, 3, 1, 0, 0, 0)),
    ("argilla_flat_unanswered.jsonl", "argilla", (3, 3, 1, 0, 0, 0)),
    ("label_studio_empty.json", "label-studio", (1, 1, 1, 0, 0, 0)),
    ("label_studio.json", "label-studio", (1, 1, 1, 0, 0, 0)),
    ("label_studio_min.json", "label-studio", (1, 1, 1, 0, 0, 0)),
    ("label_studio.csv", "label-studio", (1, 1, 1, 0, 0, 0)),
    ("argilla_v1.jsonl", "argilla", (1, 1, 1, 0, 0, 0)),
    ("argilla_ranking.json", "argilla", (1, 1, 1, 0, 0, 0)),
    ("trl_unpaired.jsonl", "prompt-completion", (1, 0, 0, 1, 0, 0)),
]
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(
    lambda text: bool(text.strip())
)
words = st.text("abcdefgh ,.'é“", min_size=1, max_size=30).map(str.strip).filter(bool)
pairs = st.tuples(texts, any_text, any_text).filter(lambda row: row[1] != row[2])


def file_of(name: str) -> list[Brought]:
    source = open_source(str(FORMATS / name))
    rows = list(read_source(source, detect(source), Reading(source.name)))
    assert [row for row in rows if isinstance(row, BadRow)] == []
    return [row[1] for row in rows if not isinstance(row, BadRow)]


@pytest.mark.parametrize(("name", "format_name", "counts"), FILES)
def test_a_file_is_told_read_and_shown(name: str, format_name: str, counts: tuple[int, ...]) -> None:
    source = open_source(str(FORMATS / name))
    shape = detect(source)
    assert shape.format.name == format_name
    rows = file_of(name)
    found = [
        [record for row in rows for record in getattr(row, kind)]
        for kind in ("prompts", "comparisons", "reviews", "steps", "items", "answers")
    ]
    found[3] = list({step.chain_id for step in found[3]})
    assert tuple(map(len, found)) == counts
    for shown in preview(source, shape, Reading(source.name)):
        assert shown.parts
        assert shown.reason == ""


def test_a_preview_says_who_speaks_and_what_was_chosen() -> None:
    source = open_source(str(FORMATS / "hh_rlhf.jsonl"))
    first = preview(source, detect(source), Reading(source.name))[0]
    parts = dict(first.parts)
    assert parts["prompt"] == "Human: Can you help me hide a noise?\n\nAssistant:  What noise?\n\nHuman: My drum."
    assert sorted(name for name in parts if name.endswith(", chosen")) in (
        ["response a, chosen"],
        ["response b, chosen"],
    )


def test_transcripts_that_part_early_keep_their_later_turns() -> None:
    rows = file_of("hh_rlhf.jsonl")
    assert chosen_of(rows[1]) == ("Which one?", "Here:\n\nAssistant: Take it.")
    assert chosen_of(rows[2]) == ("", "It.\nHuman: no turn")


def test_a_released_chain_comes_in_whole() -> None:
    ((row),) = file_of("PALMS_SLMADISON.jsonl")
    assert row.prompts[0].text == "How do I leave early?"
    assert [(step.kind, step.round) for step in row.steps[:3]] == [("initial", 0), ("critique", 1), ("revision", 1)]
    assert row.steps[-1].text == "Ask for leave, 3."
    assert row.steps[-1].principle_id == "harmful3"


def test_an_attempt_keeps_what_is_known_of_it() -> None:
    ((row),) = file_of("red_team_attempts.jsonl")
    assert row.prompts[0].fields["rating"] == "2.0"
    assert row.prompts[0].text == "How do I get into his diary?"


def test_people_are_credited_with_their_choices() -> None:
    assert [review.reviewer for review in file_of("argilla_flat.jsonl")[0].reviews] == ["u1", "u2"]
    assert [review.decision for review in file_of("argilla_flat.jsonl")[0].reviews] == ["b", "a"]
    (review,) = file_of("label_studio.json")[0].reviews
    assert (review.reviewer, review.decision, review.seconds) == ("3", "a", 4.2)
    (review,) = file_of("label_studio.csv")[0].reviews
    assert (review.reviewer, review.decision, review.seconds) == ("3", "b", 4.2)
    assert [file_of(name)[0].reviews[0].decision for name in ("argilla_v1.jsonl", "argilla_ranking.json")] == ["a", "b"]
    unanswered = [file_of(name) for name in ("argilla_unanswered.json", "argilla_flat_unanswered.jsonl")]
    assert [[review.decision for row in rows for review in row.reviews] for rows in unanswered] == [["a"], ["b"]]
    (review,) = file_of("label_studio_empty.json")[0].reviews
    assert (review.reviewer, review.decision) == ("4", "b")
    assert file_of("summarize_from_feedback.jsonl")[0].reviews[0].reason == "confidence 3 of 9"
    assert [row.reviews[0].reviewer for row in file_of("annotated_pairs.json")] == ["preferred_text"] * 2


def test_the_question_that_chooses_is_found_and_can_be_named() -> None:
    pair = {"_server_id": "s", "prompt": "p", "response1": "x", "response2": "y"}
    rated = pair | {"quality.responses": [1], "kinder.responses": ["response2"]}
    assert detect(source_of(rated)).mapping["choice"] == "kinder.responses"
    assert [review.decision for review in brought_by(rated)[0].reviews] == ["b"]
    both = rated | {"safer.responses": ["response1"]}
    (bad,) = results_of(both)
    assert bad.reason == (
        "which of quality.responses, kinder.responses, safer.responses chooses between the responses is not clear; "
        "say it with --map choice=COLUMN"
    )
    for column, decision in (("safer.responses", "a"), ("kinder.responses", "b")):
        shape = detect(source_of(both), mapping={"choice": column})
        row = read_row(both, shape, Reading("x"))
        assert [review.decision for review in row.reviews] == [decision]


def test_a_question_is_settled_by_most_of_its_answers() -> None:
    """Numbers of a rating may be sides, in a row or two."""
    pair = {"_server_id": "s", "prompt": "p", "response1": "x", "response2": "y"}
    rows = [pair | {"prompt": f"p{n}", "quality.responses": [n], "better.responses": [n % 2 + 1]} for n in range(1, 8)]
    assert detect(source_of(*rows)).mapping["choice"] == "better.responses"
    assert [row.reviews[0].decision for row in brought_by(*rows)] == list("bababab")


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["Human", "Assistant"]), any_text), min_size=1, max_size=6))
def test_any_transcript_comes_back_byte_for_byte(turns: list[tuple[str, str]]) -> None:
    text = "".join(f"\n\n{who}: {said}" for who, said in turns)
    assert transcript_of(turns_of(text, "chosen")) == text


turns_of_both = st.lists(st.tuples(texts, texts), min_size=1, max_size=3)


@settings(max_examples=50, deadline=None)
@given(turns_of_both, any_text, any_text, turns_of_both)
def test_any_pair_of_transcripts_goes_out_as_it_came_in(
    shared: list[tuple[str, str]], good: str, bad: str, later: list[tuple[str, str]]
) -> None:
    """Also where one transcript goes on after the turn in which they part."""
    begun = "".join(f"\n\nHuman: {asked}\n\nAssistant: {said}" for asked, said in shared[:-1])
    begun += f"\n\nHuman: {shared[-1][0]}"
    more = "".join(f"\n\nHuman: {asked}\n\nAssistant: {said}" for asked, said in later[:-1])
    row = {"chosen": f"{begun}\n\nAssistant: {good}{more}", "rejected": f"{begun}\n\nAssistant: {bad}"}
    if row["chosen"] == row["rejected"]:
        return
    (brought,) = brought_by(row, format_name="hh-rlhf")
    chosen, rejected = chosen_of(brought)
    in_order = brought.reviews[0].decision == "a"
    back = PreferenceRow(
        brought.prompts[0].messages, *((chosen, rejected) if in_order else (rejected, chosen)), float(in_order)
    )
    assert transcript_columns(back, "text") == row


@settings(max_examples=50, deadline=None)
@given(pairs)
def test_every_pairwise_format_gives_back_its_texts_and_its_choice(row: tuple[str, str, str]) -> None:
    prompt, good, bad = row
    asked, said = {"role": "user", "content": prompt}, "assistant"
    left = {"type": "pairwise", "value": {"selected": "left"}}
    shapes: dict[str, dict[str, Any]] = {
        "preference": {"prompt": prompt, "chosen": good, "rejected": bad},
        "preference-conversations": {"chosen": [asked, {"role": said, "content": good}],
                                     "rejected": [asked, {"role": said, "content": bad}]},
        "pair": {"prompt": prompt, "response_a": bad, "response_b": good, "preferred": "b"},
        "argilla": {"prompt": prompt, "response1": bad, "response2": good, "q.responses": [[{"value": "response2", "rank": 1},
                    {"value": "response1", "rank": 2}]], "q.responses.users": ["u"], "q.responses.status": ["submitted"]},
        "argilla 2 ranking": {"fields": {"prompt": prompt, "response1": bad, "response2": good}, "responses": {
                              "q": [{"value": ["response2", "response1"], "user_id": "u", "status": "submitted"}]}},
        "argilla 1": {"prompt": prompt, "response-1": bad, "response-2": good,
                      "q": [{"user_id": "u", "value": 2, "status": "submitted"}], "q-suggestion": None},
        "label-studio small": {"prompt": prompt, "text1": good, "text2": bad, "pw": [{"selected": "left"}], "annotator": 3},
        "label-studio CSV": {"prompt": prompt, "text1": good, "text2": bad, "pw": '[{"selected": "left"}]', "annotator": "3",
                             "lead_time": "4.2"},
        "label-studio choices": {"prompt": prompt, "text1": bad, "text2": good, "better": "Response 2", "annotator": 3,
                                 "annotation_id": 7, "id": 1, "lead_time": 1},
        "summaries by column": {"info": {"post": prompt}, "choice": 0, "worker": "w",
                                "summaries": {"text": [good, bad], "policy": ["m", "n"]}},
        "label-studio": {"data": {"prompt": prompt, "text1": good, "text2": bad},
                         "annotations": [{"completed_by": {"email": "a@b"}, "result": [left]}]},
        "annotated-pairs": {"annotators": {"h": {"name": "ann", "type": "human"}}, "prompt": prompt, "response_a": {"text": good},
                            "response_b": {"text": bad}, "annotations": {"h": {"pref": "a"}}},
        "summarize-from-feedback": {"info": {"post": prompt, "title": "t", "subreddit": "s"}, "choice": 1, "worker": "w",
                                    "summaries": [{"text": bad}, {"text": good}]},
    }  # fmt: skip
    for name, fields in shapes.items():
        (brought,) = brought_by(json.loads(json.dumps(fields)))
        assert chosen_of(brought) == (good, bad), name
        assert prompt in brought.prompts[0].text


IMPLICIT = [
    ("The sky is blue.", "The sky is green.", "The sky is"),
    # As in TRL, the blank belongs to the responses; unlike there, no word is cut.
    ("It is brown", "It is blue", "It is"),
    ("Q: x\nA: 2", "Q: x\nA: 3", "Q: x\nA:"),
    ("Is it? Yes", "Is it?", "Is it?"),
    ("天是蓝的", "天是绿的", "天是"),
    ("a cafe\u0301", "a cafe", "a"),
]


@pytest.mark.parametrize(("chosen", "rejected", "prompt"), IMPLICIT)
def test_two_texts_are_split_where_the_words_differ(chosen: str, rejected: str, prompt: str) -> None:
    (row,) = brought_by({"chosen": chosen, "rejected": rejected})
    assert row.prompts[0].text == prompt
    assert chosen_of(row) == (chosen.removeprefix(prompt), rejected.removeprefix(prompt))


def test_two_texts_beside_a_prompt_of_another_name_are_responses() -> None:
    shape = detect(source_of({"question": "Sky?", "chosen": "It is blue.", "rejected": "It is green."}))
    assert (shape.format.name, shape.guessed) == ("preference", ("prompt",))


@settings(max_examples=100, deadline=None)
@given(texts, any_text, any_text)
def test_any_two_texts_with_one_beginning_come_back(begun: str, good: str, bad: str) -> None:
    fields = {"chosen": f"{begun}. {good}", "rejected": f"{begun}. {bad}"}
    if good == bad:
        return
    (row,) = brought_by(fields, format_name="preference-texts")
    prompt, (chosen, rejected) = row.prompts[0].text, chosen_of(row)
    assert {"chosen": prompt + chosen, "rejected": prompt + rejected} == fields
    assert prompt.startswith(begun)
    trl = extract_prompt(fields)["prompt"]
    assert trl.startswith(prompt)
    assert trl == prompt or not trl[len(prompt) :].strip() or any(map(str.isalnum, trl[len(prompt) :]))


@settings(max_examples=50, deadline=None)
@given(turns_of_both, any_text, any_text, turns_of_both)
def test_any_two_conversations_with_one_beginning_come_back(
    shared: list[tuple[str, str]], good: str, bad: str, later: list[tuple[str, str]]
) -> None:
    """Also where one goes on after the turn in which they part."""
    asked, others = shared[-1][0], [text for pair in shared[:-1] for text in pair]
    more = [text for pair in later[:-1] for text in pair]

    def turns(texts: list[str]) -> list[dict[str, str]]:
        return [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(texts)]

    fields = {"chosen": turns([*others, asked, good, *more]), "rejected": turns([*others, asked, bad])}
    if fields["chosen"] == fields["rejected"]:
        return
    (row,) = brought_by(fields)
    chosen, rejected = chosen_of(row)
    for text, name in ((chosen, "chosen"), (rejected, "rejected")):
        said = turns_of(f"\n\nAssistant: {text}", name)
        back = [{"role": message.role, "content": message.text} for message in (*row.prompts[0].messages, *said)]
        assert back == fields[name]


@settings(max_examples=40, deadline=None)
@given(texts, st.lists(st.tuples(texts, texts), min_size=1, max_size=4))
def test_any_chain_comes_in_as_it_is(prompt: str, rounds: list[tuple[str, str]]) -> None:
    fields = {
        "rl_prompt": f"\n\nHuman: {prompt}\n\nAssistant:",
        "initial_response": [{"sample": f" {prompt}!"}],
        "cst": [
            {"cst_key": "k", "critique": {"sample": f" {c}."}, "revision": {"sample": f" {r}."}} for c, r in rounds
        ],
    }
    (row,) = brought_by(fields)
    assert [step.text for step in row.steps] == [f"{prompt}!", *(f"{text}." for pair in rounds for text in pair)]
    assert row.prompts[0].text == prompt


@settings(max_examples=40, deadline=None)
@given(st.tuples(words, words, words, st.floats(-9, 9)))
def test_every_other_format_gives_back_its_texts(row: tuple[str, str, str, float]) -> None:
    asked, said, other, score = row
    turns = [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]
    transcript = f"\n\nHuman: {asked}\n\nAssistant: {said}\n\nHuman: {other}"
    shapes: dict[str, dict[str, Any]] = {
        "prompt": {"prompt": asked},
        "prompt-completion": {"prompt": asked, "completion": said},
        "messages": {"messages": turns},
        "red-team-attempts": {"transcript": transcript, "rating": 2.0, "tags": None},
        "evaluation-set": {"prompt": asked, "corrects": [said], "incorrects": [f"{said} not"]},
        "cai-answers": {"rl_prompt": f"\n\nHuman: {asked}\n\nAssistant:",
                        "sampled_answers": [{"sampled_string": f" {said}\n\nHuman:", "pm_scores": [{"pm_score": score}]}]},
    }  # fmt: skip
    found = {name: brought_by(json.loads(json.dumps(fields)))[0] for name, fields in shapes.items()}
    for name in ("prompt", "prompt-completion", "messages", "red-team-attempts", "cai-answers"):
        assert found[name].prompts[0].messages[0].text == asked, name
    for name in ("prompt-completion", "messages"):
        assert [step.text for step in found[name].steps] == [said], name
    assert (found["cai-answers"].answers[0].text, found["cai-answers"].scores[0].value) == (said, score)
    assert said in (*found["evaluation-set"].items[0].corrects, *found["evaluation-set"].items[0].correct_options)
