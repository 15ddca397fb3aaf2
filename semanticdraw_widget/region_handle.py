"""Regions as the canvas's trait holds them: dicts, each also a handle whose attributes write through."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import numpy.typing as npt

from .masks import MAX_COORDINATE, SUBPIXELS, Mask, MaskSource
from .scene import Region, Scene, SceneError
from .shapes import fill_ellipse, fill_polygon, fill_rectangle

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


def _subpixels(points: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Points in px as whole numbers of 1/16 px."""
    given = np.asarray(points, np.float64)
    limit = MAX_COORDINATE // SUBPIXELS
    if not (np.abs(given) <= limit).all():
        raise ValueError(f"points are finite and lie within ±{limit} px, not {given.tolist()}")
    return np.rint(given * SUBPIXELS).astype(np.int64)


class RegionHandle(dict[str, Any]):
    """One region of a canvas.

    As a dict it is what `regions` held when it was read, so that `observe` can compare old and new. Its
    attributes are live: reading one asks the canvas, setting one changes the canvas.

        house = canvas.add_region("house", mask)
        house.prompt = "red house"
        house.mask = other_mask
        house.fill_rectangle(60, 120, 136, 90)
    """

    __slots__ = ("_canvas",)

    def __init__(self, canvas: SemanticDraw, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        object.__setattr__(self, "_canvas", weakref.ref(canvas))

    @property
    def mask(self) -> Mask:
        """uint8 (height, width), read-only. May be set to anything that `set_mask` takes."""
        return self._owner().mask(self["id"])

    def fill_polygon(self, points: npt.ArrayLike, value: int = 255) -> None:
        """Fill a polygon in the mask; the last corner is joined to the first, crossings count even-odd.

            house.fill_polygon([(40, 120), (128, 40), (216, 120)])  # a roof

        Args:
            points: at least three corners (x, y) in px, counted from the canvas's upper left corner; rounded to
                1/16 px. What lies off the canvas is dropped.
            value: 255 adds to the region, 0 takes away.

        Raises:
            ValueError: a wrong shape, a coordinate that is not finite or beyond ±65536 px, or a value not in 0..255.
        """
        self._owner().set_mask(self["id"], fill_polygon(self.mask, _subpixels(points), value))

    def fill_rectangle(self, x: float, y: float, width: float, height: float, value: int = 255) -> None:
        """Fill a rectangle in the mask, given by its upper left corner and size in px; else as `fill_polygon`.

        house.fill_rectangle(60, 120, 136, 90)
        house.fill_rectangle(110, 160, 30, 50, value=0)  # the door belongs to another region
        """
        corners = _subpixels([(x, y), (x + width, y + height)])
        self._owner().set_mask(self["id"], fill_rectangle(self.mask, corners, value))

    def fill_ellipse(self, x: float, y: float, width: float, height: float, value: int = 255) -> None:
        """Fill the ellipse in the mask that touches the sides of a rectangle; else as `fill_rectangle`.

        sun.fill_ellipse(180, 20, 50, 50)  # a disk 50 px wide
        """
        corners = _subpixels([(x, y), (x + width, y + height)])
        self._owner().set_mask(self["id"], fill_ellipse(self.mask, corners, value))

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
