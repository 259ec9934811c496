"""Tool tips of texts that others wrote."""

import html


def plain_tip(text: str) -> str:
    """Return a text as a tool tip that shows it as it is: Qt takes what looks like markup for markup, and loads its pictures."""
    if "<" not in text and "&" not in text:
        return text
    return f'<p style="white-space: pre-wrap">{html.escape(text)}</p>'
