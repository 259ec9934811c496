"""What goes out is trained on by TRL's own command line, unchanged."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workbench.models.tiny import tiny_model
from tests.workbench.project.projects import project
from workbench.project.exporting import Export, export_data
from workbench.project.importing import FileImport, Wanted

SAID = (("user", "How do I plan a picnic?"), ("assistant", "For whom?"), ("user", "For friends, number"))
pytestmark = pytest.mark.model


def exported(folder: Path, as_: str, layout: str) -> Path:
    """Export what a file of conversations brought into a project, as a folder with splits and a card."""
    asked = [[(role, f"{words} {number}") for role, words in SAID] for number in range(12)]
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as file:
        for turns in asked:
            texts = {"completion": "Ask them all."} if as_ == "sft" else {"chosen": "Ask them all.", "rejected": "No."}
            said = {"prompt": turns, **{name: [("assistant", text)] for name, text in texts.items()}}
            row = {name: [{"role": role, "content": text} for role, text in of] for name, of in said.items()}
            file.write(json.dumps(row) + "\n")
    with project(folder / "project", 0) as made:
        FileImport(Wanted(str(folder / "rows.jsonl"))).take_whole(made, skip_bad=False)
        done = export_data(made, Export(as_, folder / "set", layout, 0.25))
    assert (done.total, done.left_out, min(done.rows.values()) > 0) == (12, 0, True)
    return folder / "set"


@pytest.mark.parametrize(("stage", "as_", "layout"), [("sft", "sft", "jsonl"), ("reward", "preferences", "parquet")])
def test_trl_trains_on_an_export(stage: str, as_: str, layout: str, tmp_path: Path) -> None:
    model, data, output = tiny_model(tmp_path / "model"), exported(tmp_path, as_, layout), tmp_path / "out"
    program = "import sys; from trl.cli import main; sys.argv[0] = 'trl'; main()"
    options = ("--max_steps", "1", "--per_device_train_batch_size", "2", "--use_cpu", "--report_to", "none", "--bf16", "False",
               "--save_strategy", "no", "--gradient_checkpointing", "False", "--disable_tqdm", "True")  # fmt: skip
    command = [sys.executable, "-c", program, stage, "--model_name_or_path", str(model), "--dataset_name", str(data)]
    environment = {**os.environ, "HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [*command, "--output_dir", str(output), *options], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "train_loss" in done.stdout
