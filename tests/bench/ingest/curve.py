"""A curve of a long run as SVG: one panel a measure, all over the same hours, light or dark as the page is."""

from collections.abc import Iterator, Mapping, Sequence

WIDTH, PANEL, GAP, LEFT, RIGHT, TOP = 760, 120, 44, 70, 20, 30
POINTS = 400
COLOURS = ("#2f6fdb", "#d9822b")
STYLE = "text{font:12px system-ui,sans-serif;fill:#777}polyline{fill:none;stroke-width:1.5}line{stroke:#7774}"

Series = Mapping[str, Sequence[float]]


def draw_curve(moments: Sequence[float], panels: Mapping[str, Series]) -> str:
    """Return an SVG of these panels by title, each of one or two series by name; `moments` are in seconds."""
    height = TOP + len(panels) * (PANEL + GAP)
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<style>{STYLE}</style>",
    ]
    for number, (title, series) in enumerate(panels.items()):
        drawn += _panel(TOP + number * (PANEL + GAP), title, moments, series)
    drawn.append(f'<text x="{WIDTH - RIGHT}" y="{height - 12}" text-anchor="end">{_span(moments[-1])}</text></svg>')
    return "\n".join(drawn) + "\n"


def _panel(top: int, title: str, moments: Sequence[float], series: Series) -> Iterator[str]:
    most = max(1.0, *(max(values) for values in series.values()))
    bottom = top + PANEL
    yield f'<text x="{LEFT}" y="{top - 8}">{title}</text>'
    for share in (0.0, 0.5, 1.0):
        y = bottom - share * PANEL
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:g}" y2="{y:g}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:g}" text-anchor="end">{share * most:,.0f}</text>'
    for number, (name, values) in enumerate(series.items()):
        points = " ".join(
            f"{LEFT + (WIDTH - LEFT - RIGHT) * moment / (moments[-1] or 1):.1f},{bottom - PANEL * value / most:.1f}"
            for moment, value in _thinned(moments, values)
        )
        yield f'<polyline points="{points}" stroke="{COLOURS[number]}"/>'
        yield (
            f'<text x="{WIDTH - RIGHT - 110 * number}" y="{top - 8}" text-anchor="end" '
            f'style="fill:{COLOURS[number]}">{name}</text>'
        )


def _thinned(moments: Sequence[float], values: Sequence[float]) -> Iterator[tuple[float, float]]:
    step = max(1, len(moments) // POINTS)
    for start in range(0, len(moments), step):
        some = values[start : start + step]
        yield moments[start], sum(some) / len(some)


def _span(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds > 3600 else f"{seconds / 60:.1f} minutes"
