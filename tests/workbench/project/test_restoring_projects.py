"""Going back to a backup loses neither what runs made since nor what people decided about it."""

from pathlib import Path

from tests.workbench.project.projects import append, comparison, ended, model_folder, project
from workbench.project import Project
from workbench.project.deciding import review_of
from workbench.project.restoring import restore
from workbench.records.prompt import Prompt


def test_a_review_of_what_was_made_after_the_backup_is_still_there(tmp_path: Path) -> None:
    made = project(tmp_path / "p")
    backup = made.store.back_up().name
    run = made.make_run("comparisons", {"response": model_folder(tmp_path / "model")})
    append(run, [comparison(run.id, prompt) for prompt in run.inputs(Prompt)])
    ended(run)
    made.collect(run)
    pair = next(made.store.comparisons.each()).id
    made.review([review_of(made.store, pair, "b", "Ada")])
    made.exclude([pair], "Bo", "odd")
    made.close()

    done = restore(tmp_path / "p", backup)
    assert done.damage == ()
    with Project.read(tmp_path / "p") as again:
        assert again.store.comparisons.count() == len(list(run.inputs(Prompt)))
        assert [review.reviewer for review in again.store.reviews.each()] == ["Ada"]
        assert set(again.store.exclusions.standing()) == {pair}
        assert again.check() == []
