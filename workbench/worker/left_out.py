"""What a run leaves out because it does not fit its model: it is told, and does not end the run."""

from collections.abc import Mapping

from workbench.errors import NoRoomError
from workbench.sentences import counted, joined, said
from workbench.worker.work import Work


def tell_left_out(work: Work, left_out: Mapping[str, str], total: int, then: str = "") -> None:
    """Say at a run's end how many of its prompts were left out, why the first, and what then; NoRoomError where all were."""
    if not left_out or work.reached.done < work.reached.total:
        return
    first, why = next(iter(left_out.items()))
    if len(left_out) >= total:
        raise NoRoomError(said("None of the prompts fits. {why}", why=why))
    told = counted(
        len(left_out),
        "1 prompt was left out, too long for the model; the first is {first}: {why}",
        "{count:,} prompts were left out, too long for the model; the first is {first}: {why}",
        first=first,
        why=why,
    )
    work.say(joined(" ", filter(None, (told, then))))
