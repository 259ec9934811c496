"""Whole files, replaced in one step: a reader sees the old one or the new one, never half of either."""

import os
from pathlib import Path


def replace_text(path: Path, text: str, durable: bool = True) -> None:
    """Write a file beside and rename it into place; durable also flushes it and its folder to disk."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    with beside.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        if durable:
            os.fsync(file.fileno())
    beside.replace(path)
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's names to disk, so that a rename in it outlives a power cut."""
    if os.name == "nt":  # Windows keeps names by itself and cannot open a folder
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
