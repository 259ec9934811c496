"""Sections on the judges: labels and preference model against the truth, and how far their probabilities can be believed."""

from workbench.demo.reader import ReportReader, shown
from workbench.report.charts import Chart, Point, Series
from workbench.report.page import Section, figure, left_out

NOT_RUN = "this part has not run."
#: Where to find what the short demo leaves out.
IN_FULL = "; workbench demo --full does it"
_FULL = f"no second preference model was trained{IN_FULL}."


_CALIBRATED = {
    "labels": "labels",
    "preference_model": "preference model",
    "preference_model_hard": "preference model, hard labels",
    "preference_model_chain_of_thought": "preference model, chain of thought",
}


def labels(figures: ReportReader) -> Section:
    """Accuracy of labels, of labels with chain of thought, and of the preference model."""
    names = {
        "labels.accuracy": "labels",
        "labels.accuracy_chain_of_thought": "labels, chain of thought",
        "preference_model.accuracy": "preference model",
        "preference_model_chain_of_thought.accuracy": "its twin on those labels",
    }
    names = {path: name for path, name in names.items() if figures.get(path) is not None}
    points = [figures.point(path, place) for place, path in enumerate(names)]
    found = tuple(point for point in points if point)
    if not found:
        return left_out("Who finds the less harmful response", NOT_RUN, "figure 4")
    ticks = {float(place): name for place, name in enumerate(names.values())}
    chart = Chart(
        "", "right, ties left out", (Series("", found, joined=False),), ticks, (-0.5, len(names) - 0.5), level=0.5
    )
    flips = figures.get("labels.order_flip_rate")
    caption = "Dashed: a coin."
    if flips is not None:
        caption += f" {flips:.1%} of the labels flip with the order of the options."
    counts = ", ".join(f"{figures.n(path)} for {name}" for path, name in names.items() if figures.n(path))
    body = figure(chart, "accuracy of judges", caption)
    return Section("Who finds the less harmful response", body, "figure 4", f"n: {counts}.")


def calibration(figures: ReportReader) -> Section:
    """Reliability of labels and preference model."""
    series = []
    for path, name in _CALIBRATED.items():
        bins = figures.get(f"{path}.reliability") or []
        points = tuple(Point(one["mean"], one["observed"], *one["interval"]) for one in bins)
        if points:
            error = figures.get(f"{path}.ece")
            series.append(Series(f"{name} (n {figures.n(f'{path}.ece')}, error {shown(error)})", points))
    if not series:
        return left_out("Calibration", NOT_RUN, "figure 9")
    chart = Chart(
        "probability that a is better", "a is better", tuple(series), x_range=(0, 1), y_range=(0, 1), diagonal=True
    )
    return Section(
        "Calibration", figure(chart, "calibration", "On the dashed line probabilities mean what they say."), "figure 9"
    )


def soft_and_hard(figures: ReportReader) -> Section:
    """The preference model trained on soft and on hard labels, where both were."""
    title = "Preference model on soft and on hard labels"
    names = {"preference_model": "soft labels", "preference_model_hard": "hard labels"}
    points = [figures.point(f"{path}.accuracy", place) for place, path in enumerate(names)]
    if not all(points):
        return left_out(title, _FULL)
    ticks = {
        float(place): f"{name} (n {figures.n(f'{path}.accuracy')})" for place, (path, name) in enumerate(names.items())
    }
    found = tuple(point for point in points if point)
    chart = Chart("", "right, ties left out", (Series("", found, joined=False),), ticks, (-0.5, 1.5))
    errors = "; ".join(f"{name}: calibration error {shown(figures.get(f'{path}.ece'))}" for path, name in names.items())
    said = "The paper has no such figure; its section 4 says that soft labels do much better than hard ones."
    return Section(title, figure(chart, title, f"Same data, same seed. {errors}."), n=said)
