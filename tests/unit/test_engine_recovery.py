"""Faults while a picture is made: numbers that overflow, memory that runs out. Nothing is lost, the session lives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from semanticdraw_widget.engine import BrokenLatents, Engine, OutOfMemory, load_engine
from semanticdraw_widget.engine.method import EXACT
from semanticdraw_widget.engine.recovery import forget_prompts
from semanticdraw_widget.engine_cache import EngineCache, Lease
from semanticdraw_widget.jobs import Settings
from semanticdraw_widget.scene import Background, Region, Scene
from semanticdraw_widget.session import Session
from unit.doubles import Recorder, until
from unit.tiny_models import tiny_pipeline

pytestmark = pytest.mark.filterwarnings("ignore:negative prompts have no effect")
W, H = 96, 64
Y, X = np.mgrid[0:H, 0:W]
LEFT, DISC = X < 50, (X - 60) ** 2 + (Y - 30) ** 2 < 22**2
SCENE = Scene(
    (W, H), "sky", [Region("sea", LEFT, id="sea", negative_prompt="boat"), Region("house", DISC, id="house")], seed=2
)
EDITED = SCENE.replace(regions=[SCENE.regions[0], SCENE.regions[1].replace(prompt="tree")])
PICTURE = np.random.default_rng(0).integers(0, 255, (H, W, 3), dtype=np.uint8)
LOUD = 2.0**11  # two such factors lead past the end of float16, and neither alone


def overflowing(folder: Path, *parts: str) -> Path:
    """A model whose activations, not its weights, are too large for float16 in ``parts``: "unet", "decoder" or
    "encoder". Its weights are float16 already, so that it is the same model in float32."""
    pipeline = tiny_pipeline(folder)
    with torch.no_grad():
        if "unet" in parts:
            pipeline.unet.conv_norm_out.weight.mul_(LOUD)
            pipeline.unet.conv_out.weight.mul_(LOUD)
        for part in ("decoder", "encoder"):
            if part in parts:
                convolutions = [m for m in getattr(pipeline.vae, part).modules() if isinstance(m, torch.nn.Conv2d)]
                for layer in convolutions[-2:]:
                    layer.weight.mul_(LOUD)
                    layer.bias.mul_(LOUD)
    for network in (pipeline.unet, pipeline.vae, pipeline.text_encoder):
        network.half().float()
    pipeline.save_pretrained(folder / "model")
    return folder / "model"


@pytest.fixture(params=[("unet",), ("decoder",), ("unet", "decoder", "encoder")], ids="+".join)
def loud(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return overflowing(tmp_path, *request.param)


def load(folder: Path, dtype: str = "float16") -> Engine:
    return load_engine(folder, device="cpu", dtype=dtype, lora=None)


# ---------------------------------------------------------------- overflow


@pytest.mark.parametrize("mode", ["exact", "masked"])
def test_what_float16_cannot_hold_is_made_in_float32(loud: Path, mode: str, request: pytest.FixtureRequest) -> None:
    engine, wide = load(loud), load(loud, "float32")
    *_, frame = engine.denoise(SCENE, steps=2, mode=mode)
    rgb = frame.rgb()
    assert torch.isfinite(frame.x0).all()
    np.testing.assert_array_equal(rgb, wide.decoder(wide.plan(SCENE, 2, 1.0))(frame.x0))
    told = engine.notices(SCENE, mode="masked")["background"]
    assert told and all("too large for float16" in notice["message"] for notice in told)
    if "unet" in request.node.callspec.id:
        assert engine.dtype == torch.float32
        *_, expected = wide.denoise(SCENE, steps=2, mode=mode)
        torch.testing.assert_close(frame.x0, expected.x0)
    else:
        assert engine.dtype == torch.float16, "the decoder alone is to blame"
    *_, second = engine.denoise(SCENE, steps=2, mode=mode)
    np.testing.assert_array_equal(second.rgb(), rgb)
    assert engine.notices(SCENE, mode="masked")["background"] == told


def test_a_background_picture_that_the_encoder_spoils(tmp_path: Path) -> None:
    folder = overflowing(tmp_path, "encoder")
    scene = SCENE.replace(background=Background("", PICTURE))
    engine, wide = load(folder), load(folder, "float32")
    plan, expected = engine.plan(scene, 2, 1.0), wide.plan(scene, 2, 1.0)
    assert plan.picture is not None and expected.picture is not None
    torch.testing.assert_close(plan.picture, expected.picture)
    torch.testing.assert_close(plan.paper, expected.paper)


def test_a_preview_that_is_broken_is_mended_too(loud: Path) -> None:
    engine = load(loud)
    frames = []
    for frame in engine.denoise(SCENE, steps=3):
        frame.rgb()
        frames.append(frame)
    assert frames[-1].settled
    assert all(torch.isfinite(frame.x0).all() for frame in frames)
    np.testing.assert_array_equal(frames[-1].rgb(), np.asarray(engine.generate(SCENE, steps=3, mode="exact")))


def test_an_edit_goes_on_from_the_mended_picture(tmp_path: Path) -> None:
    engine = load(overflowing(tmp_path, "unet"))
    *_, before = engine.denoise(SCENE, steps=2, mode="increment")
    before.rgb()
    assert before.trajectory is not None
    assert all(torch.isfinite(x).all() for x in (*before.trajectory.xs, *before.trajectory.x0s))
    *_, after = engine.denoise(EDITED, steps=2, mode="increment", after=before.trajectory)
    assert torch.isfinite(after.x0).all()
    np.testing.assert_array_equal(after.rgb()[:, :16], before.rgb()[:, :16])


@pytest.mark.parametrize("mode", ["exact", "masked"])
def test_a_stream_mends_every_slot(tmp_path: Path, mode: str) -> None:
    folder = overflowing(tmp_path, "unet")
    engine, wide = load(folder), load(folder, "float32")
    scenes = [SCENE, EDITED, SCENE, SCENE]
    for frame, scene in zip(engine.stream(scenes, steps=2, mode=mode), scenes):
        frame.rgb()
        *_, expected = wide.denoise(scene, steps=2, mode=mode)
        torch.testing.assert_close(frame.x0, expected.x0, rtol=1e-3, atol=1e-3 * float(expected.x0.abs().max()))


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder"])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_damaged_weights_are_a_clear_error(tmp_path: Path, part: str, dtype: str) -> None:
    tiny_pipeline(tmp_path).save_pretrained(tmp_path / "model")
    engine = load(tmp_path / "model", dtype)
    whole = np.asarray(engine.generate(SCENE, steps=2))
    with damaged(engine, part), pytest.raises(BrokenLatents, match="NaN or infinite") as caught:
        engine.generate(SCENE, steps=2)
    assert caught.value.code == "broken_latents"
    assert "download them again" in caught.value.hint
    assert np.abs(np.asarray(engine.generate(SCENE, steps=2)).astype(int) - whole).max() <= 3, "the engine lives"


@contextmanager
def damaged(engine: Engine, part: str) -> Iterator[None]:
    """One weight of a network is NaN."""
    network = getattr(engine._family, part)
    weight = next(p for n, p in network.named_parameters() if n.endswith("weight"))
    if part == "vae":
        weight = next(network.decoder.parameters())
    kept = weight.detach().clone()
    engine.forget()
    try:
        weight.data.fill_(float("nan"))
        yield
    finally:
        weight.data.copy_(kept)
        engine.forget()
        engine._canvas.forget()


# ---------------------------------------------------------------- memory


@contextmanager
def little_memory(engine: Engine, room: Callable[[torch.Tensor], bool]) -> Iterator[list[int]]:
    """The real network, but a call for which there is no ``room`` raises as CUDA does; gives the rows that ran."""
    rows: list[int] = []

    def check(_: Any, args: tuple[torch.Tensor, ...]) -> None:
        if not room(args[0]):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        rows.append(len(args[0]))

    hook = engine._family.unet.register_forward_pre_hook(check)
    try:
        yield rows
    finally:
        hook.remove()


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    tiny_pipeline(tmp_path).save_pretrained(tmp_path / "model")
    return load(tmp_path / "model", "float32")


SETTINGS = [
    {"mode": "exact"},
    {"mode": "exact", "guidance": 4.0, "cfg": "full"},
    {"mode": "exact", "guidance": 1.4, "cfg": "initialise"},
    {"mode": "crops", "guidance": 4.0},
    {"mode": "masked"},
    {"mode": "masked", "guidance": 4.0},
]


@pytest.mark.parametrize("most", [1, 2, 4])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_fewer_rows_a_call_give_the_same_picture(engine: Engine, settings: dict[str, Any], most: int) -> None:
    *_, expected = engine.denoise(SCENE, steps=3, **settings)
    with little_memory(engine, lambda x: len(x) <= most) as rows:
        *_, frame = engine.denoise(SCENE, steps=3, **settings)
    assert max(rows) <= most
    assert frame.samples == expected.samples
    torch.testing.assert_close(frame.x0, expected.x0, rtol=1e-4, atol=1e-4)


def test_a_stream_of_masked_scenes_splits_too(engine: Engine) -> None:
    """Rows that serve several prompts each, with negative prompts in the attention of some."""
    scenes = [SCENE, EDITED, SCENE.replace(regions=SCENE.regions[:1]), EDITED]
    expected = [frame.x0 for frame in engine.stream(scenes, steps=3, mode="masked")]
    with little_memory(engine, lambda x: len(x) <= 1):
        for frame, x0 in zip(engine.stream(scenes, steps=3, mode="masked"), expected):
            torch.testing.assert_close(frame.x0, x0, rtol=1e-4, atol=1e-4)


def test_what_fits_is_remembered(engine: Engine) -> None:
    failures = [0]

    def room(x: torch.Tensor) -> bool:
        failures[0] += len(x) > 2
        return len(x) <= 2

    with little_memory(engine, room) as rows:
        engine.generate(SCENE, steps=4)
        assert failures == [1], "one failed call, of three rows; what fits is one"
        assert rows == [1] * 12
        engine.generate(EDITED, steps=4)
        list(engine.twin().stream([SCENE], steps=4))
    assert failures == [1]


def test_the_limit_counts_cells_so_small_windows_still_share_a_call(engine: Engine) -> None:
    with little_memory(engine, lambda x: x.numel() <= 4 * 2 * (H // 8) * (W // 8)) as rows:
        engine.generate(SCENE, steps=2, guidance=4.0)
        rows.clear()
        small = Scene((W // 2, H // 2), "sky", [Region("sea", LEFT[: H // 2, 30 : 30 + W // 2])], seed=1)
        engine.generate(small, steps=2, guidance=4.0)
    assert max(rows) == 4, "a quarter of the canvas each"


def test_where_one_row_does_not_fit_networks_leave_the_device(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    *_, expected = engine.denoise(SCENE, steps=2)
    on_device = ["text_encoder", "vae"]

    def offload() -> bool:
        return bool(on_device) and bool(on_device.pop())

    monkeypatch.setattr(engine._family, "offload", offload, raising=False)
    with little_memory(engine, lambda x: len(x) == 1 and len(on_device) < 2):
        *_, frame = engine.denoise(SCENE, steps=2)
    assert on_device == ["text_encoder"], "no more than it takes"
    torch.testing.assert_close(frame.x0, expected.x0, rtol=1e-4, atol=1e-4)
    with little_memory(engine, lambda x: False), pytest.raises(OutOfMemory, match="96x64 pixels with 2 regions"):
        engine.generate(SCENE, steps=2)
    assert not on_device


def test_where_one_row_does_not_fit_kept_prompts_go_first(engine: Engine) -> None:
    *_, expected = engine.denoise(SCENE, steps=2, mode="masked")
    with little_memory(engine, lambda x: forget_prompts(engine._family) == 0):
        *_, frame = engine.denoise(SCENE, steps=2, mode="masked")
    torch.testing.assert_close(frame.x0, expected.x0)


def test_after_lack_of_memory_nothing_is_kept_for_later(engine: Engine) -> None:
    engine.generate(SCENE, steps=2, mode="masked")
    assert engine._planner.plans.nbytes and engine._planner.texts.nbytes
    with little_memory(engine, lambda x: False), pytest.raises(OutOfMemory) as told:
        engine.generate(SCENE, steps=2, mode="masked")
    assert "float16" not in told.value.hint, "it would change nothing on a CPU"
    assert not (engine._planner.plans.nbytes or engine._planner.texts.nbytes or forget_prompts(engine._family))


def test_a_model_that_finds_no_room_for_float32_paints_on_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = load(overflowing(tmp_path, "decoder"))
    network = engine._family.unet
    inner, real = list(network.modules())[-1], torch.nn.Module.float

    def float_but_once(module: torch.nn.Module) -> torch.nn.Module:
        if module is not network:
            return real(module)
        inner.float()  # as far as it came
        raise torch.OutOfMemoryError("CUDA out of memory")

    again = engine.again(SCENE, 2, 1.0, EXACT)
    assert again is not None
    with monkeypatch.context() as patched:
        patched.setattr(torch.nn.Module, "float", float_but_once)
        with pytest.raises(OutOfMemory, match="96x64"):
            again()
    assert {p.dtype for p in network.parameters()} == {torch.float16} == {engine.dtype}
    *_, frame = engine.denoise(SCENE, steps=2)
    assert frame.settled
    assert again().settled and engine.dtype == torch.float32, "with room it goes on in float32"


def test_a_decoder_without_room_is_named(engine: Engine) -> None:
    *_, frame = engine.denoise(SCENE, steps=1)

    def burst(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    hook = engine._family.vae.decoder.register_forward_pre_hook(burst)
    with pytest.raises(OutOfMemory, match="96x64"):
        frame.rgb()
    hook.remove()
    assert frame.rgb().shape == (H, W, 3), "the frame can be had as soon as there is room"


def test_other_errors_are_not_taken_for_memory(engine: Engine) -> None:
    def burst(*_: object) -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    before = engine._network.cells
    hook = engine._family.unet.register_forward_pre_hook(burst)
    with pytest.raises(RuntimeError, match="mat1"):
        engine.generate(SCENE)
    hook.remove()
    assert engine._network.cells == before


# ---------------------------------------------------------------- sessions


@pytest.fixture
def sessions() -> Iterator[Callable[[Engine], tuple[Session, Recorder]]]:
    opened: list[Session] = []

    def open_(engine: Engine) -> tuple[Session, Recorder]:
        cache, heard = EngineCache(), Recorder()

        def lease(progress: Any) -> Lease:
            return cache.lease("engine", lambda: engine)

        opened.append(Session(lease, heard))
        opened[-1].start()
        return opened[-1], heard

    yield open_
    for session in opened:
        session.close()


def test_a_session_draws_on_after_an_overflow(
    loud: Path, sessions: Callable[[Engine], tuple[Session, Recorder]]
) -> None:
    session, heard = sessions(load(loud))
    first = session.generate(SCENE, Settings(3), timeout=60)
    second = session.generate(EDITED, Settings(3), timeout=60)
    assert heard.errors == []
    np.testing.assert_array_equal(first.rgb[:, :16], second.rgb[:, :16])


def test_a_session_survives_damage(engine: Engine, sessions: Callable[[Engine], tuple[Session, Recorder]]) -> None:
    session, heard = sessions(engine)
    whole = session.generate(SCENE, Settings(2), timeout=60)
    with damaged(engine, "unet"):
        with pytest.raises(BrokenLatents):
            session.generate(EDITED, Settings(2), timeout=60)
        until(lambda: session.status.state == "error")
        assert heard.errors[-1].code == "broken_latents"
        assert session.picture is not None and np.array_equal(session.picture.rgb, whole.rgb), "the last one stays"
    edited = session.generate(EDITED, Settings(2), timeout=60)
    np.testing.assert_array_equal(edited.rgb[:, :16], whole.rgb[:, :16])
    assert heard.errors[-1] is None


def test_a_session_survives_lack_of_memory(
    engine: Engine, sessions: Callable[[Engine], tuple[Session, Recorder]]
) -> None:
    session, heard = sessions(engine)
    with little_memory(engine, lambda x: False):
        with pytest.raises(OutOfMemory):
            session.generate(SCENE, Settings(2), timeout=60)
        until(lambda: session.status.state == "error")
    with little_memory(engine, lambda x: len(x) == 1):
        assert session.generate(SCENE, Settings(2), timeout=60).rgb.shape == (H, W, 3)
    assert heard.errors[-1] is None
