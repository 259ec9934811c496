"""What goes out is trained on by TRL's own command line, unchanged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workbench.models.tiny import tiny_model
from workbench.interchange.exports import preference_columns, sft_columns
from workbench.interchange.outgoing.row_files import row_file
from workbench.records.rows import PreferenceRow, SftRow
from workbench.records.transcript import Message

pytestmark = pytest.mark.model


def exported(folder: Path, stage: str) -> Path:
    """Write a data set as an export does: texts for SFT, turns for the reward model."""
    folder.mkdir()
    asked = (Message("user", "How do I plan a picnic?"),)
    with row_file(folder / "train.jsonl", "jsonl") as file:
        for number in range(4):
            if stage == "sft":
                file.write(
                    sft_columns(SftRow(asked, f" Ask {number}.", origin="step-1", kind="red-team", round=1), "text")
                )
            else:
                row = PreferenceRow(asked, f"Ask {number}.", "No.", 0.9, origin="review:r", reviewers=("ann",))
                file.write(preference_columns(row, "turns") or {})
    return folder


@pytest.mark.parametrize("stage", ["sft", "reward"])
def test_trl_trains_on_an_export(stage: str, tmp_path: Path) -> None:
    model, data, output = tiny_model(tmp_path / "model"), exported(tmp_path / "data", stage), tmp_path / "out"
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
