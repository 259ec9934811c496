"""Rows that are broken in one way each: what is changed in a good row of a format, and the reason a person reads."""

from typing import Any, NamedTuple

#: A field that is taken out.
GONE = object()

#: A file with good rows of each format.
GOOD = {
    "prompt": "trl_prompt.jsonl",
    "prompt-completion": "trl_prompt_completion.jsonl",
    "preference": "trl_preference.jsonl",
    "preference-conversations": "trl_preference_conversations.jsonl",
    "preference-texts": "trl_preference_texts.jsonl",
    "messages": "trl_messages.jsonl",
    "pair": "pair.jsonl",
    "hh-rlhf": "hh_rlhf.jsonl",
    "red-team-attempts": "red_team_attempts.jsonl",
    "evaluation-set": "HarmfulVsEthical.jsonl",
    "cai-chains": "PALMS_SLMADISON.jsonl",
    "cai-answers": "PALMS_RLMADISON.jsonl",
    "annotated-pairs": "annotated_pairs.json",
    "summarize-from-feedback": "summarize_from_feedback.jsonl",
    "argilla": "argilla_flat.jsonl",
    "label-studio": "label_studio.json",
}


class Row(NamedTuple):
    """A format, what is changed in a good row of it, and why that cannot be read."""

    format: str
    changes: dict[str, Any]
    reason: str


USER, BOT = {"role": "user", "content": "p"}, {"role": "assistant", "content": "x"}
OTHER = {"role": "assistant", "content": "y"}
NO_SHARED_TURN = "chosen and rejected do not begin with the same turn, so there is no prompt to compare on"
NO_SHARED_TEXT = "chosen and rejected share no beginning that could be their prompt; add it in a field named prompt"
SAME = "both responses are the same, so there is nothing to choose"
TURN = "\n\nHuman: a\n\nAssistant: b"
NOT_BOTH = "a row has either response_a and response_b or chosen and rejected, not both"


def _labelled(*results: Any, **task: str) -> dict[str, Any]:
    return {"annotations": [{"result": list(results)}], "data": {"prompt": "p", "text1": "x", "text2": "y"} | task}


