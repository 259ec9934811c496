"""Writing a model folder that stands alone: python -m workbench.worker.export_model SOURCE TARGET.

An adapter is merged into its base. The folder is loaded again by transformers alone and must give the same first tokens (a
preference model: the same scores); how many were compared is printed as JSON.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError

#: What belongs to a model; rows it was trained on and measured by stay at home.
_FILES = ("*.safetensors", "*.safetensors.index.json", "config.json", "generation_config.json", "tokenizer*", "*.jinja",
          "special_tokens_map.json", "added_tokens.json", "vocab.*", "merges.txt")  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Write and test the folder; return 0, or 1 with a sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m workbench.worker.export_model", description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    chosen = parser.parse_args(arguments)
    try:
        told = _export(chosen.source, chosen.target)
    except WorkbenchError as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is a command line
        return 1
    print(json.dumps(told))  # noqa: T201
    return 0


def _export(source: Path, target: Path) -> dict[str, Any]:
    from workbench.models.exported import is_scoring, require_the_same  # noqa: PLC0415
    from workbench.sources.adapters import is_adapter  # noqa: PLC0415 - torch only once the arguments are right

    model, tokenizer = _opened(source, is_scoring(source))
    if is_adapter(source):
        from workbench.stages.training.weights import save_model  # noqa: PLC0415

        save_model(model, tokenizer, target)
    else:
        target.mkdir(parents=True, exist_ok=True)
        for path in {path for pattern in _FILES for path in source.glob(pattern)}:
            shutil.copy2(path, target)
    compared = require_the_same(model, tokenizer, target)
    return {"compared": compared, "merged": is_adapter(source), "scores": is_scoring(target)}


def _opened(source: Path, scoring: bool) -> tuple[Any, Any]:
    if scoring:
        from workbench.stages.training.weights import load_preference_model, load_tokenizer  # noqa: PLC0415

        tokenizer = load_tokenizer(source)
        return load_preference_model(source, tokenizer).eval(), tokenizer
    from workbench.models.loading import load_tokenizer as load_any  # noqa: PLC0415
    from workbench.models.loading import load_weights  # noqa: PLC0415

    return load_weights(source), load_any(source)


if __name__ == "__main__":
    sys.exit(main())
