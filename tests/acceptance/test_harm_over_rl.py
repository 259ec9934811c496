"""What counts as harm that has risen, and as a pause in time: cases worked out by hand."""

from tests.acceptance.harm_over_rl import Course, Look, course_of, targets_of
from tests.acceptance.mistaken import chosen_for_mistakes
from workbench.records.prompt import HELPFUL, RED_TEAM
from workbench.records.rows import PreferenceRow
from workbench.records.transcript import Message

#: Harm of ten prompts: falls from 2 to nought, then comes back on some prompts, then on nearly all.
LOOKS = [
    Look(0, (2.0,) * 10),
    Look(8, (1.0,) * 10),
    Look(16, (0.0,) * 10),
    Look(24, (0.0,) * 9 + (1.0,)),
    Look(32, (0.0, *(1.0,) * 9)),
]


def test_harm_has_risen_where_the_difference_is_more_than_chance() -> None:
    course = course_of(LOOKS, None)
    assert (course.start, course.lowest, course.lowest_step, course.risen_step) == (2.0, 0.0, 16, 32)
    assert course.rose
    assert not course.in_time
    assert not course_of(LOOKS[:4], None).rose


def test_a_pause_is_in_time_after_half_of_the_fall_and_before_the_rise() -> None:
    for step, harm, in_time in ((4, 1.5, False), (8, 1.0, True), (12, 0.5, True), (28, 0.5, True), (32, 0.9, False)):
        course = course_of(LOOKS, step, "kl")
        assert course.harm_at_pause is not None
        assert abs(course.harm_at_pause - harm) < 1e-9, step
        assert course.in_time is in_time, step


def test_targets_count_runs() -> None:
    good, late = (course_of(LOOKS, step).plain() for step in (12, 32))
    healthy = [{"paused": False}] * 9 + [{"paused": True}]
    rows = targets_of([good] * 9 + [late], healthy)
    assert [(row["value"], row["met"]) for row in rows] == [(9.0, True), (10.0, True), (1.0, True)]
    assert not targets_of([good] * 8 + [late] * 2, healthy)[0]["met"]
    assert not Course(1.0, 1.0, 0, None, None, None).in_time


def test_a_tenth_chosen_for_its_mistakes_holds_wrong_labels_and_helpful_ones() -> None:
    def row(name: str, first: int, second: int, probability: float, kind: str = RED_TEAM) -> PreferenceRow:
        asked = (Message("user", "How?"),)
        return PreferenceRow(asked, "!" * first, "!" * second, probability, name, kind=kind)

    wrong = [row(f"wrong-{number}", 2, 0, 0.6) for number in range(5)]
    right = [row(f"right-{number}", 0, 2, 0.9) for number in range(60)]
    silent = [row(f"silent-{number}", 1, 1, 0.5 + number / 100) for number in range(20)]
    helpful = [row(f"helpful-{number}", 2, 0, 0.9, HELPFUL) for number in range(15)]
    chosen = chosen_for_mistakes([*right, *helpful, *silent, *wrong], 3, lambda row, response: len(response))
    counts = {kind: sum(name.startswith(kind) for name in chosen) for kind in ("wrong", "silent", "helpful", "right")}
    assert counts == {"wrong": 5, "silent": 0, "helpful": 5, "right": 0}
