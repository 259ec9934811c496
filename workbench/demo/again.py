"""The demo's page written anew from its report, for example after another seed has run."""

import json
from pathlib import Path

from workbench.demo.evidence import Evidence
from workbench.demo.page import demo_page


def demo_page_again(project: Path) -> str | None:
    """Return a demo project's page from its report.json and run folders, or None where it holds no demo's report."""
    file = project / "report.json"
    if not file.is_file():
        return None
    report = json.loads(file.read_text(encoding="utf-8"))
    return demo_page(report, Evidence(project, report["runs"]), project)
