"""The page around the charts: one HTML file, light and dark by the reader's setting, black on white on paper."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from workbench.report.charts import Chart, draw, legend

#: Colours that people with any colour vision can tell apart (Okabe and Ito 2008), lighter ones on dark ground.
_STYLE = """
:root{color-scheme:light dark;--ground:#fff;--text:#1b1b1f;--faint:#5d6068;--rule:#d9dbe0;--box:#f5f6f8;
--bad:#b3261e;--good:#1e6b3a;--c0:#0072b2;--c1:#d55e00;--c2:#00795a;--c3:#a3508a;--c4:#7a6200}
@media (prefers-color-scheme:dark){:root{--ground:#16171b;--text:#e8e8ec;--faint:#a4a8b2;--rule:#3a3d45;--box:#1f2126;
--bad:#ff8a80;--good:#7fd6a0;--c0:#56b4e9;--c1:#ff9a4d;--c2:#2fc79b;--c3:#e3a0cc;--c4:#e6c84a}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.2rem 4rem;max-width:62rem;background:var(--ground);color:var(--text);
font:16px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .4rem}h2{font-size:1.15rem;margin:2.4rem 0 .4rem;line-height:1.3}
p{margin:.4rem 0;max-width:46rem}.caveat{border-left:4px solid var(--c1);padding:.3rem .8rem;background:var(--box)}
figure{margin:.8rem 0 0}figure svg{display:block;width:100%;max-width:44rem;height:auto}
figcaption,.mirrors,.legend{color:var(--faint);font-size:.88rem}.mirrors{margin-top:0}.legend{margin:.2rem 0}
.key{margin-right:1.1rem;white-space:nowrap}.key svg{display:inline;vertical-align:-2px;width:14px}
.left-out{border:1px dashed var(--rule);padding:.5rem .9rem;color:var(--faint);max-width:46rem}
.small{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:.4rem 1.2rem}
.small h3{font-size:.95rem;margin:.6rem 0 0}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.88rem;margin:.6rem 0;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.25rem .9rem .25rem 0;border-bottom:1px solid var(--rule);vertical-align:top}th{font-weight:600}
.no{color:var(--bad);font-weight:700}.yes{color:var(--good)}
.tick,.label,.name{fill:var(--faint);font-size:12px}.label{fill:var(--text)}.name{fill:var(--text);font-weight:600}
.grid{stroke:var(--rule);stroke-width:1}.axis{stroke:var(--faint);fill:none;stroke-width:1}
.leader{stroke:var(--faint);stroke-width:.8;fill:none}
.guide{stroke:var(--faint);stroke-dasharray:5 4;stroke-width:1.2}.bar{fill:var(--c0)}
.line{fill:none;stroke-width:2}.interval{fill:none;stroke-width:1.6;opacity:.75}.mark{stroke:var(--ground);stroke-width:1}
path.line.s0,path.interval.s0{stroke:var(--c0)}path.line.s1,path.interval.s1{stroke:var(--c1)}
path.line.s2,path.interval.s2{stroke:var(--c2)}path.line.s3,path.interval.s3{stroke:var(--c3)}
path.line.s4,path.interval.s4{stroke:var(--c4)}.mark.s0{fill:var(--c0)}.mark.s1{fill:var(--c1)}.mark.s2{fill:var(--c2)}
.mark.s3{fill:var(--c3)}.mark.s4{fill:var(--c4)}
path.line.s1{stroke-dasharray:7 3}path.line.s2{stroke-dasharray:2 3}path.line.s3{stroke-dasharray:9 3 2 3}
@media print{:root{--ground:#fff;--text:#000;--faint:#333;--rule:#bbb;--box:#fff;--bad:#000;--good:#000;--c0:#0072b2;--c1:#b34700;
--c2:#00664b;--c3:#8a3f75;--c4:#665200}body{max-width:none;padding:0;font-size:10.5pt}section{break-inside:avoid}
figure svg{max-width:15cm}.wide{overflow:visible}}
"""


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it as HTML; mirrors names the paper's figure, n says on how many cases it rests."""

    title: str
    body: str
    mirrors: str = ""
    n: str = ""


@dataclass(frozen=True)
class Page:
    """A report: its title, an introduction in HTML, its sections."""

    title: str
    introduction: str
    sections: Sequence[Section] = field(default_factory=tuple)


def html_of(page: Page) -> str:
    """Return the page as one HTML document that needs nothing else."""
    body = "".join(_section(section) for section in page.sections)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(page.title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><header><h1>{escape(page.title)}</h1>{page.introduction}</header>\n{body}</body></html>\n"
    )


def figure(chart: Chart, title: str, caption: str = "") -> str:
    """Return a chart with its legend and a caption."""
    said = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f"<figure>{legend(chart)}{draw(chart, title)}{said}</figure>"


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph of plain text."""
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def left_out(title: str, why: str, mirrors: str = "") -> Section:
    """Return a section that says what is not there, and why."""
    return Section(title, f'<p class="left-out">Left out: {escape(why)}</p>', mirrors)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; cells are escaped, except that `yes` and `no` are marked."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def side_by_side(parts: Iterable[tuple[str, str]]) -> str:
    """Return small figures beside each other, each under its name."""
    cells = "".join(f"<div><h3>{escape(name)}</h3>{part}</div>" for name, part in parts)
    return f'<div class="small">{cells}</div>'


def _cell(value: object) -> str:
    text = str(value)
    mark = f' class="{text}"' if text in ("yes", "no") else ""
    return f"<td{mark}>{escape(text)}</td>"


def _section(section: Section) -> str:
    said = [f"Mirrors {section.mirrors} of the paper." if section.mirrors else "", section.n]
    note = " ".join(part for part in said if part)
    under = f'<p class="mirrors">{escape(note)}</p>' if note else ""
    return f"<section><h2>{escape(section.title)}</h2>{under}{section.body}</section>\n"
