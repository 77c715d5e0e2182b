"""An evaluation as one HTML page: tables and plots, nothing to load, no script."""

from collections.abc import Iterable, Sequence
from html import escape

from bot.answers.evaluation.comparing import Comparison, Difference
from bot.answers.evaluation.figures import Row
from bot.answers.evaluation.fitting import Fit, constants
from bot.answers.evaluation.plots import Bar, bars, diagram, differences, lines
from bot.answers.evaluation.reliability import Reliability
from bot.answers.evaluation.summary import Evaluation, Sweep
from bot.answers.evaluation.tables import OUTCOMES, RANKING, SERVING, share
from bot.answers.evaluation.thresholds import TARGETS

_STYLE = """
body{font:16px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;color:#222;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem;border-bottom:1px solid #ccc}
.wide{overflow-x:auto}table{border-collapse:collapse;margin:1rem 0;font-size:.85rem}
td,th{padding:.25rem .6rem;border-bottom:1px solid #e2e2e2;text-align:right;white-space:nowrap}
td:first-child,th:first-child{text-align:left}td.text{white-space:normal;text-align:left;min-width:16rem}
svg{width:100%;height:auto;max-width:52rem;font-family:inherit}pre{overflow-x:auto;background:#f4f4f4;padding:1rem}
.missed{color:#a33a3a;font-weight:600}.quiet{color:#666}
"""


def render_report(found: Evaluation) -> str:
    """The page. It holds texts of questions only where the evaluation does."""
    sections = [
        _head(found),
        _section("Questions on labour matters: ranking", _rows(found.labour, RANKING)),
        _section("Questions on labour matters: what they get", _rows(found.labour, {**OUTCOMES, **SERVING})),
        _section("Out of scope", _rows(found.others, OUTCOMES)),
        _section("By category (covered)", _categories(found.categories), _rows(found.categories, RANKING)),
        _section("Are stated probabilities true?", *_reliabilities(found)),
        _section("Over the thresholds", *(_sweep(sweep) for sweep in found.sweeps)),
        _section("Topics missed most", _worst(found), _pairs(found)),
        *(_comparison(comparison) for comparison in found.comparisons),
        *([_fit(found.fit)] if found.fit else []),
        *([_section("Misses", _misses(found))] if found.misses else []),
    ]
    title = "Gonghui: how good the answers are"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><h1>{title}</h1>{''.join(sections)}</body></html>\n"
    )


