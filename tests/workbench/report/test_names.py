import re

from hypothesis import given
from hypothesis import strategies as st

from workbench.report.charts import Chart, Point, Series, bars, draw
from workbench.report.names import Box, place_names

AREA = Box(64, 2, 558, 284)
_TEXT = re.compile(r'<text x="([\d.-]+)" y="([\d.-]+)" text-anchor="(\w+)" class="name">([^<]+)</text>')

places = st.tuples(st.floats(64, 540), st.floats(14, 284))


def boxes(parts: list[str]) -> list[Box]:
    found = []
    for x, y, anchor, name in _TEXT.findall("".join(parts)):
        width, bottom = 7.5 * len(name), float(y) + 4
        left = float(x) if anchor == "start" else float(x) - width
        found.append(Box(left, bottom - 15, left + width, bottom))
    return found


@given(st.lists(places, min_size=1, max_size=8))
def test_names_of_a_few_points_cover_neither_each_other_nor_a_mark(at: list[tuple[float, float]]) -> None:
    points = [(f"policy {number}", x, y) for number, (x, y) in enumerate(at)]
    named = boxes(place_names(points, AREA))
    assert len(named) == len(points)
    for number, one in enumerate(named):
        assert AREA.holds(Box(one.left + 0.1, one.top + 0.1, one.right - 0.1, one.bottom - 0.1))
        inner = Box(one.left + 0.2, one.top + 0.2, one.right - 0.2, one.bottom - 0.2)
        assert not any(inner.overlaps(other) for other in named[number + 1 :])
        assert not any(inner.overlaps(Box(x - 6, y - 6, x + 6, y + 6)) for _, x, y in points)


def test_a_name_that_stands_far_off_is_led_to_its_mark() -> None:
    crowded = place_names([(f"policy {number}", 300, 20) for number in range(9)], AREA)
    assert any('class="leader"' in part for part in crowded)
    assert 'class="leader"' not in place_names([("alone", 300, 100)], AREA)[0]


def test_long_names_of_ticks_take_two_lines_and_those_of_bars_their_room() -> None:
    names = {0.0: "labels", 1.0: "labels, chain of thought", 2.0: "preference model", 3.0: "its twin on those labels"}
    series = Series("", tuple(Point(place, 0.8) for place in names))
    drawn = draw(Chart("", "right", (series,), x_names=names), "who is right")
    assert ">labels, chain of</text>" in drawn
    assert ">thought</text>" in drawn
    shown = bars([("preference_model_with_rationale", 2.0, "2 s"), ("sft", 1.0, "1 s")], "time")
    (start,) = {float(x) for x in re.findall(r'<text x="([\d.]+)" y="\d+" class="tick" text-anchor="end">', shown)}
    assert start > 6.5 * len("preference_model_with_rationale")
