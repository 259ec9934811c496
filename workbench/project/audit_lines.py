"""What an audit found of the labels, as a report tells it: a sentence, and its figures with their intervals."""

from collections.abc import Iterator

from workbench.measurement.intervals import Estimate
from workbench.project.auditing import AuditReport, audit_report
from workbench.records.audit import AuditSample
from workbench.store.database import Store

#: What a report calls the section.
TITLE = "Labels, held against people"
NOT_AUDITED = "no random sample of the labels has been reviewed blind."


def audit_told(store: Store) -> tuple[str, list[tuple[str, Estimate]]]:
    """Return a sentence on the newest audit, and its figures by title, those of each principle last.

    The sentence is empty where nothing was drawn or decided; there are no figures before the audit is done.
    """
    sample = store.audit_samples.newest()
    report = audit_report(store, sample) if sample is not None else None
    return ("", []) if report is None or sample is None else (_sentence(report, sample), list(_figures(report)))


def _sentence(report: AuditReport, sample: AuditSample) -> str:
    """Say who chose blind on how many pairs and in how many labels agree."""
    if report.figures is None:
        if (aside := report.progress.aside) is not None:
            return f"Audit. A random sample of {sample.size} labelled pairs was set aside unfinished ({aside.reason})."
        drawn = f"A random sample of {sample.size} of {sample.pool} labelled pairs is locked"
        return f"Audit. {drawn}; its blind review is not done."
    agreement = report.figures.agreement
    if agreement is None:
        return ""
    figures, people = report.figures, len(report.progress.finished if report.progress.aside else report.progress.done)
    who = "One person" if people == 1 else f"{people} people"
    said = f"Audit. {who} chose blind on a locked random sample of {sample.size} of {sample.pool} labelled pairs"
    kappa = (
        f", kappa {figures.kappa.value:.2f} [{figures.kappa.low:.2f}–{figures.kappa.high:.2f}]" if figures.kappa else ""
    )
    human = f"; people agreed among each other in {shared(figures.human)}" if figures.human else ""
    return f"{said}; the labels agreed in {shared(agreement)}{kappa}{human}."


def _figures(report: AuditReport) -> Iterator[tuple[str, Estimate]]:
    figures = report.figures
    if figures is None:
        return
    found = (
        ("agreement of the labels", figures.agreement),
        ("kappa (p_e = 0.5)", figures.kappa),
        ("people among themselves, the ceiling", figures.human),
        ("left side chosen", figures.left_side),
        ("calibration error", figures.calibration_error),
        ("order flips, counted over all labels", report.order_flips),
        *((f"agreement, principle {name}", one) for name, one in figures.by_principle.items()),
    )
    yield from ((title, one) for title, one in found if one is not None)


def shared(found: Estimate) -> str:
    """Return a share in per cent with its interval and the number of cases."""
    return f"{found.value:.1%} [{found.low:.1%}–{found.high:.1%}, n {found.n}]"
