"""storage/: files from strangers are refused with a reason, at a small cost, and nothing else happens."""

from __future__ import annotations

import base64
import io
import json
import os
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from semanticdraw_widget.masks import pack
from semanticdraw_widget.scene import Background, Region, Scene
from semanticdraw_widget.storage import (
    Drawing,
    StorageError,
    read_drawing,
    read_ora,
    read_png,
    read_sdraw,
    write_ora,
    write_png,
    write_sdraw,
)
from semanticdraw_widget.storage import archive as archive_module
from semanticdraw_widget.storage.png import chunk, chunks

FORMATS = {".sdraw": (write_sdraw, read_sdraw), ".png": (write_png, read_png), ".ora": (write_ora, read_ora)}
every_format = pytest.mark.parametrize("suffix", FORMATS)
zips = pytest.mark.parametrize("suffix", [".sdraw", ".ora"])

MASK = np.zeros((24, 32), np.uint8)
MASK[4:12, 8:20] = 255
SCENE = Scene((32, 24), Background("sky", np.full((24, 32, 3), 7, np.uint8)), [Region("house", MASK, id="a")], seed=3)


def written(suffix: str, scene: Scene = SCENE) -> bytes:
    file = io.BytesIO()
    FORMATS[suffix][0](file, scene, result=np.full((scene.height, scene.width, 3), 9, np.uint8), settings={"steps": 4})
    return file.getvalue()


VALID = {suffix: written(suffix) for suffix in FORMATS}


def read(suffix: str, data: bytes) -> Drawing:
    return FORMATS[suffix][1](io.BytesIO(data))


def refused(suffix: str, data: bytes, match: str) -> None:
    with pytest.raises(StorageError, match=match):
        read(suffix, data)


def members(suffix: str) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(VALID[suffix])) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: dict[str, bytes] | list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, data)
    return file.getvalue()


def with_scene(suffix: str, edit: Callable[[Any], Any]) -> bytes:
    """The valid file, its JSON changed by `edit`, which changes it in place or returns another."""
    if suffix == ".png":
        return png_with(json.dumps(edited(json.loads(png_text()), edit)).encode())
    files = members(suffix)
    return zipped(files | {"scene.json": json.dumps(edited(json.loads(files["scene.json"]), edit)).encode()})


def edited(value: Any, edit: Callable[[Any], Any]) -> Any:
    changed = edit(value)
    return value if changed is None else changed


def png_text() -> bytes:
    (body,) = [body for kind, body in chunks("file", VALID[".png"]) if kind == b"iTXt"]
    return zlib.decompress(body.split(b"\0\1\0\0\0", 1)[1])


def text_chunk(text: bytes, heading: bytes = b"semanticdraw:1/1") -> bytes:
    return chunk(b"iTXt", heading + b"\0\1\0\0\0" + zlib.compress(text))


def png_with(text: bytes, *more: bytes) -> bytes:
    """The valid PNG with another text, and more chunks."""
    parts = [(kind, body) for kind, body in chunks("file", VALID[".png"]) if kind != b"iTXt"]
    made = [chunk(*part) for part in parts]
    return b"\x89PNG\r\n\x1a\n" + made[0] + (text_chunk(text) if text else b"") + b"".join([*more, *made[1:]])


