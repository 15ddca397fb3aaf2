"""save, load and from_file of the canvas."""

from __future__ import annotations

import io
import os
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from semanticdraw_widget import Region, SemanticDraw
from semanticdraw_widget.masks import pack
from semanticdraw_widget.storage import StorageError, read_drawing, write_drawing
from unit.doubles import FakeEngine, Loader, until
from unit.test_widget import RecordingComm, watch

WIDTH, HEIGHT = 64, 48
every_suffix = pytest.mark.parametrize("suffix", [".sdraw", ".png", ".ora"])


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, engine: FakeEngine) -> Iterator[list[SemanticDraw]]:
    """Every canvas of a test, with a fake engine; closed in the end."""
    loader = Loader(engine)
    monkeypatch.setattr("semanticdraw_widget.widget.engine_leaser", lambda *args, **options: loader)
    monkeypatch.setattr("comm.create_comm", RecordingComm)
    # With torch loaded, a full collection at each close takes longer than all these tests; there is no model to free.
    monkeypatch.setattr("semanticdraw_widget.worker.gc.collect", lambda: 0)
    canvases: list[SemanticDraw] = []
    before = SemanticDraw.__init__

    def keep(self: SemanticDraw, *args: Any, **options: Any) -> None:
        canvases.append(self)
        before(self, *args, **options)

    monkeypatch.setattr(SemanticDraw, "__init__", keep)
    yield canvases
    for canvas in canvases:
        canvas.close()


@pytest.fixture
def make(made: list[SemanticDraw]) -> Callable[..., SemanticDraw]:
    return lambda **options: SemanticDraw(**{"size": (WIDTH, HEIGHT), **options})


def band(top: int, bottom: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[top:bottom] = 255
    mask[top] = 77
    return mask


@pytest.fixture
def painted(make: Callable[..., SemanticDraw]) -> SemanticDraw:
    canvas = make(background="sky", seed=5, steps=3, guidance=1.5, mode="exact", cfg="none")
    canvas.add_region("sea", band(30, 48), feather=2.5, seed=9, negative_prompt="fog", strength=0.5)
    canvas.add_region("家", band(3, 9), visible=False, locked=True, name="left")
    canvas.set_background(np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8))
    return canvas


def state(canvas: SemanticDraw) -> dict[str, Any]:
    """All that a file keeps."""
    return {"scene": canvas.scene, **{name: getattr(canvas, name) for name in ("steps", "guidance", "mode", "cfg")}}


