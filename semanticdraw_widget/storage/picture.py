"""A PNG that any program shows, with the whole scene in its metadata.

    write_png("house.png", canvas.scene, result=canvas.image)
    read_png("house.png").scene == canvas.scene  # True

The scene is JSON in iTXt chunks, compressed. There are several where it is long: readers of PNG such as Pillow refuse
a whole file for one text of more than 1 MiB. docs/sdraw.md describes the chunks.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence

from ..scene import Scene
from .brushes import brushes_from_bytes, brushes_to_bytes
from .disk import FileLike, opened, put
from .drawing import Brush, Drawing, PictureSource, Settings
from .errors import StorageError
from .limits import MAX_FILE, MAX_JSON_BRUSHES, MAX_JSON_WITH_MASKS
from .png import SIGNATURE, chunk, chunks, decode_chunks, encode
from .sketch import sketch
from .values import check_version, fields_of, parse_json

FORMAT, VERSION = "semanticdraw-picture", 1

_SCENE, _BRUSHES = b"semanticdraw:", b"semanticdraw-brushes:"
"""Keywords of the chunks; what follows is the piece's number and their count."""
_PIECE = 2**19
"""Bytes of JSON in one chunk, half of what Pillow takes."""
_WHAT = "PNG file"


def write_png(
    path_or_file: FileLike,
    scene: Scene,
    *,
    result: PictureSource | None = None,
    settings: Settings | None = None,
    brushes: Sequence[Brush] = (),
) -> None:
    """Write a picture as PNG, with the scene in its metadata, from which `read_png` reads it back exactly.

    Args:
        path_or_file: where to; an existing file is replaced once the new one is complete.
        scene: what to write.
        result: the picture that a model made of it, which is what the PNG shows. Without one it shows the regions in
            their colors.
        settings: how it was made, such as {"steps": 4}: numbers, texts, True, False or None by name.
        brushes: to be saved with it, dicts as `canvas.brushes` has them.

    Raises:
        StorageError: a result of another size, settings that JSON cannot hold, a brush that cannot be used, or a scene
            whose masks are too much for metadata (48 MiB): .sdraw takes those.
        OSError: the disk refuses.

        write_png("sea.png", scene, result=load_engine("crayon").generate(scene))
    """
    drawing = Drawing(scene, result, settings, brushes=brushes)
    text = json.dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            "scene": json.loads(scene.to_json()),
            "painted": drawing.result is not None,
            "settings": dict(drawing.settings),
        },
        separators=(",", ":"),
    ).encode("ascii")
    if len(text) > MAX_JSON_WITH_MASKS:
        raise StorageError(
            f"the scene is {len(text)} bytes of metadata, and a PNG takes {MAX_JSON_WITH_MASKS}; save it as .sdraw"
        )
    picture = encode(sketch(scene) if drawing.result is None else drawing.result)
    first = len(SIGNATURE) + 12 + 13  # IHDR has 13 bytes
    metadata = [*_text_chunks(_SCENE, text)]
    if drawing.brushes:
        metadata += _text_chunks(_BRUSHES, brushes_to_bytes(drawing.brushes))
    put(path_or_file, picture[:first] + b"".join(metadata) + picture[first:])


def read_png(path_or_file: FileLike) -> Drawing:
    """Read a drawing from a PNG that `write_png` wrote. It may have been renamed or moved, but not saved anew.

    Raises:
        StorageError: a PNG with no scene in it, a damaged or hostile file, or one of a newer version.
        OSError: there is no such file, or it cannot be read.

        read_png("sea.png").scene.regions
    """
    with opened(path_or_file, _WHAT) as file:
        data = file.read(MAX_FILE)
    parts = list(chunks(_WHAT, data))
    texts = [body for kind, body in parts if kind == b"iTXt"]
    document = parse_json(_joined(texts, _SCENE, MAX_JSON_WITH_MASKS))
    check_version(document, FORMAT, VERSION)
    document = fields_of("drawing", document, {"format", "version", "scene", "painted", "settings"})
    if not isinstance(document["painted"], bool):
        raise StorageError(f"'painted' in this file is true or false, not {document['painted']!r:.40}; it is damaged")
    try:
        scene = Scene.from_json(json.dumps(document["scene"]))
        painted = decode_chunks(_WHAT, parts, scene.size)
        brushes = _joined(texts, _BRUSHES, MAX_JSON_BRUSHES)
        return Drawing(
            scene,
            painted if document["painted"] else None,
            document["settings"],
            brushes=brushes_from_bytes(brushes) if brushes else (),
        )
    except StorageError:
        raise
    except (TypeError, ValueError) as error:
        raise StorageError(f"the scene in this file cannot be used: {error}") from None


def _text_chunks(keyword: bytes, text: bytes) -> Iterator[bytes]:
    """iTXt chunks: keyword, compressed (1) by zlib (0), no language and no translated keyword."""
    pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    for i, piece in enumerate(pieces, 1):
        heading = keyword + b"%d/%d" % (i, len(pieces)) + b"\0\1\0\0\0"
        yield chunk(b"iTXt", heading + zlib.compress(piece, 9))


def _joined(bodies: Iterable[bytes], keyword: bytes, most: int) -> bytes:
    """The JSON in those iTXt chunks that have the keyword; b"" for no brushes."""
    ours = [body for body in bodies if body.startswith(keyword)]
    what = "scene" if keyword == _SCENE else "list of brushes"
    if not ours and keyword == _BRUSHES:
        return b""
    if not ours:
        raise StorageError(
            "this PNG has no scene in it: it comes from another program, or was saved anew by one, which drops the "
            "scene. Open the file as it was saved here, or the .sdraw; or use the picture alone: "
            "canvas.set_background(Image.open(path))"
        )
    pieces: dict[int, bytes] = {}
    count, room = len(ours), most
    for body in ours:
        match = re.match(keyword + rb"(\d{1,4})/(\d{1,4})\x00\x01\x00[^\x00]{0,99}\x00[^\x00]{0,99}\x00", body)
        if match is None or int(match[2]) != count or not 1 <= int(match[1]) <= count or int(match[1]) in pieces:
            raise StorageError(
                f"the {what} in this PNG is not complete: of its pieces, there are {count}, and the heading of one is "
                f"{body[:32]!r}; open the file as it was saved first"
            )
        piece = _inflate(body[match.end() :], room, most, what)
        room -= len(piece)
        pieces[int(match[1])] = piece
    return b"".join(pieces[i] for i in range(1, count + 1))


def _inflate(stream: bytes, room: int, most: int, what: str) -> bytes:
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(stream, min(room, _PIECE) + 1)
    except zlib.error as error:
        raise StorageError(f"the {what} in this PNG is damaged: {error}") from None
    if len(text) > min(room, _PIECE):
        raise StorageError(
            f"the {what} in this PNG unpacks to more than {_PIECE} bytes a chunk or {most} in all; "
            "no drawing saved here does"
        )
    if not inflater.eof:
        raise StorageError(f"the {what} in this PNG is cut short; get the whole file again")
    return text
