"""Regions as the canvas's trait holds them: dicts, each also a handle whose attributes write through."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from .masks import Mask, MaskSource
from .scene import Region, Scene, SceneError

if TYPE_CHECKING:
    from .widget import SemanticDraw

REGION_FIELDS = tuple(field.name for field in fields(Region) if field.name != "mask")

COLORS = (
    "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00",
    "#cc79a7", "#8c6bb1", "#66c2a5", "#a6761d", "#b2df8a", "#999999",
)  # fmt: skip
"""Given out in order; people with any color vision can tell them apart. The first are Okabe and Ito's."""

_SPECK = np.zeros((16, 16), np.uint8)


def region_fields(value: object) -> dict[str, Any]:
    """Check one region of the `regions` trait and fill in what is missing.

    The prompt keeps its spaces, since somebody may be typing it. It may be empty: the engine then passes the
    region over.

    Raises:
        SceneError: not a mapping, an unknown field, or a value that Region refuses.
    """
    if not isinstance(value, Mapping):
        raise SceneError(f"a region is a dict, not {type(value).__name__}")
    unknown = [str(name) for name in value if name not in REGION_FIELDS]
    if unknown:
        raise SceneError(f"a region has no {', '.join(unknown)}; it has {', '.join(REGION_FIELDS)}")
    given = dict(value)
    region = Region(**{"prompt": "", **given}, mask=_SPECK)
    checked = {name: getattr(region, name) for name in REGION_FIELDS}
    texts = {name: given[name] for name in ("prompt", "negative_prompt", "name") if name in given}
    return checked | texts


def region_list(value: object) -> list[dict[str, Any]]:
    """Check the whole `regions` trait.

    Raises:
        SceneError: not a list, a bad region, too many of them, or two of the same id.
    """
    if not isinstance(value, list | tuple):
        raise SceneError(f"regions are a list of dicts, not {type(value).__name__}")
    checked = [region_fields(item) for item in value]
    Scene((16, 16), "", [Region("", _SPECK, id=item["id"]) for item in checked])
    return checked


class RegionHandle(dict[str, Any]):
    """One region of a canvas.

    As a dict it is what `regions` held when it was read, so that `observe` can compare old and new. Its
    attributes are live: reading one asks the canvas, setting one changes the canvas.

        house = canvas.add_region("house", mask)
        house.prompt = "red house"
        house.mask = other_mask
    """

    __slots__ = ("_canvas",)

    def __init__(self, canvas: SemanticDraw, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        object.__setattr__(self, "_canvas", weakref.ref(canvas))

    @property
    def mask(self) -> Mask:
        """uint8 (height, width), read-only. May be set to anything that `set_mask` takes."""
        return self._owner().mask(self["id"])

    def __getattr__(self, name: str) -> Any:
        if name not in REGION_FIELDS:
            raise AttributeError(f"a region has no {name!r}; it has mask, {', '.join(REGION_FIELDS)}")
        return (self._now() or self)[name]

    def __setattr__(self, name: str, value: MaskSource | Any) -> None:
        if name == "mask":
            self._owner().set_mask(self["id"], value)
        else:
            self._owner().update_region(self["id"], **{name: value})

    def __setitem__(self, name: str, value: Any) -> None:
        self._owner().update_region(self["id"], **{name: value})

    def _now(self) -> Mapping[str, Any] | None:
        """The region as the canvas holds it at this moment; None when it is gone."""
        canvas = self._canvas()
        regions = canvas.regions if canvas is not None else []
        return next((region for region in regions if region["id"] == self["id"]), None)

    def _owner(self) -> SemanticDraw:
        canvas = self._canvas()
        if canvas is None or self._now() is None:
            raise LookupError(f"region {self['id']!r} is no longer on the canvas")
        return canvas

    def __repr__(self) -> str:
        return f"<region {self.prompt!r}, id {self['id']!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)  # a copy is plain data

    def _fixed(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("set an attribute of the region instead, as in region.prompt = 'sea'")

    __delitem__ = clear = pop = popitem = setdefault = update = __ior__ = _fixed