ROWS = [
    Row("prompt", {"prompt": GONE}, "the field prompt is missing"),
    Row("prompt", {"prompt": GONE, "Prompt": "x"}, "there is no field Prompt; did you mean prompt?"),
    Row("preference", {"chosen": GONE, "chosen_text": "x"}, "the field chosen is missing; is it the one named chosen_text?"),
    Row("prompt", {"prompt": None}, "the field prompt is empty"),
    Row("prompt", {"prompt": " \n"}, "prompt is blank"),
    Row("prompt", {"prompt": 3}, "prompt must be text, not the number 3"),
    Row("prompt", {"prompt": True}, "prompt must be text, not true"),
    Row("prompt", {"prompt": {"text": "x"}}, "prompt must be text, not an object"),
    Row("prompt", {"prompt": []}, "the last turn of prompt must be the user's"),
    Row("prompt", {"prompt": [BOT]}, "the last turn of prompt must be the user's"),
    Row("prompt", {"prompt": ["x"]}, "each turn of prompt must have role and content and nothing else"),
    Row("prompt", {"prompt": [{**USER, "name": "z"}]}, "each turn of prompt must have role and content and nothing else"),
    Row("prompt", {"prompt": [{"role": "tool", "content": "x"}]},
        "a turn of prompt has the role 'tool'; roles are system, user, assistant"),
    Row("prompt", {"prompt": [{"role": ["user"], "content": "x"}]},
        "a turn of prompt has the role a list; roles are system, user, assistant"),
    Row("prompt", {"prompt": [{"from": {}, "value": "x"}]},
        "a turn of prompt has the role an object; roles are system, user, assistant"),
    Row("prompt", {"prompt": [{"role": "user", "content": None}]},
        "each turn of prompt must have role and content and nothing else"),
    Row("prompt", {"prompt": [{"role": "user", "content": 1.5}]},
        "content of a turn of prompt must be text, not the number 1.5"),
    Row("prompt", {"kind": "redteam"}, "kind must be red-team or helpful, not 'redteam'"),
    Row("prompt", {"split": ["test"]}, "split must be train, sft, preferences, rl or test, not a list"),
    Row("prompt", {"splt": "test"}, "there is no field splt; did you mean split?"),
    Row("prompt-completion", {"completion": 3}, "completion must be text, not the number 3"),
    Row("prompt-completion", {"label": False}, "its label is false: a response to avoid, from which alone nothing can be "
           "learned"),
    Row("prompt-completion", {"completion": [USER]},
        "completion must be text or one assistant turn, with the turns before it in prompt"),
    Row("prompt-completion", {"completion": " "}, "completion is blank, so there is nothing to learn"),
    Row("messages", {"messages": [USER, {**BOT, "content": ""}]}, "the assistant's last turn is blank, so there is nothing "
           "to learn"),
    Row("prompt", {"prompt": [{**USER, "content": " "}]}, "prompt is blank"),
    Row("messages", {"messages": [{**USER, "content": " "}, BOT]}, "what the user says is blank, so nothing is asked"),
    Row("messages", {"messages": "x"}, "messages must be a list of turns, not 'x'"),
    Row("messages", {"messages": [BOT]}, "messages hold no turn of the user"),
    Row("messages", {"messages": []}, "messages hold no turn of the user"),
    Row("messages", {"messages": [USER, BOT, OTHER]}, "the assistant's last turn does not follow a turn of the user"),
    Row("pair", {"chosen": "x"}, NOT_BOTH),
    Row("pair", {"response_b": "Oak."}, SAME),
    Row("pair", {"preferred": "c"}, "preferred must be a, b or tie, not 'c'"),
    Row("pair", {"preferred": {"selected": {}}}, "preferred must be a, b or tie, not an object"),
    Row("preference", {"response_a": "x"}, NOT_BOTH),
    Row("preference", {"rejected": "Dig a hole."}, SAME),
    Row("preference", {"rejected": None}, "the field rejected is empty"),
    Row("preference", {"prompt": GONE}, "the field prompt is missing"),
    Row("preference-conversations", {"chosen": [USER, BOT], "rejected": [BOT]}, NO_SHARED_TURN),
    Row("preference-conversations", {"chosen": [USER, BOT], "rejected": [{**USER, "content": "q"}, OTHER]}, NO_SHARED_TURN),
    Row("preference-conversations", {"chosen": [USER, BOT], "rejected": []},
        "chosen and rejected must end on the assistant's turn"),
    Row("preference-conversations", {"chosen": [USER], "rejected": [USER]}, "chosen and rejected must end on the "
           "assistant's turn"),
    Row("preference-conversations", {"chosen": [USER, BOT], "rejected": [USER, BOT]},
        "both conversations are the same, so there is nothing to choose"),
    Row("preference-conversations", {"chosen": [USER, BOT, {**USER, "role": "system"}, BOT], "rejected": [USER, OTHER]},
        "a system turn stands after what chosen and rejected share; it must be the first"),
    Row("preference-conversations", {"prompt": "q", "chosen": [USER, BOT], "rejected": [USER, OTHER]},
        "prompt is not what chosen and rejected begin with"),
    Row("preference-texts", {"chosen": "Yes.", "rejected": "No."}, NO_SHARED_TEXT),
    Row("preference-texts", {"chosen": "Absolutely.", "rejected": "Absurd."}, NO_SHARED_TEXT),
    Row("preference-texts", {"chosen": "The sky.", "rejected": "The sky."}, SAME),
    Row("preference-texts", {"chosen": 3}, "chosen must be text, not the number 3"),
    Row("preference-texts", {"rejected": ""}, "rejected is blank"),
    Row("preference-texts", {"chosen": "Human: a\n\nAssistant: b"},
        'chosen looks like a transcript of hh-rlhf; those begin with two line breaks and "Human: "'),
    Row("preference-texts", {"splt": "rl"}, "there is no field splt; did you mean split?"),
    Row("hh-rlhf", {"rejected": "hello"}, 'rejected does not begin with "\\n\\nHuman: ", so it is no transcript'),
    Row("hh-rlhf", {"chosen": TURN, "rejected": "\n\nHuman: c\n\nAssistant: d"},
        "chosen and rejected do not begin with the same turn, so there is no prompt to compare on"),
    Row("hh-rlhf", {"chosen": TURN, "rejected": TURN}, "both transcripts are the same, so there is nothing to choose"),
    Row("red-team-attempts", {"transcript": "hello"}, 'transcript does not begin with "\\n\\nHuman: ", so it is no transcript'),
    Row("red-team-attempts", {"transcript": "\n\nAssistant: a"}, "transcript does not begin with what a person said"),
    Row("evaluation-set", {"corrects": []}, "corrects must be a list with at least one text"),
    Row("evaluation-set", {"corrects": ["x"], "incorrects": ["x"]}, "the same text is among corrects and incorrects"),
    Row("evaluation-set", {"corrects": [" (C)"]}, "the answer (C) is not offered by its prompt; its options are (A), (B)"),
    Row("cai-chains", {"rl_prompt": ""}, "the field rl_prompt is missing or blank"),
    Row("cai-chains", {"rl_prompt": TURN}, "rl_prompt does not end on what a person said"),
    Row("cai-chains", {"initial_response": []}, "initial_response holds no sample"),
    Row("cai-chains", {"cst": []}, "cst must be a list with at least one critique and revision"),
    Row("cai-chains", {"cst": [{}]}, "round 1 of cst has no cst_key"),
    Row("cai-answers", {"sampled_answers": 3}, "sampled_answers must be a list with at least one answer"),
    Row("cai-answers", {"sampled_answers": [{}]}, "answer 1 of sampled_answers has no sampled_string"),
    Row("cai-answers", {"sampled_answers": [{"sampled_string": "y", "pm_scores": [{"pm_score": int("9" * 400)}]}]},
        "answer 1 of sampled_answers has no pm_scores that are numbers"),
    Row("annotated-pairs", {"annotators": []}, "the file names no annotators"),
    Row("annotated-pairs", {"response_a": "x"}, "response_a must be an object with a text; files of version 1 are not read"),
    Row("annotated-pairs", {"response_b": {"text": "Oak."}}, SAME),
    Row("annotated-pairs", {"annotations": [1]}, "annotations must be an object with an entry for each annotator"),
    Row("annotated-pairs", {"annotations": {"n": {"pref": "a"}}}, "the annotator n is not among the file's annotators"),
    Row("annotated-pairs", {"annotations": {"aa11": {}}}, "the annotation of aa11 has no pref"),
    Row("annotated-pairs", {"annotations": {"aa11": {"pref": "c"}}}, "the preference of aa11 is 'c'; it must be a, b or tie"),
    Row("summarize-from-feedback", {"summaries": [{"text": "x"}]}, "summaries must be a list of two objects"),
    Row("summarize-from-feedback", {"summaries": [{"text": "x"}] * 2}, "both summaries are the same, so there is nothing "
           "to choose"),
    Row("summarize-from-feedback", {"choice": 2}, "choice must be 0 or 1, not the number 2"),
    Row("summarize-from-feedback", {"choice": True}, "choice must be 0 or 1, not true"),
    Row("summarize-from-feedback", {"info": "x"}, "info must be an object with a post or an article"),
    Row("summarize-from-feedback", {"info": {}}, "the field article is missing"),
    Row("argilla", {"response2": "Oak."}, SAME),
    Row("argilla", {"preference.responses": ["z", "response1"]}, "preference.responses holds 'z', which names neither "
           "response"),
    Row("argilla", {"preference.responses.users": ["u1"]},
        "preference.responses, its users and its status must be lists of one length"),
    Row("argilla", {"preference.responses.users": 3},
        "preference.responses, its users and its status must be lists of one length"),
    Row("argilla", {"preference.responses": [[{"value": [], "rank": 1}, {"value": "response1", "rank": 2}]] * 2},
        "preference.responses holds a list, which names neither response"),
    Row("label-studio", _labelled({"type": "pairwise", "value": {"selected": "up"}}),
        "the annotation's result holds an object, which names neither response"),
    Row("label-studio", _labelled({"type": "textarea", "value": {"text": "x"}}), "an annotation holds no result of type "
           "pairwise"),
    Row("label-studio", _labelled({"type": "choices", "value": {"choices": ["x"]}}),
        "the annotation's result holds an object, which names neither response"),
    Row("label-studio", {"annotations": [{"result": 3}]}, "an annotation holds no result of type pairwise"),
    Row("label-studio", _labelled(text2="x"), SAME),
]  # fmt: skip

#: What looks odd in a row and is none the less read: nothing of it is lost.
FINE: list[tuple[str, dict[str, Any]]] = [
    ("messages", {"messages": [USER, USER, BOT]}),
    ("messages", {"messages": [{**USER, "name": None}, BOT]}),
    ("messages", {"messages": [USER, {**BOT, "content": ""}, USER, BOT]}),
    ("preference", {"rejected": ""}),
    ("pair", {"response_b": " "}),
    ("annotated-pairs", {"response_b": {"text": ""}}),
    ("preference-conversations", {"chosen": [USER, BOT], "rejected": [USER, {**BOT, "content": ""}]}),
    ("prompt", {"prompt": "NUL \0 and \u2028"}),
    ("summarize-from-feedback", {"choice": 1.0}),
    ("label-studio", {"lead_time": int("9" * 400)}),
    ("label-studio", _labelled()),
    (
        "label-studio",
        _labelled(
            {"type": "choices", "value": {"choices": ["x"]}}, {"type": "choices", "value": {"choices": ["text1"]}}
        ),
    ),
    (
        "argilla",
        {"preference.responses": None, "preference.responses.users": None, "preference.responses.status": None},
    ),
    ("argilla", {"preference.responses.status": ["discarded", "submitted"]}),
]
