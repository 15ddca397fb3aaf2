"""Masks: what counts as one, how one travels, and the brush that draws them.

A mask is a uint8 array (height, width), 255 fully inside a region and 0 outside; sizes are given as (width,
height) as everywhere in this package. Three things live here, none of which knows torch or Jupyter:

- `to_mask` turns arrays, pictures and packed bytes into masks, and refuses what it would have to guess about;
- `pack`, `unpack` and `patch` are the wire format SDM1, which `js/src/mask.ts` reads and writes as well;
- `draw_stroke` is the round brush, in whole numbers, byte for byte what the browser draws; soft_edge.py is its
  edge, shapes.py has the other tools.

Both languages are held to the same vectors, tests/vectors/masks.json.

SDM1: b"SM", version 1, depth (1 or 8), width and height as unsigned 16-bit little-endian numbers, then one
zlib (RFC 1950) stream. Depth 1 holds rows packed most significant bit first, each padded to a whole byte, 1
for 255; depth 8 holds one byte a pixel, row by row.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from itertools import chain
from operator import index
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from .soft_edge import HARD, distances, falloff

if TYPE_CHECKING:
    from PIL.Image import Image

Mask: TypeAlias = npt.NDArray[np.uint8]
MaskSource: TypeAlias = "npt.ArrayLike | Image | bytes | bytearray | memoryview"

MAX_SIDE = 8192
MAX_PIXELS = 4096 * 4096
"""Longest side of a mask, px."""
MAX_BRUSH = 512
"""Largest brush diameter, px."""
SUBPIXELS = 16
"""Stroke coordinates count 1/16 px."""
MAX_COORDINATE = 2**20
"""Stroke coordinates lie within ±2^20 (±65536 px), which keeps the browser's doubles exact."""

_HEADER = struct.Struct("<2sBBHH")
_MAGIC, _VERSION = b"SM", 1

# A stroke is worked off in batches of about this many pixel rows, so that long ones do not fill the memory.
_ROWS_AT_ONCE = 1 << 18
# Further than any coordinate: where a segment sets no bound.
_FAR = 1 << 40

Ints: TypeAlias = npt.NDArray[np.int64]
_Whole = TypeVar("_Whole", Ints, int)
_Runs: TypeAlias = tuple[Ints, Ints, Ints]
"""Runs of pixels, one a row: row, first column, last column."""


# What counts as a mask


