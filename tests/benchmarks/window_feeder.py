"""A worker that writes as fast as a busy one: 200 tokens/s of a watched text, 100 rows/s, and 10 metrics/s of another run."""

import dataclasses
import os
import sys
import time
from pathlib import Path

from workbench.records.chain import Step
from workbench.records.prompt import Prompt
from workbench.records.run import Metric, RunState
from workbench.runs.contents import record_line
from workbench.runs.events import Progress, Recorded, event_line
from workbench.runs.folder import RunFolder
from workbench.runs.identity import identity_of
from workbench.runs.lines import LineWriter
from workbench.worker.live import LiveText
from workbench.worker.settling import settle_in

TICK = 0.05
TOKENS, ROWS, METRICS = 200, 100, 10


class Feed:
    """One run folder that is being worked."""

    def __init__(self, path: Path) -> None:
        self.folder = RunFolder.open(path)
        identity = identity_of(os.getpid())
        assert identity is not None
        self.folder.write_worker(identity)
        self.results, self.events = LineWriter(self.folder.results_file), LineWriter(self.folder.events_file)
        self.done = 0
        self.say(RunState.RUNNING)

    def say(self, state: RunState) -> None:
        """Say the run's state."""
        status = dataclasses.replace(self.folder.status(), state=state, done=self.done)
        self.folder.write_status(status, durable=False)

    def append(self, records: list[object]) -> None:
        """Append records, and tell."""
        self.results.append(record_line(record) for record in records)
        size = self.folder.results_file.stat().st_size
        self.events.append([event_line(Recorded(size)), event_line(Progress(self.done, self.folder.plan.total))])
        self.folder.heartbeat_file.touch()


def main() -> int:
    """Write until the time is up."""
    settle_in()
    chains, training, seconds = Feed(Path(sys.argv[1])), Feed(Path(sys.argv[2])), float(sys.argv[3])
    prompts = list(chains.folder.inputs(Prompt))
    first = prompts[0].id
    live = LiveText(chains.folder.path)
    chains.append([Step(f"feed-{first}-0", f"feed-{first}", first, 0, 0, "initial", "A text to begin with.")])
    live.saved(first)
    text, tick, began = "", 0, time.monotonic()
    while (now := time.monotonic() - began) < seconds:
        tick += 1
        text = (text if len(text) < 4000 else "") + "word " * round(TOKENS * TICK)
        live(first, text)
        rows: list[object] = []
        for _ in range(round(ROWS * TICK)):
            chains.done += 1
            prompt = prompts[chains.done % len(prompts)]
            name = f"feed-{chains.done}-{prompt.id}"
            rows.append(Step(f"{name}-0", name, prompt.id, 0, 0, "initial", f"Answer {chains.done} to something."))
        chains.append(rows)
        if tick % round(1 / TICK / METRICS) == 0:
            training.done += 1
            training.append([Metric("loss", training.done, 1 / training.done)])
        time.sleep(max(0.0, tick * TICK - now))
    for feed in (chains, training):
        feed.say(RunState.FINISHED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
