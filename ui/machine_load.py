"""How busy the machine is: processor and memory at once, GPUs by asking their driver's program where there is one."""

import shutil
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import psutil
from PySide6.QtCore import QCoreApplication

_QUERY = "--query-gpu=index,utilization.gpu,memory.used,memory.total"
_PATIENCE = 5.0


@dataclass(frozen=True)
class Gpu:
    """A GPU's number, how busy it is in percent, and its memory in MiB."""

    index: int
    percent: int
    used_mb: int
    total_mb: int


class MachineLoad:
    """Answers at once with what is known; GPUs are asked on a thread that touches nothing of Qt."""

    def __init__(self) -> None:
        self._program = shutil.which("nvidia-smi")
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="gpu") if self._program else None
        self._asked: Future[tuple[Gpu, ...]] | None = None
        self._gpus: tuple[Gpu, ...] = ()
        psutil.cpu_percent()  # the first call says nothing; from now on it speaks of the time since the last

    def words(self) -> str:
        """Return the load in words, such as CPU 88%   memory 3.1 of 24.6 GB."""
        memory = psutil.virtual_memory()
        parts = [
            f"CPU {psutil.cpu_percent():.0f}%",
            _tr("memory {used:.1f} of {total:.1f} GB").format(
                used=(memory.total - memory.available) / 1e9, total=memory.total / 1e9
            ),
            *(
                _tr("GPU {number} {busy}%, {used} of {total} GB").format(
                    number=one.index, busy=one.percent, used=_gb(one.used_mb), total=_gb(one.total_mb)
                )
                for one in self.gpus()
            ),
        ]
        return "   ".join(parts)

    def gpus(self) -> tuple[Gpu, ...]:
        """Return the GPUs as they were when they answered last, and ask again."""
        if self._threads is None or self._program is None:
            return ()
        if self._asked is not None and self._asked.done():
            self._gpus, self._asked = self._asked.result(), None
        if self._asked is None:
            self._asked = self._threads.submit(ask_gpus, self._program)
        return self._gpus

    def close(self) -> None:
        """Ask no more."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None


def ask_gpus(program: str) -> tuple[Gpu, ...]:
    """Return what the driver's program says; nothing where it fails, is late, or says what is no number."""
    try:
        said = subprocess.run(
            [program, _QUERY, "--format=csv,noheader,nounits"],
            capture_output=True, text=True, check=True, timeout=_PATIENCE, stdin=subprocess.DEVNULL,
        ).stdout  # fmt: skip
        return tuple(Gpu(*(int(word) for word in line.split(","))) for line in said.splitlines() if line.strip())
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return ()


def _tr(text: str) -> str:
    return QCoreApplication.translate("machine_load", text)


def _gb(mebibytes: int) -> str:
    return f"{mebibytes * 1.048576 / 1000:.0f}"
