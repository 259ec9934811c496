"""What the window says of the machine it runs on: read from the system, without asking torch."""

import os
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil
from PySide6.QtCore import QCoreApplication

#: Where the NVIDIA driver tells its devices on Linux.
_DEVICES = Path("/proc/driver/nvidia/gpus")
_GIGABYTE = 10**9
#: The demo needs up to so much.
_ENOUGH_MEMORY = 3 * _GIGABYTE


def machine_facts(folder: Path) -> list[str]:
    """Return what matters for training, a fact each, marked ✓ or !; folder is where projects go."""
    memory = psutil.virtual_memory()
    free = shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free
    return [
        _tr("✓ {count} processors").format(count=os.cpu_count() or 1),
        f"{_mark(memory.available >= _ENOUGH_MEMORY)} "
        + _tr("{free:.0f} of {total:.0f} GB of memory free").format(
            free=memory.available / _GIGABYTE, total=memory.total / _GIGABYTE
        ),
        f"{_mark(free >= _GIGABYTE)} " + _tr("{free:.0f} GB of disk free").format(free=free / _GIGABYTE),
        *_accelerators(),
        _torch(),
    ]


def _accelerators() -> list[str]:
    names = []
    for file in sorted(_DEVICES.glob("*/information")):
        lines = dict(line.split(":", 1) for line in file.read_text(errors="replace").splitlines() if ":" in line)
        names.append(f"✓ {lines.get('Model', 'GPU').strip()}")
    return names or [_tr("· no NVIDIA GPU; the demo needs none")]


def _torch() -> str:
    try:
        return f"✓ PyTorch {version('torch')}"
    except PackageNotFoundError:
        return _tr("! PyTorch is not installed: nothing can be generated or trained")


def _mark(good: bool) -> str:
    return "✓" if good else "!"


def _tr(text: str) -> str:
    return QCoreApplication.translate("this_machine", text)