@every_suffix
def test_a_canvas_comes_back(
    painted: SemanticDraw, make: Callable[..., SemanticDraw], suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"house{suffix}"
    picture = painted.generate()
    painted.save(path)
    assert os.listdir(tmp_path) == [path.name]
    other = make(size=(128, 32), regions=[Region("cat", np.ones((32, 128)))])
    with warnings.catch_warnings(action="error"):
        other.load(str(path))
    assert state(other) == state(painted)
    assert np.array_equal(other.mask(0), band(30, 48))
    assert np.array_equal(np.asarray(read_drawing(path).image), np.asarray(picture))


@every_suffix
def test_a_new_canvas_from_a_file(painted: SemanticDraw, suffix: str, tmp_path: Path) -> None:
    painted.save(tmp_path / f"house{suffix}")
    canvas = SemanticDraw.from_file(tmp_path / f"house{suffix}")
    assert state(canvas) == state(painted)
    assert canvas.generate().size == (WIDTH, HEIGHT)


def test_what_is_given_goes_before_the_file(painted: SemanticDraw, tmp_path: Path) -> None:
    painted.save(tmp_path / "house.sdraw")
    canvas = SemanticDraw.from_file(tmp_path / "house.sdraw", steps=2, mode="masked")
    assert (canvas.steps, canvas.mode, canvas.guidance, canvas.cfg) == (2, "masked", 1.5, "none")
    with pytest.raises(TypeError, match=r"seed, size come from the file"):
        SemanticDraw.from_file(tmp_path / "house.sdraw", size=(64, 64), seed=3)
    with pytest.raises(TypeError, match=r"no colour"):
        SemanticDraw.from_file(tmp_path / "house.sdraw", colour=1)


def test_loading_twice_is_loading_once(painted: SemanticDraw, tmp_path: Path) -> None:
    """Regions keep their ids, also where the canvas has them already, with newer strokes."""
    painted.save(tmp_path / "house.sdraw")
    before = state(painted)
    painted.region(0).mask = band(0, 5)
    painted.remove_region(1)
    for _ in range(2):
        painted.load(tmp_path / "house.sdraw")
        assert state(painted) == before
        assert np.array_equal(painted.mask(0), band(30, 48))
    painted.region(0).mask = band(1, 2)
    assert np.array_equal(painted.mask(0), band(1, 2))


def test_the_background_picture_goes_with_the_drawing(
    painted: SemanticDraw, make: Callable[..., SemanticDraw], tmp_path: Path
) -> None:
    make().save(tmp_path / "empty.sdraw")
    painted.load(tmp_path / "empty.sdraw")
    assert (painted.background_image, painted.background, list(painted.regions)) == (b"", "", [])


# The canvas in the browser


def test_a_load_is_one_layout_in_one_message(
    painted: SemanticDraw, make: Callable[..., SemanticDraw], tmp_path: Path
) -> None:
    painted.save(tmp_path / "house.sdraw")
    canvas = make(size=(128, 32))
    comm = watch(canvas)
    comm.sent.clear()
    canvas.load(tmp_path / "house.sdraw")
    updates = [data["state"] for data, _ in comm.sent if data["method"] == "update"]
    (laid,) = [update for update in updates if "layouts" in update]
    assert set(laid) >= {"size", "regions", "masks", "background", "seed", "steps", "layouts"}
    assert laid["layouts"] == 1 and tuple(laid["size"]) == (WIDTH, HEIGHT)
    assert not [update for update in updates if "size" in update and "layouts" not in update]
    canvas.load(tmp_path / "house.sdraw")
    assert canvas.layouts == 2


def test_a_loaded_drawing_is_painted(painted: SemanticDraw, make: Callable[..., SemanticDraw], tmp_path: Path) -> None:
    painted.save(tmp_path / "house.sdraw")
    canvas = make()
    watch(canvas)
    canvas.load(tmp_path / "house.sdraw")
    until(lambda: canvas.image is not None)
    assert np.asarray(canvas.image)[0, 0, 0] == 5 * 10 + 3  # seed and steps of the file


def test_a_view_shows_the_files_picture_at_once(
    painted: SemanticDraw, make: Callable[..., SemanticDraw], tmp_path: Path
) -> None:
    painted.generate()
    painted.save(tmp_path / "house.sdraw")
    canvas = make()
    canvas.load(tmp_path / "house.sdraw")
    assert canvas.frame.startswith(b"\x89PNG")


# While it is paused


def test_a_paused_canvas_has_the_picture_of_what_is_loaded(
    painted: SemanticDraw, make: Callable[..., SemanticDraw], engine: FakeEngine, tmp_path: Path
) -> None:
    """`image`, magic select and the views agree: the file's picture is there, and nothing is painted."""
    own = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    own[:, : WIDTH // 2] = 90
    write_drawing(tmp_path / "a.sdraw", painted.scene, result=own)
    canvas = make(background="fog")
    comm = watch(canvas)
    canvas.generate()
    canvas.paused = True
    runs = list(engine.runs)
    canvas.load(tmp_path / "a.sdraw")
    assert np.array_equal(np.asarray(canvas.image), own)
    frame = comm.messages("frame")[-1]
    assert frame["kind"] == "settled" and frame["size"] == [WIDTH, HEIGHT]
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(comm.buffers("frame")[-1][0]))), own)
    canvas.clear_mask(0)
    canvas.magic_select(0, (1, 1))
    assert np.array_equal(canvas.mask(0) > 0, own[..., 0] == 90)
    assert engine.runs == runs and len(canvas.history) == 1
    assert np.array_equal(np.asarray(canvas.generate()), np.asarray(canvas.image)), "who waits gets a painted one"
    assert engine.runs[-1] == 5


