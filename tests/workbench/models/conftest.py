"""Small random models, made once per test session."""

import pytest
import torch

from tests.workbench.models.tiny import Family, tiny_model
from workbench.models.loading import load
from workbench.models.local import LocalModel


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LocalModel]:
    """Return a model of each family; mistral has a sliding window and falls back to generate, compiled is llama's twin."""
    folder = tmp_path_factory.mktemp("models")
    families: tuple[Family, ...] = ("llama", "qwen3", "gpt2", "mistral")
    made: dict[str, LocalModel] = {family: load(tiny_model(folder / family, family)) for family in families}
    return {**made, "compiled": load(folder / "llama", machine={"attention": "compiled"})}
