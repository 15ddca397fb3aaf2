"""From a canvas's traits to the Scene that they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .canvas_values import read_picture
from .mask_store import MaskStore
from .masks import Mask
from .scene import Background, Region, Scene


class SceneBuilder:
    """Builds scenes, and keeps the parts that did not change: their masks and pictures are digested only once."""

    def __init__(self) -> None:
        self._regions: dict[str, tuple[Mapping[str, Any], Mask, Region]] = {}
        self._background: tuple[tuple[object, ...], Background] = ((), Background())

    def build(
        self,
        size: tuple[int, int],
        background: str,
        background_image: bytes,
        regions: Sequence[Mapping[str, Any]],
        masks: MaskStore,
        seed: int,
    ) -> Scene:
        """The scene.

        Args:
            size: (width, height), the size of all masks too.
            background: its prompt.
            background_image: a picture file, or b"".
            regions: checked fields of scene.Region, without masks; the last lies on top.
            masks: their masks, by id.
            seed: of the noise.
        """
        self._regions = {fields["id"]: self._region(fields, masks[fields["id"]]) for fields in regions}
        parts = [region for _, _, region in self._regions.values()]
        return Scene(size, self._backdrop(background, background_image, size), parts, seed)

    def _region(self, fields: Mapping[str, Any], mask: Mask) -> tuple[Mapping[str, Any], Mask, Region]:
        built = self._regions.get(fields["id"])
        if built is not None and built[0] == fields and built[1] is mask:
            return built
        return dict(fields), mask, Region(mask=mask, **fields)

    def _backdrop(self, prompt: str, image: bytes, size: tuple[int, int]) -> Background:
        key = (prompt, image, size)
        if self._background[0] != key:
            pixels = read_picture(image, size) if image else None
            self._background = (key, Background(prompt, pixels))
        return self._background[1]


def shows_anything(scene: Scene) -> bool:
    """Whether there is anything to paint: a background, or a visible region with a prompt and a mask."""
    regions = any(region.visible and region.prompt and region.mask.any() for region in scene.regions)
    return regions or bool(scene.background.prompt) or scene.background.image is not None
