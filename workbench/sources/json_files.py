"""JSON files beside a model's weights: bounded, and an object or a sentence."""

import json
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, MissingError

_LARGEST = 64 << 20


def read_json(file: Path) -> dict[str, Any]:
    """Return a JSON object of bounded size."""
    try:
        if file.stat().st_size > _LARGEST:
            raise BadInputError("{file} is larger than any such file is.", file=file)
        data = json.loads(file.read_bytes())
    except FileNotFoundError as error:
        raise MissingError("There is no {file}.", file=file) from error
    except (ValueError, RecursionError) as error:
        raise BadInputError("{file} cannot be read: {error}.", file=file, error=error) from error
    if not isinstance(data, dict):
        raise BadInputError("{file} holds no JSON object.", file=file)
    return data
