"""Filled shapes in masks: polygon, rectangle, ellipse, and the bucket; byte for byte what the browser fills.

As for the brush, coordinates are whole numbers of 1/16 px within ±2^20, and a pixel (x, y) counts by its
center, (16x+8, 16y+8). js/src/shapes.ts is the same in TypeScript; tests/vectors/shapes.json holds both to a
slow reference.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .masks import SUBPIXELS, Mask, centers, checked_points, checked_value, pixels, rows_between


def fill_polygon(mask: Mask, points: npt.ArrayLike, value: int = 255) -> Mask:
    """A new mask: `mask` with the polygon through `points` filled, what lies off the canvas dropped.

    mask: uint8 (height, width).
    points: at least three corners (x, y), whole numbers in 1/16 px within ±2^20; the last is joined to the
        first. Where the outline crosses itself the even-odd rule holds.
    value: what is written, 255 to add, 0 to take away.

    A center exactly on the outline is inside if the polygon lies to its right, or below it: polygons that
    share an edge share no pixel and leave none out.

    Raises TypeError for a mask that is not uint8 or points that are not whole numbers, ValueError for values
    out of range or points of a wrong shape.
    """
    _check(mask, "fill_polygon")
    corners, value = checked_points(points, 3, what="a polygon"), checked_value(value)
    height, width = mask.shape
    ends = np.stack([corners, np.roll(corners, -1, axis=0)], axis=1)
    ends = np.where((ends[:, 0, 1] > ends[:, 1, 1])[:, None, None], ends[:, ::-1], ends)  # the upper end first
    top, bottom = ends[:, 0], ends[:, 1]
    # A crossing turns the pixels from it on inside out; the running parity then says which are inside.
    turns = np.zeros((height, width + 1), np.uint8)
    for which, y in rows_between(top[:, 1], bottom[:, 1] - 1, (0, height - 1)):
        dx, dy = (bottom[which] - top[which]).T
        crossing = top[which, 0] - (top[which, 1] - centers(y)) * dx // dy  # rounded up
        first, _ = pixels(crossing, crossing)
        np.bitwise_xor.at(turns, (y, np.clip(first, 0, width)), np.uint8(1))
    inside = np.bitwise_xor.accumulate(turns, axis=1)[:, :-1] == 1
    return np.where(inside, np.uint8(value), mask)


def fill_rectangle(mask: Mask, points: npt.ArrayLike, value: int = 255) -> Mask:
    """A new mask: `mask` with a rectangle filled, given by two opposite corners; else as `fill_polygon`.

    Its left and upper edges belong to it, its right and lower ones do not, as in a polygon of its corners.
    """
    _check(mask, "fill_rectangle")
    corners, value = checked_points(points, 2, 2, "a rectangle"), checked_value(value)
    (x0, x1), (y0, y1) = (pixels(low, high - 1) for low, high in _sides(corners))
    result = mask.copy()
    result[max(y0, 0) : max(y1 + 1, 0), max(x0, 0) : max(x1 + 1, 0)] = value
    return result


def fill_ellipse(mask: Mask, points: npt.ArrayLike, value: int = 255) -> Mask:
    """A new mask: `mask` with the ellipse filled that touches the sides of a rectangle, else as `fill_rectangle`.

    A center exactly on the ellipse is inside, as with the brush. A rectangle without area holds no ellipse.
    """
    _check(mask, "fill_ellipse")
    corners, value = checked_points(points, 2, 2, "an ellipse"), checked_value(value)
    result = mask.copy()
    (x0, x1), (y0, y1) = _sides(corners)
    a, b = x1 - x0, y1 - y0
    if a == 0 or b == 0:
        return result
    first, last = pixels(y0, y1)
    # With u, v twice the way from the middle to a center: (u/a)^2 + (v/b)^2 <= 1. The products can need 84
    # bits, so the rows are done in Python's own numbers.
    for y in range(max(first, 0), min(last, mask.shape[0] - 1) + 1):
        v = 2 * centers(y) - y0 - y1
        reach = math.isqrt(a * a * (b * b - v * v) // (b * b))
        left, right = pixels(-((reach - x0 - x1) // 2), (reach + x0 + x1) // 2)
        result[y, max(left, 0) : max(right + 1, 0)] = value
    return result


def flood(mask: Mask, walls: Mask, point: tuple[int, int], value: int = 255) -> Mask:
    """A new mask: `mask` with an area filled as a bucket does it.

    mask, walls: uint8 (height, width), of one shape.
    point: (x, y), whole numbers in 1/16 px within ±2^20. What is filled is the pixel that holds it and all
        that can be reached from there by steps to one of four neighbours, over pixels where `walls` is 0.
        A point on a wall or off the canvas fills nothing.
    value: what is written, 255 to add, 0 to take away.

    Raises TypeError and ValueError as `fill_polygon` does, ValueError also for shapes that differ.
    """
    _check(mask, "flood")
    _check(walls, "flood")
    if walls.shape != mask.shape:
        raise ValueError(f"the walls have shape {walls.shape}, the mask has {mask.shape}")
    ((px, py),), value = checked_points([point], 1, 1, "flood").tolist(), checked_value(value)
    result = mask.copy()
    height, width = mask.shape
    free = walls == 0
    stack = [(px // SUBPIXELS, py // SUBPIXELS)]
    while stack:
        x, y = stack.pop()
        if not (0 <= x < width and 0 <= y < height and free[y, x]):
            continue
        left_walls, right_walls = np.flatnonzero(~free[y, :x]), np.flatnonzero(~free[y, x:])
        first = int(left_walls[-1]) + 1 if len(left_walls) else 0
        end = x + int(right_walls[0]) if len(right_walls) else width
        free[y, first:end] = False
        result[y, first:end] = value
        for row in (y - 1, y + 1):
            if 0 <= row < height:
                near = free[row, first:end]
                starts = near & np.concatenate(([True], ~near[:-1]))  # the first pixel of each free run
                stack += [(first + int(start), row) for start in np.flatnonzero(starts)]
    return result


def _check(mask: Mask, name: str) -> None:
    if mask.dtype != np.uint8 or mask.ndim != 2:
        raise TypeError(f"{name} takes a uint8 mask (height, width), not {mask.dtype} {mask.shape}")


def _sides(corners: npt.NDArray[np.int64]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Left and right, top and bottom."""
    (ax, ay), (bx, by) = corners.tolist()
    return (min(ax, bx), max(ax, bx)), (min(ay, by), max(ay, by))
