"""The masks as the kernel knows them: from Python, from finished traits, and from a pen that still moves.

The canvas sends a mask twice. While the pen moves, patches come as custom messages at once; when the stroke
ends, the whole mask comes as a trait. Trait updates wait for the kernel's `idle`, so one may arrive after
patches of a newer stroke, perhaps of another page's. It must not wipe them out: beside each mask the trait
`mask_edits` holds the `seq` of the last patch that is in it, and a mask with no patch in it that is not applied
here already is passed over.

Python's own edits of a mask are counted as well: each has a revision, which the trait `mask_revisions` tells the
canvas. So the canvas knows a mask that Python has set, whatever its pixels, from one of its own that comes back; and
as it repeats the revisions that it has seen, a mask that it sent before it heard of Python's is passed over here.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

import numpy as np

from .canvas_messages import MaskPatch
from .masks import Mask, pack, patch, to_mask, unpack

MAX_MASKS = 256
"""Masks kept at most; more than regions, as a mask may come before its region, or outlive it for an undo."""


class MaskStore:
    """Masks by region id, all of one size; a region without one has an empty mask.

    Not thread-safe: the widget's lock is held around it.

    Args:
        size: (width, height) of the canvas.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self._masks: dict[str, Mask] = {}
        self._blobs: dict[str, bytes] = {}  # the packed form of those masks that have one
        self._last_patch: dict[str, tuple[int, bool]] = {}  # the highest seq, and whether the last ended a stroke
        self._revisions: dict[str, int] = {}
        self._revision = 0  # one count for all, so that it grows for a region that comes back, too
        self._empty = np.zeros((size[1], size[0]), np.uint8)

    def __getitem__(self, region: str) -> Mask:
        """The mask, uint8 (height, width); the same object until it changes."""
        return self._masks.get(region, self._empty)

    @property
    def full(self) -> bool:
        """Whether no further region can have a mask."""
        return len(self._masks) >= MAX_MASKS

    def patch(self, message: MaskPatch) -> None:
        """Replace a box of a mask. The region need not be known yet: its trait may still be on its way.

        Raises:
            ValueError: the box leaves the canvas, the packed mask is damaged or of another size, or there are
                too many masks.
        """
        self._put(message.region, patch(self[message.region], message.box, message.packed))
        self._blobs.pop(message.region, None)
        last, _ = self._last_patch.get(message.region, (0, True))
        self._last_patch[message.region] = (max(message.seq, last), message.final)

    @property
    def revisions(self) -> dict[str, int]:
        """Region id -> number of Python's last edit of its mask, for those that Python has set."""
        return dict(self._revisions)

    def settle(self, packed: Mapping[str, bytes]) -> None:
        """Take over masks that Python sets, as one edit.

        Args:
            packed: id -> SDM1 bytes of this size, checked before.
        """
        self._revision += 1
        for region, blob in packed.items():
            self._take(region, blob)
            self._revisions[region] = self._revision

    def settle_strokes(self, packed: Mapping[str, bytes], edits: Mapping[str, int]) -> None:
        """Take over the masks of the canvas's trait, except those that newer patches have overtaken.

        Args:
            packed: id -> SDM1 bytes of this size, checked before.
            edits: id -> seq of the last patch in that mask. Without it, a mask counts as older while its
                region's stroke is open; with it, unless no patch has come that is so new.
        """
        for region, blob in packed.items():
            if not self._overtaken(region, edits):
                self._take(region, blob)

    def unseen(self, packed: Iterable[str], seen: Mapping[str, int]) -> list[str]:
        """The regions whose masks Python has set since the canvas, which had seen those revisions, sent them."""
        return [region for region in packed if seen.get(region, 0) < self._revisions.get(region, 0)]

    def newest(
        self, packed: Mapping[str, bytes], edits: Mapping[str, int], regions: Iterable[str], unseen: Iterable[str] = ()
    ) -> dict[str, bytes]:
        """What the trait should hold when the canvas sends it `packed`: a page that comes begins with the trait.

        Masks that newer patches have overtaken, and those that are `unseen`, are replaced by those here. So are those
        of the same pixels, which two libraries pack to different bytes: to an observer that would be a change. Masks
        of `regions` that the canvas had not heard of when it sent them stay.
        """
        unheard = {id: self.packed(id) for id in regions if id in self._masks and id not in packed}
        kept = {id for id, blob in packed.items() if self._overtaken(id, edits) or self._holds(id, blob)}
        return {**unheard, **packed, **{id: self.packed(id) for id in kept.union(unseen)}}

    def packed(self, region: str) -> bytes:
        """One mask as SDM1 bytes."""
        if region not in self._blobs:
            self._blobs[region] = pack(self[region])
        return self._blobs[region]

    def all_packed(self) -> dict[str, bytes]:
        """All masks as SDM1 bytes."""
        return {region: self.packed(region) for region in self._masks}

    def open_strokes(self) -> dict[str, bytes]:
        """The masks that a stroke was changing when the last patch came, as SDM1 bytes by region id."""
        return {region: self.packed(region) for region, (_, final) in self._last_patch.items() if not final}

    def forget(self, keep: Container[str]) -> None:
        """Drop the masks of regions that are not in `keep`."""
        for region in [region for region in self._masks if region not in keep]:
            for store in (self._masks, self._blobs, self._last_patch, self._revisions):
                store.pop(region, None)

    def resize(self, size: tuple[int, int]) -> None:
        """Stretch every mask to another canvas size: hard edges stay hard, soft ones are interpolated."""
        from PIL import Image

        for region, mask in self._masks.items():
            hard = bool((mask + np.uint8(1) <= 1).all())  # 255 + 1 wraps round to 0
            image = Image.fromarray(mask)
            self._masks[region] = to_mask(image.convert("1", dither=Image.Dither.NONE) if hard else image, size)
        self.size = size
        self._blobs.clear()
        self._last_patch.clear()
        self._empty = np.zeros((size[1], size[0]), np.uint8)

    def _overtaken(self, region: str, edits: Mapping[str, int]) -> bool:
        if region not in self._last_patch:
            return False
        seq, final = self._last_patch[region]
        return edits[region] <= seq if region in edits else not final

    def _holds(self, region: str, blob: bytes) -> bool:
        mask = unpack(blob)
        return region in self._masks and mask.shape == self[region].shape and bool((mask == self[region]).all())

    def _take(self, region: str, blob: bytes) -> None:
        if self._blobs.get(region) != blob:
            self._put(region, unpack(blob))
            self._blobs[region] = blob

    def _put(self, region: str, mask: Mask) -> None:
        if region not in self._masks and self.full:
            raise ValueError(f"there are {MAX_MASKS} masks already; remove regions first")
        self._masks[region] = mask
