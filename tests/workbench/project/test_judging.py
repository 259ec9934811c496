from pathlib import Path

import pytest

from tests.workbench.project.evaluated import evaluated
from workbench.errors import BadInputError, MissingError
from workbench.project.figures import MeasureRequest
from workbench.project.judging import judgement_between, judging_pairs, judging_queue, pair_id, person_judgement
from workbench.project.project import Project
from workbench.records.prompt import RED_TEAM


def test_a_persons_judgements_count_as_a_judge_and_the_last_one_stands(tmp_path: Path) -> None:
    with evaluated(tmp_path / "p") as made:
        queue = judging_queue(made, "", ["base", "rl_cai"], "ann")
        assert len(queue.pairs) == 30
        assert queue.pairs != judging_queue(made, "", [], "bo").pairs
        pairs = judging_pairs(made, queue.pairs[:3])
        assert [pair.answer_a.model for pair in pairs] == ["base"] * 3
        first = person_judgement(queue.pairs[0], "ann", "a_much", "ab")
        again = person_judgement(queue.pairs[0], "ann", "b", "ba", first)
        made.judge([first, again])
        made.judge([person_judgement(queue.pairs[1], "ann", "both_bad", "ab")])
        made.judge([person_judgement(queue.pairs[2], "ann", "skip", "ab")])
        standing = judging_queue(made, "", [], "ann").judged
        assert {name: one.decision for name, one in standing.items()} == {
            pair_id(*queue.pairs[0]): "b",
            pair_id(*queue.pairs[1]): "both_bad",
            pair_id(*queue.pairs[2]): "skip",
        }
        found = made.measure("", MeasureRequest())["judges"]["person"][RED_TEAM]
        assert (found["matches"], found["ties"]) == (2, 1)
        assert made.check() == []
    (tmp_path / "p" / "project.db").rename(tmp_path / "lost.db")
    assert len((tmp_path / "p" / "decisions.jsonl").read_text().splitlines()) == 5


def test_what_cannot_be_judged_is_refused(tmp_path: Path) -> None:
    with evaluated(tmp_path / "p") as made:
        (a, b), (c, _) = judging_queue(made, "", [], "ann").pairs[:2]
        with pytest.raises(MissingError, match="no answer x"):
            judgement_between(made, "x", b, "a", "ann")
        with pytest.raises(BadInputError, match="same prompt"):
            judgement_between(made, a, c, "a", "ann")
        with pytest.raises(BadInputError, match="one of a_much"):
            judgement_between(made, a, b, "good", "ann")
        with pytest.raises(BadInputError, match="no judgement"):
            judgement_between(made, a, b, "withdrawn", "ann")
        made.judge([judgement_between(made, a, b, "a", "ann")])
        made.judge([judgement_between(made, b, a, "withdrawn", "ann")])
        assert judging_queue(made, "", [], "ann").judged == {}


def test_the_command_judges(tmp_path: Path) -> None:
    from typer.testing import CliRunner  # noqa: PLC0415

    from workbench.cli.app import app  # noqa: PLC0415

    with evaluated(tmp_path / "p") as made:
        a, b = judging_queue(made, "", [], "ann").pairs[0]
    done = CliRunner().invoke(app, ["judge", str(tmp_path / "p"), a, b, "b", "--by", "ann"])
    assert done.exit_code == 0, done.output
    with Project.read(tmp_path / "p") as read:
        (kept,) = read.store.person_judgements.select("1")
    assert (kept.decision, kept.person) == ("b", "ann")