def png(width: int, height: int, depth: int = 8, color: int = 0, pixels: bytes = b"") -> bytes:
    """A PNG that claims such a size, whatever its pixels."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def test_what_these_tests_start_from_is_valid() -> None:
    for suffix in FORMATS:
        assert read(suffix, VALID[suffix]).scene == SCENE
        assert read(suffix, with_scene(suffix, lambda scene: None)).scene == SCENE


# Any damage


@every_format
@pytest.mark.parametrize("data", [b"", b"x", b"not a drawing " * 100, b"PK\x05\x06" + b"\0" * 18, b"\x89PNG\r\n\x1a\n"])
def test_other_files_are_refused(suffix: str, data: bytes) -> None:
    refused(suffix, data, "bytes|zip|PNG|no member|cut short")


@every_format
def test_formats_are_not_mistaken_for_each_other(suffix: str) -> None:
    for other in set(FORMATS) - {suffix}:
        if (suffix, other) != (".sdraw", ".ora"):  # which holds all that a .sdraw does
            refused(suffix, VALID[other], "not a|no member")


@every_format
@given(at=st.floats(0, 1, exclude_max=True))
@settings(max_examples=60, deadline=None)
def test_truncated_files_are_refused(suffix: str, at: float) -> None:
    data = VALID[suffix]
    refused(suffix, data[: int(at * len(data))], "cut short|damaged|bytes|not a PNG")


@every_format
@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_damaged_files_give_a_drawing_or_a_reason(suffix: str, data: st.DataObject) -> None:
    """Never another exception, and never another scene: checksums are there for that."""
    damaged = bytearray(VALID[suffix])
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        drawing = read(suffix, bytes(damaged))
    except StorageError as error:
        assert len(str(error)) > 20
    else:
        assert suffix == ".ora" or drawing.scene == SCENE  # one whose scene.json has lost its name is read as layers


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@every_format
@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_any_value_in_any_place_gives_a_drawing_or_a_reason(suffix: str, data: st.DataObject) -> None:
    def edit(document: Any) -> None:
        scene = document.get("scene", document)
        where = data.draw(st.sampled_from([document, scene, scene["background"], scene["regions"][0]]))
        where[data.draw(st.sampled_from(sorted(where)))] = data.draw(JSON)

    try:
        read(suffix, with_scene(suffix, edit))
    except StorageError as error:
        assert len(str(error)) > 20


# JSON


def put(**fields: Any) -> Callable[[Any], None]:
    return lambda document: document.update(fields)


def put_scene(**fields: Any) -> Callable[[Any], None]:
    return lambda document: document.get("scene", document).update(fields)


def put_region(**fields: Any) -> Callable[[Any], None]:
    return lambda document: document.get("scene", document)["regions"][0].update(fields)


@every_format
@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (put(version=2), "version 2.*newer release"),
        (put(version="1"), "version '1'"),
        (put(version=True), "version True"),
        (put(format="photo"), "'photo'"),
        (put(surprise=1), "unknown surprise"),
        (lambda document: [document], "format None"),
        (lambda document: document.pop("settings") and None, "lacks settings"),
        (put(settings={"steps": [1]}), "'steps'"),
        (put(settings=[]), "settings are a mapping"),
        (put_scene(size=[100000, 100000]), "100000"),
        (put_scene(size=[30, 24]), "30 px.*divisible by 8"),
        (put_scene(size=[64, 24]), "64"),
        (put_scene(size="32x24"), "32x24"),
        (put_scene(seed=-1), "seed.*-1"),
        (put_scene(seed=1.5), r"seed.*1\.5"),
        (put_scene(regions={}), "regions"),
        (put_scene(background=[]), "background"),
        (put_region(strength=7), "strength.*7"),
        (put_region(prompt="x" * 1001), "1001 characters"),
        (put_region(prompt=3), "prompt is text"),
        (put_region(color="javascript:"), "javascript"),
        (put_region(mask=7), "mask"),
        (put_region(id="background"), "background"),
        (put_region(extra=1), "unknown extra"),
        (lambda document: document.get("scene", document)["regions"].append({}), "lacks"),
        (lambda document: document.get("scene", document)["regions"].extend(document.get("scene", document)["regions"]),
         "two regions"),
    ],
)  # fmt: skip
def test_wrong_scenes_are_refused(suffix: str, edit: Callable[[Any], Any], match: str) -> None:
    refused(suffix, with_scene(suffix, edit), match)


@every_format
@pytest.mark.parametrize(
    ("text", "match"),
    [
        (b"[" * 300_000, "outside of texts"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "nested deeper than 8"),
        (b"[" + b"[]," * 10**5 + b"[]]", "outside of texts"),
        (b"{" + b'"a":1,' * 50_000 + b"}", "50000 texts"),
        (b'{"size": NaN}', "NaN"),
        (b"{" + b'"a": ' + b"9" * 5000 + b"}", "does not parse"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b'{"a": 1', "does not parse"),
    ],
)
def test_hostile_json_is_refused(suffix: str, text: bytes, match: str) -> None:
    data = png_with(text) if suffix == ".png" else zipped(members(suffix) | {"scene.json": text})
    refused(suffix, data, match)


def test_brackets_and_quotes_in_texts_do_not_count() -> None:
    prompt = '[{"\\' * 240 + '\\"'
    scene = Scene((32, 24), prompt, [Region(prompt, MASK)])
    for suffix in FORMATS:
        assert read(suffix, written(suffix, scene)).scene == scene


@zips
def test_json_is_not_long(suffix: str) -> None:
    long = base64.b64encode(np.random.default_rng(0).bytes(4 * 2**20))
    files = members(suffix) | {"scene.json": b'"' + long + b'"'}
    refused(suffix, zipped(files, zipfile.ZIP_STORED), "'scene.json'.*4194304 bytes")


# Zips


def bomb(mebibytes: int = 24) -> bytes:
    return bytes(mebibytes * 2**20)


def peak(call: Callable[[], object]) -> int:
    """Bytes of memory that a call needs at most."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@zips
