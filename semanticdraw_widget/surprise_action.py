"""A random scene in place of what is on the canvas: the dice of the canvas, from Python. See surprise.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import canvas_values as values
from .canvas_traits import CanvasTraits
from .masks import pack
from .region_handle import COLORS, region_fields
from .surprise import surprise

if TYPE_CHECKING:
    from .mask_store import MaskStore


class SurpriseAction(CanvasTraits):
    """A canvas's method for a scene of the model's own words."""

    if TYPE_CHECKING:  # what the canvas itself has
        _store: MaskStore

    def surprise(self, seed: int | None = None) -> None:
        """Lay out a random scene from the model's words, in place of what is there; a background picture stays.

        In the canvas that is one step of undo. It needs no loaded model.

        Args:
            seed: the same seed, words and canvas size give the same scene; another one each time if None.

        Raises:
            NoVocabulary: a ValueError; the model lists no words. The text says what to do.
        """
        words = self.vocabulary or values.default_vocabulary(self.model)
        scene = surprise(words, self.size, np.random.default_rng(seed))
        colors = [COLORS[i % len(COLORS)] for i in range(len(scene.regions))]
        regions = [region_fields({"prompt": r.prompt, "color": color}) for r, color in zip(scene.regions, colors)]
        with self._edit():
            self.regions = regions
            self.masks = {region["id"]: pack(r.mask) for region, r in zip(regions, scene.regions)}
            self._store.forget(keep={region["id"] for region in regions})
            self.background = scene.background.prompt
            self._tell_layout("surprise")
