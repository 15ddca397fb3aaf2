"""On an NVIDIA GPU the engine paints what it paints on a CPU, its quick ways give the same bits, and a steady frame
waits for nothing. Skipped where there is none: ``pytest tests/cuda``."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from semanticdraw_widget.crayon import networks
from semanticdraw_widget.crayon.network import Network
from semanticdraw_widget.crayon.stage import Settings
from semanticdraw_widget.engine import Engine, load_engine
from semanticdraw_widget.engine.accelerate import OFTEN
from semanticdraw_widget.engine.errors import OutOfMemory
from semanticdraw_widget.scene import Region, Scene
from unit.tiny_models import tiny_3_folder, tiny_flux_folder, tiny_folder, tiny_xl_folder

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")

W, H = 160, 128
Y, X = np.mgrid[0:H, 0:W]
SCENE = Scene(
    (W, H),
    "sky",
    [
        Region("sea", X < 70, id="sea"),
        Region("house", (X - 110) ** 2 + (Y - 60) ** 2 < 20**2, id="house", seed=3),
    ],
    seed=2,
)
EDITED = SCENE.replace(regions=[SCENE.regions[0], SCENE.regions[1].replace(prompt="tree")])
FOLDERS: dict[str, Callable[[Path], Path]] = {
    "sd": tiny_folder,
    "lcm": lambda folder: tiny_folder(folder, guidance_embedding=True),
    "sdxl": tiny_xl_folder,
    "sd3": tiny_3_folder,
    "flux": tiny_flux_folder,
}
MODES = ("exact", "crops", "masked", "increment", "auto")


@pytest.fixture(scope="module", params=FOLDERS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return FOLDERS[request.param](tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("small"), guidance_embedding=True)


@pytest.fixture(autouse=True)
def exact_products() -> Iterator[None]:
    """TF32 would round what is compared."""
    before = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    yield
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = before


def loaded(folder: Path, device: str, **options: Any) -> Engine:
    return load_engine(folder, device=device, lora=None, **{"dtype": "float32", **options})


def latents(engine: Engine, scene: Scene = SCENE, **settings: Any) -> torch.Tensor:
    *_, frame = engine.denoise(scene, steps=3, **settings)
    return frame.x0.float().cpu()


@pytest.mark.parametrize("mode", MODES)
def test_the_latents_are_the_cpu_s(folder: Path, mode: str) -> None:
    ours, theirs = (latents(loaded(folder, device), mode=mode) for device in ("cuda", "cpu"))
    scale = float(theirs.abs().max())
    torch.testing.assert_close(ours, theirs, rtol=0, atol=2e-3 * scale)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_paints_nearly_the_same(small: Path, dtype: str) -> None:
    half = loaded(small, "cuda", dtype=dtype).generate(SCENE, steps=3)
    full = loaded(small, "cuda").generate(SCENE, steps=3)
    assert np.abs(np.asarray(half, int) - np.asarray(full, int)).mean() < 4


def test_an_edit_keeps_the_bits_outside(small: Path) -> None:
    engine = loaded(small, "cuda", dtype="float16")
    *_, before = engine.denoise(SCENE, steps=3, mode="increment")
    *_, after = engine.denoise(EDITED, steps=3, mode="increment", after=before.trajectory)
    same = (before.rgb() == after.rgb()).all(-1)
    assert not same.all()
    assert same[:, :60].all()


def warmed(engine: Engine, **settings: Any) -> None:
    for _ in range(OFTEN + 2):
        engine.generate(SCENE, steps=3, **settings)
        engine.wait_for_compiling()


@pytest.mark.parametrize("mode", ["exact", "masked"])
def test_recorded_graphs_give_the_same_bits(small: Path, mode: str) -> None:
    plain, quick = loaded(small, "cuda", dtype="float16"), loaded(small, "cuda", dtype="float16", compile="graphs")
    warmed(quick, mode=mode)
    assert quick._notes == []
    assert sum(one.ready for one in quick._swift()) > 0
    for scene in (SCENE, EDITED, SCENE):
        assert torch.equal(latents(quick, scene, mode=mode), latents(plain, scene, mode=mode))


def test_a_compiled_network_gives_nearly_the_same(small: Path) -> None:
    plain, quick = loaded(small, "cuda"), loaded(small, "cuda", compile=True)
    warmed(quick)
    assert quick._notes == []
    assert sum(one.ready for one in quick._swift()) > 0
    expected = latents(plain)
    torch.testing.assert_close(latents(quick), expected, rtol=0, atol=5e-3 * float(expected.abs().max()))


@pytest.mark.parametrize("mode", ["exact", "crops", "masked"])
def test_a_steady_stream_waits_for_nothing(small: Path, mode: str) -> None:
    engine = loaded(small, "cuda", dtype="float16")
    stream = engine.stream([SCENE] * 12, steps=3, mode=mode)
    for _ in range(5):
        next(stream)
    torch.cuda.set_sync_debug_mode("warn")
    try:
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            for _ in range(4):
                next(stream)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert [str(w.message) for w in found if "synchroniz" in str(w.message)] == []


def test_too_large_a_picture_is_a_clear_error_and_the_engine_lives_on(small: Path) -> None:
    engine = loaded(small, "cuda", dtype="float16")
    before = engine.generate(SCENE, steps=2)
    taken = torch.cuda.mem_get_info()[0]
    hog = torch.empty(max(taken - 300 * 2**20, 0), dtype=torch.uint8, device="cuda")
    try:
        big = np.ones((2048, 2048), bool)
        scene = Scene((2048, 2048), "sky", [Region("sea", big), Region("house", big)], seed=1)
        try:
            engine.generate(scene, steps=1)
        except OutOfMemory as error:
            assert "memory" in str(error)
    finally:
        del hog
        torch.cuda.empty_cache()
    assert np.array_equal(np.asarray(engine.generate(SCENE, steps=2)), np.asarray(before))


def test_training_by_graphs_is_training(tmp_path: Path) -> None:
    """Recorded calls of crayon's UNet give the same answers and gradients, bit for bit."""
    both = []
    for graphs in (False, True):
        torch.manual_seed(4)
        unet = networks.make_unet().to("cuda", memory_format=torch.channels_last)
        both.append(Network(unet, Settings(tmp_path, device="cuda", precision="bf16", graphs=graphs)))
    x, text = torch.randn(2, 8, 32, 32, device="cuda"), torch.randn(2, 3 * 16, 128, device="cuda")
    t, condition = torch.tensor([999, 259], device="cuda"), torch.randn(2, 64, device="cuda")
    maps = torch.rand(2, 3, 32, 32, device="cuda").softmax(1)
    for args in ((x, t, text[:, :16]), (x, t, text[:, :16], condition), (x, t, text, condition, maps)):
        answers, gradients = [], []
        for network in both:
            answer = network(*args)
            answer.square().mean().backward()
            network.collect()
            answers.append(answer.detach())
            gradients.append([p.grad.clone() for p in network.unet.parameters() if p.grad is not None])
        assert torch.equal(*answers)
        assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))
