"""Numbers for one picture against the layout that asked for it. All from pixels; no text-image model is involved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..crayon.vocabulary import COLOR_LABELS, LABELS
from .layouts import Layout


@dataclass(frozen=True)
class Score:
    """region_iou, 0 to 1: intersection over union of the region's visible mask and the pixels of the whole picture
    that show its concept. leakage, 0 and up: pixels showing the concept outside its mask over the mask's area.
    seam, 0 and up: mean brightness step across the region borders over the mean step elsewhere."""

    region_iou: float
    leakage: float
    seam: float


def iou(shown: np.ndarray, asked: np.ndarray) -> float:
    """Intersection over union of two bool arrays; 1 where both are empty."""
    union = np.count_nonzero(shown | asked)
    return np.count_nonzero(shown & asked) / union if union else 1.0


def seam(rgb: np.ndarray, masks: list[np.ndarray]) -> float:
    """Mean absolute luminance step between neighboring pixels that straddle a border, over the mean step elsewhere.

    A region's border is where the concept changes, so a step there is wanted; the figure compares methods, and far
    above 1 with the same concepts means a hard cut.
    """
    light = rgb.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    on, off = [], []
    for axis in (0, 1):
        step = np.abs(np.diff(light, axis=axis))
        border = np.zeros(step.shape, bool)
        for mask in masks:
            border |= np.diff(mask.astype(np.int8), axis=axis) != 0
        on.append(step[border])
        off.append(step[~border])
    across, inside = np.concatenate(on), np.concatenate(off)
    return float(across.mean() / max(float(inside.mean()), 1e-6)) if across.size else 0.0


def score(layout: Layout, rgb: np.ndarray, labels: np.ndarray) -> Score:
    """Score the picture ``rgb`` uint8 (height, width, 3), with ``labels`` (height, width) from the segmenter."""
    overlaps, leaks, masks = [], [], []
    for index, concept in enumerate(layout.concepts):
        asked = layout.visible(index)
        if not asked.any():
            continue
        shown = labels == LABELS[concept]
        overlaps.append(iou(shown, asked))
        leaks.append(np.count_nonzero(shown & ~asked) / np.count_nonzero(asked))
        masks.append(asked)
    return Score(float(np.mean(overlaps)), float(np.mean(leaks)), seam(rgb, masks))


def color_accuracy(pictures: Iterable[tuple[Layout, np.ndarray]]) -> float | None:
    """The share, 0 to 1, of the regions asked for in a color by name that mostly show it; None where there is none.

    pictures: each layout with the color of every pixel, (height, width), from ``Segmenter.color_map``. Of a region's
    visible pixels those count that show any color at all: most of them must show the one that was asked for, so a
    region without any color is a miss. Regions are pooled over the pictures, for a picture may ask for none.
    """
    hits = []
    for layout, seen in pictures:
        for index, color in enumerate(layout.colors):
            asked = layout.visible(index)
            if color is None or not asked.any():
                continue
            shown = seen[asked & (seen > 0)]
            hits.append(2 * np.count_nonzero(shown == COLOR_LABELS[color]) > shown.size)
    return float(np.mean(hits)) if hits else None


def outside_change(before: np.ndarray, after: np.ndarray, edited: np.ndarray, margin: int = 16) -> float:
    """Mean absolute difference, 0 to 255, of two pictures more than ``margin`` pixels away from the ``edited`` mask."""
    near: np.ndarray = edited.copy()
    for axis in (0, 1):  # a square dilation: a running maximum along each axis
        padded = np.pad(near, [(margin, margin) if a == axis else (0, 0) for a in (0, 1)])
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * margin + 1, axis=axis)
        near = np.asarray(windows.any(axis=-1))
    far = ~near
    return float(np.abs(before.astype(np.int16) - after.astype(np.int16))[far].mean()) if far.any() else 0.0
