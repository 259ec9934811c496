"""Projects with trainings as workers would leave them, and the page that shows them."""

from collections.abc import Callable
from pathlib import Path

from tests.workbench.project.projects import append, model_folder, project
from ui.main_window import MainWindow
from ui.pages.training import TrainingPage
from ui.widgets.new_run_sheet import NewRunSheet
from workbench.project import Project
from workbench.records.policy_sample import PolicySample
from workbench.records.run import Metric
from workbench.runs.folder import RunFolder

Open = Callable[[Path], MainWindow]


def rl_run(made: Project, folder: Path, kl_coef: str = "0.02", steps: int = 12) -> RunFolder:
    model = model_folder(folder / "model")
    texts = {"policy": model, "reward": model, "kl_coef": kl_coef, "override_readiness": "true"}
    run = made.make_run("rl", texts)
    numbers = [
        Metric(name, step, value * step)
        for step in range(1, steps + 1)
        for name, value in (("objective/scores", 0.1), ("objective/kl", 0.5), ("loss", 0.2))
    ]
    prompt = made.store.prompts.in_splits(("rl",))[0].id
    samples = [PolicySample(f"{run.id}-{at}", prompt, at, f"I win {at}", "I share", at, 0.5, 0.1) for at in (4, 8)]
    append(run, [*numbers, *samples, Metric("rows_left_out", 0, 3.0)])
    return run


def training_page(open_window: Open, folder: Path) -> TrainingPage:
    """Return the page of trainings of a project, opened."""
    window = open_window(folder)
    window.show_page("training")
    assert isinstance(window.page, TrainingPage)
    return window.page


def new_run_sheet(open_window: Open, folder: Path, stage: str) -> tuple[TrainingPage, NewRunSheet]:
    """Return the page of a project with a run of RL, and on it the sheet for a new run of a stage."""
    with project(folder / "project") as made:
        rl_run(made, folder)
    page = training_page(open_window, folder / "project")
    page.set_up(stage)
    assert page.sheet is not None
    return page, page.sheet
