"""The draft of a project's constitution: in the store, and as a file beside it that people edit with what they like.

A draft is saved in the store first, then in the file, then the store notes that they agree; so whichever is ahead after a
crash, or after somebody edited the file, can be told by the file's hash.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from workbench.errors import BadInputError, MissingError
from workbench.records.constitution import MAX_BYTES, Draft
from workbench.runs.files import replace_text
from workbench.sentences import said
from workbench.store.database import Store
from workbench.store.rows import storable

#: The constitution as a person edits it; committing makes a version of it.
DRAFT = "constitution.yaml"
#: The byte order mark that some editors put in front.
_MARK = "\ufeff"


def draft_text(store: Store) -> str:
    """Return the draft as it is now, whichever of store and file is ahead; it need not be a constitution yet."""
    saved, file = store.drafts.get(DRAFT), _read(store.folder / DRAFT)
    if saved is not None and (file is None or _store_leads(saved, file)):
        return saved.text.removeprefix(_MARK)
    if file is None:
        raise MissingError("The project {folder} has no draft of a constitution.", folder=store.folder)
    return _decoded(file, store.folder / DRAFT).removeprefix(_MARK)


def save_draft(store: Store, text: str) -> None:
    """Save a draft; once in the store it is not lost any more, and then the file gets it too."""
    settle_draft(store)
    text = storable(text)
    file = _read(store.folder / DRAFT)
    if file is not None and file == text.encode():
        return
    _save(store, text, _hash(file))
    _write_file(store, text)


def settle_draft(store: Store) -> None:
    """Bring store and file into line after a crash or an edit of the file by hand; nobody's text is thrown away."""
    saved, file = store.drafts.get(DRAFT), _read(store.folder / DRAFT)
    if saved is None or file is None or _store_leads(saved, file):
        if saved is not None and (file is None or file != saved.text.encode()):
            _write_file(store, saved.text)
            store.notes.append(said("The draft had not reached {draft}; it was written there.", draft=DRAFT))
        elif saved is None and file is not None:
            _take_from_file(store, file)
        return
    if saved.file_hash != _hash(saved.text.encode()):
        beside = _write_beside(store, saved.text)
        store.notes.append(
            said(
                "{draft} was changed by hand; the draft that had not reached it is kept in {beside}.",
                draft=DRAFT,
                beside=beside,
            )
        )
    _take_from_file(store, file)


def keep_beside(store: Store) -> str:
    """Keep the draft as a file beside it, where something else is about to take its place; return the file's name."""
    settle_draft(store)
    return _write_beside(store, draft_text(store))


def _write_beside(store: Store, text: str) -> str:
    beside = f"{DRAFT.removesuffix('.yaml')}.draft-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.yaml"
    replace_text(store.folder / beside, text)
    return beside


def _store_leads(saved: Draft, file: bytes) -> bool:
    """Say whether the file is what it was when the draft was saved, or is that draft."""
    return _hash(file) in (saved.file_hash, _hash(saved.text.encode()))


def _take_from_file(store: Store, file: bytes) -> None:
    try:
        text = _decoded(file, store.folder / DRAFT)
    except BadInputError:  # whoever reads the draft is told; here it only means that there is nothing to keep
        return
    _save(store, text, _hash(file))


def _write_file(store: Store, text: str) -> None:
    replace_text(store.folder / DRAFT, text)
    _save(store, text, _hash(text.encode()))


def _save(store: Store, text: str, file_hash: str) -> None:
    draft = Draft(DRAFT, text, file_hash, datetime.now(UTC).isoformat(timespec="seconds"))
    with store.write():
        store.drafts.save(draft)


def _read(file: Path) -> bytes | None:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None


def _decoded(content: bytes, file: Path) -> str:
    if len(content) > MAX_BYTES:
        raise BadInputError(
            "{file} is larger than {max_bytes} MB, too large for a constitution.",
            file=file,
            max_bytes=MAX_BYTES // 1024**2,
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInputError(
            "{file}, line {line}: this is not UTF-8 text; save the file as UTF-8.", file=file, line=line
        ) from error


def _hash(content: bytes | None) -> str:
    return "" if content is None else hashlib.sha256(content).hexdigest()
