"""Gaussian noise as a function of (seed, step, position): the same scene gives the same bits.

The latent plane is cut into tiles, and each tile is drawn from a counter-based generator (Philox, Salmon et al.
2011) keyed by seed, step and tile. So noise does not depend on the canvas's size, on what was drawn before, or on
the device that computes; a wider canvas keeps the noise it had.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

TILE = 32


def field(seed: int, step: int, channels: int, height: int, width: int) -> np.ndarray:
    """Unit Gaussian noise, float32 (channels, height, width), in latent cells. Step 0 is the initial latent."""
    plane = np.empty((channels, -(-height // TILE) * TILE, -(-width // TILE) * TILE), np.float32)
    for top in range(0, plane.shape[1], TILE):
        for left in range(0, plane.shape[2], TILE):
            plane[:, top : top + TILE, left : left + TILE] = _tile(seed, step, channels, top // TILE, left // TILE)
    return plane[:, :height, :width]


@lru_cache(maxsize=1024)
def _tile(seed: int, step: int, channels: int, row: int, column: int) -> np.ndarray:
    place = np.uint64((step << 32) | (row << 16) | column)
    generator = np.random.Generator(np.random.Philox(key=np.array([seed, place], np.uint64)))
    tile = generator.standard_normal((channels, TILE, TILE), np.float32)
    tile.setflags(write=False)
    return tile
