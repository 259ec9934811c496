from pathlib import Path

import pytest

from tests.workbench.project.evaluated import evaluated
from tests.workbench.project.pairs import labelled
from workbench.errors import BadInputError, MissingError
from workbench.measurement.audit import AuditFigures
from workbench.project import Project
from workbench.project.audit_lines import audit_told
from workbench.project.auditing import (
    audit_progress,
    audit_report,
    draw_sample,
    hidden_from,
    review_history,
    sample_named,
    set_aside,
    under_audit,
)
from workbench.project.coverage import coverage_of
from workbench.project.exporting import Export, export_data
from workbench.project.provenance import provenance_of
from workbench.project.reviewing import Answered, review, review_queue, taken_back
from workbench.project.settling import change_rule, guidelines_of, rule_of, write_guidelines
from workbench.records.audit import AuditSample
from workbench.records.comparison import AUDIT, Decision, PreferenceRule, Review

BLIND = Answered(AUDIT, True, seconds=3.0)


def answer(made: Project, name: str, decision: Decision, who: str = "ann", how: Answered = BLIND) -> Review:
    one = review(name, who, decision, "ab", how)
    made.review([one])
    return one


def figures_of(made: Project, sample: AuditSample) -> AuditFigures:
    found = audit_report(made.store, sample).figures
    assert found is not None
    return found


