"""What to paint: a Scene is a canvas size, a background, regions and a seed.

Scenes are values. They never change, compare by content, and survive JSON; an edit makes a new scene that
shares the untouched regions with the old one. Two scenes with the same `key` give the same picture, bit for
bit.

    Scene(size=(256, 256), background="sky", regions=[Region("house", mask=array)], seed=1)

Sizes are (width, height), masks are arrays (height, width). The last region lies on top.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from . import checks
from .checks import MAX_FEATHER, MAX_REGIONS, SceneError
from .masks import Mask, MaskSource, pack, to_mask, unpack

__all__ = ["Background", "Region", "Scene", "SceneError"]

_FORMAT, _VERSION = "semanticdraw-scene", 1
_Value = TypeVar("_Value", bound="_ByContent")


class _ByContent:
    """Equality, hash and change for the frozen values below, whose arrays count by what they hold."""

    @cached_property
    def _content(self) -> tuple[object, ...]:
        return tuple(_comparable(getattr(self, f.name)) for f in fields(self))  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _ByContent) or type(self) is not type(other):
            return NotImplemented
        return self._content == other._content

    def __hash__(self) -> int:
        return hash(self._content)

    def __reduce__(self) -> tuple[Any, ...]:
        # Copied and unpickled arrays would be writable again, so a copy goes through __init__.
        return type(self), tuple(getattr(self, f.name) for f in fields(self))  # type: ignore[arg-type]

    def replace(self: _Value, **changes: Any) -> _Value:
        """A new value with some fields changed, checked like a first one. An unknown field is a TypeError."""
        return replace(self, **changes)  # type: ignore[type-var]


@dataclass(frozen=True, eq=False, init=False)
class Region(_ByContent):
    """One painted area and what it shows.

    prompt: what the region shows, at most 1000 characters, stripped. An empty one is legal: an engine passes
        such a region over, with a notice.
    mask: where it is, read-only uint8 (height, width), 255 fully inside; given as anything `to_mask` takes.
    id: names the region in messages and notices, unique in a scene; made up if left empty.
    name: a label for people.
    negative_prompt: what the region should not show, same limits as the prompt.
    color: "#rrggbb" for the canvas, or "".
    strength: scales the mask before it is compared with the noise level (quantized masks), above 0 and at
        most 1. A little below 1 already costs the region its first steps.
    prompt_strength: 0..1, from the background's prompt to its own.
    feather: standard deviation of the edge blur in px, 0..512; None for the engine's default.
    seed: 0..2^53-1, noise of its own; None for the scene's.
    visible: an invisible region is not painted.
    locked: the canvas does not draw on a locked region, and what it shows stays, whatever is painted around it.

    Raises SceneError for a value out of these ranges, and what `to_mask` raises for the mask.
    """

    prompt: str
    mask: Mask
    id: str
    name: str
    negative_prompt: str
    color: str
    strength: float
    prompt_strength: float
    feather: float | None
    seed: int | None
    visible: bool
    locked: bool

    def __init__(
        self,
        prompt: str,
        mask: MaskSource,
        id: str = "",
        name: str = "",
        negative_prompt: str = "",
        color: str = "",
        strength: float = 1.0,
        prompt_strength: float = 1.0,
        feather: float | None = None,
        seed: int | None = None,
        visible: bool = True,
        locked: bool = False,
    ) -> None:
        vars(self).update(
            prompt=checks.text("prompt", prompt),
            mask=mask if _is_frozen(mask, 2) else _frozen(to_mask(mask)),
            id=checks.identifier(id),
            name=checks.text("name", name),
            negative_prompt=checks.text("negative prompt", negative_prompt),
            color=checks.color(color),
            strength=checks.number("strength", strength, 1.0, above=0.0),
            prompt_strength=checks.number("prompt strength", prompt_strength, 1.0),
            feather=None if feather is None else checks.number("feather", feather, MAX_FEATHER),
            seed=None if seed is None else checks.seed(seed),
            visible=checks.flag("visible", visible),
            locked=checks.flag("locked", locked),
        )

    @cached_property
    def _picture(self) -> tuple[object, ...]:
        """What the picture depends on."""
        content = zip(fields(self), self._content, strict=True)
        return tuple(value for field, value in content if field.name not in _NOT_IN_PICTURE)

    def __repr__(self) -> str:
        covered = np.count_nonzero(self.mask) / self.mask.size
        height, width = self.mask.shape
        return f"Region({self.prompt!r}, mask={width}x{height} {covered:.0%} covered, id={self.id!r})"


_NOT_IN_PICTURE = {"id", "name", "color", "visible", "locked"}


@dataclass(frozen=True, eq=False, init=False)
class Background(_ByContent):
    """What lies under the regions: a prompt, a picture, or both.

    prompt: at most 1000 characters, stripped; "" for none. image: read-only uint8 (height, width, 3), RGB,
    of the canvas's size, or None. Given as such an array or as
        a PIL image in mode RGB.

    Raises SceneError for anything else.
    """

    prompt: str
    image: npt.NDArray[np.uint8] | None

    def __init__(self, prompt: str = "", image: npt.ArrayLike | None = None) -> None:
        vars(self).update(prompt=checks.text("background prompt", prompt), image=_frozen_image(image))

    def __repr__(self) -> str:
        image = "" if self.image is None else f", image={self.image.shape[1]}x{self.image.shape[0]}"
        return f"Background({self.prompt!r}{image})"


@dataclass(frozen=True, eq=False, init=False)
class Scene(_ByContent):
    """Everything that a picture depends on.

    size: (width, height), each 16 to 8192 px and divisible by 8, at most 4096 * 4096 px in all. background: a
    Background, or just its prompt. regions: at most 64, their masks of the canvas's size, ids all different. The last
    lies on top. None at all, empty masks and overlaps are legal. seed: 0..2^53-1.

    Raises SceneError.
    """

    size: tuple[int, int]
    background: Background
    regions: tuple[Region, ...]
    seed: int

    def __init__(
        self,
        size: tuple[int, int],
        background: Background | str = "",
        regions: Iterable[Region] = (),
        seed: int = 0,
    ) -> None:
        vars(self).update(
            size=checks.size(size),
            background=background if isinstance(background, Background) else Background(background),
            regions=_region_tuple(regions),
            seed=checks.seed(seed),
        )
        for region in self.regions:
            checks.shape(f"mask of region {region.prompt or region.id!r}", region.mask, self.size)
        if self.background.image is not None:
            checks.shape("background image", self.background.image, self.size)

    @property
    def width(self) -> int:
        return self.size[0]

    @property
    def height(self) -> int:
        return self.size[1]

    @cached_property
    def key(self) -> str:
        """32 hex digits of all that the picture depends on.

        Invisible regions, ids, names, colors and locks do not count. The order of regions does.
        """
        regions = [region._picture for region in self.regions if region.visible]
        facts = json.dumps([self.size, self.seed, self.background._content, regions])
        return blake2b(facts.encode(), digest_size=16).hexdigest()

    def to_json(self) -> str:
        """The whole scene as JSON text, which `from_json` reads back.

        Masks are base64 of their packed bytes (see masks.py), the background image is base64 of its bytes,
        zlib
        deflated.
        """
        image = self.background.image
        return json.dumps(
            {
                "format": _FORMAT,
                "version": _VERSION,
                "size": self.size,
                "seed": self.seed,
                "background": {
                    "prompt": self.background.prompt,
                    "image": None if image is None else _base64(zlib.compress(image.tobytes())),
                },
                "regions": [
                    {f.name: getattr(region, f.name) for f in fields(region)} | {"mask": _base64(pack(region.mask))}
                    for region in self.regions
                ],
            }
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> Scene:
        """The scene that `to_json` wrote. Raises SceneError for text that is not one or holds unknown
        fields."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SceneError(f"a scene is JSON text, but this does not parse: {error}") from None
        data = _object("scene", data, {"format", "version", "size", "seed", "background", "regions"})
        if (data["format"], data["version"]) != (_FORMAT, _VERSION):
            raise SceneError(
                f"this is {data['format']!r} version {data['version']!r}; "
                f"this release reads {_FORMAT!r} version {_VERSION}"
            )
        size = checks.size(data["size"])
        background = _object("background", data["background"], {"prompt", "image"})
        image = background["image"]
        return cls(
            size,
            Background(background["prompt"], None if image is None else _read_image(image, size)),
            [_read_region(region) for region in _list("regions", data["regions"])],
            data["seed"],
        )


