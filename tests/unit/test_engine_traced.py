"""Recorded calls answer as the network does, bit for bit, at every size; what cannot be recorded runs as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from semanticdraw_widget.engine import Engine, load_engine
from semanticdraw_widget.engine.fusion import Regions
from semanticdraw_widget.engine.text import Text
from semanticdraw_widget.engine.traced import OFTEN, Call, Traced, run, small
from semanticdraw_widget.scene import Region, Scene
from unit.tiny_models import tiny_folder, tiny_xl_folder

FOLDERS: dict[str, Callable[[Path], Path]] = {"sd": tiny_folder, "sdxl": tiny_xl_folder}
SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(1, 6), st.integers(1, 4), st.integers(0, 10**6))


def asked(engine: Engine, rows: int, h: int, w: int, prompts: int, seed: int, bound: bool) -> torch.Tensor:
    """The network's answer to noise of ``h`` by ``w`` tiles; ``bound`` to soft maps of ``prompts`` prompts a row."""
    family: Any = engine._family
    tile = family.grain
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(rows, family.channels, h * tile, w * tile, generator=generator)
    count = rows * prompts if bound else rows
    with torch.inference_mode():
        text = Text.cat(family.encode_text([("sea", "house", "sky")[i % 3]]) for i in range(count))
        maps = torch.rand(rows, prompts, h * tile, w * tile, generator=generator)
        regions = Regions(maps / maps.sum(1, keepdim=True)) if bound else None
        times = torch.randint(0, 999, (rows,), generator=generator)
        answer: torch.Tensor = family.network(x, times, text, guidance=7.0, regions=regions)
    return answer


def untraced(engine: Engine, *shape: Any) -> torch.Tensor:
    """``asked``, without what was recorded."""
    family: Any = engine._family
    family.ask.traced, kept = None, family.ask.traced
    try:
        return asked(engine, *shape)
    finally:
        family.ask.traced = kept


@pytest.fixture(scope="module", params=["crayon", "sd", "sdxl"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine whose network is recorded for plain and for region-bound calls."""
    name = request.param
    source = FOLDERS[name](tmp_path_factory.mktemp(name)) if name in FOLDERS else name
    engine = load_engine(source, device="cpu", lora=None)
    traced: Traced = engine._family.ask.traced  # type: ignore[attr-defined]
    for bound in (False, True):
        for _ in range(OFTEN + 1):
            asked(engine, 1, 4, 4, 3, 0, bound)
        traced.wait()
    assert len(traced.ready) == 2
    return engine


@settings(max_examples=6, deadline=None)
@given(shape=SHAPES, bound=st.booleans())
def test_answers_are_the_networks_own_bit_for_bit(engine: Engine, shape: tuple[int, ...], bound: bool) -> None:
    ready = dict(engine._family.ask.traced.ready)  # type: ignore[attr-defined]
    assert torch.equal(asked(engine, *shape, bound), untraced(engine, *shape, bound))
    assert ready == engine._family.ask.traced.ready, "none was dropped or made for this size"  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", ["exact", "auto"])
def test_a_picture_does_not_change_when_its_calls_are_recorded(mode: str) -> None:
    engine = load_engine("crayon", device="cpu")
    y, x = np.mgrid[0:256, 0:256]
    scene, moved = (
        Scene((256, 256), "sky", [Region("sea", y > 150), Region("house", abs(x - at) + abs(y - 120) < 50)], seed=3)
        for at in (90, 150)
    )
    traced: Traced = engine._family.ask.traced  # type: ignore[attr-defined]

    def frames() -> list[torch.Tensor]:
        first = list(engine.denoise(scene, mode=mode))
        return [f.x0 for f in first] + [f.x0 for f in engine.denoise(moved, mode=mode, after=first[-1].trajectory)]

    before = frames()
    for _ in range(OFTEN):
        frames()
        traced.wait()
    assert traced.ready
    for ours, theirs in zip(frames(), before, strict=True):
        assert torch.equal(ours, theirs)


def test_a_size_that_does_not_halve_evenly_runs_as_it_is(engine: Engine) -> None:
    traced: Traced = engine._family.ask.traced  # type: ignore[attr-defined]
    assert traced.grain > 1
    family = engine._family
    with torch.inference_mode():
        x = torch.randn(1, family.channels, 3 * traced.grain - 1, 2 * traced.grain + 1)
        text = family.encode_text(["sea"])
        ours = family.network(x, torch.tensor([400]), text, guidance=7.0)
        family.ask.traced, kept = None, traced  # type: ignore[attr-defined]
        theirs = family.network(x, torch.tensor([400]), text, guidance=7.0)
        family.ask.traced = kept  # type: ignore[attr-defined]
    assert torch.equal(ours, theirs)


def test_a_tiny_canvas_does_not_mislead_about_larger_ones() -> None:
    """On a few cells the inner layers look alike, and how wide their pixels are is learned elsewhere."""

    def picture(engine: Engine, side: int) -> torch.Tensor:
        mask = np.zeros((side, side), bool)
        mask[:, side // 2 :] = True
        *_, frame = engine.denoise(Scene((side, side), "sky", [Region("sea", mask)], seed=1), mode="masked", steps=3)
        return frame.x0

    engine, fresh = load_engine("crayon", device="cpu"), load_engine("crayon", device="cpu")
    for side in (16, 32, 128, 16, 128):
        ours = picture(engine, side)
    assert torch.equal(ours, picture(fresh, 128))


def test_whoever_listens_to_a_layer_hears_every_call(engine: Engine) -> None:
    """As a lesson does that shows what attention looks at."""
    unet: Any = engine._family.unet  # type: ignore[attr-defined]
    layer = unet.mid_block.attentions[0].transformer_blocks[0].attn2.to_q
    heard: list[int] = []
    hook = layer.register_forward_hook(lambda module, args, out: heard.append(len(args[0])))
    try:
        asked(engine, 2, 4, 4, 3, 0, True)
        asked(engine, 1, 4, 4, 1, 0, False)
    finally:
        hook.remove()
    assert heard == [2, 1]


class Sized(nn.Module):
    """A network that does something else with large pictures, which no recording of a small one holds."""

    num_upsamplers = 0

    def forward(self, x: torch.Tensor, timesteps: torch.Tensor, tokens: torch.Tensor, **more: Any) -> Any:
        return (x + x.shape[2],) if len(x) == 1 else (x.flip(3),)


def test_operations_that_depend_on_the_size_are_not_recorded() -> None:
    network = Sized()
    traced = Traced(network, 1)
    call = Call(torch.randn(1, 4, 8, 8), torch.tensor([3]), torch.randn(1, 2, 4))
    with torch.inference_mode():
        for _ in range(3 * OFTEN):
            assert torch.equal(traced(None, call), run(network, None, call))
            traced.wait()
    assert not traced.ready


def test_calls_are_served_while_the_recording_is_made(tmp_path: Path) -> None:
    """The first calls find nothing recorded, and answer at once what later ones answer too."""
    engine = load_engine(tiny_folder(tmp_path), device="cpu", lora=None)
    traced: Traced = engine._family.ask.traced  # type: ignore[attr-defined]
    answers = [asked(engine, 1, 4, 4, 2, 7, False) for _ in range(2 * OFTEN)]
    traced.wait()
    answers.append(asked(engine, 1, 4, 4, 2, 7, False))
    assert len(traced.ready) == 1
    assert all(torch.equal(answers[0], later) for later in answers)


def test_only_small_networks_are_recorded() -> None:
    assert small(nn.Linear(1000, 1000))
    assert not small(nn.Linear(20_000, 6_000, device="meta"))
