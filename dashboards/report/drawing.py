"""The report's figures as SVG without text: the same in the PDF and on the page."""

from collections.abc import Sequence

from dashboards.report.figures import DayFigure, Strip
from detector.rate import Rate

INK = "#1f2933"  # signal and outlines
RATE = "#0b5c8a"  # rates
INTERVAL = "#9cc3db"  # how sure they are
COVERED = "#7b8794"  # share of the day observed
NOTHING = "#e4e7eb"  # nothing measured

DAYS_WIDTH, DAYS_HEIGHT, COVER_HEIGHT = 300.0, 50.0, 5.0
HOURS_WIDTH = 96.0
STRIP_WIDTH = 100.0


def scale_per_hour(days: Sequence[DayFigure]) -> float:
    """The rate at the top of a site's days: the highest bound, at most twice the highest rate."""
    rates = [day.rate for day in days if day.rate]
    highest = max((rate.high for rate in rates), default=0.0)
    return max(1.0, min(highest, 2 * max((rate.per_hour for rate in rates), default=0.0)))


def days_svg(days: Sequence[DayFigure]) -> str:
    """Each day's rate with its interval, below it the share of the day covered. Grey: nothing measured."""
    top = scale_per_hour(days)
    step = DAYS_WIDTH / len(days)
    floor = DAYS_HEIGHT - COVER_HEIGHT - 2
    parts = []
    for number, day in enumerate(days):
        left, width = number * step, min(step * 0.8, 12.0)
        if not day.covered:
            parts.append(_box(left, 0, step, DAYS_HEIGHT, NOTHING))
        covered = COVER_HEIGHT * day.covered
        parts.append(_box(left, DAYS_HEIGHT - covered, step, covered, COVERED))
        if day.rate:
            high, low, level = (
                floor * (1 - min(value / top, 1.0))
                for value in (day.rate.high, day.rate.low, day.rate.per_hour)
            )
            middle = left + (step - width) / 2
            parts.append(_box(middle, high, width, low - high, INTERVAL))
            parts.append(_box(middle, min(level, floor - 1.5), width, 1.5, RATE))
    parts.append(_box(0, floor, DAYS_WIDTH, 0.5, INK))
    return _svg(DAYS_WIDTH, DAYS_HEIGHT, parts)


def hours_svg(by_hour: Sequence[Rate | None]) -> str:
    """The rate in each hour of the day, from midnight. Grey: never observed."""
    top = max([1.0, *(rate.per_hour for rate in by_hour if rate)])
    step = HOURS_WIDTH / len(by_hour)
    parts = []
    for hour, rate in enumerate(by_hour):
        if rate is None:
            parts.append(_box(hour * step, 0, step, DAYS_HEIGHT, NOTHING))
        else:
            height = (DAYS_HEIGHT - 1) * rate.per_hour / top
            parts.append(_box(hour * step, DAYS_HEIGHT - 1 - height, step * 0.8, height, RATE))
    parts.append(_box(0, DAYS_HEIGHT - 1, HOURS_WIDTH, 0.5, INK))
    return _svg(HOURS_WIDTH, DAYS_HEIGHT, parts)


def strip_svg(strip: Strip) -> str:
    """The signal, filling the height; a mark at the onset."""
    if not strip.samples:
        return _svg(STRIP_WIDTH, DAYS_HEIGHT, [])
    step = STRIP_WIDTH / len(strip.samples)
    reach = max(1e-9, *(abs(sample) for sample in strip.samples))
    points = " ".join(
        f"{number * step:.2f},{DAYS_HEIGHT / 2 * (1 - 0.94 * sample / reach):.2f}"
        for number, sample in enumerate(strip.samples)
    )
    onset = strip.onset_sample * step
    line = f'<polyline points="{points}" fill="none" stroke="{INK}" stroke-width="0.7"/>'
    return _svg(STRIP_WIDTH, DAYS_HEIGHT, [_box(onset, 0, 0.6, DAYS_HEIGHT, INTERVAL), line])


def _box(left: float, top: float, width: float, height: float, fill: str) -> str:
    size = f'width="{width:.2f}" height="{max(height, 0):.2f}"'
    return f'<rect x="{left:.2f}" y="{top:.2f}" {size} fill="{fill}"/>'


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"'
        f' preserveAspectRatio="none">{"".join(parts)}</svg>'
    )