def _region_tuple(regions: Iterable[Region]) -> tuple[Region, ...]:
    regions = tuple(regions)
    if len(regions) > MAX_REGIONS:
        raise SceneError(f"a scene has at most {MAX_REGIONS} regions, not {len(regions)}; merge or remove some")
    seen: set[str] = set()
    for region in regions:
        if not isinstance(region, Region):
            raise SceneError(f"the regions of a scene are Region objects, not {type(region).__name__}")
        if region.id in seen:
            raise SceneError(f"two regions have the id {region.id!r}; leave the id out to get a new one")
        seen.add(region.id)
    return regions


# Arrays that nobody can change, compared by what they hold


def _frozen(array: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A copy on top of a bytes object: unlike a cleared flag, that cannot be made writable again."""
    return np.frombuffer(array.tobytes(), np.uint8).reshape(array.shape)


def _is_frozen(value: Any, ndim: int) -> bool:
    """Whether `_frozen` made this array, so that an edited scene shares it instead of copying."""
    return (
        type(value) is np.ndarray
        and (value.ndim, value.dtype) == (ndim, np.uint8)
        and value.flags.c_contiguous
        and type(value.base) is np.ndarray
        and value.base.size == value.size > 0
        and type(value.base.base) is bytes
    )


def _frozen_image(value: Any) -> npt.NDArray[np.uint8] | None:
    if value is None:
        return None
    array = np.asarray(value)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3:
        raise SceneError(
            f"a background image is uint8 (height, width, 3), not {array.dtype} {array.shape}; "
            "image.convert('RGB') makes a PIL image fit"
        )
    return array if _is_frozen(array, 3) else _frozen(array)


def _comparable(value: object) -> object:
    if isinstance(value, np.ndarray):
        return blake2b(repr(value.shape).encode() + value.tobytes(), digest_size=16).hexdigest()
    return value


# JSON


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unbase64(what: str, value: object) -> bytes:
    if not isinstance(value, str):
        raise SceneError(f"the {what} is base64 text, not {type(value).__name__}")
    try:
        return base64.b64decode(value, validate=True)
    except ValueError as error:
        raise SceneError(f"the {what} is not base64 text: {error}") from None


def _object(what: str, value: object, names: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SceneError(f"a {what} is a JSON object, not {type(value).__name__}")
    for trouble, wrong in (("lacks", names - set(value)), ("has the unknown", set(value) - names)):
        if wrong:
            raise SceneError(f"the JSON of a {what} {trouble} {', '.join(sorted(wrong))}")
    return value


def _list(what: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise SceneError(f"the {what} are a JSON list, not {type(value).__name__}")
    return value


def _read_region(value: object) -> Region:
    region = _object("region", value, {f.name for f in fields(Region)})
    try:
        mask = unpack(_unbase64("mask", region["mask"]))
    except ValueError as error:
        raise SceneError(f"the mask of region {region['prompt']!r} cannot be read: {error}") from None
    return Region(**region | {"mask": mask})


def _read_image(value: object, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    length = 3 * size[0] * size[1]
    inflater = zlib.decompressobj()
    try:
        pixels = inflater.decompress(_unbase64("background image", value), length + 1)
    except zlib.error as error:
        raise SceneError(f"the background image is damaged: {error}") from None
    if len(pixels) != length or not inflater.eof:
        raise SceneError(f"the background image does not hold the {length} bytes of its {size[0]}x{size[1]} px")
    return np.frombuffer(pixels, np.uint8).reshape(size[1], size[0], 3)
