"""Sizes of trainings by formula, against cases worked out by hand."""

import dataclasses
import json
import struct
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import BadInputError
from workbench.project.model_choice import DEMO_MODEL
from workbench.records.encoding import to_data
from workbench.records.prompt import prompt_of
from workbench.records.rows import SftRow
from workbench.records.settings import SETTINGS
from workbench.records.spread import Spread
from workbench.records.transcript import Message
from workbench.records.zero import Zero
from workbench.sizing.duration import gain_of, operations, speed_of
from workbench.sizing.memory import training_memory
from workbench.sizing.shape import Shape, shape_of
from workbench.sizing.texts import Lengths, lengths_of

SMALL = Shape(parameters=1_000_000, layers=2, hidden=64, inner=256, key_value=64, words=1000)
BIG = dataclasses.replace(SMALL, parameters=1_000_000_000)
LENGTHS = Lengths(rows=100, mean=50.0, longest=80.0, response=25.0)
GPU = {"device": "cuda", "dtype": "float32"}


def settings(stage: str, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = to_data(SETTINGS[stage](**changes))
    return found


def test_the_demo_models_parameters_are_counted_in_its_file_and_computed_alike(tmp_path: Path) -> None:
    counted = shape_of(DEMO_MODEL)
    config = json.loads((DEMO_MODEL / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert shape_of(tmp_path) == counted
    assert (counted.layers, counted.hidden, counted.words) == (6, 192, 2560)


def test_an_adapter_has_the_shape_of_its_base(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": str(DEMO_MODEL)}))
    assert shape_of(tmp_path) == shape_of(DEMO_MODEL)


def test_a_damaged_weights_file_counts_nothing_and_a_config_without_sizes_says_so(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "odd"}))
    (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", 1 << 60) + b"{")
    with pytest.raises(BadInputError, match="hidden_size"):
        shape_of(tmp_path)


def test_full_training_takes_sixteen_bytes_a_parameter_and_what_is_kept() -> None:
    memory = training_memory("sft", settings("sft", micro_batch_size=2), {"policy": SMALL}, LENGTHS, GPU)
    assert memory.parts["weights"] == pytest.approx(4.0)
    assert memory.parts["gradients and optimiser"] == pytest.approx(12.0)
    kept = 2 * 80 * 2 * 4 * (8 * 64 + 2 * 64 + 4 * 256)
    assert memory.parts["activations"] == pytest.approx(kept / 1e6)
    assert memory.parts["words"] == pytest.approx(12 * 1000 * 2 * 80 * 0.5 / 1e6)


def test_four_bits_hold_the_linear_layers_and_nothing_else() -> None:
    shape = shape_of(DEMO_MODEL)
    assert (
        shape.parameters == shape.linear + shape.words * shape.hidden + (2 * shape.layers + 1) * shape.hidden
    )  # norms
    for dtype, whole in (("float32", 4), ("bfloat16", 6)):
        place = GPU | {"dtype": dtype}
        asked = settings("sft", lora_rank=4, quantised=True)
        memory = training_memory("sft", asked, {"policy": shape}, LENGTHS, place)
        expected = whole * (shape.parameters - shape.linear + shape.adapter(4)) + 0.5 * shape.linear
        assert memory.parts["weights"] == pytest.approx(expected / 1e6)


def test_an_adapter_learns_few_numbers_and_needs_no_reference_of_its_own() -> None:
    full = training_memory("rl", settings("rl"), {"policy": SMALL, "reference": SMALL, "reward": SMALL}, LENGTHS, GPU)
    less = settings("rl", lora_rank=4, value="shared", gradient_checkpointing=True)
    spared = training_memory("rl", less, {"policy": SMALL, "reference": SMALL, "reward": SMALL}, LENGTHS, GPU)
    assert full.parts["weights"] == pytest.approx(16.0)  # policy, value, reference, reward
    assert spared.parts["weights"] == pytest.approx(4 * (2.0 + SMALL.adapter(4) / 1e6))
    assert spared.parts["activations"] < full.parts["activations"] / 2
    assert SMALL.adapter(1) == 2 * (4 * 64 + 2 * 128 + 3 * 320)


@pytest.mark.parametrize(
    ("spread", "weights", "learning"),
    [
        (Spread(4), 4.0, 12.0),
        (Spread(4, sharded=True), 1.0, 3.0),
        (Spread(4, zero=Zero(1)), 4.0, 4 + 12 / 4),
        (Spread(4, zero=Zero(2)), 4.0, 16 / 4),
        (Spread(4, zero=Zero(2, offload=True)), 4.0, 0.0),
        (Spread(4, zero=Zero(2, offload=True), cpu=True), 4.0, 16 / 4),
    ],
)
def test_what_one_of_several_processes_holds(spread: Spread, weights: float, learning: float) -> None:
    """As docs/scale.md tells it, in megabytes of a million parameters."""
    how = settings("sft", batch_size=16, micro_batch_size=8)
    parts = training_memory("sft", how, {"policy": SMALL}, LENGTHS, GPU, spread).parts
    assert parts["weights"] == pytest.approx(weights)
    assert parts.get("gradients and optimiser", 0.0) == pytest.approx(learning)
    alone = training_memory("sft", how | {"micro_batch_size": 2}, {"policy": SMALL}, LENGTHS, GPU).parts
    assert parts["activations"] == alone["activations"], "each reads its share of a micro-batch"


def test_shards_in_rl_hold_a_whole_model_now_and_then() -> None:
    models = {"policy": BIG, "reference": BIG, "reward": BIG, "feedback": BIG}
    how = settings("rl", value="separate", micro_batch_size=1, batch_size=8, mini_batches=1)
    alone = training_memory("rl", how, models, LENGTHS, GPU).parts
    parts = training_memory("rl", how, models, LENGTHS, GPU, Spread(8, sharded=True)).parts
    learning = parts["activations"] + parts["words"]
    assert parts["weights"] == pytest.approx(4 * (4 * 1000 / 8 + 1000)), "the feedback model is whole on each"
    assert parts["a model brought together"] == pytest.approx(4000 - learning)
    assert parts["texts being written"] == pytest.approx(alone["texts being written"] / 8)
    assert "a model brought together" not in alone


def test_processes_share_the_work_and_processors_their_cores() -> None:
    assert gain_of(Spread(8, 2), GPU) == 8
    cores = {"device": "cpu", "cores": 4, "training_threads": 2}
    assert gain_of(Spread(8, 2), cores) == 4, "two on each machine have cores of their own"
    assert gain_of(Spread(2), cores) == 2
    assert gain_of(Spread(2), {"device": "cpu", "training_threads": 1}) == 1, "nothing is known of more cores"
    assert gain_of(Spread(4, cpu=True), GPU | {"cores": 2, "training_threads": 1}) == 2


def test_operations_follow_tokens_and_parameters() -> None:
    work, steps = operations("sft", settings("sft", batch_size=10, epochs=2.0), {"policy": SMALL}, LENGTHS)
    assert steps == 20
    assert work == pytest.approx(6 * 1e6 * 20 * 10 * 50)
    shorter, few = operations("sft", settings("sft", batch_size=10, max_steps=5), {"policy": SMALL}, LENGTHS)
    assert few == 5
    assert shorter == pytest.approx(work / 4)
    assert speed_of({"threads": 1}, {}) is None
    assert speed_of({"threads": 2}, {"training, float32, 2 threads": 0.5}) == pytest.approx(6 * 4.26e6 * 1024 / 0.5)


def test_lengths_are_told_by_the_tokenizer_and_else_by_letters(tmp_path: Path) -> None:
    rows = [SftRow((Message("user", "a" * 40),), "b" * 20)]
    assert lengths_of(rows, tmp_path) == Lengths(1, 15.0, 15.0, 5.0)
    exact = lengths_of([SftRow((Message("user", "How do I win?"),), "Share it.")], DEMO_MODEL)
    assert 4 <= exact.mean <= 12
    asked = lengths_of([prompt_of("How do I win?")], tmp_path, most_response=128)
    assert asked.response == 64.0
    assert lengths_of([], tmp_path).rows == 0
