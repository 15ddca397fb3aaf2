"""Semantic brushes of a canvas, from Python: save, use, remove, and pass on as a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .masks import MaskSource
from .region_handle import RegionHandle
from .region_list import RegionList
from .semantic_brushes import BRUSH_FIELDS, MAX_FILE, BrushError, brush_fields, free_name, from_json, joined, to_json
from .storage.disk import put


class BrushActions(RegionList):
    """A canvas's methods for its brushes.

    `brushes` is a list of dicts, and may be set: canvas.brushes = [{"name": "oak", "prompt": "old oak tree"}]
    """

    def save_brush(self, i: int | str, name: str = "") -> str:
        """Keep a region's prompt and settings as a brush; its mask is not part of it.

            canvas.save_brush("house", "red brick house")

        Args:
            i: the region, by its place or id.
            name: what the palette calls it; the region's name or prompt if left empty. A brush of the same name is
                replaced if you name it, else the new one gets a number.

        Returns:
            The brush's name.

        Raises:
            IndexError, KeyError: no such region.
            BrushError: a ValueError; the region has no prompt, or there are 256 brushes already.
        """
        with self._edit():
            region = self.region(i)
            if not region["prompt"].strip():
                raise BrushError("the region has no prompt; say what it shows before it becomes a brush")
            given = name.strip()
            name = given or free_name((region["name"].strip() or region["prompt"].strip())[:100], self.brushes)
            brush = brush_fields({**{field: region[field] for field in BRUSH_FIELDS}, "name": name})
            old = [one["name"] for one in self.brushes]
            if name in old:
                self.brushes = [brush if one["name"] == name else one for one in self.brushes]
            else:
                self.brushes = [*self.brushes, brush]
            return name

    def use_brush(self, name: str, mask: MaskSource | None = None) -> RegionHandle:
        """Add a region with a brush's prompt and settings.

            tree = canvas.use_brush("old oak", mask)

        Args:
            mask: where it is, as for `add_region`; empty if None.

        Raises:
            KeyError: no such brush; the text says which there are.
        """
        brush = self._brush(name)
        fields = {field: value for field, value in brush.items() if field not in ("name", "prompt")}
        if not fields["color"] or any(region["color"] == fields["color"] for region in self.regions):
            fields["color"] = self._next_color()  # regions are told apart by their colors
        label = "" if brush["name"] == brush["prompt"] else brush["name"]
        return self.add_region(brush["prompt"], mask, name=label, **fields)

    def remove_brush(self, name: str) -> None:
        """Remove a brush. Regions painted with it stay. Raises KeyError if there is none of that name.

        canvas.remove_brush("old oak")
        """
        with self._edit():
            gone = self._brush(name)
            self.brushes = [brush for brush in self.brushes if brush["name"] != gone["name"]]

    def export_brushes(self, path: str | os.PathLike[str]) -> None:
        """Write the brushes into a JSON file, which the canvas and `import_brushes` read. Raises OSError.

        canvas.export_brushes("trees.json")
        """
        put(path, to_json(self.brushes).encode())

    def import_brushes(self, path: str | os.PathLike[str]) -> list[str]:
        """Add the brushes in a JSON file. One whose name is taken gets a number; one that is there is passed over.

            canvas.import_brushes("trees.json")

        Returns:
            The names of all brushes now.

        Raises:
            BrushError: a ValueError; a file that cannot be used, and why. Nothing is changed then.
            OSError: there is no such file.
        """
        with Path(path).open("rb") as file:
            theirs = from_json(file.read(MAX_FILE + 1))
        with self._edit():
            self.brushes = joined(self.brushes, theirs)
            return [brush["name"] for brush in self.brushes]

    def _brush(self, name: str) -> dict[str, Any]:
        for brush in self.brushes:
            if brush["name"] == name:
                return dict(brush)
        raise KeyError(f"no brush {name!r}; there are {', '.join(brush['name'] for brush in self.brushes) or 'none'}")
