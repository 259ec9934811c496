"""Write a file for a translator (.ts): what the window says, found by lupdate, and the words it shows of the workbench.

    python packaging/translations.py window_de.ts

A file that is there keeps what was translated in it.
"""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from ui.static_words import CONTEXT, sources

ROOT = Path(__file__).resolve().parents[1]


def update(file: Path) -> int:
    """Bring a file up to date; return how many of its texts nobody has translated yet."""
    before = _translated(file)
    command = [str(Path(sys.executable).with_name("pyside6-lupdate")), *map(str, sorted((ROOT / "ui").rglob("*.py")))]
    subprocess.run([*command, "-silent", "-ts", str(file)], check=True, cwd=ROOT)
    tree = ElementTree.parse(file)
    root = tree.getroot()
    for context in root.findall("context"):
        if context.findtext("name") == CONTEXT:
            root.remove(context)
    context = ElementTree.SubElement(root, "context")
    ElementTree.SubElement(context, "name").text = CONTEXT
    for source in dict.fromkeys(sources()):
        message = ElementTree.SubElement(context, "message")
        ElementTree.SubElement(message, "source").text = source
        said = ElementTree.SubElement(message, "translation")
        if source in before:
            said.text = before[source]
        else:
            said.set("type", "unfinished")
    beside = file.with_name(f".{file.name}.new")
    tree.write(beside, encoding="utf-8", xml_declaration=True)
    os.replace(beside, file)
    return len(root.findall("context/message/translation[@type='unfinished']"))


def _translated(file: Path) -> dict[str, str]:
    """Return what a file says of the workbench's words already."""
    if not file.is_file():
        return {}
    of_workbench = (one for one in ElementTree.parse(file).iter("context") if one.findtext("name") == CONTEXT)
    messages = [message for context in of_workbench for message in context.findall("message")]
    pairs = [(message.findtext("source", ""), message.findtext("translation", "")) for message in messages]
    return {source: said for source, said in pairs if said}


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].endswith(".ts"):
        sys.exit(__doc__)
    sys.stdout.write(f"{update(Path(sys.argv[1]).resolve())} texts are to be translated.\n")
