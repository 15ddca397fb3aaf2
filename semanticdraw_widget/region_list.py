"""The regions of a canvas, from Python: add, find, change and remove them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import checks
from .canvas_traits import CanvasTraits
from .masks import Mask, MaskSource, pack, to_mask
from .region_handle import COLORS, REGION_FIELDS, RegionHandle, region_fields
from .strength_scale import strength_at

if TYPE_CHECKING:
    from .mask_store import MaskStore


class RegionList(CanvasTraits):
    """A canvas's methods for its list of regions.

    A region is given by its place in `regions` (0 the lowest, negative ones count from the end) or by its id.
    """

    if TYPE_CHECKING:  # what the canvas itself has
        _store: MaskStore

    def add_region(self, prompt: str, mask: MaskSource | None = None, **fields: Any) -> RegionHandle:
        """Add a region on top of the others.

        Args:
            prompt: what it shows, 1..1000 characters.
            mask: where it is: anything that `to_mask` takes, (height, width) as the canvas; empty if None.
            fields: id, name, negative_prompt, color, strength, prompt_strength, feather, seed, visible and
                locked, as in scene.Region.

        Raises:
            TypeError: an unknown field, or a mask of a wrong dtype.
            ValueError: an empty prompt, a value out of range, a mask of a wrong shape.
        """
        _check_fields(fields)
        region = region_fields({"color": self._next_color(), **fields, "prompt": _prompt(prompt)})
        pixels = None if mask is None else to_mask(mask, self.size)
        with self._edit():
            self.regions = [*self.regions, region]
            if pixels is not None:
                self.set_mask(region["id"], pixels)
            return self.region(region["id"])

    def remove_region(self, i: int | str) -> None:
        """Remove a region, given by its place in `regions` or by its id."""
        with self._edit():
            gone = self.region(i)["id"]
            self.regions = [region for region in self.regions if region["id"] != gone]
            self.masks = {region: packed for region, packed in self.masks.items() if region != gone}
            self._store.forget(keep={region["id"] for region in self.regions})

    def update_region(self, i: int | str, **fields: Any) -> None:
        """Change fields of a region; the rest stays. Raises as `add_region` does."""
        _check_fields(fields, "prompt")
        if "prompt" in fields:
            fields["prompt"] = _prompt(fields["prompt"])
        with self._edit():
            old = self.region(i)
            if fields.get("id", old["id"]) != old["id"]:
                raise ValueError("the id of a region stays; remove the region and add another")
            new = region_fields({**old, **fields})
            self.regions = [new if region["id"] == old["id"] else region for region in self.regions]

    def strength_at(self, share: float) -> float:
        """The strength that keeps a share of the model's steps, as the canvas's slider has it.

            canvas.region(0).strength = canvas.strength_at(0.5)  # the mask counts in half of the steps

        Args:
            share: 0..1; the scale is even, while strengths themselves crowd towards 1. 0 gives 0, which no region
                takes. Before the model is loaded, and its steps are known, a share is the strength.

        Raises:
            SceneError: a ValueError; a share out of its range.
        """
        return strength_at(checks.number("share", share, 1.0), self.model_facts.get("levels", ()))

    def set_prompt(self, i: int | str, text: str) -> None:
        """Say what a region shows. Raises ValueError for an empty text."""
        self.update_region(i, prompt=text)

    def set_mask(self, i: int | str, mask: MaskSource) -> None:
        """Say where a region is: anything that `to_mask` takes, (height, width) as the canvas.

        Raises:
            TypeError: a wrong dtype; the text names it and the accepted ones.
            ValueError: a wrong shape; the text names both.
        """
        pixels = to_mask(mask, self.size)
        with self._edit():
            self._put(self.region(i)["id"], pixels)

    def region(self, i: int | str) -> RegionHandle:
        """A region by its place in `regions` (negative ones count from the end) or by its id.

        Raises:
            IndexError: no such place; the text says how many regions there are.
            KeyError: no such id.
        """
        regions = self.regions
        if isinstance(i, str):
            for region in regions:
                if region["id"] == i:
                    return region
            raise KeyError(f"no region {i!r}; there are {', '.join(r['id'] for r in regions) or 'none'}")
        if not -len(regions) <= i < len(regions):
            raise IndexError(f"no region {i}; there are {len(regions)}, counted from 0")
        return regions[i]

    def mask(self, i: int | str) -> Mask:
        """Where a region is now, strokes in progress included: uint8 (height, width), 255 inside."""
        with self._exclusive():
            return self._store[self.region(i)["id"]].copy()

    def _put(self, region: str, mask: Mask) -> None:
        # A stroke that goes on is not in the trait yet, and a trait set to what it is tells nobody.
        if open_strokes := self._store.open_strokes():
            self._take_over({"masks": {**self.masks, **open_strokes}})
        self.masks = {**self.masks, region: pack(mask)}

    def _next_color(self) -> str:
        taken = [region["color"] for region in self.regions]
        return min(COLORS, key=taken.count)


def _check_fields(fields: Mapping[str, Any], *also: str) -> None:
    known = [name for name in REGION_FIELDS if name != "prompt" or "prompt" in also]
    if unknown := sorted(set(fields) - set(known)):
        raise TypeError(f"a region has no {', '.join(unknown)}; it has {', '.join(known)}")


def _prompt(text: str) -> str:
    if isinstance(text, str) and not text.strip():
        raise ValueError("the prompt is empty; say what the region shows, as in 'house'")
    return text
