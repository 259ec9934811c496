"""How the window's thread shares the cores with trainings that keep them busy, and the interpreter with the store's thread."""

import ctypes
import os
import platform
import struct
import sys

#: A frame that waits for the store's thread to let go of the interpreter waits so long; usually that is 5 ms, a third of a frame.
_TURN_SECONDS = 0.0002
#: The shortest slice Linux grants. Whoever asks for a short one is let in before whoever is in the midst of a longer one.
_SLICE_NANOSECONDS = 100_000
#: The number of sched_setattr(2), for which the C library has no name.
_CALL = {"x86_64": 314, "aarch64": 274}
#: A struct sched_attr: size, policy, flags, niceness, priority, runtime, deadline, period.
_ATTRIBUTES = struct.Struct("=IIQiIQQQ")
#: The flag that keeps new threads and processes out of it.
_RESET_ON_FORK = 1


def take_short_turns() -> None:
    """Let the thread that calls, the window's, wait little for its turn: of the interpreter, and on Linux of a core.

    It gets no more of the machine than before, only sooner: without it a frame waits up to 4 ms while a training computes. A
    system that does not know of it (before Linux 6.12) goes on as before.
    """
    sys.setswitchinterval(_TURN_SECONDS)
    call = _CALL.get(platform.machine())
    if sys.platform != "linux" or call is None or os.sched_getscheduler(0) != os.SCHED_OTHER:
        return
    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    wanted = _ATTRIBUTES.pack(_ATTRIBUTES.size, os.SCHED_OTHER, _RESET_ON_FORK, niceness, 0, _SLICE_NANOSECONDS, 0, 0)
    ctypes.CDLL(None).syscall(call, 0, wanted, 0)
