"""`.sdraw`: a drawing as a zip of JSON and PNGs. docs/sdraw.md describes it.

write_sdraw("house.sdraw", canvas.scene, result=canvas.image)
drawing = read_sdraw("house.sdraw")
drawing.scene == canvas.scene  # True: masks, prompts and numbers come back exactly
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..scene import Scene
from . import document
from .archive import Archive, write_zip
from .brushes import brush_members, read_brushes
from .disk import FileLike, opened, put
from .drawing import Brush, Drawing, PictureSource, Settings
from .limits import MAX_JSON
from .png import decode_mask, decode_picture, encode
from .sketch import thumbnail

_RESULT, _BACKGROUND, _THUMBNAIL = "result.png", "background.png", "thumbnail.png"


def write_sdraw(
    path_or_file: FileLike,
    scene: Scene,
    *,
    result: PictureSource | None = None,
    settings: Settings | None = None,
    brushes: Sequence[Brush] = (),
) -> None:
    """Write a drawing as .sdraw, from which `read_sdraw` reads it back exactly.

    Args:
        path_or_file: where to; an existing file is replaced once the new one is complete.
        scene: what to write.
        result: the picture that a model made of it: a PIL image or uint8 (height, width, 3), of the scene's size.
        settings: how it was made, such as {"steps": 4}: numbers, texts, True, False or None by name.
        brushes: to be saved with it, dicts as `canvas.brushes` has them.

    Raises:
        StorageError: a result of another size, settings that JSON cannot hold, or a brush that cannot be used.
        OSError: the disk refuses.

        write_sdraw("sea.sdraw", Scene((256, 256), "sky", [Region("sea", mask)]), settings={"steps": 4})
    """
    put(path_or_file, write_zip(_members(Drawing(scene, result, settings, brushes=brushes))))


def read_sdraw(path_or_file: FileLike) -> Drawing:
    """Read a drawing that `write_sdraw` wrote.

    Raises:
        StorageError: not such a file, a damaged or hostile one, or one of a newer version; the text says which.
        OSError: there is no such file, or it cannot be read.

        drawing = read_sdraw("sea.sdraw")
        load_engine("crayon").generate(drawing.scene).save("sea.png")
    """
    with opened(path_or_file, ".sdraw file") as file:
        archive = Archive(file, ".sdraw file")
        return document.from_bytes(
            archive.read(document.NAME, MAX_JSON),
            lambda what, name, size: decode_mask(what, archive.read(name), size),
            lambda what, name, size: decode_picture(what, archive.read(name), size),
            read_brushes(archive),
        )


def _members(drawing: Drawing) -> Iterator[tuple[str, bytes]]:
    scene = drawing.scene
    masks = [f"masks/{i:02}.png" for i in range(len(scene.regions))]
    yield document.NAME, document.to_bytes(drawing, masks, _BACKGROUND, _RESULT)
    yield from brush_members(drawing.brushes)
    yield _THUMBNAIL, thumbnail(drawing)
    if drawing.result is not None:
        yield _RESULT, encode(drawing.result)
    if scene.background.image is not None:
        yield _BACKGROUND, encode(scene.background.image)
    for name, region in zip(masks, scene.regions, strict=True):
        yield name, encode(region.mask)
