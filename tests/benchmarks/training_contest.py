"""Trainings against TRL's: each side in a process of its own, timed in turns, after a gate that both compute the same."""

import dataclasses
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.contest import BENCH, Result, Side, pairs
from tests.benchmarks.shapes import SHAPES, SMALL, TRAINED, Shape
from tests.benchmarks.training_workloads import Ppo, Training

#: What the first losses of both sides may differ by, and our PPO from its formulas.
EXACT, ROUNDED = 1e-5, 1e-2
COMPARED = 20
#: Steps of a training that is timed many times.
_FEW = 7
#: The kinds of rows.
KINDS = ("sft", "preference_model", "ppo", "around_sft", "around_ppo")


@dataclass(frozen=True)
class TrainingContests:
    """All contests of training: how many pairs, the share of the usual work, threads, and both interpreters."""

    pairs: int
    size: float
    threads: int
    python: str
    ppo_python: str
    device: str = "cpu"
    kinds: frozenset[str] = frozenset(KINDS)

    @property
    def shape(self) -> Shape:
        """What is trained: for a short look the small model, which shows that the scripts work and says little of speed."""
        if self.device == "cuda":
            return SHAPES["llama-100m"]
        return TRAINED if self.size >= 1 else SMALL

    def run(self) -> Iterator[Result]:
        """Yield the results."""
        self._data.mkdir(parents=True, exist_ok=True)
        cpu = self.device == "cpu"
        folder = str(self.shape.build_trainable(BENCH / "training" / self.shape.name))
        ours = Side("our_training_side.py", sys.executable, 1, self.threads)
        trl = Side("trl_side.py", self.python, 1, self.threads)
        try:
            if "sft" in self.kinds:
                yield self._steps(ours, trl, "sft", folder, "float32", 1.25 if cpu else 1 / 1.02)
                yield self._steps(ours, trl, "sft", folder, "bfloat16", 1.7 if cpu else 1 / 1.02)
            if "preference_model" in self.kinds:
                yield self._steps(ours, trl, "preference_model", folder, "float32", 1 / 1.03)
            if "ppo" in self.kinds:
                yield from self._ppo(ours, folder)
            if "around_sft" in self.kinds:
                yield self._around_sft(ours, folder)
            if "around_ppo" in self.kinds:
                yield self._around_ppo(ours)
        finally:
            ours.close()
            trl.close()

    @property
    def _many(self) -> int:
        """Pairs for a small ratio; as few as asked for where it is only a short look."""
        return max(20, self.pairs) if self.size >= 1 else self.pairs

    @property
    def _machine(self) -> dict[str, Any]:
        return {"device": self.device, "threads": self.threads}

    @property
    def _data(self) -> Path:
        return BENCH / "training" / "data"

    def _steps(self, ours: Side, trl: Side, stage: str, folder: str, dtype: str, target: float) -> Result:
        """SFT or preference model, in seconds per optimiser step."""
        training = Training(16 if stage == "sft" else 8, max(COMPARED + 1, round(24 * self.size)))
        data = str(self._data / f"{stage}.json")
        known: dict[str, Any] = {"folder": folder, "training": asdict(training), "vocabulary": self.shape.vocabulary}
        ours.ask("sft_rows" if stage == "sft" else "pairs", data=data, **known)
        how: dict[str, Any] = {"dtype": dtype, **self._machine}
        mine = {**known, **how}
        theirs: dict[str, Any] = {
            "folder": folder,
            "data": data,
            "rows": training.rows,
            "learning_rate": training.learning_rate,
            **how,
        }
        what = f"{stage} step, {self.shape.name}, {dtype}"
        apart = _apart(ours.ask(stage, **mine)[0], trl.ask(stage, **theirs)[0], dtype)
        if apart > (limit := EXACT if dtype == "float32" else ROUNDED):
            return Result(what, (), (), target, f"the first losses differ by {apart:.1e}, more than {limit:.0e}")
        if target <= 1 and self.device == "cpu":
            # The gate needs many steps, a small ratio many pairs: the steps of one pair may be few.
            short = {
                "training": asdict(dataclasses.replace(training, steps=_FEW)),
                "data": str(self._data / "few.json"),
            }
            ours.ask("sft_rows" if stage == "sft" else "pairs", **{**known, **short})
            mine, theirs = {**mine, "training": short["training"]}, {**theirs, "data": short["data"]}
        baseline, own = pairs(
            self.pairs if target > 1 else self._many,
            lambda: float(trl.ask(stage, **theirs)[0]["seconds"]),
            lambda: float(ours.ask(stage, **mine)[0]["seconds"]),
        )
        details = (
            f"first {COMPARED} losses apart by {apart:.1e}; {_milliseconds(baseline)} against {_milliseconds(own)}"
        )
        return Result(what, baseline, own, target, details)

    def _ppo(self, ours: Side, folder: str) -> Iterator[Result]:
        """PPO in float32 and in bfloat16 against TRL's, which has float32 alone."""
        cpu = self.device == "cpu"
        settings, batches = Ppo(), max(3, round(4 * self.size))
        reward, data = str(BENCH / "training" / "reward"), str(self._data / "prompts.json")
        known: dict[str, Any] = {"folder": folder, "vocabulary": self.shape.vocabulary}
        ours.ask("reward", folder=folder, place=reward)
        ours.ask("prompts", data=data, count=batches * settings.batch, seed=settings.seed, **known)
        apart = self._formulas(ours, settings, known, reward)
        if max(apart.values()) > EXACT:
            sys.exit(f"PPO differs from its formulas by {apart}, more than {EXACT:.0e}: no speed is reported.")
        said = ", ".join(f"{name} {value:.0e}" for name, value in apart.items())
        trl = Side("trl_ppo_side.py", self.ppo_python, 1, self.threads)
        common: dict[str, Any] = {"batches": batches, "settings": asdict(settings), **self._machine}
        try:
            for dtype, target in (("float32", 1.3 if cpu else 1.0), ("bfloat16", 2.5 if cpu else 1.0)):
                baseline, own = pairs(
                    self.pairs,
                    lambda: float(trl.ask("ppo", folder=folder, data=data, **common)[0]["seconds"]),
                    lambda dtype=dtype: float(  # type: ignore[misc]
                        ours.ask("ppo", place=reward, dtype=dtype, **known, **common)[0]["seconds"]
                    ),
                )
                details = f"from the formulas: {said}; {_milliseconds(baseline)} against {_milliseconds(own)} a batch"
                yield Result(f"PPO, {self.shape.name}, {dtype}", baseline, own, target, details)
        finally:
            trl.close()

    def _formulas(self, ours: Side, settings: Ppo, known: dict[str, Any], reward: str) -> Any:
        """Return how far PPO is from its formulas; on the processor, so for a large model by a small one of its kind."""
        if self.device != "cpu":
            folder = str(SMALL.build_trainable(BENCH / "training" / SMALL.name))
            known, reward = {"folder": folder, "vocabulary": SMALL.vocabulary}, str(BENCH / "training" / "small-reward")
            ours.ask("reward", folder=folder, place=reward)
        return ours.ask("ppo_gate", place=reward, settings=asdict(settings), **known)[0]

    def _around_sft(self, ours: Side, folder: str) -> Result:
        """What our events, samples and checkpoints cost: the same training as a worker runs it, and bare."""
        training = Training(8, max(12, round(51 * self.size)))
        known: dict[str, Any] = {**self._machine, "vocabulary": self.shape.vocabulary, "folder": folder}
        known["training"] = asdict(training)
        return self._with_and_without(ours, f"around an SFT step, {self.shape.name}", "around_sft", known)

    def _around_ppo(self, ours: Side) -> Result:
        """The same of PPO, for two usual stretches from checkpoint to checkpoint: at the end the pinned are asked anyway."""
        small = str(SMALL.build_trainable(BENCH / "training" / SMALL.name))
        reward = str(BENCH / "training" / "small-reward")
        ours.ask("reward", folder=small, place=reward)
        known = {**self._machine, "vocabulary": SMALL.vocabulary, "folder": small, "place": reward}
        known |= {"batches": max(4, round(16 * self.size)), "settings": asdict(Ppo(batch=64, passes=1))}
        return self._with_and_without(ours, f"around a PPO batch, {SMALL.name}", "around_ppo", known)

    def _with_and_without(self, ours: Side, what: str, do: str, known: dict[str, Any]) -> Result:
        spent: dict[bool, list[float]] = {False: [], True: []}

        def seconds(whole: bool) -> float:
            told = ours.ask(do, whole=whole, **known)[0]
            spent[whole].append(float(told["processor"]))
            return float(told["seconds"])

        bare, whole = pairs(self._many, lambda: seconds(False), lambda: seconds(True))
        # Whatever else the machine does meanwhile moves the seconds by more than is looked for; these it moves less.
        processor = Result("of the processor's seconds", tuple(spent[False]), tuple(spent[True]), 1 / 1.02, "")
        details = f"bare {_milliseconds(bare)}, with events, samples and checkpoints {_milliseconds(whole)}"
        return Result(what, bare, whole, 1 / 1.02, f"{details}; {processor.ratio}")


def _apart(ours: dict[str, Any], theirs: dict[str, Any], dtype: str) -> float:
    """Return how far the first losses are apart, in bfloat16 relative to them; infinity where there are too few."""
    mine, other = ours["losses"][:COMPARED], theirs["losses"][:COMPARED]
    gaps = [abs(one - two) / (1.0 if dtype == "float32" else two) for one, two in zip(mine, other, strict=True)]
    return float(max(gaps)) if len(gaps) == COMPARED else float("inf")


def _milliseconds(seconds: tuple[float, ...]) -> str:
    return f"{1000 * min(seconds):.0f} ms at best"
