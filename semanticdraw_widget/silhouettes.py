"""Masks as a quick hand would draw them: a silhouette for each thing that is known by name, a blob for others.

A silhouette is a few ellipses and polygons in percent of a box, x to the right and y down. Its corners tremble a
little, so that no two trees are alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .masks import SUBPIXELS, Mask
from .shapes import fill_ellipse, fill_polygon

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in px."""

TREMBLE = 1.6  # percent of the box that a corner may stray


@dataclass(frozen=True)
class Silhouette:
    """aspect: width / height. ellipses: (cx, cy, rx, ry). polygons: x, y, x, y, ..."""

    aspect: float
    ellipses: tuple[tuple[float, ...], ...] = ()
    polygons: tuple[tuple[float, ...], ...] = ()


def _arch(left: float, right: float, top: float, foot: float) -> tuple[float, ...]:
    """The corners of the upper half of an ellipse that stands on `foot`, from left to right."""
    angles = np.linspace(np.pi, 0.0, 15)
    xs = (left + right) / 2 + (right - left) / 2 * np.cos(angles)
    ys = foot - (foot - top) * np.sin(angles)
    return tuple(np.stack([xs, ys], 1).ravel().tolist())


def _reversed(corners: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(value for pair in zip(corners[-2::-2], corners[-1::-2]) for value in pair)


_DISC = Silhouette(1.0, ((50, 50, 50, 50),))

SILHOUETTES: dict[str, Silhouette] = {
    "tree": Silhouette(0.75, ((50, 34, 46, 34),), ((42, 60, 58, 60, 61, 100, 39, 100),)),
    "pine tree": Silhouette(
        0.6,
        (),
        (
            (50, 0, 82, 38, 18, 38),
            (50, 18, 92, 64, 8, 64),
            (50, 40, 100, 88, 0, 88),
            (42, 86, 58, 86, 58, 100, 42, 100),
        ),
    ),
    "palm tree": Silhouette(
        0.8,
        ((25, 20, 26, 9), (75, 20, 26, 9), (50, 13, 14, 14), (30, 35, 18, 8), (71, 35, 18, 8)),
        ((44, 20, 56, 20, 63, 100, 48, 100),),
    ),
    "cactus": Silhouette(
        0.65,
        ((50, 10, 11, 9),),
        (
            (39, 8, 61, 8, 61, 100, 39, 100),
            (6, 30, 20, 30, 20, 50, 42, 50, 42, 65, 6, 65),
            (80, 20, 94, 20, 94, 58, 58, 58, 58, 43, 80, 43),
        ),
    ),
    "mushroom": Silhouette(0.95, (), ((*_arch(0, 100, 0, 56), 64, 56, 70, 100, 30, 100, 36, 56),)),
    "flower": Silhouette(
        0.6,
        (
            (50, 12, 18, 12),
            (22, 24, 19, 12),
            (78, 24, 19, 12),
            (34, 42, 18, 12),
            (66, 42, 18, 12),
            (50, 28, 18, 14),
            (68, 76, 17, 6),
        ),
        ((45, 44, 55, 44, 55, 100, 45, 100),),
    ),
    "tulip": Silhouette(
        0.5,
        (),
        (
            (12, 4, 33, 17, 50, 0, 67, 17, 88, 4, 88, 30, 66, 46, 34, 46, 12, 30),
            (44, 44, 56, 44, 56, 100, 44, 100),
            (52, 98, 60, 70, 96, 54, 84, 88),
        ),
    ),
    "mountain": Silhouette(1.5, (), ((0, 100, 22, 50, 33, 60, 55, 0, 70, 42, 79, 34, 100, 100),)),
    "cloud": Silhouette(1.8, ((28, 60, 26, 34), (52, 42, 28, 42), (76, 60, 24, 32), (50, 74, 44, 26))),
    "sun": _DISC,
    "moon": _DISC,
    "ball": _DISC,
    "star": Silhouette(
        1.0,
        (),
        ((50, 0, 62, 36, 100, 38, 70, 61, 81, 98, 50, 76, 19, 98, 30, 61, 0, 38, 38, 36),),
    ),
    "rainbow": Silhouette(1.8, (), ((*_arch(0, 100, 0, 100), *_reversed(_arch(24, 76, 42, 100))),)),
    "cat": Silhouette(
        0.8,
        ((46, 68, 32, 33), (46, 30, 27, 21)),
        ((22, 26, 21, 0, 42, 13), (70, 26, 71, 0, 50, 13), (70, 86, 90, 74, 91, 50, 100, 52, 100, 80, 78, 98)),
    ),
    "dog": Silhouette(
        1.2,
        ((46, 54, 34, 19), (80, 30, 18, 19)),
        (
            (84, 16, 99, 38, 90, 46),
            (18, 58, 31, 58, 31, 100, 18, 100),
            (62, 58, 75, 58, 75, 100, 62, 100),
            (18, 50, 0, 20, 9, 16, 28, 44),
        ),
    ),
    "rabbit": Silhouette(0.75, ((50, 70, 37, 30), (50, 40, 24, 18), (37, 16, 9, 17), (63, 16, 9, 17))),
    "bird": Silhouette(
        1.5,
        ((48, 64, 32, 34), (79, 40, 15, 22)),
        ((90, 32, 100, 43, 90, 50), (28, 54, 46, 0, 64, 50), (24, 58, 0, 46, 6, 84)),
    ),
    "owl": Silhouette(0.7, ((50, 58, 42, 42), (50, 32, 40, 28)), ((14, 22, 14, 0, 40, 10), (86, 22, 86, 0, 60, 10))),
    "penguin": Silhouette(
        0.6, ((50, 58, 37, 42), (50, 18, 25, 18)), ((20, 38, 2, 74, 20, 72), (80, 38, 98, 74, 80, 72))
    ),
    "fish": Silhouette(1.6, ((42, 52, 42, 36),), ((76, 52, 100, 16, 100, 88), (32, 22, 52, 0, 60, 26))),
    "turtle": Silhouette(1.6, ((45, 46, 39, 42), (89, 56, 11, 17), (24, 86, 11, 14), (67, 86, 11, 14))),
    "butterfly": Silhouette(
        1.15, ((25, 30, 25, 30), (75, 30, 25, 30), (31, 75, 21, 25), (69, 75, 21, 25), (50, 50, 7, 46))
    ),
    "elephant": Silhouette(
        1.3,
        ((44, 46, 40, 36), (78, 38, 19, 27)),
        (
            (80, 46, 96, 40, 100, 98, 89, 98, 88, 62),
            (14, 56, 32, 56, 32, 100, 14, 100),
            (52, 56, 70, 56, 70, 100, 52, 100),
        ),
    ),
    "house": Silhouette(0.95, (), ((50, 0, 100, 42, 90, 42, 90, 100, 10, 100, 10, 42, 0, 42),)),
    "castle": Silhouette(
        1.2,
        (),
        (
            (0, 10, 8, 10, 8, 20, 14, 20, 14, 10, 22, 10, 22, 100, 0, 100),
            (78, 10, 86, 10, 86, 20, 92, 20, 92, 10, 100, 10, 100, 100, 78, 100),
            (20, 40, 34, 40, 34, 30, 42, 30, 42, 40, 58, 40, 58, 30, 66, 30, 66, 40, 80, 40, 80, 100, 20, 100),
        ),
    ),
    "lighthouse": Silhouette(0.42, (), ((28, 18, 72, 18, 88, 100, 12, 100), (50, 0, 76, 11, 76, 20, 24, 20, 24, 11))),
    "windmill": Silhouette(
        0.85,
        (),
        (
            (36, 34, 64, 34, 76, 100, 24, 100),
            (48, 42, 2, 10, 12, 0),
            (52, 36, 86, 0, 97, 9),
            (46, 38, 4, 76, 14, 84),
            (54, 40, 98, 70, 88, 80),
        ),
    ),
    "boat": Silhouette(1.15, (), ((0, 66, 100, 66, 84, 98, 18, 98), (46, 0, 52, 0, 88, 62, 16, 62))),
    "car": Silhouette(
        1.9, ((24, 82, 10, 18), (76, 82, 10, 18)), ((0, 48, 98, 44, 100, 82, 0, 82), (20, 50, 34, 6, 70, 6, 84, 48))
    ),
    "train": Silhouette(
        2.0,
        ((16, 86, 7, 14), (38, 86, 7, 14), (62, 86, 7, 14), (84, 86, 7, 14)),
        ((0, 36, 56, 36, 56, 12, 100, 12, 100, 86, 0, 86), (8, 0, 24, 0, 20, 38, 12, 38)),
    ),
    "rocket": Silhouette(0.5, (), ((50, 0, 74, 24, 74, 70, 100, 100, 66, 88, 34, 88, 0, 100, 26, 70, 26, 24),)),
    "balloon": Silhouette(
        0.7, ((50, 38, 49, 38),), ((30, 66, 70, 66, 62, 86, 38, 86), (35, 84, 65, 84, 62, 100, 38, 100))
    ),
    "umbrella": Silhouette(1.0, (), ((*_arch(0, 100, 0, 54), 54, 54, 54, 100, 46, 100, 46, 54),)),
    "robot": Silhouette(
        0.7,
        (),
        (
            (28, 0, 72, 0, 72, 30, 28, 30),
            (14, 28, 86, 28, 86, 74, 14, 74),
            (24, 72, 43, 72, 43, 100, 24, 100),
            (57, 72, 76, 72, 76, 100, 57, 100),
            (0, 32, 16, 32, 16, 64, 0, 64),
            (84, 32, 100, 32, 100, 64, 84, 64),
        ),
    ),
    "snowman": Silhouette(0.6, ((50, 15, 23, 15), (50, 42, 34, 22), (50, 76, 48, 24))),
}


def aspect(name: str) -> float:
    """Width / height of the box that a thing of this name wants."""
    return SILHOUETTES[name].aspect if name in SILHOUETTES else 1.15


def silhouette(name: str, box: Box, size: tuple[int, int], rng: np.random.Generator) -> Mask:
    """A mask of size (width, height) with the thing drawn into `box`."""
    mask: Mask = np.zeros((size[1], size[0]), np.uint8)
    drawn = SILHOUETTES.get(name) or _blob(rng)
    left, top, right, bottom = box
    scale = np.array([right - left, bottom - top]) / 100
    origin = np.array([left, top])
    for cx, cy, rx, ry in drawn.ellipses:
        wobble = 1 + rng.uniform(-TREMBLE, TREMBLE, 2) / 50
        reach = np.array([rx, ry]) * wobble
        middle = np.array([cx, cy])
        corners = np.stack([middle - reach, middle + reach])
        mask = fill_ellipse(mask, _subpixels(origin + corners * scale))
    for flat in drawn.polygons:
        corners = np.array(flat, float).reshape(-1, 2)
        corners = corners + rng.uniform(-TREMBLE, TREMBLE, corners.shape)
        mask = fill_polygon(mask, _subpixels(origin + corners * scale))
    return mask


def ground(horizon: float, hills: float, size: tuple[int, int], rng: np.random.Generator) -> Mask:
    """Everything below a line drawn by hand from the left edge to the right.

    horizon: its mean height, 0 the top of the canvas, 1 the bottom. hills: how far it strays from it.
    """
    width, height = size
    xs = np.linspace(-0.02, 1.02, 24)
    waves = rng.uniform(1.0, 2.6, 2)[:, None] * np.pi * xs + rng.uniform(0, 2 * np.pi, 2)[:, None]
    ys = horizon + hills * (0.7 * np.sin(waves[0]) + 0.3 * np.sin(2 * waves[1]))
    line = np.stack([xs * width, ys * height], 1)
    corners = np.concatenate([line, [[1.02 * width, 1.02 * height], [-0.02 * width, 1.02 * height]]])
    return fill_polygon(np.zeros((height, width), np.uint8), _subpixels(corners))


def _blob(rng: np.random.Generator) -> Silhouette:
    """Something round, of no particular shape."""
    angles = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    phases = rng.uniform(0, 2 * np.pi, 2)
    radius = 43 + 4 * np.sin(2 * angles + phases[0]) + 3 * np.sin(3 * angles + phases[1])
    corners = np.stack([radius * np.cos(angles), radius * np.sin(angles)], 1)
    corners = 100 * (corners - corners.min(0)) / np.ptp(corners, 0)
    return Silhouette(1.15, (), (tuple(corners.ravel().tolist()),))


def _subpixels(points: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return np.rint(points * SUBPIXELS).astype(np.int64)
