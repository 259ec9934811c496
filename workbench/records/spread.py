"""Over how many processes a training is spread, and what each of them holds of its model."""

from dataclasses import dataclass

from workbench.records.zero import Zero
from workbench.sentences import said


@dataclass(frozen=True)
class Spread:
    """Processes in all, on how many machines; each holds the whole model (DDP), a shard of it, or what ZeRO leaves it."""

    processes: int = 1
    machines: int = 1
    #: Whether they compute on processors, whatever the machine has besides.
    cpu: bool = False
    sharded: bool = False
    zero: Zero | None = None

    @property
    def on_each(self) -> int:
        """How many of the processes one machine has."""
        return max(1, self.processes // self.machines)

    def __str__(self) -> str:
        held = said("a shard of the model each") if self.sharded else str(self.zero or said("the whole model each"))
        words = [f"{self.processes} processes" if self.processes > 1 else "1 process"]
        words += [said("on {machines} machines", machines=self.machines)] if self.machines > 1 else []
        return f"{' '.join(words)}, {held}"


#: One process: the usual case.
ONE = Spread()
