"""A model folder looked at without loading it: what it is, what it can be used for, and what speaks against it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, MissingError
from workbench.records.commands import quoted
from workbench.sentences import said
from workbench.sources.adapters import base_of, described_in, is_adapter, spoken_in
from workbench.sources.json_files import read_json
from workbench.sources.own_code import Consents, OwnCode, own_code
from workbench.sources.weights import Weights, read_weights

#: Files that run code when they are opened the usual way.
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.h5", "*.msgpack")
_HEADS = ("ForCausalLM", "LMHeadModel")


@dataclass(frozen=True)
class FoundModel:
    """A model on this machine, by what its files say."""

    location: str
    source: str
    folder: str
    commit: str = ""
    architecture: str = ""
    parameters: int = 0
    size: int = 0
    dtype: str = ""
    #: Whether it is asked in a chat template of its own; otherwise in the paper's text.
    template: bool = False
    #: What it is: a language model, a preference model, an adapter.
    kind: str = "language model"
    #: A sentence each; with one of them it is not loaded.
    problems: tuple[str, ...] = ()
    #: Why it cannot be trained; empty where it can.
    untrainable: str = ""
    #: The code it needs to run that is not the library's, and whether the person at this machine agreed to run it.
    code: OwnCode | None = None
    trusted: bool = False
    #: Of an adapter: the parameters of the base it belongs to.
    base_parameters: int = 0

    @property
    def usable(self) -> bool:
        """Whether it can be loaded."""
        return not self.problems


def look_at(folder: Path, source: str = "folder", location: str = "", commit: str = "") -> FoundModel:
    """Return what a folder holds; what is wrong with it stands in its problems."""
    if folder.is_file():
        return FoundModel(location or str(folder), source, str(folder), problems=(file_words(folder),))
    problems: list[str] = []
    config = _config(folder, problems)
    weights = _weights(folder, problems)
    adapter = is_adapter(folder)
    if not adapter:
        problems += _oversized(folder, config, weights)
    if any(isinstance(config.get(name), str) for name in ("custom_generate", "kernel_config")):
        problems.append(
            said(
                "{folder} wants code of its own where none is ever run; its config.json says so.",
                folder=folder,
            )
        )
    # An adapter's code is its base's.
    code = None if adapter else own_code(folder, config, _optional(folder / "tokenizer_config.json"))
    trusted = code is not None and Consents().covers(code)
    if code is not None and not trusted:
        problems.append(_untrusted(folder, code, f"{location}@{commit[:12]}" if commit else location or str(folder)))
    named = config.get("architectures")
    architecture = str(named[0])[:60] if isinstance(named, list) and named else ""
    return FoundModel(
        location or str(folder),
        source,
        str(folder),
        commit,
        architecture,
        weights.parameters,
        weights.size,
        weights.dtype,
        _has_template(folder, problems),
        "adapter" if adapter else "language model" if architecture.endswith(_HEADS) or not architecture else "scorer",
        tuple(problems),
        _untrainable(config, architecture, problems),
        code,
        trusted,
        _base_parameters(folder) if adapter and not problems else 0,
    )


def runs_own_code(folder: Path) -> bool:
    """Whether a folder's model is run by code of its own; raises BadInputError or MissingError where it is not to be loaded."""
    found = look_at(folder)
    if found.problems:
        raise (MissingError if not (folder / "config.json").is_file() else BadInputError)(found.problems[0])
    return found.trusted


def agreed_code(folder: Path) -> bool:
    """Whether a folder brings code that the person at this machine agreed to run."""
    code = own_code(folder, _optional(folder / "config.json"), _optional(folder / "tokenizer_config.json"))
    return code is not None and Consents().covers(code)


def _untrusted(folder: Path, code: OwnCode, name: str) -> str:
    """Say what code is wanted, and how to agree to it."""
    if code.elsewhere:
        return said(
            "{folder} needs code of its own from another place ({elsewhere}), which is never run.",
            folder=folder,
            elsewhere=code.elsewhere,
        )
    if code.missing:
        return said(
            "{folder} needs code of its own to run ({missing}), which was not fetched with it; to read it and "
            "decide: workbench models code {name}",
            folder=folder,
            missing=", ".join(code.missing),
            name=quoted(name),
        )
    return said(
        "{folder} needs code of its own to run ({files}), which can do whatever you can; if you have read it "
        "and agree: workbench models trust {name}",
        folder=folder,
        files=", ".join(code.files[:3]),
        name=quoted(name),
    )


def _optional(file: Path) -> dict[str, Any]:
    try:
        return read_json(file)
    except (BadInputError, MissingError):
        return {}


def room_of(folder: Path) -> int:
    """Return how many tokens a model's folder says it holds, its answer among them; 0 where it does not say."""
    told = _config(folder, []).get("max_position_embeddings")
    return told if isinstance(told, int) and told > 0 else 0


