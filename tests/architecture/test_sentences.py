"""What the workbench says can be translated: templates are written out, and all that varies in them is named and given."""

import ast
from string import Formatter

from tests.architecture.sentences import calls


def test_templates_are_written_out_with_what_varies_named() -> None:
    assert len(calls()) > 700
    found = [call.place for call in calls() if any(isinstance(one, ast.JoinedStr) for one in call.others)]
    assert found == []


def test_what_a_template_names_is_given_and_nothing_else() -> None:
    found = []
    for call in calls():
        if not call.filled:  # then braces are the text's own
            continue
        named = {
            name for template in call.templates for _, name, _, _ in Formatter().parse(template) if name is not None
        }
        if call.templates and named | {"count"} != call.filled | {"count"}:
            found.append(f"{call.place}: {sorted(named ^ call.filled)}")
    assert found == []
