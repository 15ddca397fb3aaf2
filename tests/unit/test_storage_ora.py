"""storage/ora.py: OpenRaster as its specification wants it, for other programs and from them."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from semanticdraw_widget.scene import Background, Region, Scene
from semanticdraw_widget.storage import Drawing, StorageError, read_ora, write_ora
from semanticdraw_widget.storage.png import encode

MASK = np.zeros((24, 32), np.uint8)
MASK[4:12, 8:20] = 255
MASK[4, 8] = 100


def example(**background: Any) -> Scene:
    regions = [Region("sea", MASK, color="#0000ff"), Region("a <red> & 'house' 家", 255 - MASK, visible=False)]
    return Scene((32, 24), Background("sky", **background), regions)


def members(scene: Scene, **more: Any) -> dict[str, bytes]:
    file = io.BytesIO()
    write_ora(file, scene, **more)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


# What other programs get


def test_the_mimetype_comes_first_and_is_stored() -> None:
    file = io.BytesIO()
    write_ora(file, example())
    data = file.getvalue()
    # So that programs know the file by its bytes 30 to 53.
    assert data[:4] == b"PK\3\4" and data[30:54] == b"mimetypeimage/openraster"
    with zipfile.ZipFile(file) as archive:
        assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED


def test_the_stack_says_what_lies_where() -> None:
    result = np.full((24, 32, 3), 50, np.uint8)
    files = members(example(image=np.full((24, 32, 3), 90, np.uint8)), result=result)
    image = ElementTree.fromstring(files["stack.xml"])
    assert image.tag == "image" and (image.get("w"), image.get("h"), image.get("version")) == ("32", "24", "0.0.3")
    (stack,) = image
    layers = [dict(layer.attrib) for layer in stack]
    assert [layer["name"] for layer in layers] == [
        "a <red> & 'house' 家", "sea", "semanticdraw: result", "semanticdraw: background",
    ]  # fmt: skip
    assert [layer["visibility"] for layer in layers] == ["hidden", "visible", "visible", "visible"]
    assert {(layer["x"], layer["y"], layer["composite-op"]) for layer in layers} == {("0", "0", "svg:src-over")}
    assert np.array_equal(pixels(files[layers[2]["src"]]), result)
    sea = pixels(files[layers[1]["src"]])
    assert np.array_equal(sea[..., 3], MASK)
    assert (sea[..., :3] == (0, 0, 255)).all()
    for layer in layers:
        assert layer["src"].startswith("data/") and layer["src"] in files


def test_the_merged_image_is_what_the_layers_make() -> None:
    flat = pixels(members(example())["mergedimage.png"])
    assert np.array_equal(flat[..., 3], MASK)  # the hidden region does not show
    assert flat[6, 10].tolist() == [0, 0, 255, 255]
    tinted = pixels(members(example(), result=np.full((24, 32, 3), 50, np.uint8))["mergedimage.png"])
    assert tinted[0, 0].tolist() == [50, 50, 50, 255]
    assert np.abs(tinted[6, 10].astype(int) - [25, 25, 152, 255]).max() <= 1


# What comes from other programs

OPAQUE = np.full((24, 32, 4), 255, np.uint8)


def painted(mask: np.ndarray, color: tuple[int, int, int] = (200, 100, 0)) -> np.ndarray:
    rgba = np.zeros((*mask.shape, 4), np.uint8)
    rgba[mask > 0, :3] = color
    rgba[..., 3] = mask
    return rgba


def ora(
    stack: str, layers: dict[str, np.ndarray] | None = None, size: tuple[int, int] = (32, 24), **extra: bytes
) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "image/openraster", zipfile.ZIP_STORED)
        xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<image w="{size[0]}" h="{size[1]}">{stack}</image>'
        archive.writestr("stack.xml", extra.get("xml", xml.encode()))
        for name, array in (layers or {"data/a.png": painted(MASK)}).items():
            archive.writestr(name, encode(array))
        archive.writestr("mergedimage.png", encode(OPAQUE))
    return file.getvalue()


def read(data: bytes) -> Drawing:
    return read_ora(io.BytesIO(data))


def refused(data: bytes, match: str) -> None:
    with pytest.raises(StorageError, match=match):
        read(data)


def layer(name: str = "sea", src: str = "data/a.png", **more: Any) -> str:
    rest = "".join(f' {key}="{value}"' for key, value in more.items())
    return f'<layer composite-op="svg:multiply" opacity="0.3" name="{name}" src="{src}"{rest}/>'


def test_each_layer_becomes_a_region() -> None:
    files = {
        "data/paper.png": OPAQUE,
        "data/a.png": painted(MASK),
        "data/b.png": painted(np.rot90(MASK, 2), (0, 0, 255)),
        "data/c.png": painted(np.zeros_like(MASK)),
    }
    stack = (
        f"<stack>{layer('top 家', 'data/b.png', visibility='hidden')}{layer()}{layer('', 'data/c.png')}"
        f"{layer('paper', 'data/paper.png')}</stack>"
    )
    drawing = read(ora(stack, files))
    empty, sea, top = drawing.scene.regions  # the last lies on top
    assert (top.prompt, top.visible, top.color) == ("top 家", False, "#0000ff")
    assert (sea.prompt, sea.visible, sea.color) == ("sea", True, "#c86400")
    assert np.array_equal(sea.mask, MASK) and np.array_equal(top.mask, np.rot90(MASK, 2))
    assert (empty.prompt, empty.color, empty.mask.any()) == ("", "", False)
    assert drawing.scene.background == Background("paper")
    (notice,) = drawing.notices
    assert "'paper' covers the whole canvas" in notice
    assert (drawing.result, dict(drawing.settings)) == (None, {})


def test_layers_lie_where_the_stack_says() -> None:
    """Krita and GIMP crop layers to what is painted, and let them reach beyond the canvas."""
    small = painted(np.full((5, 6), 255, np.uint8))
    stack = f"<stack x='1'>{layer(x=2, y='3.0')}<stack x='4' y='5'>{layer(x=-6, y=-7)}</stack></stack>"
    inner, outer = read(ora(stack, {"data/a.png": small})).scene.regions
    expected = np.zeros((24, 32), np.uint8)
    expected[3:8, 2:8] = 255
    assert np.array_equal(outer.mask, expected)
    expected[:] = 0
    expected[0:3, 0:4] = 255
    assert np.array_equal(inner.mask, expected)


def test_groups_hide_what_is_in_them() -> None:
    stack = f"<stack><stack visibility='hidden'><stack>{layer()}</stack></stack>{layer('b')}<text/></stack>"
    assert [(r.prompt, r.visible) for r in read(ora(stack)).scene.regions] == [("b", True), ("sea", False)]


@pytest.mark.parametrize("mode", ["LA", "P", "RGBA"])
def test_alpha_comes_in_every_kind_of_png(mode: str) -> None:
    source = Image.fromarray(painted(np.where(MASK > 0, 255, 0).astype(np.uint8)))
    file = io.BytesIO()
    source.convert(mode).save(file, "PNG", **({"transparency": 0} if mode == "P" else {}))
    data = io.BytesIO(ora(f"<stack>{layer(src='data/x.png')}</stack>"))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("data/x.png", file.getvalue())
    (region,) = read(data.getvalue()).scene.regions
    assert np.array_equal(region.mask > 0, MASK > 0)


def test_a_canvas_grows_to_the_next_legal_size() -> None:
    mask = np.full((21, 30), 255, np.uint8)
    mask[0, 0] = 0
    drawing = read(ora(f"<stack>{layer()}</stack>", {"data/a.png": painted(mask)}, (30, 21)))
    assert drawing.scene.size == (32, 24)
    assert np.array_equal(drawing.scene.regions[0].mask[:21, :30], mask)
    assert not drawing.scene.regions[0].mask[21:].any() and not drawing.scene.regions[0].mask[:, 30:].any()
    assert "32x24 px instead of 30x21" in drawing.notices[0]


def test_our_own_file_saved_anew_keeps_result_and_background() -> None:
    """Another program keeps the layers and their names, and drops scene.json."""
    image, result = np.full((24, 32, 3), 90, np.uint8), np.full((24, 32, 3), 50, np.uint8)
    scene = Scene(
        (32, 24), Background("sky", image), [Region("all", np.full((24, 32), 255, np.uint8)), Region("x", MASK)]
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members(scene, result=result).items():
            if name != "scene.json":
                archive.writestr(name, data)
    drawing = read(file.getvalue())
    assert [region.prompt for region in drawing.scene.regions] == ["all", "x"]
    assert all(np.array_equal(a.mask, b.mask) for a, b in zip(drawing.scene.regions, scene.regions, strict=True))
    assert np.array_equal(drawing.scene.background.image, image)
    assert np.array_equal(drawing.result, result)
    assert drawing.notices == ()


def test_what_cannot_be_kept_is_told() -> None:
    stack = f"<stack>{layer('x' * 1500)}{layer('vector', 'data/a.svg')}{layer('nothing', '')}</stack>"
    drawing = read(ora(stack))
    assert [len(region.prompt) for region in drawing.scene.regions] == [1000]
    assert [notice[:20] for notice in drawing.notices] == [
        "the layer 'nothing' ",
        "the layer 'vector' i",
        "the name of the laye",
    ]


# What is refused

LAUGHS = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<image w="32" h="24"><stack name="&b;"/></image>"""
OUTSIDE = """<!DOCTYPE image SYSTEM "file:///etc/passwd"><image w="32" h="24"><stack/></image>"""


