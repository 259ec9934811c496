"""A training that needs no model: it tells numbers step by step, takes its time, and stops when asked."""

import sys
import time

from workbench.worker.__main__ import main
from workbench.worker.work import Work

STAGES = {"sft": "slow_training:work_slowly"}
STEPS = 40


def work_slowly(work: Work) -> None:
    for step in range(work.reached.done + 1, STEPS + 1):
        if work.should_stop():
            return
        work.metric("loss", step, 1 / step)
        work.progress(step, STEPS)
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main(stages=STAGES))
