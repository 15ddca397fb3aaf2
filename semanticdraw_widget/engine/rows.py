"""Which prompts share a network call in a step, and what each of them sees of the canvas.

A row is a sample of the network's batch: one a region, and the background prompt's as one more; or one for all of
them. A region that is invisible, empty or without a prompt has no row; a row whose weight is zero everywhere in a step
has no place in that step's batch.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace

import torch

from .centring import Shift, centring_shift
from .crops import Window, around, box, middle
from .method import Method

BORDER = 2  # cells of plain ground that a centred crop shows around its region
CONTEXT = 4  # cells of its surroundings that any other crop shows


@dataclass(frozen=True)
class Row:
    """One network row of a step: its prompt's index, its weight (h, w) in 0..1, and its shift when it is centred.

    maps: where one row serves many prompts, the share of each at each cell, (prompts, h, w), summing to 1; prompts:
    their indices. window: the part of the canvas that the network sees, after the shift; None is all of it. The weight
    is 0 outside. source: in the first step, what its answer depends on beside the window (first.py).
    """

    index: int
    weight: torch.Tensor
    shift: Shift | None = None
    maps: torch.Tensor | None = None
    window: Window | None = None
    prompts: tuple[int, ...] = ()
    source: Hashable = None

    def to(self, device: torch.device) -> Row:
        return replace(self, weight=self.weight.to(device), maps=None if self.maps is None else self.maps.to(device))


def moved(steps: Iterable[tuple[Row, ...]], device: torch.device) -> tuple[tuple[Row, ...], ...]:
    """The rows of each step on ``device``. Until then they are on the host, where boxes are read from them."""
    return tuple(tuple(row.to(device) for row in rows) for rows in steps)


def step_rows(
    weights: torch.Tensor, step: int, method: Method, prompted_background: bool, grain: int, tile: int | None = None
) -> tuple[Row, ...]:
    """The rows of one step: ``weights`` is (rows, h, w), the background last. grain: of windows, in cells. tile: the
    side in cells of what the network should see at most; None is the whole canvas. method: with what is the model's
    own filled in."""
    assert method.centring_steps is not None
    if method.structural_steps is not None and step >= method.structural_steps:
        return fused_row(weights if prompted_background else weights[:-1])
    last = weights.shape[0] - 1
    rows = []
    for index, weight in enumerate(weights):
        if not bool((weight > 0).any()) or (index == last and not prompted_background):
            continue
        inner = box(weight > 0)
        assert inner is not None
        h, w = weight.shape
        centred = step < method.centring_steps and index != last
        if centred and tile is not None:  # what no frame holds cannot be in the middle of one
            centred = max(inner.height, inner.width) <= tile
        window = None
        if method.crops:
            seen = inner.grown(CONTEXT, h, w)
            window = middle(inner, BORDER, h, w, grain) if centred else around(seen, h, w, grain)
        if centred and tile is not None:
            window = framed(window, tile, h, w)
        rows.append(Row(index, weight, centring_shift(weight) if centred else None, window=window))
    return tuple(rows)


def framed(window: Window | None, tile: int, h: int, w: int) -> Window:
    """``window``, a tile at the most, in the middle of a canvas of ``h`` by ``w`` cells."""
    height, width = (tile, tile) if window is None else (min(window.height, tile), min(window.width, tile))
    height, width = min(height, h), min(width, w)
    return Window(h // 2 - height // 2, w // 2 - width // 2, height, width)


def fused_row(weights: torch.Tensor) -> tuple[Row, ...]:
    """One row for all prompts of ``weights`` (prompts, h, w); no row where there is none."""
    total = weights.sum(0)
    if not bool((total > 0).any()):
        return ()
    return (Row(0, total.clamp(0, 1), maps=shares(weights), prompts=tuple(range(len(weights)))),)


def without_absent(row: Row) -> Row:
    """``row`` without the prompts that have no share of its window."""
    if row.maps is None or row.window is None:
        return row
    present = (row.window.cut(row.maps) > 0).flatten(1).any(1).tolist()
    found = [i for i, yes in enumerate(present) if yes]
    return replace(row, maps=row.maps[found], prompts=tuple(row.prompts[i] for i in found))


def shares(weights: torch.Tensor) -> torch.Tensor:
    """``weights`` (prompts, h, w) scaled to sum to 1. Where none counts the answer is thrown away, so any will do."""
    total = weights.sum(0)
    return torch.where(total > 0, weights / total.clamp(min=1e-6), 1 / len(weights))
