"""Matches between two models by their counts."""

from workbench.measurement.win_rates import Match, Verdict


def matches(a: str, b: str, wins: int, losses: int, ties: int = 0) -> list[Match]:
    counts: list[tuple[Verdict, int]] = [("a", wins), ("b", losses), ("tie", ties)]
    return [Match(a, b, verdict) for verdict, count in counts for _ in range(count)]
