"""Linear layers for inference on a CPU: weights packed once for the machine, products of one input made together.

A loaded model keeps its own forward; only its linear modules are exchanged. Queries, keys and values of one input are one
matrix product, and so are gate and up projections. With bfloat16 only the products are in reduced precision; attention and norms
stay in float32.
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

#: Modules that transformers models feed with the same input, one after another.
TOGETHER = (("q_proj", "k_proj", "v_proj"), ("gate_proj", "up_proj"))
#: Rows the packing is made for; it serves other numbers too.
ROWS = 32
#: A head with more weights than this is not packed a second time beside the embedding it is tied to.
MOST_TIED = 1 << 27


class Product:
    """A packed weight: [rows, inputs] to [rows, outputs]."""

    def __init__(self, weight: Tensor, bias: Tensor | None, dtype: torch.dtype) -> None:
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight.detach().to(dtype).contiguous(), ROWS)
        self._bias = None if bias is None else bias.detach().to(dtype)
        self._dtype = dtype

    def __call__(self, inputs: Tensor) -> Tensor:
        """Return the product in the type of its inputs."""
        outputs: Tensor = torch.ops.mkldnn._linear_pointwise(
            inputs.to(self._dtype), self._weight, self._bias, "none", [], ""
        )
        return outputs.to(inputs.dtype)


class PackedLinear(nn.Module):
    """A linear module whose weight is packed; a head also keeps the plain one, which it shares with the embedding."""

    def __init__(self, product: Product, weight: nn.Parameter | None = None) -> None:
        super().__init__()
        self._product = product
        self.weight = weight
        self.bias = None

    def forward(self, inputs: Tensor) -> Tensor:
        """Return inputs @ weight.T + bias."""
        return self._product(inputs)


class SharedProduct:
    """A product whose outputs belong to several modules: made when the first asks, let go when the last has its share."""

    def __init__(self, product: Product, sizes: list[int]) -> None:
        self._product = product
        self._sizes = sizes
        self._inputs: Tensor | None = None
        self._shares: tuple[Tensor, ...] = ()

    def share(self, number: int, inputs: Tensor) -> Tensor:
        """Return one module's outputs of these inputs."""
        if inputs is not self._inputs:
            self._inputs = inputs
            self._shares = torch.split(self._product(inputs), self._sizes, dim=-1)
        wanted = self._shares[number]
        if number == len(self._sizes) - 1:
            self._inputs, self._shares = None, ()
        return wanted


class SharedLinear(nn.Module):
    """One of several modules that share a product."""

    def __init__(self, shared: SharedProduct, number: int) -> None:
        super().__init__()
        self._shared = shared
        self._number = number

    def forward(self, inputs: Tensor) -> Tensor:
        """Return this module's outputs."""
        return self._shared.share(self._number, inputs)


class KeptRows(nn.Module):
    """A module that treats each token by itself, run only where its result is wanted: after the last attention that is seldom."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner
        #: Indices of the tokens wanted, or None for all.
        self.keep: Tensor | None = None

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the module's result in the rows kept, zero elsewhere."""
        if self.keep is None:
            whole: Tensor = self.inner(inputs)
            return whole
        some: Tensor = self.inner(inputs[:, self.keep])
        out = some.new_zeros((*inputs.shape[:-1], some.shape[-1]))
        out[:, self.keep] = some
        return out


def can_pack(model: Any) -> bool:
    """Tell whether the model's weights can be packed here: a float32 model on a CPU with oneDNN."""
    here = model.device.type == "cpu" and model.dtype == torch.float32
    return bool(here and torch._C._has_mkldnn and hasattr(torch.ops.mkldnn, "_linear_pointwise"))


def can_reduce() -> bool:
    """Tell whether the processor multiplies bfloat16 matrices itself."""
    return bool(torch._C._has_mkldnn and torch.ops.mkldnn._is_mkldnn_bf16_supported())


def pack(model: Any, dtype: torch.dtype = torch.float32) -> None:
    """Exchange the model's linear modules for packed ones, in place; it can no longer be trained or saved."""
    head = model.get_output_embeddings()
    for module in list(model.modules()):
        for names in TOGETHER:
            _pack_together(module, names, dtype)
        for name, child in list(module.named_children()):
            if child is head:
                if child.weight.numel() <= MOST_TIED and type(child) is nn.Linear and child.bias is None:
                    setattr(module, name, PackedLinear(Product(child.weight, None, dtype), child.weight))
            elif type(child) is nn.Linear:
                setattr(module, name, PackedLinear(Product(child.weight, child.bias, dtype)))
            elif type(child) is Conv1D:
                setattr(module, name, PackedLinear(Product(child.weight.t(), child.bias, dtype)))

    _narrow(model)


def _narrow(model: Any) -> None:
    """Let the last layer's feed-forward part compute only the tokens that are asked for, where it is of a known kind."""
    layers = getattr(model.base_model, "layers", None) or getattr(model.base_model, "h", None)
    if not layers:
        return
    part = getattr(layers[-1], "mlp", None)
    if isinstance(part, nn.Module) and (hasattr(part, "down_proj") or hasattr(part, "c_proj")):
        layers[-1].mlp = KeptRows(part)


def _pack_together(module: nn.Module, names: tuple[str, ...], dtype: torch.dtype) -> None:
    found = [getattr(module, name, None) for name in names]
    linears = [child for child in found if type(child) is nn.Linear]
    if len(linears) < len(names) or len({(child.in_features, child.bias is None) for child in linears}) > 1:
        return
    biases = [child.bias.detach() for child in linears if child.bias is not None]
    weight = torch.cat([child.weight.detach() for child in linears])
    product = Product(weight, torch.cat(biases) if biases else None, dtype)
    shared = SharedProduct(product, [child.out_features for child in linears])
    for number, name in enumerate(names):
        setattr(module, name, SharedLinear(shared, number))
