"""Layers of an ipycanvas canvas as regions: what is drawn there, by code or by hand, is where a region is."""

from __future__ import annotations

import io
import logging
import threading
import weakref
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from .live_link import LiveLink
from .masks import Mask, to_mask
from .region_handle import COLORS, RegionHandle, region_fields

if TYPE_CHECKING:
    from .widget import SemanticDraw

log = logging.getLogger(__name__)

_known: weakref.WeakKeyDictionary[Any, dict[str, tuple[weakref.ref[MaskLink], str]]] = weakref.WeakKeyDictionary()
"""Canvas of ours -> the model id of a layer -> its newest link, and its region's id. For cells that run again."""


def alpha_mask(picture: bytes, size: tuple[int, int], threshold: float | None) -> Mask:
    """The mask in the alpha channel of a picture file, uint8 (height, width); stretched to `size`, (width, height).

    Args:
        threshold: what is at least this opaque (0..1) is inside, 255, and all else 0. None keeps the alpha.

    Raises:
        ValueError: it is not a picture.
    """
    try:
        with Image.open(io.BytesIO(picture)) as image:
            alpha = image.convert("RGBA").getchannel("A")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"the image data cannot be read as a picture: {error}") from error
    mask = to_mask(alpha, size)
    return mask if threshold is None else to_mask(mask >= 255 * threshold)


class MaskLink(LiveLink):
    """Keeps regions where the layers of an ipycanvas canvas are painted, until `close()`.

    Args:
        widget: the canvas whose regions they are.
        layers: ipycanvas.Canvas objects with sync_image_data, the lowest first.
        prompts: one for each layer; "" for one that is still to be said.
        threshold: see `alpha_mask`.

    Raises:
        ValueError: too many regions, a prompt too long, or image data that is no picture; nothing is changed then.
    """

    def __init__(
        self, widget: SemanticDraw, layers: Sequence[Any], prompts: Sequence[str | None], threshold: float | None
    ) -> None:
        super().__init__()
        self._widget, self._layers, self._threshold = widget, list(layers), threshold
        self._changed: set[int] = set()
        self._changed_lock = threading.Lock()
        size, pictures = widget.size, [layer.image_data for layer in self._layers]
        masks = {i: alpha_mask(picture, size, threshold) for i, picture in enumerate(pictures) if picture}
        self._ids = self._take_regions(prompts)
        self._apply(masks)
        for i, layer in enumerate(self._layers):
            self._watch(layer, ["image_data"], partial(self._note, [i]))
            self._end_with(layer)
        self._watch(widget, ["size"], partial(self._note, range(len(self._layers))))
        self._end_with(widget)
        # What has come while this was made.
        if late := [i for i, layer in enumerate(self._layers) if layer.image_data != pictures[i]]:
            self._note(late)

    @property
    def regions(self) -> list[RegionHandle]:
        """The layers' regions, the lowest layer's first; without those that somebody has removed."""
        return [self._widget.region(id) for id in self._ids if self._is_there(id)]

    def close(self) -> None:
        """Stop following; the regions and their masks stay. When it returns, no update is under way."""
        with self._widget._exclusive():
            super().close()

    def _is_there(self, id: str) -> bool:
        return any(region["id"] == id for region in self._widget.regions)

    def _take_regions(self, prompts: Sequence[str | None]) -> list[str]:
        """A region for each layer: the one that it had in a link before, or a new one on top. Returns their ids."""
        widget = self._widget
        with widget._edit():
            known = _known.setdefault(widget, {})
            regions = [dict(region) for region in widget.regions]
            ids: list[str] = []
            before: set[MaskLink] = set()
            for layer, prompt in zip(self._layers, prompts):
                link, id = known.get(layer.model_id, (None, ""))
                region = next((region for region in regions if region["id"] == id), {})
                if not region:
                    taken = [region["color"] for region in regions]
                    color = min(COLORS, key=taken.count)
                    region = region_fields({"prompt": "", "color": color})
                    regions.append(region)
                region["prompt"] = prompt if prompt is not None else region["prompt"]
                ids.append(region["id"])
                if link is not None and (other := link()) is not None:
                    before.add(other)
            widget.regions = regions  # checks them all; from here on nothing is refused
            for other in before:
                other.close()
            known.update({layer.model_id: (weakref.ref(self), id) for layer, id in zip(self._layers, ids)})
            return ids

    def _note(self, layers: Sequence[int], change: object = None) -> None:
        with self._changed_lock:
            self._changed.update(layers)
        self._wake()

    def _update(self) -> None:
        with self._changed_lock:
            changed, self._changed = self._changed, set()
        size, masks = self._widget.size, {}
        for i in changed:
            if picture := self._layers[i].image_data:
                try:
                    masks[i] = alpha_mask(picture, size, self._threshold)
                except ValueError as error:
                    log.warning("layer %d: %s; its region stays as it is", i, error)
        with self._widget._exclusive():
            if self._widget.size == size:
                self._apply(masks)
            else:  # decoded for a size that is over
                self._note(sorted(changed))

    def _apply(self, masks: dict[int, Mask]) -> None:
        """Set masks by layer as one edit. One that is as it was is not set: that would cost a message."""
        widget = self._widget
        with widget._exclusive():
            here = [(self._ids[i], mask) for i, mask in masks.items() if self._is_there(self._ids[i])]
            moved = [(id, mask) for id, mask in here if not np.array_equal(widget.mask(id), mask)]
            if moved and not self.closed:
                with widget._edit():
                    for id, mask in moved:
                        widget.set_mask(id, mask)
