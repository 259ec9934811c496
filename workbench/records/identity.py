"""Names for records that follow from their content, so that writing one twice changes nothing."""

import hashlib
import json
from json.encoder import encode_basestring
from typing import Any

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical_json(data: Any) -> str:
    """One spelling for equal data: sorted keys, no spaces, no escapes, so that a hash of it means equality."""
    return _CANONICAL.encode(data)


def content_hash(data: Any) -> str:
    """Return the SHA-256 (hex) of plain data in its canonical spelling."""
    return hashlib.sha256(canonical_json(data).encode("utf-8", "surrogatepass")).hexdigest()


def record_id(kind: str, *parts: object) -> str:
    """Return an id such as `chain-1f0c…` that depends on kind and parts alone."""
    # Spelt as canonical_json spells a list of texts: ids are made for each row of files of a million rows.
    spelt = f"[{','.join(map(encode_basestring, (kind, *map(str, parts))))}]"
    return f"{kind}-{hashlib.sha256(spelt.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
