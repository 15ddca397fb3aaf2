"""PNG files, a chunk at a time: what a stranger's picture says is checked before anything decodes it.

Pillow gets no more of a file than the chunks that make up its pixels, so that no other part of it is ever unpacked.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..masks import MAX_PIXELS, MAX_SIDE, Mask
from .errors import StorageError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_ONCE = (b"IHDR", b"PLTE", b"tRNS", b"IEND")


@dataclass(frozen=True)
class Header:
    """What a PNG says of itself: sides in px, bits a channel, kind of pixels (see the PNG specification)."""

    width: int
    height: int
    depth: int
    color: int


def chunks(what: str, data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks (kind, body) of a PNG file, each with a sound checksum, IHDR first and IEND last.

    Args:
        what: how errors call the picture.
    """
    if not data.startswith(SIGNATURE):
        raise StorageError(f"the {what} is not a PNG file: it starts with {data[:8]!r}")
    at, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        if at + 12 > len(data):
            raise StorageError(f"the {what} is cut short after {len(data)} bytes; get the whole file again")
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        check = data[at + 8 + length : at + 12 + length]
        if len(body) < length or len(check) < 4:
            raise StorageError(f"the {what} is cut short after {len(data)} bytes; get the whole file again")
        if (kind == b"IHDR") != (at == len(SIGNATURE)):
            raise StorageError(f"the {what} is damaged: a PNG file has one IHDR chunk, and that comes first")
        if struct.unpack(">I", check)[0] != zlib.crc32(body, zlib.crc32(kind)):
            raise StorageError(f"the {what} is damaged: the checksum of its chunk {kind!r} at byte {at} is wrong")
        yield kind, body
        at += 12 + length


def header(what: str, ihdr: bytes) -> Header:
    """The header, its sides within the limits of masks.py."""
    if len(ihdr) != 13:
        raise StorageError(f"the {what} is damaged: its header has {len(ihdr)} bytes, not 13")
    width, height, depth, color = struct.unpack_from(">IIBB", ihdr)
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise StorageError(
            f"the {what} has {width} x {height} px; sides of 1 to {MAX_SIDE} px are read, {MAX_PIXELS} px in all; "
            "make it smaller in another program"
        )
    return Header(width, height, depth, color)


def decode(what: str, data: bytes, size: tuple[int, int] | None = None, gray: bool = False) -> Any:
    """A PNG file as a PIL image.

    Args:
        what: how errors call it.
        size: (width, height) that it must have, if any.
        gray: it must be gray with 8 bits a pixel, as masks are.

    Raises:
        StorageError: damaged, too large, or not as asked for.
    """
    return decode_chunks(what, chunks(what, data), size, gray)


def decode_chunks(
    what: str, parts: Iterable[tuple[bytes, bytes]], size: tuple[int, int] | None = None, gray: bool = False
) -> Any:
    """`decode` for a file whose chunks are read already."""
    from PIL import Image

    kept: list[bytes] = [SIGNATURE]
    seen: set[bytes] = set()
    for kind, body in parts:
        if kind == b"IHDR":
            _check(what, header(what, body), size, gray)
        if kind in _ONCE and kind in seen:
            raise StorageError(f"the {what} is damaged: it has two {kind.decode()} chunks")
        seen.add(kind)
        if kind in _PIXELS:
            kept.append(chunk(kind, body))
    try:
        image: Any = Image.open(io.BytesIO(b"".join(kept)), formats=["PNG"])
        image.load()
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, Image.DecompressionBombError) as e:
        raise StorageError(f"the {what} cannot be decoded: {e}; it is damaged") from None
    return image


def _check(what: str, found: Header, size: tuple[int, int] | None, gray: bool) -> None:
    if size is not None and (found.width, found.height) != size:
        raise StorageError(
            f"the {what} has {found.width} x {found.height} px, the scene needs {size[0]} x {size[1]}; "
            "the file was put together wrongly"
        )
    if gray and (found.depth, found.color) != (8, 0):
        raise StorageError(
            f"the {what} has {found.depth} bits and color type {found.color}; a mask is gray with 8 bits (color "
            "type 0): save it so in another program"
        )


def decode_mask(what: str, data: bytes, size: tuple[int, int]) -> Mask:
    """A gray PNG of 8 bits as a mask."""
    return np.asarray(decode(what, data, size, gray=True))


def decode_picture(what: str, data: bytes, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """A PNG as uint8 (height, width, 3)."""
    return np.asarray(decode(what, data, size).convert("RGB"))


def encode(array: npt.NDArray[np.uint8]) -> bytes:
    """uint8 (height, width), or with 3 or 4 channels, as a PNG file. The same pixels give the same bytes."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))
