"""Canvases larger than a network knows: overlapping tiles, each of the size that it was made for.

Beyond about twice its own size a network repeats itself, and its memory grows with the square of the area. So a row's
network call is cut into tiles (MultiDiffusion's windows), whose answers are averaged under linear ramps. A tile is a
row like any other: it shares the step's batch, and where a prompt has no weight in a tile there is none to pay for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch

from .crops import Window
from .rows import Row, shares

OVERLAP = 4  # tiles share a quarter of their side with the next one
LARGE = 2  # times the model's own side: what is larger is tiled


def side(size: tuple[int, int], own: tuple[int, int], cell: int, grain: int, wanted: int | None) -> int | None:
    """The tiles' side in latent cells for a canvas of ``size`` (width, height); None where it needs no tiles.

    own: the size that the model is made for. cell: pixels a side of a latent cell. grain: cells that the side is a
    multiple of. wanted: the side in pixels that the user asks for; 0 is no tiles.
    """
    if wanted == 0 or (wanted is None and max(size) <= LARGE * max(own)):
        return None
    cells = -(-(wanted or max(own)) // (cell * grain)) * grain
    return cells if max(size) > cells * cell else None


def spans(length: int, tile: int) -> list[tuple[int, int]]:
    """Intervals of ``tile`` that cover ``length`` with at least the overlap, evenly; one of ``length`` if it fits."""
    if length <= tile:
        return [(0, length)]
    count = -(-(length - tile // OVERLAP) // (tile - tile // OVERLAP))
    starts = [round(i * (length - tile) / (count - 1)) for i in range(count)]
    return [(start, start + tile) for start in starts]


def ramps(length: int, tile: int, fine: int) -> list[tuple[tuple[int, int], torch.Tensor]]:
    """Each span with its share, (length * fine,), along one side: it rises and falls over the overlap, and all sum
    to 1. fine: numbers a cell."""
    x, rise = (torch.arange(length * fine) + 0.5) / fine, max(tile // OVERLAP, 1)
    shares = []
    for start, end in (parts := spans(length, tile)):
        up = torch.ones(len(x)) if start == 0 else ((x - start) / rise).clamp(0, 1)
        down = torch.ones(len(x)) if end == length else ((end - x) / rise).clamp(0, 1)
        shares.append(up * down)
    total = torch.stack(shares).sum(0)
    return [(span, share / total) for span, share in zip(parts, shares)]


def tiles(h: int, w: int, tile: int, fine: int = 1) -> list[tuple[Window, torch.Tensor]]:
    """The tiles of ``h`` by ``w`` cells, each with its share of everything, (h * fine, w * fine)."""
    return [
        (Window(top, left, bottom - top, right - left), down[:, None] * across)
        for (top, bottom), down in ramps(h, tile, fine)
        for (left, right), across in ramps(w, tile, fine)
    ]


def tiled(steps: Sequence[tuple[Row, ...]], tile: int | None) -> tuple[tuple[Row, ...], ...]:
    """The rows of each step, those that see more than a tile in tiles."""
    if tile is None:
        return tuple(steps)
    return tuple(tuple(part for row in rows for part in pieces(row, tile)) for rows in steps)


def pieces(row: Row, tile: int) -> list[Row]:
    """``row``, or its tiles in which its prompts have weight."""
    h, w = row.weight.shape
    seen = row.window or Window(0, 0, h, w)
    if max(seen.height, seen.width) <= tile:
        return [row]
    result = []
    for part, share in tiles(seen.height, seen.width, tile):
        weight = seen.paste(seen.cut(row.weight) * share.to(row.weight.device), torch.zeros_like(row.weight))
        if bool((weight > 0).any()):
            window = replace(part, top=seen.top + part.top, left=seen.left + part.left)
            result.append(fewer_prompts(replace(row, weight=weight, window=window)))
    return result


def fewer_prompts(row: Row) -> Row:
    """``row`` without the prompts that have no share of the cells that it makes."""
    if row.maps is None:
        return row
    found = [i for i, share in enumerate(row.maps * (row.weight > 0)) if bool((share > 0).any())]
    return replace(row, maps=shares(row.maps[found]), prompts=tuple(row.prompts[i] for i in found))


def decoded_in_tiles(
    decode: Callable[[torch.Tensor], np.ndarray], latent: torch.Tensor, tile: int | None, cell: int
) -> np.ndarray:
    """``decode`` of a latent (C, h, w) to uint8 (H, W, 3), tile by tile, for memory's sake."""
    h, w = latent.shape[-2:]
    if tile is None or max(h, w) <= tile:
        return decode(latent)
    picture = np.zeros((h * cell, w * cell, 3), np.float32)
    for part, share in tiles(h, w, tile, fine=cell):
        rows, columns = pixels(part, cell)
        picture[rows, columns] += decode(part.cut(latent)) * share[rows, columns, None].numpy()
    return picture.round().astype(np.uint8)


def encoded_in_tiles(
    encode: Callable[[np.ndarray], torch.Tensor], rgb: np.ndarray, tile: int | None, cell: int
) -> torch.Tensor:
    """``encode`` of uint8 (H, W, 3) to a latent (C, h, w), likewise."""
    h, w = rgb.shape[0] // cell, rgb.shape[1] // cell
    if tile is None or max(h, w) <= tile:
        return encode(rgb)
    parts = [(part, share, encode(rgb[pixels(part, cell)])) for part, share in tiles(h, w, tile)]
    latent = parts[0][2].new_zeros(len(parts[0][2]), h, w)
    for part, share, code in parts:
        part.cut(latent).add_(code * part.cut(share).to(code.device))
    return latent


def pixels(window: Window, cell: int) -> tuple[slice, slice]:
    """The rows and columns of a picture under ``window``."""
    return (
        slice(window.top * cell, (window.top + window.height) * cell),
        slice(window.left * cell, (window.left + window.width) * cell),
    )