def file_words(place: Path) -> str:
    """Say what to do with a single file, or a folder of GGUF files, that was named as a model; empty where it is neither."""
    if (stated := gguf_words(place)) or not place.is_file():
        return stated
    if any(place.match(pattern) for pattern in _PICKLES):
        return said(
            "{place} is a format that can run code and is not loaded; convert it to safetensors, and name its folder.",
            place=place,
        )
    if place.suffix.lower() == ".safetensors":
        return said(
            "{place} is a model's weights alone: name the folder they lie in, with config.json and the "
            "tokenizer's files beside them.",
            place=place,
        )
    return said("{place} is a file; a model is a folder with a config.json.", place=place)


def gguf_words(place: Path) -> str:
    """Say what can be done with a GGUF file, or a folder that holds one; empty where it is none."""
    if not (place.suffix.lower() == ".gguf" and place.is_file()) and not any(place.glob("*.gguf")):
        return ""
    return said(
        "{place} is GGUF, which cannot be loaded or trained here: serve it, for example by llama.cpp's "
        "llama-server, and add that with: workbench models add NAME URL",
        place=place,
    )


def _config(folder: Path, problems: list[str]) -> dict[str, Any]:
    if not is_adapter(folder) and not (folder / "config.json").is_file():
        problems.append(
            file_words(folder) or said("{folder} is not a model folder: it has no config.json.", folder=folder)
        )
        return {}
    try:
        if is_adapter(folder):
            base_of(folder)
        return read_json(described_in(folder) / "config.json")
    except (BadInputError, MissingError) as error:
        problems.append(str(error))
    return {}


def _weights(folder: Path, problems: list[str]) -> Weights:
    problems += _strayed_shards(folder)
    try:
        weights = read_weights(folder)
    except BadInputError as error:
        problems.append(str(error))
        return Weights()
    if not weights.size:
        pickles = sorted(file.name for pattern in _PICKLES for file in folder.glob(pattern))
        if gguf := gguf_words(folder):
            problems += [] if gguf in problems else [gguf]
        elif pickles:
            problems.append(
                said(
                    "{folder} has its weights in {pickles} only, a format that can run code; convert them to safetensors.",
                    folder=folder,
                    pickles=pickles[0],
                )
            )
        else:
            problems.append(
                said(
                    "{folder} has no weights in safetensors files, the only kind that is loaded.",
                    folder=folder,
                )
            )
    return weights


def _strayed_shards(folder: Path) -> list[str]:
    """Say where the list of shards names files that are missing or lie elsewhere."""
    file = folder / "model.safetensors.index.json"
    if not file.is_file():
        return []
    try:
        named = read_json(file).get("weight_map")
    except BadInputError as error:
        return [str(error)]
    names = {str(name) for name in named.values()} if isinstance(named, dict) else set()
    for name in sorted(names):
        if Path(name).name != name:
            return [said("{file} names {name!r}, which is not a file in the folder.", file=file, name=name)]
        if not (folder / name).is_file():
            return [
                said("{folder} lacks {name}, a part of its weights; fetch the model again.", folder=folder, name=name)
            ]
    return []


def _oversized(folder: Path, config: dict[str, Any], weights: Weights) -> list[str]:
    """Say where a configuration asks for far more memory than its weights fill."""
    config = config.get("text_config") if isinstance(config.get("text_config"), dict) else config  # type: ignore[assignment]
    hidden = _whole(config, "hidden_size", "n_embd", "d_model")
    layers, words = _whole(config, "num_hidden_layers", "n_layer", "num_layers"), _whole(config, "vocab_size")
    claimed = hidden * words + 4 * layers * hidden * hidden
    if weights.parameters and claimed > 4 * weights.parameters + (1 << 20) and "quantization_config" not in config:
        return [
            said(
                "{folder} describes a model of some {claimed:,} numbers, and the weights hold {parameters:,}; they "
                "do not belong together.",
                folder=folder / "config.json",
                claimed=claimed,
                parameters=weights.parameters,
            )
        ]
    return []


def _whole(config: dict[str, Any], *names: str) -> int:
    for name in names:
        value = config.get(name)
        if type(value) is int and value > 0:
            return value
    return 0


def _base_parameters(folder: Path) -> int:
    return read_weights(base_of(folder)).parameters


def _has_template(folder: Path, problems: list[str]) -> bool:
    folder = folder if problems else spoken_in(folder)
    if (folder / "chat_template.jinja").is_file():
        return True
    return bool(_optional(folder / "tokenizer_config.json").get("chat_template"))


def _untrainable(config: dict[str, Any], architecture: str, problems: list[str]) -> str:
    if problems:
        return problems[0]
    quantised = config.get("quantization_config")
    if isinstance(quantised, dict):
        return said(
            "its weights are quantised ({method}); train the original",
            method=str(quantised.get("quant_method", "unknown"))[:20],
        )
    if architecture and not architecture.endswith(_HEADS):
        return said("{architecture} is not a causal language model", architecture=architecture)
    return ""
