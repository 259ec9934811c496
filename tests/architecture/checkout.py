"""The files of this checkout, for tests that read the source."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def python_files() -> list[Path]:
    """Return the Python files of the workbench, its window and its tests."""
    return sorted(path for folder in ("workbench", "ui", "tests") for path in (ROOT / folder).rglob("*.py"))


def text_files() -> Iterator[Path]:
    """Yield the files people read, in folders that are part of the repository."""
    kinds = {".py", ".md", ".toml", ".yaml", ".yml", ".cff", ".json", ".sh", ".in", ""}
    for folder in ("workbench", "ui", "tests", "constitutions", "docs", "packaging", ".ci", "projects/demo"):
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix in kinds)
    yield from (path for path in ROOT.glob("*") if path.is_file() and path.suffix in kinds and path.name != ".git")