def test_zip_bombs_are_refused_while_they_unpack(suffix: str) -> None:
    name = "masks/00.png" if suffix == ".sdraw" else "data/region-00.png"
    data = zipped(members(suffix) | {name: bomb()})
    assert len(data) < 60_000
    # Unpacking stops soon after the ratio is passed.
    assert peak(lambda: refused(suffix, data, f"{name}.*more than 200 times.*zip bombs")) < 12 * 2**20


def test_members_unpack_to_no_more_than_a_picture_needs() -> None:
    refused(
        ".sdraw", zipped(members(".sdraw") | {"masks/00.png": bomb(81)}, zipfile.ZIP_STORED), "more than 83886080 bytes"
    )


def test_all_members_together_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    total = sum(map(len, members(".sdraw").values()))
    monkeypatch.setattr(archive_module, "MAX_TOTAL", total)
    assert read(".sdraw", VALID[".sdraw"]).scene == SCENE
    monkeypatch.setattr(archive_module, "MAX_TOTAL", 600)
    refused(".sdraw", VALID[".sdraw"], "more than 600 bytes")


@pytest.mark.parametrize("claimed", [1, 10, 2**31])
def test_sizes_in_a_zips_headers_are_not_believed(claimed: int) -> None:
    data = bytearray(zipped(members(".sdraw") | {"masks/00.png": bomb()}))
    for signature, at in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        where = -1
        while (where := data.find(signature, where + 1)) >= 0:
            struct.pack_into("<L", data, where + at, claimed)
    assert peak(lambda: refused(".sdraw", bytes(data), "damaged|zip bombs|more than")) < 12 * 2**20


def test_a_packed_size_in_the_headers_cannot_hide_a_bomb() -> None:
    data = bytearray(
        zipped({"masks/00.png": bomb(), **{k: v for k, v in members(".sdraw").items() if "mask" not in k}})
    )
    for signature, at in ((b"PK\1\2", 20), (b"PK\3\4", 18)):
        struct.pack_into("<L", data, data.find(signature) + at, 2**31)
    assert peak(lambda: refused(".sdraw", bytes(data), "damaged|zip bombs")) < 12 * 2**20


@pytest.mark.parametrize("suffix", [".sdraw", ".ora"])
def test_many_members_are_refused_before_they_are_listed(suffix: str) -> None:
    data = zipped({**members(suffix), **{f"extra/{i}": b"" for i in range(20_000)}})
    assert peak(lambda: refused(suffix, data, "lists 200.. members.*512")) < 2 * 2**20


def test_a_directory_that_denies_its_members_is_refused() -> None:
    """zipfile goes by the bytes of the table of contents, not by the number that stands beside."""
    data = bytearray(zipped({**members(".sdraw"), **{f"extra/{i}": b"" for i in range(20_000)}}))
    struct.pack_into("<HH", data, len(data) - 22 + 8, 5, 5)
    refused(".sdraw", bytes(data), "lists 5 members in 1.* bytes")


def test_zip64_is_refused() -> None:
    """Its own table of contents would overrule the one that was checked."""
    data = bytearray(VALID[".sdraw"])
    end = data.rfind(b"PK\5\6")
    data[end:end] = b"PK\6\7" + bytes(16)
    refused(".sdraw", bytes(data), "zip64")


