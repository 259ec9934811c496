"""A training that needs no model: it tells numbers step by step, takes its time, and stops when asked."""

import sys
import time

from workbench.worker.__main__ import main
from workbench.worker.work import Work

STAGES = {"sft": "slow_training:work_slowly"}
STEPS = 40
#: While a file of this name lies in the run's folder, the training does not get beyond its middle.
HOLD = "hold"
#: While a file of this name lies there, it does not look whether it was asked to leave.
DEAF = "deaf"


def work_slowly(work: Work) -> None:
    for step in range(work.reached.done + 1, STEPS + 1):
        while (work.folder.path / DEAF).exists() and step > STEPS // 2:
            time.sleep(0.05)
        if not (work.folder.path / DEAF).exists() and work.should_stop():
            return
        work.metric("loss", step, 1 / step)
        work.progress(step, STEPS)
        time.sleep(0.05)
        while step == STEPS // 2 and (work.folder.path / HOLD).exists() and not work.should_stop():
            time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main(stages=STAGES))