@pytest.mark.parametrize(
    ("xml", "match"),
    [
        (LAUGHS.encode(), "DOCTYPE"),
        (OUTSIDE.encode(), "DOCTYPE"),
        (LAUGHS.encode("utf-16"), "UTF-8"),
        (LAUGHS.replace("<?xml", '<?xml encoding="utf-7"').encode("utf-7"), "DOCTYPE|parse|UTF-8"),
        (b"\xef\xbb\xbf" + OUTSIDE.encode(), "DOCTYPE"),
        (b'<image w="32" h="24"><stack>&undefined;</stack></image>', "undefined"),
        (b"<image", "does not parse"),
        (b"", "does not parse"),
        (b'<html w="32" h="24"><stack/></html>', "no image"),
        (b'<image w="32" h="24"/>', "no image"),
        (b"<image><stack/></image>", "w=''"),
        (b'<image w="1e9" h="24"><stack/></image>', "w='1e9'"),
        (b'<image w="32" h="-24"><stack/></image>', "32 x -24 px"),
        (b'<image w="0" h="24"><stack/></image>', "0 x 24 px"),
        (b'<image w="100000" h="100000"><stack/></image>', "100000 x 100000 px.*scale it down"),
        (b'<image w="8192" h="8192"><stack/></image>', "16777216"),
        (b'<image w="32" h="24"><stack><layer x="99999999"/></stack></image>', "99999999"),
        (b'<image w="32" h="24">' + b"<stack>" * 40 + b"</stack>" * 40 + b"</image>", "deeper than 32"),
        (b'<image w="32" h="24">' + b"<stack>" * 50_000 + b"</stack>" * 50_000 + b"</image>", "deeper than 32"),
        (b'<image w="32" h="24"><stack>' + b"<layer/>" * 10_000 + b"</stack></image>", "more than 80 layers"),
        (b"<image>" + b" " * 2**20 + b"</image>", "1048576 bytes|zip bombs"),
    ],
)  # fmt: skip
def test_hostile_stacks_are_refused(xml: bytes, match: str) -> None:
    refused(ora("", xml=xml), match)


def test_more_layers_than_regions_are_refused() -> None:
    refused(ora(f"<stack>{layer() * 65}</stack>"), "65 layers.*64 regions")
    assert len(read(ora(f"<stack>{layer() * 64}</stack>")).scene.regions) == 64


@pytest.mark.parametrize("src", ["../a.png", "/etc/passwd.png", "file:///etc/a.png", "data/none.png", "C:\\a.png"])
def test_layers_come_from_the_file_alone(src: str) -> None:
    refused(ora(f"<stack>{layer(src=src)}</stack>"), "no member")


def test_huge_layers_are_refused() -> None:
    flat = np.zeros((1, 8200, 4), np.uint8)
    refused(ora(f"<stack>{layer()}</stack>", {"data/a.png": flat}), "layer 'sea' has 8200 x 1 px")


def test_other_zips_are_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    refused(file.getvalue(), "no OpenRaster file")
