"""Files that are broken in one way each, and what a person reads: a sentence about the file, or reasons beside its rows."""

import gzip
import json
from typing import Any, NamedTuple

from workbench.interchange.sources.opening import LAYOUTS

NO_OBJECT = 'it is no JSON object such as {"prompt": "…"}'
NO_MORE = "; nothing from here on can be read"
CUT_OFF = "; the file ends here and may have been cut off"
UTF16 = "is UTF-16 or UTF-32 text; save it as UTF-8."
PACKED = "is compressed in a way that is not read here; unpack it, or compress it with gzip."
NO_ROWS = "holds no rows: it is empty, or has blanks, a header or an empty list alone. Choose another file."
QUOTES = "put texts that hold the delimiter in quotes"


class Refused(NamedTuple):
    """A file of which nothing can be read: its name, its bytes, and the sentence, which begins with the name."""

    name: str
    data: bytes
    told: str


class Listed(NamedTuple):
    """A file with bad rows: its name, its bytes, the reasons by line or row, and how many rows are good."""

    name: str
    data: bytes
    reasons: dict[int, str]
    good: int


def _jsonl(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _document(*items: str) -> bytes:
    return ("[" + ",\n".join(items) + "]").encode()


#: While these files are read a line, a row and a value of JSON may have so many bytes.
MOST_BYTES = 1024 * 1024
ONE, TWO = '{"prompt": "Tree?"}', '{"prompt": "Hedge?"}'
DEEP = '{"prompt": ' + "[" * 90_000 + "]" * 90_000 + "}"
#: Not so deep that a decoder gives up, and too deep for what goes through it.
RATHER_DEEP = '{"prompt": ' + '{"value": ' * 300 + "1" + "}" * 300 + "}"
LONG = "x" * MOST_BYTES
#: The beginning of an object that is too long to be held, the rest of which stands on line 2.
WIDE = b"{" + b" " * 2 * MOST_BYTES + b"\n"
RECORD = (
    b'{"fields": {"prompt": "Tree?", "text_a": "Oak.", "text_b": "No."}, '
    b'"responses": {"better": [{"value": "text_a", "user_id": "u", "status": "submitted"}]}}'
)
REFUSED = [
    Refused("x.jsonl", b"", NO_ROWS),
    Refused("x.json", b" \n\t\r\n", NO_ROWS),
    Refused("x.txt", b"\n \n", NO_ROWS),
    Refused("x.json", b"[]", NO_ROWS),
    Refused("x.csv", b"prompt,kind\n", NO_ROWS),
    Refused("x.jsonl", b"\xef\xbb\xbf", NO_ROWS),
    Refused("x.jsonl", b"3\n4\n", f"holds no row that can be read; line 1: {NO_OBJECT}."),
    Refused("x.json", b"3", f"holds no row that can be read; row 1: {NO_OBJECT}."),
    Refused("x.txt", f"{ONE}\n".encode("utf-16"), UTF16),
    Refused("x.jsonl", ONE.encode("utf-16-le"), UTF16),
    Refused("x.json", ONE.encode("utf-16-be"), UTF16),
    Refused("x.csv", "prompt\nx\n".encode("utf-16"), UTF16),
    Refused("x.txt", "\ufeffx\n".encode("utf-32-be"), UTF16),
    Refused("x.jsonl", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
            "is a pointer of Git LFS and holds no rows; fetch the file itself with: git lfs pull."),
    Refused("x.jsonl.gz", b"version https://git-lfs.github.com/spec/v1\n",
            "is a pointer of Git LFS and holds no rows; fetch the file itself with: git lfs pull."),
    Refused("x.csv", b"PK\x03\x04..", "is a ZIP archive or a spreadsheet; unpack it, or save the sheet as CSV."),
    Refused("x.json", b"PAR1..", "is a Parquet file; give it a name that ends in .parquet."),
    Refused("x.jsonl", b"ARROW1..",
            "is an Arrow file; name the folder of the data set it belongs to, or save it as Parquet."),
    Refused("x.txt", b"SQLite format 3\0..", "is a database of SQLite; export its rows as JSONL or CSV."),
    Refused("x.jsonl.gz", gzip.compress(gzip.compress(b"x")),
            "is compressed by gzip twice, or where it is not expected; unpack it."),
    Refused("x.jsonl", b"\x28\xb5\x2f\xfd..", PACKED),
    Refused("x.jsonl", b"\xfd7zXZ\0..", PACKED),
    Refused("x.jsonl", b"BZh91AY&SY..", PACKED),
    Refused("x.parquet", b"\n<!DOCTYPE html><html>",
            "is a web page and not the file it links to; download that one (on code hosts by its raw address)."),
    Refused("x.jsonl.gz", _jsonl(ONE), "is not a gzip file; if it is not compressed, rename it without .gz."),
    Refused("x.jsonl.gz", gzip.compress(_jsonl(ONE))[:15], "is damaged: gzip cannot unpack it. Fetch or copy it again."),
    Refused("x.xlsx", b"x", f"is no kind of file that holds rows; those end in {', '.join(LAYOUTS)}. Rename it, or save "
           f"it as one."),
    Refused("x.json", b'{"prompt": "x"', 'cannot be read: not valid JSON on line 1, column 15: a comma is missing, or a double '
            f"quote within a text lacks its backslash{CUT_OFF}."),
    Refused("x.json", b'{"prompt": "x"},\n{}', "cannot be read: not valid JSON on line 1, column 16: something follows "
           "its end; "
            "put the objects in a list, or each on a line of a .jsonl file."),
    Refused("x.json", b'{"prompt": 1, "prompt": 2}', "cannot be read: the field prompt is there twice; take one out."),
    Refused("x.json", WIDE + b'"prompt": "x"', 'cannot be read: not valid JSON on line 2, column 14: a comma is missing, or a '
            f"double quote within a text lacks its backslash{CUT_OFF}."),
    Refused("x.json", WIDE + b"'prompt': 'x'}", "cannot be read: not valid JSON on line 2, column 1: the name of a field must "
            "stand here, in double quotes."),
    Refused("x.json", WIDE + b'"prompt" "x"}', "cannot be read: not valid JSON on line 2, column 10: a colon is missing after "
            "the name of a field."),
    Refused("x.json", WIDE + b'"prompt": 1, "prompt": 2}', "cannot be read: the field prompt is there twice; take one out."),
    Refused("x.json", WIDE + b'"comparisons": [{}, {}', "cannot be read: not valid JSON on line 2, column 23: the list has no "
            f"end{CUT_OFF}."),
    Refused("x.json", b"[" * 90_000, "cannot be read: not valid JSON on line 1, column 2: values are nested too deeply."),
    Refused("x.json", b'[{"prompt": NaN', f"cannot be read: not valid JSON on line 1, column 2: a value has no end{CUT_OFF}."),
    Refused("x.json", b"[\n\n", f"cannot be read: not valid JSON on line 3, column 1: the list has no end{CUT_OFF}."),
    Refused("x.json", b'["' + b"x" * 2_100_000, "cannot be read: not valid JSON on line 1, column 2: a value of more than "
           "1 MB begins "
            "here; save the rows as JSONL, one on each line."),
    Refused("x.csv", b"prompt,prompt\nx,y\n", "names the column prompt twice; give one of the two another name."),
    Refused("x.csv", b"prompt,\nx,y\n", "has a column without a name; the first line must name every column."),
    Refused("x.csv", b'"prompt\nx\n', "has a header that cannot be read: a quote opens a cell that is never closed; close "
           "it, or "
            "take the quote out."),
    Refused("x.parquet", b"PAR1 and no table", "is damaged or no Parquet file: Parquet magic bytes not found in footer. "
           "Either the file is "
            "corrupted or this is not a parquet file."),
    Refused("x.jsonl", b'{"prompt": "p", "corrects": ["x"]}\n', "looks like evaluation-set (Evaluation set, as the "
           "Constitutional AI paper's), but it has no column incorrects. For its prompts alone add: --as prompts."),
    Refused("x.jsonl", b'{"rl_prompt": "p", "cst": []}\n', "looks like cai-chains (Chains released with the Constitutional AI "
           "paper), but it has no column initial_response."),
    Refused("x.jsonl", b'{}\n', "is in no format known here; its columns are none. Say what it is with --format and which "
           "column is which with --map field=column; workbench formats lists them."),
    Refused("x.jsonl", b'{"height": 3}\n', "is in no format known here; its columns are height. Say what it is with "
           "--format and which "
            "column is which with --map field=column; workbench formats lists them."),
    Refused("x.jsonl", _jsonl(json.dumps({f"{n:02}" + "y" * 80: 1 for n in range(30)})), "is in no format known here; its "
           "columns are "
            + ", ".join(f"{n:02}" + "y" * 58 + "…" for n in range(20)) + ", and 10 more. Say what it is with --format and "
           "which "
            "column is which with --map field=column; workbench formats lists them."),
]  # fmt: skip

WORDS = "not valid JSON at column"
ASKED = '{"_server_id": "s", "prompt": "Tree?", "response1": "Oak.", "response2": "No."'
LISTED = [
    Listed("x.jsonl", _jsonl(ONE, "[1]", TWO), {2: NO_OBJECT}, 2),
    Listed("x.jsonl", _jsonl(ONE, '{"prompt": }', TWO), {2: f"{WORDS} 12: a value is missing, or it is not spelt as in JSON "
           "(texts in double quotes, true, false, null)"}, 2),
    Listed("x.jsonl", _jsonl(ONE, '{"prompt": "a "b""}', TWO), {2: f"{WORDS} 16: a comma is missing, or a double quote "
           f"within a "
           "text lacks its backslash"}, 2),
    Listed("x.jsonl", _jsonl(ONE, '{"prompt" "x"}', TWO), {2: f"{WORDS} 11: a colon is missing after the name of a field"}, 2),
    Listed("x.jsonl", _jsonl(ONE, "{'prompt': 'x'}", TWO), {2: f"{WORDS} 2: the name of a field must stand here, in "
           f"double quotes"}, 2),
    Listed("x.jsonl", _jsonl(ONE, '{"prompt": "x}', TWO), {2: f"{WORDS} 12: a text begins here and has no closing quote"}, 2),
    Listed("x.jsonl", _jsonl(ONE, '{"prompt": "a\tb"}', TWO), {2: f"{WORDS} 14: a line break or a tab stands within a "
           f"text; write it "
           "as \\n or \\t"}, 2),
    Listed("x.jsonl", _jsonl(ONE, '{"prompt": "a\0b"}', TWO), {2: f"{WORDS} 14: the control character U+0000 stands within a "
           "text; take it out"}, 2),
    Listed("x.jsonl", _jsonl(ONE, '{"prompt": "C:\\dir"}', TWO), {2: f"{WORDS} 15: a backslash stands before a letter "
           f"that has no "
           "meaning there; write a backslash itself as \\\\"}, 2),
    Listed("x.jsonl", _jsonl(ONE, '{"prompt": "\\u12"}', TWO), {2: f"{WORDS} 14: \\u must be followed by four hexadecimal "
           f"digits"}, 2),
    Listed("x.jsonl", _jsonl(ONE, f"{TWO}{TWO}", TWO), {2: f"{WORDS} 21: something follows the end of the value"}, 2),
    Listed("x.jsonl", _jsonl(ONE, TWO)[:-6], {2: f"{WORDS} 12: a text begins here and has no closing quote{CUT_OFF}"}, 1),
    Listed("x.jsonl", _jsonl(ONE, '{"prompt": NaN}', '{"prompt": -Infinity}'),
           {2: "NaN is no value of JSON; write null where there is no number",
            3: "-Infinity is no value of JSON; write null where there is no number"}, 1),
    Listed("x.jsonl", _jsonl(ONE, '{"prompt": "a", "prompt": "b"}'), {2: "the field prompt is there twice; take one out"}, 1),
    Listed("x.jsonl", _jsonl(ONE, f'{{"n": {"1" * 5000}}}'), {2: "a number has more digits than can be read; put it in "
           "quotes"}, 1),
    Listed("x.jsonl", _jsonl(ONE, DEEP, RATHER_DEEP, TWO), dict.fromkeys((2, 3), "it is nested more than 100 levels deep"), 2),
    Listed("x.jsonl", _jsonl(ONE, '{"prompt": "\\ud83d!"}', '{"prompt": "\\uD83D\\uDE00"}', '{"prompt": "x", "n": '
           '{"\\udc80": 1}}'),
           {2: "the field prompt holds half a character (\\ud83d without its other half); take it out",
            4: "the field n holds half a character (\\udc80 without its other half); take it out"}, 2),
    Listed("x.jsonl", _jsonl(ONE) + b'{"prompt": "\xe4"}\n' + _jsonl(TWO),
           {2: "byte 13 of the line is not UTF-8; save the file as UTF-8"}, 2),
    Listed("x.txt", b"one\nT\xfcr\n" + LONG.encode() + b"y\nfour", {2: "byte 2 of the line is not UTF-8; save the file as "
           "UTF-8",
           3: "the line is longer than 1 MB; rows stand on lines of their own"}, 2),
    Listed("x.json", _document(ONE, "3", '"x"', TWO), {2: NO_OBJECT, 3: "the field prompt is missing"}, 2),
    Listed("x.json", _document(ONE, '{"prompt": NaN, "n": [1.5]}', '{"prompt": "\\ud83d"}', '{"a": 1, "a": 2}', RATHER_DEEP, TWO),
           {2: "NaN is no value of JSON; write null where there is no number",
            3: "the field prompt holds half a character (\\ud83d without its other half); take it out",
            4: "the field a is there twice; take one out", 5: "it is nested more than 100 levels deep"}, 2),
    Listed("x.json", b'[{"prompt": "\xe4"},\n' + _document(TWO)[1:], {1: "it holds bytes that are not UTF-8; save the "
           "file as UTF-8"}, 1),
    Listed("x.json", _document(ONE, TWO, '{"prompt": "x" "y"}', TWO), {3: "not valid JSON on line 3, column 16: a comma "
           "is missing, or "
           f"a double quote within a text lacks its backslash{NO_MORE}"}, 2),
    Listed("x.json", _document(ONE, TWO)[:-4], {2: "not valid JSON on line 2, column 12: a text begins here and has no "
           "closing quote"
           f"{CUT_OFF}{NO_MORE}"}, 1),
    Listed("x.json", _document(ONE, TWO)[:-1], {3: f"not valid JSON on line 2, column 21: the list has no "
           f"end{CUT_OFF}{NO_MORE}"}, 2),
    Listed("x.json", f"[{ONE} {TWO}]".encode(), {2: "not valid JSON on line 1, column 22: after row 1 there is neither a "
           "comma nor the "
           f"end of the list{NO_MORE}"}, 1),
    Listed("x.json", _document(ONE) + b"\n" + _document(TWO), {2: "not valid JSON on line 2, column 1: something follows "
           "the end of the "
           f"list; put all rows in one list{NO_MORE}"}, 1),
    Listed("x.json", WIDE + b'"a": %b, "b": %b, "c": 3, "d": {"n": NaN}, "e": %b, "f" %b}' % (RECORD, RECORD, RECORD, RECORD),
           {3: NO_OBJECT, 4: "NaN is no value of JSON; write null where there is no number",
            6: f"not valid JSON on line 2, column 510: a colon is missing after the name of a field{NO_MORE}"}, 3),
    Listed("x.json", WIDE + b'"prompt": ["Tree?", "\\ud83d", "Hedge?"], "kind": ["helpful", "helpful", null]}',
           {2: "it holds half a character (\\ud83d without its other half); take it out"}, 2),
    Listed("x.json", WIDE + b'"annotators": {}, "comparisons": [{"prompt": "a", "response_a": {"text": "b"}, "response_b": '
           b'{"text": "c"}}, {"n": NaN}], "metadata": {} x',
           {2: "NaN is no value of JSON; write null where there is no number",
            3: f"not valid JSON on line 2, column 138: a comma is missing, or a double quote within a text lacks its "
            f"backslash{NO_MORE}"}, 1),
    Listed("x.jsonl", _jsonl(ASKED + "}", ASKED + ', "kinder.responses": ["response1"], "safer.responses": ["response2"]}'),
           {2: "which of kinder.responses, safer.responses chooses between the responses is not clear; say it with --map "
               "choice=COLUMN"}, 1),
    Listed("x.csv", b'prompt,kind\nx,helpful\ny\n"a, b",\np,helpful,\nz,\n',
           {3: f"it has 1 cells where the header names 2 columns; {QUOTES}",
            5: f"it has 3 cells where the header names 2 columns; {QUOTES}"}, 3),
    Listed("x.csv", b'prompt\n"one\ntwo\n"three" of\nfour\n"five\n',
           {2: "not valid CSV: a quote closes a cell and something follows it; write a quote within a quoted cell twice",
            4: "not valid CSV: a quote closes a cell and something follows it; write a quote within a quoted cell twice",
            6: "not valid CSV: a quote opens a cell that is never closed; close it, or take the quote out"}, 2),
    Listed("x.csv", b"prompt\nT\xfcr\n\0 NUL\n" + LONG.encode() + b"y\nfour\n",
           {2: "it holds bytes that are not UTF-8; save the file as UTF-8",
            4: "not valid CSV: a row is longer than 1 MB; perhaps its quote is never closed"}, 2),
    Listed("x.csv", b'prompt\n"one\n' + LONG.encode() + b"\nthree\n",
           {2: "not valid CSV: a row is longer than 1 MB; perhaps its quote is never closed",
            3: "not valid CSV: a row is longer than 1 MB; perhaps its quote is never closed"}, 1),
]  # fmt: skip


def revised_by(critique: str, revision: str) -> dict[str, Any]:
    edit = f"\n\nRevisionRequest: {revision}\n\nRevision:"
    return {"prompt": [f"\n\nCritiqueRequest: {critique}\n\nCritique:"], "edit_request": edit}


CHATS = {"constitutions": [{"critic": "a", "revision": "b"}]}
THOUGHT = "{} step by step"
YAML = "name: x\nprinciples:\n"
#: Constitutions that cannot be read: name, content (text, or data to be written as JSON), and the sentence.
CONSTITUTIONS: list[tuple[str, Any, str]] = [
    ("x.json", '{"a": ', "x.json is not valid JSON on line 1: a value is missing, or it is not spelt as in JSON (texts in "
           "double "
     "quotes, true, false, null)."),
    ("x.json", '{"a": 1, "a": 2}', "x.json cannot be read: the field a is there twice; take one out."),
    ("x.json", {"a": 1}, "x.json is no constitution known here: principles of the Constitutional AI paper's repository, "
           "an llm-swarm "
     "constitution, a LangChain list of principles or sentences of Inverse Constitutional AI."),
    ("x.json", b'{"a": "\xe4"}', "{place}, line 1: this is not UTF-8 text; save the file as UTF-8."),
    ("x.json", "x" * 4_200_000, "{place} is larger than 4 MB, too large for a constitution."),
    ("x.json", {"k": {"prompt": ["x"], "edit_request": "y"}}, 'x.json, k: prompt does not begin with "CritiqueRequest:".'),
    ("x.json", {"k": {"prompt": ["\n\nCritiqueRequest: a\n\nCritique:"], "edit_request": "b"}},
     'x.json, k: edit_request does not begin with "RevisionRequest:".'),
    ("x.json", {"k": revised_by("", "x")}, "x.json, k: prompt is missing or is no text."),
    ("x.json", {"k": revised_by("a", "b"), "k ": revised_by("c", "d")}, "x.json holds two principles named k; names must "
           "differ."),
    ("fewshot.json", [{"prompt": "p", "corrects": [], "incorrects": ["b"]}],
     "fewshot.json, example 1: corrects is missing or is no text."),
    ("fewshot.json", [{"prompt": "p", "corrects": 3, "incorrects": ["b"]}],
     "fewshot.json, example 1: corrects is missing or is no text."),
    ("x.json", {"k": revised_by("a", "b"), "l": 3}, "x.json, l is no object with prompt and edit_request."),
    ("x.json", {"k": {"prompt": ["\n\nCritiqueRequest: a\n\nCritique:"]}}, "x.json, k: edit_request is missing or is no text."),
    ("x.json", {"k": {"edit_request": "\n\nRevisionRequest: a\n\nRevision:"}}, "x.json, k: prompt is missing or is no text."),
    ("fewshot.json", [{"prompt": "p", "corrects": ["b"]}], "fewshot.json, example 1: incorrects is missing or is no text."),
    ("fewshot.json", [{"corrects": ["a"], "incorrects": ["b"]}], "fewshot.json, example 1: prompt is missing or is no text."),
    ("fewshot.json", [{"prompt": "p", "corrects": ["a"], "incorrects": ["b"]}, 3],
     "fewshot.json, example 2 is no object with prompt, corrects and incorrects."),
    ("x.json", ["Please choose the response that is kinder.", "Which of these answers is less rude?"],
     'x.json: question 1 does not end in " Options:", as questions to compare by do here; add it. If these are prompts, add: '
     "--as prompts."),
    ("x.json", ["Which is kinder? Options:", "Which is less rude?"],
     'x.json: question 2 does not end in " Options:", as questions to compare by do here; add it. If these are prompts, add: '
     "--as prompts."),
    ("x.json", ["Which is kinder? Options:", 3], "x.json: question 2 is missing or is no text."),
    ("x.json", ["Select the response that is kinder", " "], "x.json: sentence 2 is missing or is no text."),
    ("x.json", ["Human: a\n\nAssistant: b\n\nCritiqueRequest: c\n\nCritique: d"],
     "x.json, example 1 is not a conversation followed by a critique and a revision."),
    ("x.json", ["Human: a\n\nCritiqueRequest: c\n\nRevision: d", None], "x.json, example 1 is not a conversation followed by a "
           "critique and a revision."),
    ("x.json", [{"prompt": "Consider this. {} So the answer is: (A)"}],
     "x.json, example 1 is not a conversation, {}, options (A) and (B), reasons and an answer."),
    ("x.json", [" Options:"], "x.json: question 1 is missing or is no text."),
    ("x.json", ["Human: a\n\nCritiqueRequest: c\n\nRevision: d"],
     "x.json, example 1 is not a conversation followed by a critique and a revision."),
    ("x.json", [{"prompt": THOUGHT}], "x.json, example 1 is not a conversation, {}, options (A) and (B), reasons and an "
           "answer."),
    ("x.json", {"constitutions": ["a"]}, "x.json, principle 1 is no object with critic and revision."),
    ("x.json", {"constitutions": [{"critic": "a"}]}, "x.json, principle 1: revision is missing or is no text."),
    ("x.json", {"constitutions": []}, "x.json holds no principle and no chat: its constitutions are empty. Choose another file."),
    ("x.json", {"system_chat": []}, "x.json holds no principle and no chat: its constitutions are empty. Choose another file."),
    ("x.json", {"constitutions": 3}, "x.json: constitutions must be a list of principles."),
    ("x.json", CHATS | {"system_chat": 3}, "x.json: system_chat must be a list of chats."),
    ("x.json", CHATS | {"system_chat": [[{"role": "user", "content": "x"}, 3]]},
     "x.json, chat 1 must be six turns, the user's and the assistant's in turn."),
    ("x.json", [{"name": "a", "critique_request": 3, "revision_request": "b"}],
     "x.json, principle 1: critique_request is missing or is no text."),
    ("x.json", [{"name": "a", "critique_request": "b"}], "x.json, principle 1: revision_request is missing or is no text."),
    ("x.json", {"a": {"revision_request": "b"}}, "x.json, principle 1: critique_request is missing or is no text."),
    ("x.json", [{"critique_request": "a", "revision_request": "b"}, 3],
     "x.json, principle 2 is no object with critique_request and revision_request."),
    ("x.py", "def (", "x.py, line 1: this is not valid Python: invalid syntax."),
    ("x.py", "x = '\0'", "x.py, line 1: this is not valid Python: source code string cannot contain null bytes."),
    ("x.py", "x = " + "-" * 90_000 + "1", "x.py cannot be read: what it says is nested too deeply."),
    ("x.py", "x = 1", "x.py makes no ConstitutionalPrinciple(...), so it holds no principles."),
    ("x.py", "ConstitutionalPrinciple(critique_request=f())", "x.py, line 1: critique_request is not a plain text."),
    ("x.py", "ConstitutionalPrinciple(critique_request='\\ud800')",
     "x.py, line 1: critique_request holds half a character (a lone surrogate); take it out."),
    ("x.yaml", b"name: \xe4", "{place}, line 1: this is not UTF-8 text; save the file as UTF-8."),
    ("x.yaml", " " * 4_200_000, "{place} is larger than 4 MB, too large for a constitution."),
    ("x.yaml", "a: [", "{place}, line 1: this is not valid YAML: expected the node content, but found '<stream end>'."),
    ("x.yaml", "name: x\x01", "{place}, line 1: this is not valid YAML: the character U+0001 may not stand in it."),
    ("x.yaml", "name: 2020-13-45", "{place}: this is not valid YAML: month must be in 1..12."),
    ("x.yaml", "a: " + "[" * 1000, "{place}: this YAML is nested too deeply."),
    ("x.yaml", "", "{place}, line 1: the file is empty; a constitution has at least a name and principles."),
    ("x.yaml", YAML + "  - id: a\n    wieght: 2\n", "{place}, line 4: principle 1: wieght is not a field here; did you "
           "mean weight?"),
    ("x.yaml", YAML + "  - id: a\n  - id: a\n", "{place}, line 4: the id a is already taken on line 3."),
]  # fmt: skip
