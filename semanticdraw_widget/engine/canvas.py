"""Latents to pixels and back: on canvases of any size, over the user's picture, and into a picture that is kept."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from .crops import Window
from .errors import out_of_memory
from .families.family import Family
from .increment import Patch
from .plan import Plan
from .rationed import offloaded
from .recovery import decoded, encoded
from .tiles import decoded_in_tiles, encoded_in_tiles, pixels

AROUND = 3  # cells around a patch that are decoded with it, for the decoder to see its surroundings


class Canvas:
    """The autoencoder of ``family`` at work. notes: told what has to be done otherwise than asked, see recovery.py."""

    def __init__(self, family: Family, notes: list[str]) -> None:
        self.family, self.notes = family, notes
        self._papers: dict[tuple[tuple[int, int], int | None], torch.Tensor] = {}

    def forget(self) -> None:
        self._papers.clear()

    def paper(self, size: tuple[int, int], tile: int | None) -> torch.Tensor:
        """The latent (C, h, w) of white, for ``size`` (width, height) in pixels."""
        if (size, tile) not in self._papers:
            self._papers[size, tile] = self.encode(np.full((size[1], size[0], 3), 255, np.uint8), tile)
        return self._papers[size, tile]

    def encode(self, rgb: np.ndarray, tile: int | None) -> torch.Tensor:
        """uint8 (H, W, 3) to a latent (C, h, w)."""
        return encoded_in_tiles(lambda part: encoded(self.family, part, self.notes), rgb, tile, self.family.cell)

    def decode(self, latent: torch.Tensor) -> np.ndarray:
        """A latent (C, h, w) to uint8 (H, W, 3), once more without the networks that can wait if memory is short."""
        try:
            return decoded(self.family, latent, self.notes)
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error) or not offloaded(self.family):
                raise
        return decoded(self.family, latent, self.notes)

    def decoder(self, plan: Plan, part: Patch | None) -> Callable[[torch.Tensor], np.ndarray]:
        """Latent to pixels for one scene: over a background picture the user's own pixels stay where no region is, and
        outside a patch those of the kept picture."""
        cell, blend, picture = self.family.cell, plan.blend, plan.scene.background.image
        h, w = plan.noise.shape[-2:]
        seen = Window(0, 0, h, w) if part is None else part.box.grown(AROUND, h, w)
        where = pixels(seen, cell)

        def decode(x0: torch.Tensor) -> np.ndarray:
            rgb = decoded_in_tiles(self.decode, seen.cut(x0), plan.tile, cell)
            if blend is not None and picture is not None:
                rgb = (picture[where] * (1 - blend[where]) + rgb * blend[where]).round().astype(np.uint8)
            if part is None:
                return rgb
            result = part.kept.frame.rgb().copy()
            inner, share = result[pixels(part.box, cell)], part.fade(cell)[..., None]
            top, left = (part.box.top - seen.top) * cell, (part.box.left - seen.left) * cell
            new = rgb[top : top + inner.shape[0], left : left + inner.shape[1]]
            inner[:] = (inner + share * (new.astype(np.float32) - inner)).round().astype(np.uint8)
            return result

        return decode