@zips
@pytest.mark.parametrize(
    "name",
    ["../evil.png", "masks/../../evil", "/etc/passwd", "..\\evil", "C:\\evil", "\\\\host\\evil", "a/..", "C:evil"],
)
def test_names_that_lead_out_are_refused(
    suffix: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(suffix, zipped({**members(suffix), name: b"x"}), "leads out of the file")
    assert not os.listdir(tmp_path)


@zips
def test_other_members_are_passed_over_and_nothing_is_unpacked(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = zipped({**members(suffix), "readme.txt": b"hello", "data/": b"", "evil.py": b"1/0"})
    assert read(suffix, data).scene == SCENE
    assert not os.listdir(tmp_path)


@zips
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicated_members_are_refused(suffix: str) -> None:
    files = [*members(suffix).items(), ("scene.json", b"{}")]
    refused(suffix, zipped(files), "two members 'scene.json'")


@zips
@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packings_are_refused(suffix: str, method: int) -> None:
    refused(suffix, zipped(members(suffix), method), f"method {method}")


def test_encrypted_members_are_refused() -> None:
    data = bytearray(VALID[".sdraw"])
    data[data.find(b"PK\1\2") + 8] |= 1
    refused(".sdraw", bytes(data), "password")


@zips
def test_missing_members_are_named(suffix: str) -> None:
    for name in members(suffix):
        rest = {other: data for other, data in members(suffix).items() if other != name}
        if "humbnail" in name or name in ("mergedimage.png", "stack.xml"):
            assert read(suffix, zipped(rest)).scene == SCENE
        elif (suffix, name) == (".ora", "scene.json"):
            assert read(suffix, zipped(rest)).scene.regions[0].prompt == "house"
        else:
            refused(suffix, zipped(rest), f"no member '{name}'")


# Pictures


@pytest.mark.parametrize("size", [(100_000, 100_000), (8193, 8), (8192, 8192), (0, 24), (2**31, 1)])
@pytest.mark.parametrize("name", ["masks/00.png", "result.png", "background.png"])
def test_huge_pictures_are_refused_by_their_header(size: tuple[int, int], name: str) -> None:
    data = zipped(members(".sdraw") | {name: png(*size)})
    assert peak(lambda: refused(".sdraw", data, rf"{size[0]} x {size[1]} px.*8192 px")) < 2**20


def test_a_huge_png_is_refused_by_its_header() -> None:
    huge = png(100_000, 100_000, color=2)
    data = huge[:33] + text_chunk(png_text()) + huge[33:]
    assert peak(lambda: refused(".png", data, "100000 x 100000 px")) < 2**20


@pytest.mark.parametrize("suffix", [".sdraw", ".ora"])
def test_masks_of_a_wrong_size_are_refused(suffix: str) -> None:
    name, color, channels = ("masks/00.png", 0, 1) if suffix == ".sdraw" else ("data/region-00.png", 6, 4)
    small = png(16, 16, color=color, pixels=bytes((16 * channels + 1) * 16))
    refused(suffix, zipped(members(suffix) | {name: small}), "mask of region 0 has 16 x 16 px.*32 x 24")


def test_a_png_of_another_size_than_its_scene_is_refused() -> None:
    small = png(16, 16, pixels=bytes(17 * 16))
    refused(".png", small[:33] + text_chunk(png_text()) + small[33:], "16 x 16 px.*32 x 24")


def image_bytes(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("mode", ["1", "P", "RGB", "RGBA", "LA", "I;16"])
def test_masks_are_gray_with_8_bits(mode: str) -> None:
    image = Image.new(mode, (32, 24))
    refused(".sdraw", zipped(members(".sdraw") | {"masks/00.png": image_bytes(image)}), "gray with 8 bits")


def test_layers_without_alpha_are_no_masks() -> None:
    data = zipped(members(".ora") | {"data/region-00.png": image_bytes(Image.new("RGB", (32, 24)))})
    refused(".ora", data, "no alpha")


def test_other_pictures_than_png_are_refused() -> None:
    file = io.BytesIO()
    Image.new("L", (32, 24)).save(file, "JPEG")
    refused(".sdraw", zipped(members(".sdraw") | {"masks/00.png": file.getvalue()}), "not a PNG file")


@pytest.mark.parametrize(
    "parts",
    [
        [(b"IHDR", struct.pack(">IIBBBBB", 32, 24, 8, 0, 0, 0, 0)), (b"IEND", b"")],
        [(b"IDAT", b""), (b"IEND", b"")],
        [(b"IHDR", b"short"), (b"IEND", b"")],
        [(b"IHDR", struct.pack(">IIBBBBB", 32, 24, 8, 0, 0, 0, 0)), (b"IDAT", b"\0junk"), (b"IEND", b"")],
        [(b"IHDR", struct.pack(">IIBBBBB", 32, 24, 8, 0, 0, 0, 0))] * 2,
    ],
)
def test_malformed_pngs_are_refused(parts: list[tuple[bytes, bytes]]) -> None:
    data = b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)
    refused(".sdraw", zipped(members(".sdraw") | {"masks/00.png": data}), "damaged|cut short|decoded")


def test_checksums_of_a_png_are_checked() -> None:
    """Of its pixels, of its text, and of what nobody reads."""
    data = png_with(png_text(), chunk(b"tEXt", b"Comment\0hello"))
    assert read(".png", data).scene == SCENE
    for kind in (b"IHDR", b"iTXt", b"tEXt", b"IDAT"):
        damaged = bytearray(data)
        at = damaged.find(kind)
        (length,) = struct.unpack_from(">I", damaged, at - 4)
        damaged[at + 4 + length] ^= 1
        refused(".png", bytes(damaged), f"checksum of its chunk b'{kind.decode()}'")


def test_only_the_pixels_of_a_png_are_unpacked() -> None:
    """Text and profiles of strangers stay packed: a picture with bombs among them opens, and costs nothing."""
    bombs = [
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bomb())),
        chunk(b"iCCP", b"icc\0\0" + zlib.compress(bomb())),
        chunk(b"iTXt", b"other\0\1\0\0\0" + zlib.compress(bomb())),
    ]
    data = png_with(png_text(), *bombs)
    assert peak(lambda: read(".png", data)) < 4 * 2**20
    assert read(".png", data).scene == SCENE


