"""Packed linear modules compute what the loaded ones did."""

from pathlib import Path

import pytest
import torch

from tests.workbench.models.tiny import Family, tiny_model
from workbench.models.linears import PackedLinear, SharedLinear, can_pack, can_reduce, pack
from workbench.models.loading import load, load_weights

needs_onednn = pytest.mark.skipif(not torch._C._has_mkldnn, reason="torch was built without oneDNN")


@needs_onednn
@pytest.mark.parametrize("family", ["llama", "qwen3", "gpt2"])
@pytest.mark.parametrize("rows", [1, 7, 40])
def test_packing_keeps_the_logits(tmp_path: Path, family: Family, rows: int) -> None:
    model = load_weights(tiny_model(tmp_path, family))
    ids = torch.randint(0, 300, (1, rows), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        before = model(ids).logits
        assert can_pack(model)
        pack(model)
        after = model(ids).logits
    kinds = {type(module) for module in model.modules()}
    assert PackedLinear in kinds
    assert (SharedLinear in kinds) == (family != "gpt2")
    assert torch.nn.Linear not in kinds
    assert torch.allclose(before, after, atol=1e-5 * float(before.abs().max()))


@pytest.mark.skipif(not can_reduce(), reason="the processor has no bfloat16 products")
def test_reduced_precision_is_close_and_said(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path)
    exact, reduced = load(folder), load(folder, machine={"dtype": "bfloat16"})
    assert not exact.notes
    assert "reduced precision" in reduced.notes[0]
    ids = torch.arange(1, 30)[None]
    with torch.inference_mode():
        apart = (exact.model(ids).logits - reduced.model(ids).logits).abs().max()
    assert 0 < float(apart) < 0.05 * float(exact.model(ids).logits.abs().max())