def _head(found: Evaluation) -> str:
    times = ", ".join(f"{name} {ms:.1f} ms" for name, ms in found.latency.items())
    return (
        f"<p>{found.entries} entries, base {escape(found.revision[:12])}, {escape(found.evaluated_at)}. "
        f"Entries are served from a certainty of {found.policy.answer}, near questions offered from a "
        f"probability of {found.policy.labour} that a question is about labour matters. Time of an answer: {times}.</p>"
        '<p class="quiet">Shares with their 95 % bootstrap intervals. A ranking is right at k when one of its first '
        "k topics is accepted; an answer is wrong when an entry is served that is not accepted. Covered: the base "
        "has an entry for an accepted topic.</p>"
    )


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are HTML already."""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _rows(rows: Sequence[Row], columns: dict[str, str]) -> str:
    cells = ([escape(row.name), str(row.n), *(share(row.figures[name]) for name in columns)] for row in rows)
    return _table(["", "n", *columns.values()], cells)


def _categories(rows: Sequence[Row]) -> str:
    def bar(row: Row, name: str) -> Bar:
        figure = row.figures[name]
        return Bar(figure.value, figure.low, figure.high)

    return bars(
        "Accuracy by category",
        ("top-1", "top-3"),
        [(f"{row.name} ({row.n})", (bar(row, "top1"), bar(row, "top3"))) for row in rows],
    )


def _reliabilities(found: Evaluation) -> list[str]:
    parts = []
    for title, one in (
        ("Certainty that the first topic is accepted, all questions", found.certainty),
        ("Probability of being about labour matters, all questions", found.about_labour),
    ):
        parts.append(f"<h3>{title}: calibration error {one.error:.3f}</h3>{_diagram(title, one)}")
    return parts


def _diagram(title: str, one: Reliability) -> str:
    return diagram(f"{title}: stated against true", [(b.stated, b.true, b.n) for b in one.bins])


def _sweep(sweep: Sweep) -> str:
    title = f"{sweep.threshold} (now {sweep.present})"
    series = [(name, [*values]) for name, values in sweep.figures.items()]
    if sweep.figures["answered"][-1] == 0:  # no answers have no precision
        known = sum(value > 0 for value in sweep.figures["answered"])
        series = [(name, values[:known] if name == "precision" else values) for name, values in series]
    return f"<h3>{escape(title)}</h3>{lines(title, sweep.values, series, sweep.present)}"


def _worst(found: Evaluation) -> str:
    shares = [(f"{t.topic} ({t.misses} of {t.n})", t.misses / t.n) for t in found.worst]
    title = "Share of the first topics that are not accepted, by wanted topic"
    chart = bars(title, ("missed",), [(label, (Bar(value, value, value),)) for label, value in shares])
    rows = (
        [escape(t.topic), str(t.n), str(t.misses), escape(", ".join(f"{name} {n}" for name, n in t.instead))]
        for t in found.worst
    )
    return chart + _table(["topic", "n", "missed", "first instead"], rows)


def _pairs(found: Evaluation) -> str:
    rows = ([escape(wanted), escape(got), str(n)] for wanted, got, n in found.confused)
    return "<h3>Taken for another</h3>" + _table(["wanted", "came first", "times"], rows)


def _comparison(comparison: Comparison) -> str:
    places = ("top-1", "top-3")
    chart = bars(
        "Accuracy of ours and of plain alternatives",
        places,
        [(one.name, [Bar(value, value, value) for value in one.shares]) for one in comparison.standings],
    )
    behind = [one for one in comparison.standings if one.differences]
    gaps = differences(
        "Difference to ours, with 95 % intervals",
        [(one.name, [Bar(d.value, d.low, d.high) for d in one.differences]) for one in behind],
        places,
    )
    rows = (
        [
            escape(one.name),
            *_standing_cells(one.shares, one.differences),
            escape(one.setting).replace(", k1", "<br/>k1"),
        ]
        for one in comparison.standings
    )
    table = _table(["", "top-1", "against ours", "top-3", "against ours", "setting"], rows)
    note = '<p class="quiet">Each rival stands at the setting that does best on these very questions.</p>'
    title = f"Compared on: {comparison.questions} (n={comparison.n})"
    return _section(title, note, chart, "<h3>Difference to ours</h3>", gaps, table)


def _standing_cells(shares: Sequence[float], found: Sequence[Difference]) -> list[str]:
    gaps = [f"{d.value:+.3f} ({d.low:+.3f} to {d.high:+.3f})" for d in found] or [""] * len(shares)
    return [cell for value, gap in zip(shares, gaps, strict=True) for cell in (f"{value:.3f}", gap)]


def _fit(fitted: Fit) -> str:
    heads = [f"{name} {'≥' if t.sign > 0 else '≤'} {t.limit:g}" for name, t in TARGETS.items()]
    rows = []
    for held in fitted.held:
        for label, values in (("typed", held.typed), ("all", held.all)):
            cells = [_judged(values[name], is_met=target.is_met(values[name])) for name, target in TARGETS.items()]
            rows.append([f"{escape(held.name)}, {label}", *cells])
    slow = (
        [f"{one.sure:g}", *(f"{value:.3f}" for value in (one.asked, one.top1, one.top3, *one.figures.values()))]
        for one in fitted.slow
    )
    return _section(
        "Fitted, cross-validated",
        _table(["", *heads], rows),
        "<h3>Asking the slow encoder below a certainty</h3>",
        _table(["certainty", "asked", "top-1", "top-3", *TARGETS], slow),
        f"<pre>{escape(constants(fitted))}</pre>",
    )


def _judged(value: float, *, is_met: bool) -> str:
    return f"{value:.3f}" if is_met else f'<span class="missed">{value:.3f}</span>'


def _misses(found: Evaluation) -> str:
    def cells(words: Sequence[str]) -> str:
        return "<br>".join(escape(word) for word in words)

    rows = "".join(
        f'<tr><td>{escape(m.id)}</td><td class="text">{escape(m.text)}</td><td>{cells(m.wanted)}</td>'
        f"<td>{cells(m.got)}</td><td>{escape(m.outcome)}</td><td>{m.certainty:.2f}</td><td>{m.labour:.2f}</td></tr>"
        for m in found.misses
    )
    heads = "".join(f"<th>{h}</th>" for h in ("id", "question", "wanted", "got", "outcome", "certainty", "labour"))
    return f'<div class="wide"><table><tr>{heads}</tr>{rows}</table></div>'
