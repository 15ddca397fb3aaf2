"""Which file a name means."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from ..scene import Scene
from .drawing import Brush, Drawing, PictureSource, Settings
from .errors import StorageError
from .ora import read_ora, write_ora
from .picture import read_png, write_png
from .sdraw import read_sdraw, write_sdraw

_READERS: dict[str, Callable[[Path], Drawing]] = {".sdraw": read_sdraw, ".png": read_png, ".ora": read_ora}
_WRITERS = {".sdraw": write_sdraw, ".png": write_png, ".ora": write_ora}


def write_drawing(
    path: str | os.PathLike[str],
    scene: Scene,
    *,
    result: PictureSource | None = None,
    settings: Settings | None = None,
    brushes: Sequence[Brush] = (),
) -> None:
    """Write a drawing as what the path's suffix says: .sdraw, .png or .ora.

    Args and Raises: as for `write_sdraw`; StorageError for another suffix, too.

        write_drawing("sea.ora", scene)
    """
    _WRITERS[suffix(path)](Path(path), scene, result=result, settings=settings, brushes=brushes)


def read_drawing(path: str | os.PathLike[str]) -> Drawing:
    """Read a drawing from a .sdraw, .png or .ora file, as its suffix says.

    Raises:
        StorageError: another suffix, or a file that cannot be used; the text says why.
        OSError: there is no such file, or it cannot be read.

        read_drawing("sea.ora").scene
    """
    return _READERS[suffix(path)](Path(path))


def suffix(path: str | os.PathLike[str]) -> str:
    """ ".sdraw", ".png" or ".ora". Raises StorageError for a path that ends otherwise."""
    found = Path(path).suffix.lower()
    if found not in _READERS:
        raise StorageError(
            f"{Path(path).name!r} ends in {found!r}; drawings are kept as .sdraw (exact and small), .png (the picture, "
            "with the scene in it) or .ora (layers for Krita and GIMP)"
        )
    return found
