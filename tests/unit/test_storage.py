"""storage/: what goes into a .sdraw, a PNG or an .ora comes out again, exactly."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from semanticdraw_widget.checks import MAX_SEED
from semanticdraw_widget.scene import Background, Region, Scene
from semanticdraw_widget.storage import (
    Drawing,
    StorageError,
    read_drawing,
    read_ora,
    read_png,
    read_sdraw,
    write_drawing,
    write_ora,
    write_png,
    write_sdraw,
)

FORMATS = {".sdraw": (write_sdraw, read_sdraw), ".png": (write_png, read_png), ".ora": (write_ora, read_ora)}
every_format = pytest.mark.parametrize("suffix", FORMATS)


def written(suffix: str, scene: Scene, **more: Any) -> bytes:
    file = io.BytesIO()
    FORMATS[suffix][0](file, scene, **more)
    return file.getvalue()


def read(suffix: str, data: bytes) -> Drawing:
    return FORMATS[suffix][1](io.BytesIO(data))


def soft(width: int = 32, height: int = 24) -> np.ndarray:
    """A mask that holds every value."""
    return (np.arange(width * height) * 7 % 256).astype(np.uint8).reshape(height, width)


def example(**fields: Any) -> Scene:
    regions = [Region("house", soft(), color="#ff0000"), Region("tree", 255 - soft(), visible=False, locked=True)]
    return Scene((32, 24), "sky", regions, seed=3).replace(**fields)


def picture(width: int = 32, height: int = 24) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


# Everything comes back

# Control characters and halves of surrogate pairs are legal in a prompt, and neither UTF-8 nor XML can hold them all.
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=40),
    st.sampled_from(
        [
            "海の上の灯台",
            "🏠👩‍👩‍👧",
            "بيت أحمر",
            "\u202eabc",
            "a\0b\x1b",
            "\ud800",
            "</layer>&amp;]]>",
            '"\\',
            "é" * 1000,
        ]
    ),
)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    width, height = draw(st.sampled_from([(16, 16), (24, 16), (16, 40)]))
    masks = st.one_of(
        arrays(np.uint8, (height, width), elements=st.integers(0, 255)),
        arrays(bool, (height, width)).map(lambda mask: mask * np.uint8(255)),
    )
    regions = st.builds(
        Region,
        prompt=TEXTS,
        mask=masks,
        name=TEXTS,
        negative_prompt=TEXTS,
        color=st.sampled_from(["", "#0a1b2c", "#FFFFFF"]),
        strength=st.floats(0, 1, exclude_min=True),
        prompt_strength=st.floats(0, 1),
        feather=st.none() | st.floats(0, 512),
        seed=st.none() | st.integers(0, MAX_SEED),
        visible=st.booleans(),
        locked=st.booleans(),
    )
    image = draw(st.none() | arrays(np.uint8, (height, width, 3), elements=st.integers(0, 255)))
    background = Background(draw(TEXTS), image)
    return Scene((width, height), background, draw(st.lists(regions, max_size=4)), draw(st.integers(0, MAX_SEED)))


@every_format
@given(scene=scenes(), painted=st.booleans(), number=st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_drawing_comes_back_exactly(suffix: str, scene: Scene, painted: bool, number: float) -> None:
    result = picture(*scene.size) if painted else None
    kept = {"model": "海", "steps": 4, "guidance": number, "mode": None, "own": True}
    drawing = read(suffix, written(suffix, scene, result=result, settings=kept))
    assert drawing.scene == scene
    assert drawing.scene.key == scene.key
    for region, original in zip(drawing.scene.regions, scene.regions, strict=True):
        assert region.mask.tobytes() == original.mask.tobytes()
    assert dict(drawing.settings) == kept
    assert drawing.notices == ()
    assert (drawing.result is None) == (result is None)
    assert result is None or np.array_equal(drawing.result, result)


@every_format
def test_ids_of_any_kind_come_back(suffix: str) -> None:
    ids = ["../../etc/passwd", "a/b", "CON", "😀", " ", "x" * 64]
    scene = Scene((32, 24), "", [Region("house", soft(), id=id) for id in ids])
    assert [region.id for region in read(suffix, written(suffix, scene)).scene.regions] == ids


@every_format
def test_sixty_four_regions_come_back(suffix: str) -> None:
    scene = Scene((32, 24), "", [Region(f"thing {i}", np.roll(soft(), i)) for i in range(64)])
    assert read(suffix, written(suffix, scene)).scene == scene


@every_format
def test_the_same_drawing_is_the_same_file(suffix: str) -> None:
    scene = example()
    assert written(suffix, scene) == written(suffix, Scene.from_json(scene.to_json()))


@every_format
def test_a_result_can_be_a_pil_image(suffix: str) -> None:
    drawing = read(suffix, written(suffix, example(), result=Image.fromarray(picture()).convert("RGBA")))
    assert drawing.image is not None and drawing.image.size == (32, 24)
    assert np.array_equal(np.asarray(drawing.image), picture())
    assert drawing.result is not None and not drawing.result.flags.writeable


def test_a_long_scene_does_not_keep_pillow_from_a_png() -> None:
    """One text of more than 1 MiB would: noise, unlike drawn masks, does not deflate."""
    noise = np.random.default_rng(2).integers(0, 256, (512, 512), np.uint8)
    scene = Scene((512, 512), "", [Region("house", np.roll(noise, i)) for i in range(6)])
    data = written(".png", scene, result=picture(512, 512))
    assert len(data) > 2 * 2**20
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(np.asarray(image), picture(512, 512))
        image.load()
    assert read(".png", data).scene == scene


def test_more_masks_than_a_png_takes_are_sent_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semanticdraw_widget.storage.picture.MAX_JSON_WITH_MASKS", 1000)
    with pytest.raises(StorageError, match=r"\d+ bytes of metadata.*1000.*\.sdraw"):
        written(".png", example())


# What others see


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_what_is_in_an_sdraw() -> None:
    scene = example(background=Background("sky", picture()))
    files = members(written(".sdraw", scene, result=picture()))
    assert sorted(files) == [
        "background.png", "masks/00.png", "masks/01.png", "result.png", "scene.json", "thumbnail.png",
    ]  # fmt: skip
    assert opened(files["masks/00.png"]).mode == "L"
    assert np.array_equal(np.asarray(opened(files["masks/00.png"])), soft())
    for name in ("background.png", "result.png"):
        assert np.array_equal(np.asarray(opened(files[name])), picture())
    found = json.loads(files["scene.json"])
    assert (found["format"], found["version"], found["size"]) == ("semanticdraw-drawing", 1, [32, 24])
    assert found["regions"][1]["prompt"] == "tree" and found["regions"][1]["mask"] == "masks/01.png"


def test_what_is_not_there_is_not_in_an_sdraw() -> None:
    assert sorted(members(written(".sdraw", Scene((16, 16))))) == ["scene.json", "thumbnail.png"]


@pytest.mark.parametrize(("size", "small"), [((1024, 512), (256, 128)), ((64, 48), (64, 48))])
def test_thumbnails_are_small(size: tuple[int, int], small: tuple[int, int]) -> None:
    for suffix, name in ((".sdraw", "thumbnail.png"), (".ora", "Thumbnails/thumbnail.png")):
        assert opened(members(written(suffix, Scene(size)))[name]).size == small


def test_a_thumbnail_shows_the_result_or_else_the_regions() -> None:
    box = np.zeros((16, 16), np.uint8)
    box[:8] = 255
    scene = Scene(
        (16, 16), "", [Region("roof", box, color="#ff0000"), Region("x", box, color="#00ff00", visible=False)]
    )
    shown = np.asarray(opened(members(written(".sdraw", scene))["thumbnail.png"]))
    assert shown[0, 0].tolist() == [255, 0, 0] and shown[15, 0].min() > 200
    gray = np.full((16, 16, 3), 99, np.uint8)
    assert (np.asarray(opened(members(written(".sdraw", scene, result=gray))["thumbnail.png"])) == 99).all()


def test_a_png_shows_the_result_or_else_the_regions() -> None:
    assert np.array_equal(np.asarray(opened(written(".png", example(), result=picture()))), picture())
    red = Scene((16, 16), "", [Region("all", np.ones((16, 16)), color="#ff0000")])
    data = written(".png", red)
    assert (np.asarray(opened(data)) == (255, 0, 0)).all()
    assert read(".png", data).result is None


def test_a_png_made_anew_says_the_way_out() -> None:
    file = io.BytesIO()
    opened(written(".png", example())).save(file, "PNG")
    with pytest.raises(StorageError, match=r"no scene in it.*\.sdraw.*set_background"):
        read(".png", file.getvalue())


# Paths


@every_format
def test_paths_go_by_their_suffix(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"house{suffix.upper()}"
    write_drawing(str(path), example(), settings={"steps": 3})
    assert read_drawing(path).scene == example(regions=read_drawing(path).scene.regions)
    assert FORMATS[suffix][1](path).settings == {"steps": 3}
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("name", ["house.jpg", "house", ".sdraw"])
def test_other_suffixes_are_refused(name: str, tmp_path: Path) -> None:
    for call in (read_drawing, lambda path: write_drawing(path, example())):
        with pytest.raises(StorageError, match=r"\.sdraw .*\.png .*\.ora"):
            call(tmp_path / name)
    assert not os.listdir(tmp_path)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "house.sdraw"
    write_sdraw(path, example())
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_sdraw(path, example(seed=4))
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["house.sdraw"]


def test_a_written_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    write_sdraw(tmp_path / "house.sdraw", example())
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "house.sdraw").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    write_sdraw(tmp_path / "house.sdraw", example())
    (tmp_path / "link.sdraw").symlink_to(tmp_path / "house.sdraw")
    write_sdraw(tmp_path / "link.sdraw", example(seed=9))
    assert (tmp_path / "link.sdraw").is_symlink()
    assert read_sdraw(tmp_path / "house.sdraw").scene.seed == 9


def test_missing_files_and_folders_are_os_errors(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"house\.sdraw"):
        read_sdraw(tmp_path / "house.sdraw")
    with pytest.raises(FileNotFoundError, match=r"no such folder.*there"):
        write_sdraw(tmp_path / "there" / "house.sdraw", example())


# What cannot be written


@every_format
def test_a_result_of_another_size_is_refused(suffix: str) -> None:
    with pytest.raises(StorageError, match=r"\(32, 24, 3\).*32x24 px.*\(24, 32, 3\)"):
        written(suffix, example(), result=picture(24, 32))


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": float("nan")},
        {"steps": [1]},
        {3: 4},
        {"": 1},
        {"x": "y" * 1001},
        {"x": 10**30},
        {str(i): i for i in range(33)},
        7,
    ],
)
def test_settings_are_plain(wrong: Any) -> None:
    with pytest.raises(StorageError, match="setting"):
        written(".sdraw", example(), settings=wrong)


def test_only_scenes_are_written(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"Scene, not dict; canvas\.scene"):
        write_sdraw(tmp_path / "x.sdraw", {})  # type: ignore[arg-type]


def test_a_drawing_says_briefly_what_it_is() -> None:
    assert repr(Drawing(example(), picture(), {"steps": 4})) == "Drawing(32x24 px, 2 regions, with a result, steps=4)"


def test_storage_needs_no_torch_and_no_jupyter() -> None:
    code = "import semanticdraw_widget.storage, sys; print(*{'torch', 'anywidget', 'PIL'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
