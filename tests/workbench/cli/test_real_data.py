"""The real test split of hh-rlhf, in and out and in again through every format that can carry it: not a byte is other."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., str]
DATA = Path(os.environ.get("WORKBENCH_DATA", Path(__file__).parents[4] / "shared" / "data"))
PAIRS = DATA / "hh-rlhf" / "harmless-base-test.jsonl.gz"
OUT = (
    ("hh-rlhf", "out.jsonl"),
    ("hh-rlhf", "out.parquet"),
    ("preferences", "out.jsonl"),
    ("preferences", "out.parquet"),
    ("annotated-pairs", "out.json"),
)


def rows_of(text: str) -> list[tuple[str, str]]:
    rows: list[dict[str, Any]] = [json.loads(line) for line in text.split("\n") if line]
    return sorted((row["chosen"], row["rejected"]) for row in rows)


@pytest.mark.skipif(not PAIRS.is_file(), reason=f"{PAIRS} is not here; name its folder in WORKBENCH_DATA")
def test_every_format_that_can_carry_the_real_pairs_gives_them_back(run: Run, tmp_path: Path) -> None:
    real = rows_of(gzip.decompress(PAIRS.read_bytes()).decode())
    run("new", "p")
    assert json.loads(run("import", "p", str(PAIRS), "--json"))["new_comparisons"] == len(real) == 2312
    for number, (as_, file) in enumerate(OUT):
        output = f"{number}-{file}"
        assert run("export", "p", "--as", as_, "-o", output) == f"Wrote {len(real)} rows to {output}.\n"
        back = f"back{number}"
        run("new", back)
        counted = json.loads(run("import", back, output, "--json"))
        assert (counted["new_comparisons"], counted["with_a_choice"]) == (len(real), len(real)), output
        run("export", back, "--as", "hh-rlhf", "-o", f"{back}.jsonl")
        assert rows_of((tmp_path / f"{back}.jsonl").read_text(encoding="utf-8")) == real, output


@pytest.mark.skipif(not PAIRS.is_file(), reason=f"{PAIRS} is not here; name its folder in WORKBENCH_DATA")
@pytest.mark.parametrize("layout", ["jsonl", "parquet"])
def test_the_real_prompts_come_back_with_all_their_turns(run: Run, layout: str, tmp_path: Path) -> None:
    run("new", "p")
    run("import", "p", str(PAIRS), "--as", "prompts")
    run("export", "p", "--as", "prompts", "-o", f"out.{layout}")
    run("new", "q")
    run("import", "q", f"out.{layout}")
    shown = [json.loads(run("show", name, "prompts", "--limit", "0", "--json")) for name in ("p", "q")]
    assert len(shown[0]) > 2000
    first, second = ([row["id"] for row in rows] for rows in shown)
    assert first == second
