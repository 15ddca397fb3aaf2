"""Drawings in files: .sdraw keeps everything, .png is the picture with the scene in it, .ora has layers for painters.

`write_drawing` and `read_drawing` go by the suffix; `canvas.save` and `canvas.load` stand on them. Nothing here knows
torch or Jupyter, and nothing is unpacked to the disk; a file that cannot be trusted is refused with a StorageError.
"""

from __future__ import annotations

from .drawing import Drawing
from .errors import StorageError
from .formats import read_drawing, suffix, write_drawing
from .ora import read_ora, write_ora
from .picture import read_png, write_png
from .sdraw import read_sdraw, write_sdraw

__all__ = [
    "Drawing",
    "StorageError",
    "read_drawing",
    "read_ora",
    "read_png",
    "read_sdraw",
    "suffix",
    "write_drawing",
    "write_ora",
    "write_png",
    "write_sdraw",
]
