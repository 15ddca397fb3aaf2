"""What can be done with a region as a whole: the menu of a region in the canvas, from Python.

js/src/actions.ts is the same from the other side, and leaves the same masks. Two things differ, as they do wherever
Python draws. A lock holds the pen and the menu, not Python. And Python shows no hidden region because its mask
changes.
"""

from __future__ import annotations

import numpy as np

from .mask_ops import filled, inverted, union
from .region_handle import RegionHandle, region_fields
from .region_list import RegionList


class RegionActions(RegionList):
    """A canvas's methods for whole regions.

    A region is given by its place in `regions` (0 the lowest, negative ones count from the end) or by its id. Each
    method is one edit: one message to the canvas, one new picture. All raise IndexError for a place and KeyError for an
    id that is not there, and change nothing then.
    """

    def move_region(self, i: int | str, to: int) -> None:
        """Move a region to another place of `regions`; those between give way.

            canvas.move_region("house", 0)  # under all others
            canvas.move_region(0, -1)  # the lowest goes on top

        Args:
            to: the place that it has afterwards, 0 the lowest; -1 the uppermost, and so on.

        Raises:
            IndexError: no such place; the text says which there are.
        """
        with self._edit():
            moved, count = self.region(i), len(self.regions)
            if not -count <= to < count:
                raise IndexError(f"no place {to}; {_places(count)}")
            rest = [region for region in self.regions if region["id"] != moved["id"]]
            place = to % count
            self.regions = [*rest[:place], moved, *rest[place:]]

    def duplicate_region(self, i: int | str) -> RegionHandle:
        """Add a copy of a region just above it: mask, prompt and all settings, but an id and a color of its own.

            second = canvas.duplicate_region("house")
            second.prompt = "red house"

        Raises:
            ValueError: the canvas has 64 regions already; merge or remove some.
        """
        with self._edit():
            place, original = self._place(i)
            copy = region_fields({**original, "id": "", "color": self._next_color()})
            self.regions = [*self.regions[: place + 1], copy, *self.regions[place + 1 :]]
            self._put(copy["id"], self.mask(original["id"]))
            return self.region(copy["id"])

    def merge_down(self, i: int | str) -> RegionHandle:
        """Join a region's mask to that of the region below, and remove it; the lower one's prompt and settings stay.

            canvas.merge_down("second house")

        The lower region is shown if either was. Where the upper one was painted alone, the lower one is now.

        Returns:
            The lower region.

        Raises:
            ValueError: it is the lowest; the text says what to do.
        """
        with self._edit():
            place, upper = self._place(i)
            if place == 0:
                raise ValueError(
                    f"region 0 ({upper['prompt'] or upper['id']!r}) is the lowest; there is none below to merge it "
                    "into. Merge the one above it instead, or move it up first: move_region(0, 1)"
                )
            lower = self.regions[place - 1]["id"]
            self._put(lower, union(self.mask(upper["id"]), self.mask(lower)))
            if upper["visible"] and not self.region(lower)["visible"]:
                self.update_region(lower, visible=True)
            if self.solo == upper["id"]:
                self.solo = lower
            self.remove_region(upper["id"])
            return self.region(lower)

    def solo_region(self, i: int | str | None) -> None:
        """Paint one region alone on the background; None paints all visible ones again.

            canvas.solo_region("house")
            canvas.solo_region(None)

        No region's `visible` changes, so that all is afterwards as it was before. The canvas ends a solo when somebody
        draws on another region.
        """
        self.solo = "" if i is None else self.region(i)["id"]

    def clear_mask(self, i: int | str) -> None:
        """Empty a region's mask.

        canvas.clear_mask("house")
        """
        with self._edit():
            region = self.region(i)["id"]
            self._put(region, np.zeros_like(self.mask(region)))

    def invert_mask(self, i: int | str) -> None:
        """Give a region what it did not cover, and take what it did.

        canvas.invert_mask("sea")  # all but the sea
        """
        with self._edit():
            region = self.region(i)["id"]
            self._put(region, inverted(self.mask(region)))

    def fill_rest(self, i: int | str) -> None:
        """Give a region, besides what it covers, all that no other visible region does.

            canvas.fill_rest("meadow")

        Where others cover a pixel in part, it gets the other part. A region that only rests while another one is
        painted alone keeps its place.
        """
        with self._edit():
            region = self.region(i)["id"]
            others = [other["id"] for other in self.regions if other["visible"] and other["id"] != region]
            self._put(region, filled(self.mask(region), map(self.mask, others)))

    def _place(self, i: int | str) -> tuple[int, RegionHandle]:
        region = self.region(i)
        return next(place for place, one in enumerate(self.regions) if one["id"] == region["id"]), region


def _places(count: int) -> str:
    return f"there are {count} regions, places 0 to {count - 1} or {-count} to -1" if count > 1 else "there is one, 0"