def test_a_paused_canvas_has_no_picture_of_another_drawing(
    painted: SemanticDraw, make: Callable[..., SemanticDraw], engine: FakeEngine, tmp_path: Path
) -> None:
    painted.save(tmp_path / "a.sdraw")
    canvas = make(background="fog")
    comm = watch(canvas)
    canvas.generate()
    until(lambda: canvas.frame)
    canvas.paused = True
    canvas.load(tmp_path / "a.sdraw")
    assert canvas.image is None and canvas.frame == b""
    told = [dict(zip(map(tuple, d["buffer_paths"]), b)) for d, b in comm.sent if d["method"] == "update"]
    assert [update[("frame",)] for update in told if ("frame",) in update][-1] == b""
    with pytest.raises(ValueError, match="no picture yet"):
        canvas.magic_select(0, (1, 1))
    comm.custom({"type": "ready", "view": 2})
    assert not [m for m in comm.messages("frame") if m["revision"] > 1]
    canvas.paused = False
    until(lambda: canvas.image is not None)
    assert engine.runs[-1] == 5


def test_a_picture_that_is_told_of_late_is_not_that_of_the_loaded_drawing(
    painted: SemanticDraw, make: Callable[..., SemanticDraw], tmp_path: Path
) -> None:
    painted.save(tmp_path / "a.sdraw")
    canvas = make(background="fog", seed=3)
    canvas.generate()
    old = canvas._session.picture
    until(lambda: canvas.frame)
    canvas.paused = True
    canvas.load(tmp_path / "a.sdraw")
    canvas._link.on_settled(old)  # by the worker, which was about to
    assert canvas.frame == b"" and canvas.image is None


def test_loading_what_is_there_keeps_its_picture(painted: SemanticDraw, engine: FakeEngine, tmp_path: Path) -> None:
    painted.save(tmp_path / "a.sdraw")
    watch(painted)
    picture = painted.generate()
    painted.paused = True
    painted.load(tmp_path / "a.sdraw")
    assert painted.image is not None and painted.image.tobytes() == picture.tobytes()
    assert engine.runs == [5]


# Which picture is saved


def test_the_picture_of_another_scene_is_left_out(painted: SemanticDraw, tmp_path: Path) -> None:
    painted.generate()
    painted.set_prompt(0, "lake")
    painted.save(tmp_path / "house.sdraw")
    assert read_drawing(tmp_path / "house.sdraw").result is None
    painted.set_prompt(0, "sea")
    painted.save(tmp_path / "house.sdraw")
    assert read_drawing(tmp_path / "house.sdraw").result is not None


def test_a_png_waits_for_its_picture(painted: SemanticDraw, engine: FakeEngine, tmp_path: Path) -> None:
    painted.save(tmp_path / "house.png")
    with Image.open(tmp_path / "house.png") as image:
        assert np.asarray(image)[0, 0].tolist() == [53, 53, 53]
    assert engine.runs == [5]


def test_a_drawing_waits_for_nothing(painted: SemanticDraw, engine: FakeEngine, tmp_path: Path) -> None:
    engine.hold()
    began = time.monotonic()
    painted.save(tmp_path / "house.sdraw")
    painted.save(tmp_path / "house.ora")
    assert time.monotonic() - began < 5
    assert read_drawing(tmp_path / "house.ora").result is None
    engine.step(100)