def test_a_sample_is_locked_and_a_larger_one_of_its_seed_holds_it(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", [0.6] * 12) as made:
        with pytest.raises(BadInputError, match="13 cannot be drawn from 12"):
            draw_sample(made.store, 13)
        small, large = draw_sample(made.store, 4), draw_sample(made.store, 8, purpose="±5 %")
        assert large.comparison_ids[:4] == small.comparison_ids
        assert draw_sample(made.store, 8) == large
        assert set(draw_sample(made.store, 8, seed=1).comparison_ids) != set(large.comparison_ids)
        assert sample_named(made.store, large.id[:12]).purpose == "±5 %"
    with Project.open(tmp_path / "p") as made:
        assert [one.size for one in made.store.audit_samples.select("1")] == [4, 8, 8]
        assert made.check() == []


def test_estimates_come_from_blind_answers_on_the_sample_alone(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", [0.9] * 10) as made:
        sample = draw_sample(made.store, 6)
        inside, outside = (
            sample.comparison_ids,
            [n for n in made.store.audit_samples.pool() if n not in sample.comparison_ids],
        )
        for name in inside[:4]:
            answer(made, name, "a")
        answer(made, inside[4], "b_much")
        answer(made, inside[5], "tie")
        answer(made, outside[0], "b")  # not in the sample
        answer(made, inside[0], "b", "bo", Answered("uncertain", True))  # not in the audit's queue
        answer(made, inside[1], "b", "bo", Answered(AUDIT, False))  # not blind
        answer(made, inside[2], "b", "bo", Answered(AUDIT, True, overall=True))  # another question
        report, figures = audit_report(made.store, sample), figures_of(made, sample)
        assert (figures.answers, figures.decided, figures.ties, figures.misses) == (6, 5, 1, 1)
        assert figures.agreement is not None
        assert figures.agreement.value == pytest.approx(0.8)
        assert figures.kappa is not None
        assert figures.kappa.value == pytest.approx(0.6)
        assert figures.left_side is not None
        assert figures.left_side.value == pytest.approx(0.8)
        assert figures.human is None
        assert figures.brier == pytest.approx((4 * 0.01 + 0.81) / 5)
        assert report.seconds_median == 3.0
        assert set(figures.by_principle) == {"kindness"}
        behind = {name: set(ids) for name, ids in figures.behind.items()}
        assert behind == {
            "decided": {*inside[:5]}, "missed": {inside[4]}, "undecided": {inside[5]}, "people": set(),
        }  # fmt: skip
        assert set(figures.behind_principle["kindness"]) == behind["decided"]


def test_a_change_after_the_reveal_is_no_evidence_and_an_undone_answer_neither(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", [0.9] * 4) as made:
        sample = draw_sample(made.store, 3)
        one, two, three = sample.comparison_ids
        first = answer(made, one, "b")
        made.review([review(one, "ann", "a", "ab", Answered(AUDIT, False, True), first)])
        second = answer(made, two, "b")
        made.review([taken_back(second, None)])
        answer(made, three, "skip")
        assert audit_report(made.store, sample).figures is None
        assert audit_progress(made.store, sample).done == {"ann": 2}
        assert hidden_from(made.store, "ann") == sample
        answer(made, two, "a")
        assert hidden_from(made.store, "ann") is None
        figures = figures_of(made, sample)
        assert (figures.decided, figures.misses) == (2, 1)
        assert hidden_from(made.store, "bo") == sample
        history = review_history(made.store, one)
        assert [(row["before"], row["decision"], row["after_reveal"]) for row in history] == [
            ("", "b", False),
            ("b", "a", True),
        ]


def test_a_pair_seen_before_counts_as_answered_and_not_as_evidence(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", [0.9] * 3) as made:
        name = made.store.audit_samples.pool()[0]
        answer(made, name, "b", how=Answered("uncertain", True))
        sample = draw_sample(made.store, 3)
        for one in sample.comparison_ids:
            seen = one == name
            answer(made, one, "a", how=Answered(AUDIT, not seen, seen))
        assert audit_progress(made.store, sample).complete_for("ann")
        figures = figures_of(made, sample)
        assert (figures.decided, figures.misses) == (2, 0)
        assert review_queue(made, AUDIT, "ann").seen == set(sample.comparison_ids)


def test_figures_are_told_once_a_sample_is_done_and_to_nobody_in_the_midst_of_it(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", [0.9] * 8) as made:
        first = draw_sample(made.store, 2, seed=1)
        answer(made, first.comparison_ids[0], "a")
        second = draw_sample(made.store, 3, seed=3)
        assert set(first.comparison_ids).isdisjoint(second.comparison_ids)
        assert audit_report(made.store, second).figures is None
        assert figures_of(made, first).decided == 1  # given up, and of no pair that is still judged
        assert "not done, 0 answered" in provenance_of(made, "preferences").checks[-1]
        for name in second.comparison_ids:
            assert coverage_of(made)[0].counted.reviews == 1
            answer(made, name, "b")
        assert coverage_of(made)[0].counted.reviews == 4
        assert figures_of(made, second).misses == 3
        assert under_audit(made.store) == frozenset()
        answer(made, second.comparison_ids[0], "a", "bo")
        assert under_audit(made.store) == set(second.comparison_ids)  # bo is to judge the others unswayed
        assert coverage_of(made)[0].counted.reviews == 1
        assert audit_report(made.store, second, "bo").figures is None
        assert audit_report(made.store, second, "ann").figures == figures_of(made, second)


def test_a_sample_set_aside_hides_nothing_and_only_who_had_answered_all_of_it_counts(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", [0.9] * 9) as made:
        first = draw_sample(made.store, 3)
        answer(made, first.comparison_ids[0], "b")
        written = export_data(made, Export("preferences", tmp_path / "rows"))
        assert (written.total, written.in_audit) == (6, 3)
        assert (
            "3 pairs were left out: they are of the audit that is not done" in (tmp_path / "rows/README.md").read_text()
        )
        written = export_data(made, Export("annotated-pairs", tmp_path / "rows.json"))
        assert (written.total, written.in_audit) == (6, 3)
        assert first.comparison_ids[0] not in (tmp_path / "rows.json").read_text()
        with pytest.raises(BadInputError, match="Say in a line why"):
            set_aside(made.store, first, "  ", "ann")
        gone = set_aside(made.store, first, "ann is ill", "bo")
        assert set_aside(made.store, first, "again") == gone
        assert export_data(made, Export("preferences", tmp_path / "rows.jsonl")).total == 9
        assert (hidden_from(made.store, "ann"), under_audit(made.store)) == (None, frozenset())
        assert coverage_of(made)[0].counted.reviews == 0
        queue = review_queue(made, AUDIT, "ann")
        assert (queue.ids, queue.given) == ((), ())
        assert audit_report(made.store, first, "ann").figures is None  # nobody had answered all of it
        assert "set aside unfinished (ann is ill)" in provenance_of(made, "preferences").checks[-1]
        with pytest.raises(BadInputError, match="from 6 labelled comparisons that were in no sample set aside"):
            draw_sample(made.store, 7)
        second = draw_sample(made.store, 2)
        assert set(first.comparison_ids).isdisjoint(second.comparison_ids)
        draw_sample(made.store, 6, seed=9)
        with pytest.raises(BadInputError, match="no longer answered"):
            set_aside(made.store, second, "late")
    with labelled(tmp_path / "q", [0.9] * 9) as made:
        sample = draw_sample(made.store, 3)
        for name in sample.comparison_ids:
            answer(made, name, "a")
        with pytest.raises(BadInputError, match="what they said stands"):
            set_aside(made.store, sample, "why not")
        answer(made, sample.comparison_ids[0], "b", "bo")
        set_aside(made.store, sample, "bo has no time", "bo")
        figures = audit_report(made.store, sample, "bo").figures
        assert figures is not None
        assert (figures.decided, figures.misses) == (3, 0)  # ann's alone
    with Project.open(tmp_path / "q") as made:
        assert made.check() == []


def test_who_has_done_a_sample_once_is_never_blind_to_it_again(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", [0.9] * 3) as made:
        one, two = draw_sample(made.store, 2).comparison_ids
        first = answer(made, one, "a")
        made.review([taken_back(first, None)])
        last = answer(made, two, "a")
        assert review_queue(made, AUDIT, "ann").seen == frozenset()
        answer(made, one, "a")  # now the labels are shown
        made.review([taken_back(last, None)])
        queue = review_queue(made, AUDIT, "ann")
        assert (set(queue.answered), set(queue.seen)) == ({one}, {one, two})


def test_two_people_are_the_ceiling_of_a_label(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", [0.9] * 4) as made:
        sample = draw_sample(made.store, 4)
        for name, theirs in zip(sample.comparison_ids, ("a", "a_much", "b", "tie"), strict=True):
            answer(made, name, "a")
            answer(made, name, theirs, "bo")  # type: ignore[arg-type]
        figures = figures_of(made, sample)
        assert figures.human is not None
        assert figures.human.value == pytest.approx(2 / 3)
        assert figures.human.n == 3


def test_without_labels_or_sample_a_sentence_says_what_to_do(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", [0.9]) as made, pytest.raises(MissingError, match=r"workbench audit \S+ draw"):
        sample_named(made.store)


def test_the_rule_is_kept_and_trained_by_and_recorded(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", [0.9] * 3) as made:
        name = made.store.audit_samples.pool()[0]
        answer(made, name, "a")
        rule = PreferenceRule(better=0.8, both_bad_left_out=False)
        assert change_rule(made.store, rule, "ann")
        assert not change_rule(made.store, rule)
        assert rule_of(made.store) == rule
        run = made.make_run("preference_model", {"policy": "scripted"})
        assert run.plan.rule == rule
        assert {row.probability_a for row in made.preference_rows() if row.comparison_id == name} == {0.8}
        answer(made, name, "both_bad", "bo")
        (mean,) = (row.probability_a for row in made.preference_rows() if row.comparison_id == name)
        assert mean == pytest.approx(0.65)
        for better, much_better, tie in ((0.4, 0.95, 0.5), (0.75, 0.7, 0.5), (0.75, 0.95, 0.9)):
            with pytest.raises(BadInputError):
                PreferenceRule(much_better, better, tie)
        assert made.check() == []


def test_guidelines_are_kept_with_every_version(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", [0.9]) as made:
        assert guidelines_of(made.store) is None
        assert write_guidelines(made.store, "Judge by the question alone.\n", "ann")
        assert not write_guidelines(made.store, "Judge by the question alone.")
        assert write_guidelines(made.store, "Read both.")
        found = guidelines_of(made.store)
        assert found is not None
        assert (found.text, made.store.guidelines.count()) == ("Read both.", 2)


def test_a_report_tells_what_an_audit_found_once_it_is_done(tmp_path: Path) -> None:
    with labelled(tmp_path / "p", [0.9] * 10) as made:
        assert "Left out: no random sample of the labels" in made.report_page()
        sample = draw_sample(made.store, 5)
        for name in sample.comparison_ids[:4]:
            answer(made, name, "a")
        assert "its blind review is not done" in made.report_page()
        assert audit_told(made.store)[1] == [], "figures on the way would tell labels"
        answer(made, sample.comparison_ids[4], "b")
        page = made.report_page()
        assert "the labels agreed in 80.0% [" in page
        assert "agreement, principle kindness" in page
        assert [title for title, _ in audit_told(made.store)[1]][:2] == ["agreement of the labels", "kappa (p_e = 0.5)"]
    with evaluated(tmp_path / "other") as other:
        assert "## Labels, held against people\n\nLeft out:" in other.report_markdown()