def to_mask(source: MaskSource, size: tuple[int, int] | None = None) -> Mask:
    """A new mask, uint8 (height, width), from whatever a person has at hand.

    source: one of
        - an array (height, width): bool; uint8 taken as 0..255; floating point in 0..1, rounded to the
          nearest of 256 levels. Other number types are refused, since 1 could mean 1 of 255 or 1 of 1.
        - a PIL image: the alpha channel where it has one, else its luminance. It is stretched to `size`:
          bilinear, averaging when it shrinks; 1-bit images to the nearest pixel, to keep hard edges hard.
        - bytes made by `pack`.
    size: (width, height) that the mask must have; None leaves it to the source.

    Raises TypeError for a type, dtype or image mode that is not one of these, ValueError for a wrong shape,
    an empty array, a side over 8192 px or an area over 4096 x 4096, NaN, numbers out of 0..1, or damaged bytes.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        mask = unpack(source)
    elif _is_picture(source):
        mask = _from_picture(source, size)
    else:
        mask = _from_array(np.asarray(source))
    if size is not None and mask.shape != (size[1], size[0]):
        hint = "; it looks transposed" if mask.shape == tuple(size) else ""
        raise ValueError(
            f"the mask has shape {mask.shape}, the canvas needs {(size[1], size[0])} as (height, width){hint}"
        )
    return mask


def _from_array(array: npt.NDArray[Any]) -> Mask:
    if array.dtype != np.uint8 and array.dtype.kind not in "bf":
        raise TypeError(f"a mask cannot have dtype {array.dtype}; give bool, uint8 (0..255) or floating point (0..1)")
    if array.ndim != 2:
        raise ValueError(f"a mask has shape (height, width), not {array.shape}")
    if not 1 <= min(array.shape) <= max(array.shape) <= MAX_SIDE or array.size > MAX_PIXELS:
        raise ValueError(f"the sides of a mask are 1 to {MAX_SIDE} px, {MAX_PIXELS} in all, not {array.shape}")
    if array.dtype == np.uint8:
        return np.array(array, order="C")
    if array.dtype == np.bool_:
        return np.where(array, np.uint8(255), np.uint8(0))
    low, high = float(array.min()), float(array.max())
    if not (0 <= low and high <= 1):
        found = "NaN" if math.isnan(low) else f"values from {low:g} to {high:g}"
        raise ValueError(f"a mask of floats lies in 0..1, but this one holds {found}; scale or clip it first")
    return np.rint(array * np.float32(255)).astype(np.uint8)


def _is_picture(source: object) -> bool:
    """Whether this is a PIL image; Pillow is only imported once somebody has one."""
    return any(cls.__module__ == "PIL.Image" and cls.__name__ == "Image" for cls in type(source).__mro__)


def _from_picture(image: Any, size: tuple[int, int] | None) -> Mask:
    from PIL.Image import Resampling

    if image.mode in ("F", "I") or image.mode.startswith("I;"):
        raise TypeError(
            f"a mask cannot come from a PIL image of mode {image.mode!r}, whose range is not fixed; "
            "convert it to 'L', or give an array of floats in 0..1"
        )
    hard = image.mode == "1"
    if image.mode != "L":
        image = image.convert("RGBA").getchannel("A") if image.has_transparency_data else image.convert("L")
    if size is not None and image.size != tuple(size):
        image = image.resize(tuple(size), Resampling.NEAREST if hard else Resampling.BILINEAR)
    return _from_array(np.asarray(image))


# The wire format SDM1


def pack(mask: Mask) -> bytes:
    """SDM1 bytes of a uint8 mask (height, width): 1 bit a pixel if all are 0 or 255, else 8, deflated."""
    if mask.dtype != np.uint8:
        raise TypeError(f"pack takes a uint8 mask, not {mask.dtype}; to_mask makes one")
    mask = _from_array(mask)
    # 255 + 1 wraps round to 0, so a hard mask holds only 0 and 1 after the step.
    hard = bool((mask + np.uint8(1) <= 1).all())
    payload = np.packbits(mask, axis=1).tobytes() if hard else mask.tobytes()
    height, width = mask.shape
    return _HEADER.pack(_MAGIC, _VERSION, 1 if hard else 8, width, height) + zlib.compress(payload)


def unpack(blob: bytes | bytearray | memoryview) -> Mask:
    """The mask in SDM1 bytes, uint8 (height, width). Raises ValueError for anything that is not exactly that.

    It never inflates more than the header admits, so hostile bytes cost at most one mask of 4096 x 4096 px.
    """
    data = bytes(blob)
    if len(data) < _HEADER.size:
        raise ValueError(f"a packed mask has a header of {_HEADER.size} bytes; here are {len(data)} in all")
    magic, version, depth, width, height = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise ValueError(f"a packed mask starts with {_MAGIC!r}, not {magic!r}")
    if version != _VERSION:
        raise ValueError(f"packed mask of version {version}; this release reads version {_VERSION}")
    if depth not in (1, 8):
        raise ValueError(f"a packed mask has depth 1 or 8, not {depth}")
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise ValueError(f"a packed mask has sides of 1 to {MAX_SIDE} px, {MAX_PIXELS} in all, not {width} x {height}")
    stride = (width + 7) // 8 if depth == 1 else width
    payload = _inflate(data[_HEADER.size :], stride * height)
    rows = np.frombuffer(payload, np.uint8).reshape(height, stride)
    if depth == 8:
        return rows.copy()
    return np.unpackbits(rows, axis=1, count=width) * np.uint8(255)


def _inflate(stream: bytes, length: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        payload = inflater.decompress(stream, length + 1)
    except zlib.error as error:
        raise ValueError(f"the pixels of a packed mask are damaged: {error}") from None
    if len(payload) > length:
        raise ValueError(f"a packed mask holds more than the {length} bytes that its header announces")
    if not inflater.eof:
        raise ValueError("the pixels of a packed mask are cut short")
    if len(payload) < length:
        raise ValueError(f"a packed mask holds {len(payload)} bytes where its header announces {length}")
    if inflater.unused_data:
        raise ValueError(f"{len(inflater.unused_data)} bytes follow the end of a packed mask")
    return payload


def patch(mask: Mask, box: tuple[int, int, int, int], packed: bytes | bytearray | memoryview) -> Mask:
    """A new mask: `mask` with the box (x, y, width, height) replaced by the SDM1 bytes `packed`.

    Raises ValueError if the box is empty or leaves the mask, or if `packed` has another size than the box.
    """
    x, y, width, height = box
    if not (0 <= x < x + width <= mask.shape[1] and 0 <= y < y + height <= mask.shape[0]):
        raise ValueError(f"the box {tuple(box)} does not lie inside a mask of shape {mask.shape}")
    piece = unpack(packed)
    if piece.shape != (height, width):
        raise ValueError(f"the patch has shape {piece.shape}, its box {tuple(box)} needs {(height, width)}")
    result = mask.copy()
    result[y : y + height, x : x + width] = piece
    return result


# The brush


def draw_stroke(mask: Mask, points: npt.ArrayLike, size: int, value: int = 255, hardness: int = HARD) -> Mask:
    """A new mask: `mask` with a round-brush stroke through `points`, what lies off the canvas dropped.

    mask: uint8 (height, width).
    points: at least one (x, y), whole numbers in 1/16 px within ±2^20; a single point is a dab.
    size: brush diameter in px, 1 to 512.
    value: what the brush writes, 255 for the pen, 0 for the eraser.
    hardness: in per cent, 0 to 100: how far the brush is full on the way from its middle to its edge, from where
        on it falls smoothly to nothing. A brush of 1 px has no room for that, and is always hard.

    With r = 8 size, all in 1/16 px, pixel (x, y) has its center at (16x+8, 16y+8) and is painted if that lies
    at most r from the line through the points (exactly at r counts). The pixel that holds a point is always
    painted, so that the smallest brush leaves a mark wherever it is put down.

    A soft brush leaves at each pixel what `soft_edge.falloff` has for the distance of its center from the line.
    The pen writes the larger of that and what is there, the eraser the smaller of 255 minus that and what is there:
    neither how often the line was sampled nor going over it twice makes a difference.

    Raises TypeError for a mask that is not uint8 or points that are not whole numbers, ValueError for values
    out of range, points of a wrong shape, or a soft brush that is to write something else than 255 or 0.
    """
    if mask.dtype != np.uint8 or mask.ndim != 2:
        raise TypeError(f"draw_stroke takes a uint8 mask (height, width), not {mask.dtype} {mask.shape}")
    path = checked_points(points)
    size, value = index(size), checked_value(value)
    if not 1 <= size <= MAX_BRUSH:
        raise ValueError(f"the brush is 1 to {MAX_BRUSH} px wide, not {size}")
    soft = checked_hardness(hardness) < HARD and size > 1
    if soft and value not in (0, 255):
        raise ValueError(f"a soft brush writes 255 or erases with 0, not {value}; hardness {HARD} writes any value")
    result = mask.copy()
    radius = SUBPIXELS // 2 * size

    # The box of canvas pixels that the stroke can reach: first column and row, last column and row.
    x0, y0 = np.maximum((path.min(axis=0) - radius) // SUBPIXELS - 1, 0).tolist()
    edge = (mask.shape[1] - 1, mask.shape[0] - 1)
    x1, y1 = np.minimum((path.max(axis=0) + radius) // SUBPIXELS + 1, edge).tolist()
    if x0 > x1 or y0 > y1:
        return result
    if soft:
        columns, rows = centers(np.arange(x0, x1 + 1)), centers(np.arange(y0, y1 + 1))
        ink = falloff(radius, hardness)[distances(path, radius, columns, rows)]
        part = result[y0 : y1 + 1, x0 : x1 + 1]
        if value:
            np.maximum(part, ink, out=part)
        else:
            np.minimum(part, 255 - ink, out=part)
        return result

    # Disks and strips are convex, so each covers one run of pixels in a row. A run adds 1 at its first
    # pixel and takes 1 away after its last; the running sum then counts the runs that cover a pixel.
    steps = np.zeros((y1 - y0 + 1, x1 - x0 + 2), np.int32)
    for y, first, last in chain(
        _cells(path), _disks(path, radius, (y0, y1)), _strips(path[:-1], path[1:], radius, (y0, y1))
    ):
        first, last = np.maximum(first, x0), np.minimum(last, x1)
        keep = (first <= last) & (y0 <= y) & (y <= y1)
        np.add.at(steps, (y[keep] - y0, first[keep] - x0), 1)
        np.add.at(steps, (y[keep] - y0, last[keep] - x0 + 1), -1)
    np.cumsum(steps, axis=1, out=steps)
    result[y0 : y1 + 1, x0 : x1 + 1][steps[:, :-1] > 0] = value
    return result


def checked_points(points: npt.ArrayLike, least: int = 1, most: int | None = None, what: str = "a stroke") -> Ints:
    """`least` to `most` points (x, y) as int64 (n, 2); raises as `draw_stroke` does, naming `what` takes them."""
    path = np.asarray(points)
    if path.ndim != 2 or path.shape[1] != 2 or not least <= len(path) <= (most or len(path)):
        count = f"{least}" if least == most else "one or more" if least == 1 else f"{least} or more"
        raise ValueError(f"{what} takes {count} points (x, y), not an array of shape {path.shape}")
    if path.dtype.kind not in "iu":
        raise TypeError(f"points are whole numbers in 1/16 px, not {path.dtype}")
    if path.min() < -MAX_COORDINATE or path.max() > MAX_COORDINATE:
        raise ValueError(f"points lie within ±{MAX_COORDINATE} (1/16 px), not {path.min()} to {path.max()}")
    return path.astype(np.int64)


def checked_value(value: int) -> int:
    """What a brush or a shape writes, 0..255. Raises ValueError for others, TypeError for no whole number."""
    value = index(value)
    if not 0 <= value <= 255:
        raise ValueError(f"a mask holds values of 0..255, not {value}")
    return value


def checked_hardness(hardness: int) -> int:
    """In per cent, 0..100. Raises ValueError for others, TypeError for no whole number."""
    hardness = index(hardness)
    if not 0 <= hardness <= HARD:
        raise ValueError(f"the hardness of a brush is 0 to {HARD} per cent, not {hardness}")
    return hardness


def _cells(path: Ints) -> Iterator[_Runs]:
    """The pixel that holds each point."""
    x, y = path.T // SUBPIXELS
    yield y, x, x


def _disks(path: Ints, radius: int, rows: tuple[int, int]) -> Iterator[_Runs]:
    """The runs of pixels within `radius` of each point P: |C - P|^2 <= r^2."""
    for which, y in rows_between(path[:, 1] - radius, path[:, 1] + radius, rows):
        x, dy = path[which, 0], centers(y) - path[which, 1]
        # Exact: the root of a whole number below 2^52 is never rounded up to the next whole number.
        reach = np.sqrt(radius * radius - dy * dy).astype(np.int64)
        yield y, *pixels(x - reach, x + reach)


def _strips(a: Ints, b: Ints, radius: int, rows: tuple[int, int]) -> Iterator[_Runs]:
    """The runs beside each segment A->B: 0 < p.d < d.d and |cross(d, p)| <= isqrt(r^2 d.d), p = C - A."""
    delta = b - a
    length2 = (delta * delta).sum(axis=1)
    # r^2 d.d can need 68 bits, so this one root is taken in Python's own numbers.
    width = np.array([math.isqrt(radius * radius * n) for n in length2.tolist()], np.int64)
    low, high = np.minimum(a[:, 1], b[:, 1]), np.maximum(a[:, 1], b[:, 1])
    for which, y in rows_between(low - radius, high + radius, rows):
        (dx, dy), n, w = delta[which].T, length2[which], width[which]
        x, py = a[which, 0], centers(y) - a[which, 1]
        near = _solve(dy, dx * py - w, dx * py + w)
        beside = _solve(dx, 1 - dy * py, n - 1 - dy * py)
        yield y, *pixels(x + np.maximum(near[0], beside[0]), x + np.minimum(near[1], beside[1]))


def rows_between(low: Ints, high: Ints, rows: tuple[int, int]) -> Iterator[tuple[Ints, Ints]]:
    """In batches, all pairs (which, y): pixel row y, one of `rows`, has its center in low..high[which]."""
    first, last = pixels(low, high)
    first, last = np.maximum(first, rows[0]), np.minimum(last, rows[1])
    counts = np.maximum(last - first + 1, 0)
    step = max(1, _ROWS_AT_ONCE // max(1, int(counts.max(initial=0))))
    for start in range(0, len(counts), step):
        n = counts[start : start + step]
        which = np.repeat(np.arange(start, start + len(n)), n)
        yield which, first[which] + np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)


def centers(at: _Whole) -> _Whole:
    """Where the centers of pixel columns or rows are, in 1/16 px."""
    return SUBPIXELS * at + SUBPIXELS // 2


def pixels(low: _Whole, high: _Whole) -> tuple[_Whole, _Whole]:
    """First and last pixel, of a row or a column, whose center lies in low..high (1/16 px)."""
    return -(-(low - SUBPIXELS // 2) // SUBPIXELS), (high - SUBPIXELS // 2) // SUBPIXELS


def _solve(factor: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """First and last whole number t with low <= factor t <= high; first > last where there is none."""
    turned = factor < 0
    low, high = np.where(turned, -high, low), np.where(turned, -low, high)
    by = np.maximum(np.abs(factor), 1)
    # With factor 0 every t will do, or none.
    everywhere = np.where((low <= 0) & (high >= 0), _FAR, -_FAR)
    first = np.where(factor == 0, -everywhere, -(-low // by))
    last = np.where(factor == 0, everywhere, high // by)
    return first, last
