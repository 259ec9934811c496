"""The inspector tells where whatever is selected comes from."""

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.ui.test_chains_page import TEXTS, chain, made_run
from tests.ui.test_training_page import rl_run
from tests.workbench.project.evaluated import evaluated
from tests.workbench.project.pairs import labelled
from tests.workbench.project.projects import append, ended, model_folder, project
from ui.main_window import MainWindow
from ui.pages.chains.facts import step_facts
from ui.pages.evaluate import EvaluatePage
from ui.pages.training import TrainingPage
from workbench.project.auditing import draw_sample
from workbench.project.chain_reading import read_waiting
from workbench.project.evaluations import findings, regressions
from workbench.records.evaluation import Answer
from workbench.records.pair_scores import PairScores
from workbench.records.prompt import Prompt

Open = Callable[[Path], MainWindow]


def told(qtbot: QtBot, window: MainWindow, *texts: str) -> None:
    qtbot.waitUntil(lambda: all(text in window.inspector.text for text in texts), timeout=30_000)


def test_a_pair_tells_its_prompt_and_how_responses_and_label_were_asked_for(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    with labelled(tmp_path / "p", [0.9, 0.2]) as made:
        pair = made.store.comparisons.select("1")[0]
        prompt = made.store.prompts.get_many([pair.prompt_id])[pair.prompt_id].text
    window = open_window(tmp_path / "p")
    window.show_row("preferences", pair.id)
    told(qtbot, window, prompt, "Responses asked for by\ncomparisons-1, seed 0", "response: ", "temperature = ")
    told(qtbot, window, "Label asked for by\nlabels-1", "both_orders = ")
    assert "P(a) = 0.9" in window.inspector.text
    assert "Your review" not in window.inspector.text  # nobody has said anything of it


def test_a_sample_tells_its_step_reward_and_run(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    with project(tmp_path / "p") as made:
        run = rl_run(made, tmp_path)
        ended(run)
        made.collect(run)
    window = open_window(tmp_path / "p")
    window.show_row("training", f"{run.id}-4")
    told(qtbot, window, "A sample of a training", f"4 of {run.id}", "I win 4", "kl_coef = ", "Reward of the reference")
    page = window.page
    assert isinstance(page, TrainingPage)
    page.samples.slider.setValue(1)
    told(qtbot, window, f"8 of {run.id}", "I win 8")
    window.show_page("overview")
    window.show_page("training")
    told(qtbot, window, f"8 of {run.id}")


def test_a_pinned_pair_tells_its_label_unless_it_is_being_audited(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    with labelled(tmp_path / "p", [0.9, 0.2]) as made:
        pairs = made.store.comparisons.select("1")
        run = made.make_run("preference_model", {"policy": model_folder(tmp_path / "model")})
        append(
            run, [PairScores(f"s-{one.id}-{step}", one.id, step, 1.0, 0.0, False) for one in pairs for step in (0, 4)]
        )
        ended(run)
        made.collect(run)
    window = open_window(tmp_path / "p")
    window.show_page("training")
    page = window.page
    assert isinstance(page, TrainingPage)
    qtbot.waitUntil(lambda: page.run is not None and page.tabs.isTabVisible(page.tabs.indexOf(page.pairs)))
    page.tabs.setCurrentWidget(page.pairs)
    told(qtbot, window, "P(a) = 0.", "Responses asked for by\ncomparisons-1")
    window.session.ask("drawing", lambda project: draw_sample(project.store, 2), lambda _: None)
    page.pairs.list.setCurrentRow(1)
    told(qtbot, window, "Shown when the whole sample is done.")
    assert "P(a) = " not in window.inspector.text


def test_results_tell_of_the_evaluation_and_of_a_figure(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    evaluated(tmp_path / "p").close()
    window = open_window(tmp_path / "p")
    window.show_page("evaluate")
    told(qtbot, window, "Evaluation evaluation-1", "rl_cai: –, 30 answers", "Set ", "evaluation-1, seed 0")
    page = window.page
    assert isinstance(page, EvaluatePage)
    page.results.table.setCurrentCell(0, 1)
    told(qtbot, window, "Harm by oracle on red-team prompts", "0.5, 95% interval 0.5 to 0.5, of 30 answers")
    window.show_page("overview")
    window.show_page("evaluate")
    told(qtbot, window, "Harm by oracle on red-team prompts")


def test_answers_tell_the_prompt_exactly_as_sent(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    with project(tmp_path / "p") as made:
        run = made.make_run("evaluation", {"judges": "feedback", "base": "scripted", "feedback": "scripted"})
        asked = list(run.inputs(Prompt))[:2]
        names = ("base", "other")
        append(run, [
            Answer(f"{name}-{one.id}", one.id, name, name, one.kind, sent=f"<{name if at else 'all'}>{one.text}" )
            for at, one in enumerate(asked) for name in names
        ])  # fmt: skip
        ended(run)
        made.collect(run)
        assert findings(made).models[0].answers == 2
        assert len(regressions(made, "", "other", "base", "every")) == 2
    window = open_window(tmp_path / "p")
    window.show_row("evaluate", f"other-{asked[0].id}")
    told(qtbot, window, f"Prompt exactly as sent\n<all>{asked[0].text}", "Asked for by\nevaluation-1")
    window.show_row("evaluate", f"other-{asked[1].id}")
    told(qtbot, window, f"as sent to base\n<base>{asked[1].text}", f"as sent to other\n<other>{asked[1].text}")


def test_rows_tell_their_run(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", [0.9, 0.2]) as made:
        ids = [one.id for one in made.store.comparisons.select("1")]
        assert made.store.comparisons.runs_of([*ids, "nothing"]) == dict.fromkeys(ids, "comparisons-1")


def test_the_inspector_holds_a_chain_written_again_against_how_it_ended_before(tmp_path: Path) -> None:
    with project(tmp_path / "again", number=1) as made:
        first = made_run(made)
        asked = next(one.id for one in first.inputs(Prompt) if one.kind == "red-team")
        again = made.make_run("chains", {"response": "scripted", "rounds": "2", "prompts": asked})
        append(again, [step for prompt in again.inputs(Prompt) for step in chain(again.id, prompt)])
        made.collect(again)
        read = read_waiting(made.store, again.id, asked)
    name = "How it ended before, in chains-1"
    assert dict(step_facts(read, read.steps[-1]).lines)[name] == TEXTS[-1]
    assert dict(step_facts(read, read.steps[-1], covered=True).lines)[name] == "(covered)"