def test_a_loaded_picture_is_saved_again(
    painted: SemanticDraw, make: Callable[..., SemanticDraw], engine: FakeEngine, tmp_path: Path
) -> None:
    """It may be one that this model would not paint again."""
    own = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    painted.save(tmp_path / "a.sdraw")
    drawing = read_drawing(tmp_path / "a.sdraw")
    write_drawing(tmp_path / "b.sdraw", drawing.scene, result=own, settings=drawing.settings)
    canvas = make()
    engine.hold()
    canvas.load(tmp_path / "b.sdraw")
    canvas.save(tmp_path / "c.png")
    assert np.array_equal(read_drawing(tmp_path / "c.png").result, own)
    canvas.seed = 6
    canvas.save(tmp_path / "c.sdraw")
    assert read_drawing(tmp_path / "c.sdraw").result is None
    engine.step(100)


# What a file may not do


def test_a_file_loads_no_model(painted: SemanticDraw, tmp_path: Path) -> None:
    write_drawing(tmp_path / "house.sdraw", painted.scene, settings={"model": "evil/weights"})
    with pytest.warns(
        UserWarning, match=r"made with the model 'evil/weights', and this canvas has 'crayon'; set canvas\.model"
    ):
        painted.load(tmp_path / "house.sdraw")
    assert painted.model == "crayon"
    with pytest.warns(UserWarning, match="evil/weights"):
        assert SemanticDraw.from_file(tmp_path / "house.sdraw").model == "crayon"


def test_a_file_tells_no_folders(make: Callable[..., SemanticDraw], tmp_path: Path) -> None:
    (tmp_path / "secret" / "weights").mkdir(parents=True)
    make(model=str(tmp_path / "secret" / "weights")).save(tmp_path / "house.sdraw")
    assert read_drawing(tmp_path / "house.sdraw").settings["model"] == "weights"


@pytest.mark.parametrize(
    ("name", "value"),
    [("steps", 1000), ("steps", "4"), ("guidance", -1), ("mode", "turbo"), ("cfg", 7), ("steps", True)],
)
def test_settings_out_of_range_are_left_aside(painted: SemanticDraw, tmp_path: Path, name: str, value: Any) -> None:
    write_drawing(tmp_path / "house.sdraw", painted.scene.replace(seed=8), settings={name: value, "other": 1})
    before = getattr(painted, name)
    with pytest.warns(UserWarning, match=f"the file's {name} is left aside"):
        painted.load(tmp_path / "house.sdraw")
    assert (getattr(painted, name), painted.seed) == (before, 8)


def test_a_refused_file_changes_nothing(painted: SemanticDraw, tmp_path: Path) -> None:
    painted.save(tmp_path / "house.sdraw")
    data = (tmp_path / "house.sdraw").read_bytes()
    (tmp_path / "half.sdraw").write_bytes(data[: len(data) // 2])
    before = state(painted)
    for name, error in (("half.sdraw", StorageError), ("house.jpg", StorageError), ("none.ora", FileNotFoundError)):
        with pytest.raises(error, match=r"zip|\.sdraw|No such file"):
            painted.load(tmp_path / name)
    assert state(painted) == before and painted.layouts == 0


def test_a_wrong_suffix_is_told_before_any_work(painted: SemanticDraw, engine: FakeEngine, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"'\.gif'"):
        painted.save(tmp_path / "house.gif")
    assert not os.listdir(tmp_path) and engine.runs == []


def test_strokes_in_progress_are_saved(painted: SemanticDraw, tmp_path: Path) -> None:
    comm, region = watch(painted), painted.regions[0]["id"]
    dab = np.full((4, 4), 255, np.uint8)
    content = {"type": "mask_patch", "seq": 1, "region": region, "box": [0, 0, 4, 4], "final": False}
    comm.custom(content, pack(dab))
    assert painted.mask(0)[0, 0] == 255, comm.messages("error")
    painted.save(tmp_path / "house.sdraw")
    assert read_drawing(tmp_path / "house.sdraw").scene.regions[0].mask[0, 0] == 255
