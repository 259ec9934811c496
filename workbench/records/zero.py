"""How DeepSpeed's ZeRO is to divide a training among processes, as the launcher's configuration says it."""

from dataclasses import dataclass

from workbench.sentences import said


@dataclass(frozen=True)
class Zero:
    """Stage 1 divides the optimiser, stage 2 its gradients too (arXiv 1910.02054); offload holds both in the hosts' memory."""

    stage: int = 2
    offload: bool = False

    def __str__(self) -> str:
        return f"ZeRO-{self.stage}" + (said(" in the hosts' memory") if self.offload else "")
