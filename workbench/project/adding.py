"""Adding what a part of a file brings to the store, within store.bring_in()."""

from workbench.store.database import Store
from workbench.store.ready import Ready


class NotTaken(Exception):  # noqa: N818
    """Takes back what has been taken over so far."""


def add_ready(store: Store, ready: Ready) -> dict[str, list[str]]:
    """Add records that were made ready; return the ids that are new, by kind."""
    new = {
        "prompts": store.prompts.add_rows(ready.prompts),
        "comparisons": store.comparisons.add_rows(ready.comparisons, run_id=None),
        "items": store.evaluation_items.add_rows(ready.items),
    }
    # Nobody can have decided on what was not there: a million ids need not be looked for.
    unseen = ready.compared <= set(new["comparisons"])
    return new | {"reviews": store.decisions.add_reviews(ready.reviews, ready.spelt, new=unseen)}
