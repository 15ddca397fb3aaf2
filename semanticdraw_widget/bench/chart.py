"""Small charts as one picture: lines over a scale, and bars by name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 620, 400  # of a panel, in pixels
LEFT, TOP, RIGHT, BOTTOM = 74, 66, 24, 54  # around what is plotted
FINE = 2  # drawn so many times as large, then made smaller: smooth lines
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")  # Okabe and Ito's, told apart by all eyes
INK, GREY, FAINT = "#222222", "#666666", "#dddddd"


class Pen:
    """Draws on one panel, in its pixels."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), "white")
        self.draw = ImageDraw.Draw(self.image)

    def line(self, points: Sequence[tuple[float, float]], color: str, width: float = 1) -> None:
        self.draw.line([(x * FINE, y * FINE) for x, y in points], color, round(width * FINE), joint="curve")

    def dot(self, x: float, y: float, color: str) -> None:
        self.draw.circle((x * FINE, y * FINE), 3.5 * FINE, color)

    def box(self, left: float, top: float, right: float, bottom: float, color: str) -> None:
        self.draw.rectangle((left * FINE, top * FINE, right * FINE, bottom * FINE), color)

    def text(self, x: float, y: float, text: str, anchor: str, color: str = INK, size: int = 13) -> float:
        """Write ``text``; returns its width. anchor: as Pillow's."""
        font = ImageFont.load_default(size * FINE)
        self.draw.text((x * FINE, y * FINE), text, color, font, anchor=anchor)
        return float(self.draw.textlength(text, font)) / FINE

    def dashes(self, left: float, right: float, y: float) -> None:
        for x in range(round(left), round(right), 10):
            self.line([(x, y), (min(x + 5, right), y)], GREY)


@dataclass(frozen=True)
class Lines:
    """A line a name over a common x. limit: a dashed level. names: what to write at an x instead of its number.
    log_x, log_y: the scale is logarithmic."""

    title: str
    x_label: str
    y_label: str
    lines: Mapping[str, Sequence[tuple[float, float]]]
    log_x: bool = False
    log_y: bool = False
    limit: float | None = None
    names: Mapping[float, str] = field(default_factory=dict)

    def draw(self) -> Image.Image:
        pen = Pen()
        xs = sorted({x for points in self.lines.values() for x, _ in points})
        ys = [y for points in self.lines.values() for _, y in points]
        ys += [] if self.limit is None else [self.limit]
        marks = decades(min(ys), max(ys)) if self.log_y else ticks(max(ys))
        across = Scale(xs[0], xs[-1], LEFT + 12, WIDTH - RIGHT - 12, self.log_x)
        up = Scale(marks[0], marks[-1], HEIGHT - BOTTOM, TOP, self.log_y)
        pen.text(LEFT, 16, self.title, "lm", size=15)
        pen.text(WIDTH - RIGHT, HEIGHT - 14, self.x_label, "rm", GREY)
        pen.text(LEFT - 8, TOP - 18, self.y_label, "rm" if len(self.y_label) < 9 else "lm", GREY)
        for mark in marks:
            pen.line([(LEFT, up(mark)), (WIDTH - RIGHT, up(mark))], FAINT)
            pen.text(LEFT - 8, up(mark), f"{mark:g}", "rm", GREY)
        for x in xs:
            pen.line([(across(x), HEIGHT - BOTTOM), (across(x), HEIGHT - BOTTOM + 4)], GREY)
            pen.text(across(x), HEIGHT - BOTTOM + 14, self.names.get(x, f"{x:g}"), "mm", GREY)
        if self.limit is not None:
            pen.dashes(LEFT, WIDTH - RIGHT, up(self.limit))
        right = float(WIDTH - RIGHT)
        for (name, points), color in reversed(list(zip(self.lines.items(), COLORS))):
            placed = [(across(x), up(y)) for x, y in points]
            pen.line(placed, color, 2)
            for x, y in placed:
                pen.dot(x, y, color)
            right -= pen.text(right, TOP - 18, name, "rm", color) + 18
        return pen.image.reduce(FINE)


@dataclass(frozen=True)
class Bars:
    """A bar a name, from 0, its value beside it."""

    title: str
    values: Mapping[str, float]

    def draw(self) -> Image.Image:
        pen = Pen()
        pen.text(16, 16, self.title, "lm", size=15)
        left, room = 170, WIDTH - 170 - RIGHT - 56
        most = max([*self.values.values(), 1e-9])
        step = (HEIGHT - 56) / max(len(self.values), 1)
        for number, (name, value) in enumerate(self.values.items()):
            middle = 44 + step * (number + 0.5)
            pen.text(left - 10, middle, name, "rm")
            end = left + room * max(value, 0) / most
            pen.box(left, middle - 0.3 * step, max(end, left + 1), middle + 0.3 * step, COLORS[0])
            pen.text(end + 8, middle, f"{value:.3g}", "lm", GREY)
        return pen.image.reduce(FINE)


class Scale:
    """From values to pixels. Of one value alone it is the middle."""

    def __init__(self, low: float, high: float, start: float, end: float, log: bool) -> None:
        self.change = math.log if log else float
        self.low, self.high, self.start, self.end = self.change(low), self.change(high), start, end

    def __call__(self, value: float) -> float:
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (self.end - self.start) * (self.change(value) - self.low) / (self.high - self.low)


def ticks(most: float) -> list[float]:
    """Some five round numbers from 0 to ``most`` or a little more."""
    most = max(most, 1e-9)
    rough = most / 5
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    return [float(f"{step * i:.6g}") for i in range(math.ceil(most / step * 0.999) + 1)]


def decades(least: float, most: float) -> list[float]:
    """Round numbers around ``least`` to ``most``, both above 0, at most three in a power of ten."""
    low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
    marks = [factor * 10.0**power for power in range(low, high + 1) for factor in (1, 2, 5)]
    first = max(i for i, mark in enumerate(marks) if mark <= least * 1.001)
    last = min((i for i, mark in enumerate(marks) if mark >= most * 0.999), default=len(marks) - 1)
    return [float(f"{mark:.6g}") for mark in marks[first : max(last, first + 1) + 1]]


def sheet(panels: Sequence[Lines | Bars], columns: int = 2) -> Image.Image:
    """The panels row by row in one picture."""
    columns = min(columns, len(panels)) or 1
    result = Image.new("RGB", (columns * WIDTH, -(-len(panels) // columns) * HEIGHT or HEIGHT), "white")
    for number, panel in enumerate(panels):
        result.paste(panel.draw(), (number % columns * WIDTH, number // columns * HEIGHT))
    return result