# The scene in a PNG


def test_a_text_bomb_is_refused_while_it_unpacks() -> None:
    data = png_with(b'"' + b"x" * (60 * 2**20) + b'"')
    assert peak(lambda: refused(".png", data, "unpacks to more than")) < 8 * 2**20


def test_many_text_bombs_are_counted_together() -> None:
    piece = bytes(2**19)
    data = png_with(b"", *(text_chunk(piece, b"semanticdraw:%d/120" % i) for i in range(1, 121)))
    refused(".png", data, "50331648 in all")


@pytest.mark.parametrize(
    "headings",
    [
        [b"semanticdraw:1/2"],
        [b"semanticdraw:1/2", b"semanticdraw:1/2"],
        [b"semanticdraw:1/2", b"semanticdraw:3/2"],
        [b"semanticdraw:0/1"],
        [b"semanticdraw:1/1", b"semanticdraw:1/1"],
        [b"semanticdraw:"],
        [b"semanticdraw:99999/1"],
    ],
)
def test_pieces_that_do_not_fit_together_are_refused(headings: list[bytes]) -> None:
    refused(".png", png_with(b"", *(text_chunk(b"{}", heading) for heading in headings)), "not complete")


def test_pieces_may_come_in_any_order() -> None:
    text = png_text()
    pieces = [text_chunk(text[300:], b"semanticdraw:2/2"), text_chunk(text[:300], b"semanticdraw:1/2")]
    assert read(".png", png_with(b"", *pieces)).scene == SCENE


@pytest.mark.parametrize("tail", [zlib.compress(b"x" * 100)[:-6], b"junk"])
def test_damaged_text_is_refused(tail: bytes) -> None:
    refused(".png", png_with(b"", chunk(b"iTXt", b"semanticdraw:1/1\0\1\0\0\0" + tail)), "damaged|cut short")


def test_masks_in_a_png_are_checked_like_all_others() -> None:
    for blob, match in (
        (pack(MASK.T.copy()), "transposed"),
        (b"SMjunk", "packed mask"),
        (pack(MASK)[:-1], "cut short"),
    ):
        refused(".png", with_scene(".png", put_region(mask=base64.b64encode(blob).decode())), match)


# Paths


def test_the_error_is_the_same_for_paths(tmp_path: Path) -> None:
    (tmp_path / "house.sdraw").write_bytes(b"PK\3\4 and no more")
    with pytest.raises(StorageError, match="zip"):
        read_drawing(tmp_path / "house.sdraw")
    assert issubclass(StorageError, ValueError)


def test_a_file_is_not_larger_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semanticdraw_widget.storage.disk.MAX_FILE", 100)
    for suffix in FORMATS:
        refused(suffix, VALID[suffix], r"1 to 100 bytes")
