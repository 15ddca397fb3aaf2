"""The bench's charts: round numbers on the axes, and lines where their values are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semanticdraw_widget.bench.chart import COLORS, HEIGHT, WIDTH, Bars, Lines, decades, sheet, ticks
from semanticdraw_widget.bench.options import NAMES

POSITIVE = st.floats(1e-4, 1e7)


@given(POSITIVE)
def test_ticks_reach_from_zero_over_the_largest(most: float) -> None:
    marks = ticks(most)
    assert marks[0] == 0
    assert marks[-1] >= 0.99 * most
    assert marks[-2] < most
    assert 3 <= len(marks) <= 7
    assert np.allclose(np.diff(marks), marks[1], rtol=1e-4)


@given(POSITIVE, POSITIVE)
def test_decades_hold_both_ends(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    marks = decades(low, high)
    assert marks[0] <= 1.01 * low
    assert marks[-1] >= 0.99 * high
    assert marks == sorted(set(marks))


def places(image: np.ndarray, color: str) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the pixels of ``color`` below the legend."""
    wanted = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    rows, columns = np.nonzero((image == wanted).all(-1))
    return rows[rows > 60], columns[rows > 60]


@pytest.mark.parametrize("log", [False, True])
def test_a_rising_line_rises(log: bool) -> None:
    lines = {"up": [(1, 10), (4, 1000)], "down": [(1, 1000), (4, 10)]}
    image = np.array(Lines("title", "x", "y", lines, log_x=log, log_y=log, limit=100).draw())
    assert image.shape == (HEIGHT, WIDTH, 3)
    for color, direction in zip(COLORS, (-1, 1)):  # rows count downwards
        rows, columns = places(image, color)
        assert np.sign(np.corrcoef(rows, columns)[0, 1]) == direction


def test_a_line_of_one_point_is_drawn() -> None:
    rows, _ = places(np.array(Lines("t", "x", "y", {"one": [(2, 5)]}).draw()), COLORS[0])
    assert len(rows) > 10


def test_bars_are_as_long_as_their_values() -> None:
    image = np.array(Bars("title", {"a": 1.0, "b": 0.5, "c": 0.0}).draw())
    rows, columns = places(image, COLORS[0])
    lengths = [len(columns[rows == row]) for row in np.linspace(44, HEIGHT - 12, 7)[1::2].astype(int)]
    assert lengths[0] == pytest.approx(2 * lengths[1], rel=0.03)
    assert lengths[2] <= 2


def test_a_sheet_holds_its_panels() -> None:
    assert sheet([Bars("a", {"a": 1})]).size == (WIDTH, HEIGHT)
    assert sheet([Bars("a", {"a": 1})] * 3).size == (2 * WIDTH, 2 * HEIGHT)


def test_the_command_line_knows_every_architecture() -> None:
    from semanticdraw_widget.bench.architectures import ARCHITECTURES

    assert tuple(ARCHITECTURES) == NAMES
