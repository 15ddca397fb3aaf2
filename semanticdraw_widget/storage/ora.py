"""OpenRaster (`.ora`): a drawing as layers for Krita, GIMP, MyPaint and others, and layers as a drawing.

    write_ora("house.ora", canvas.scene, result=canvas.image)
    read_ora("house.ora").scene == canvas.scene  # True

A layer is a region: its name the prompt, its alpha the mask, one color. Beneath them lie the result, if there is one,
and the background's picture. Our own scene.json lies in the file as well, and what we wrote is read from that exactly;
other programs drop it when they save, and then the layers themselves are read (foreign.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ..masks import Mask
from ..scene import Scene
from . import document
from .archive import Archive, write_zip
from .brushes import brush_members, read_brushes
from .disk import FileLike, opened, put
from .drawing import Brush, Drawing, PictureSource, Settings
from .errors import StorageError
from .foreign import BACKGROUND_LAYER, RESULT_LAYER, read_layers
from .limits import MAX_JSON, MAX_XML
from .png import decode, decode_picture, encode
from .sketch import TINT, color_of, layer, over, thumbnail
from .stack import Layer, to_xml

_WHAT = "OpenRaster file"
_MIME = b"image/openraster"
_RESULT, _BACKGROUND = "data/result.png", "data/background.png"


def write_ora(
    path_or_file: FileLike,
    scene: Scene,
    *,
    result: PictureSource | None = None,
    settings: Settings | None = None,
    brushes: Sequence[Brush] = (),
) -> None:
    """Write a drawing as OpenRaster: a layer per region, the result beneath.

    Args and Raises: as for `write_sdraw`.

        write_ora("sea.ora", canvas.scene, result=canvas.image)
    """
    put(path_or_file, write_zip(_members(Drawing(scene, result, settings, brushes=brushes))))


def read_ora(path_or_file: FileLike) -> Drawing:
    """Read an OpenRaster file, ours or another program's. `notices` of the drawing say what could not be kept.

    Raises:
        StorageError: no OpenRaster file, a damaged or hostile one, one too large, or of more than 64 layers.
        OSError: there is no such file, or it cannot be read.

        drawing = read_ora("from-krita.ora")
        canvas = SemanticDraw(size=drawing.scene.size, regions=drawing.scene.regions)
    """
    with opened(path_or_file, _WHAT) as file:
        archive = Archive(file, _WHAT)
        if archive.read("mimetype", 64).strip() != _MIME:
            raise StorageError(f"this zip is no OpenRaster file: its mimetype is not {_MIME.decode()!r}")
        if document.NAME not in archive:
            return read_layers(archive, archive.read("stack.xml", MAX_XML))
        return document.from_bytes(
            archive.read(document.NAME, MAX_JSON),
            lambda what, name, size: _read_alpha(what, archive.read(name), size),
            lambda what, name, size: decode_picture(what, archive.read(name), size),
            read_brushes(archive),
        )


def _read_alpha(what: str, data: bytes, size: tuple[int, int]) -> Mask:
    picture = decode(what, data, size)
    if picture.mode != "RGBA":
        raise StorageError(f"the {what} is a layer of mode {picture.mode!r}, which has no alpha; the file is damaged")
    return np.asarray(picture.getchannel("A"))


def _members(drawing: Drawing) -> Iterator[tuple[str, bytes]]:
    scene = drawing.scene
    sources = [f"data/region-{i:02}.png" for i in range(len(scene.regions))]
    beneath = scene.background.image if drawing.result is None else drawing.result
    opacity = 1.0 if beneath is None else TINT
    yield "mimetype", _MIME
    yield "stack.xml", to_xml(scene.size, _stack(drawing, sources, opacity))
    yield document.NAME, document.to_bytes(drawing, sources, _BACKGROUND, _RESULT)
    yield from brush_members(drawing.brushes)
    for i, (source, region) in enumerate(zip(sources, scene.regions, strict=True)):
        yield source, encode(layer(region.mask, color_of(region, i)))
    pictures: list[tuple[str, npt.NDArray[np.uint8] | None]] = [
        (_RESULT, drawing.result),
        (_BACKGROUND, scene.background.image),
    ]
    for source, picture in pictures:
        if picture is not None:
            yield source, encode(picture)
    yield "mergedimage.png", encode(over(scene, beneath, opacity))
    yield "Thumbnails/thumbnail.png", thumbnail(drawing)


def _stack(drawing: Drawing, sources: list[str], opacity: float) -> Iterator[Layer]:
    """The topmost layer first, where a scene has its topmost region last."""
    scene = drawing.scene
    for source, region in reversed(list(zip(sources, scene.regions, strict=True))):
        yield Layer(region.prompt, source, visible=region.visible, opacity=opacity)
    if drawing.result is not None:
        yield Layer(RESULT_LAYER, _RESULT)
    if scene.background.image is not None:
        yield Layer(BACKGROUND_LAYER, _BACKGROUND)
