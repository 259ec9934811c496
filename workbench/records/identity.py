"""Names for records that follow from their content, so that writing one twice changes nothing."""

import hashlib
import json
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
    return f"{kind}-{content_hash([kind, *map(str, parts)])[:16]}"
