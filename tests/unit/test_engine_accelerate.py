"""Compiled networks and recorded graphs: pictures as without, and nobody waits for them."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from semanticdraw_widget.engine import Engine, accelerate, load_engine
from semanticdraw_widget.engine.accelerate import Compiled, Graphed, Prepare, Swift, swift
from semanticdraw_widget.engine.recovery import widen
from semanticdraw_widget.engine.thread import computed
from semanticdraw_widget.scene import Region, Scene
from unit.tiny_models import tiny_3_folder, tiny_folder

W, H = 96, 64
Y, X = np.mgrid[0:H, 0:W]
SCENE = Scene((W, H), "sky", [Region("sea", X < 50), Region("house", (X - 60) ** 2 + (Y - 30) ** 2 < 22**2)], seed=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def plain(folder: Path) -> Engine:
    return load_engine(folder, device="cpu", lora=None)


def quick(folder: Path, prepare: Callable[[], Prepare], dtype: str = "float32") -> tuple[Engine, Swift]:
    """An engine whose network and decoder are made quick by ``prepare``, and the network's part of it."""
    engine = load_engine(folder, device="cpu", dtype=dtype, lora=None)
    family: Any = engine._family
    network = family.unet if hasattr(family, "unet") else family.transformer
    accelerate.accelerate(network, family.vae, prepare, engine._notes)
    return engine, swift(network)[0]


class Traced:
    """A backend of torch.compile that runs what was traced."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, graph: Any, inputs: Any) -> Any:
        def run(*args: Any) -> Any:
            self.runs += 1
            return graph.forward(*args)

        return run


class Watched(Compiled):
    """Remembers the threads in which something was traced and had to be compiled."""

    def __init__(self, backend: Traced, threads: list[str]) -> None:
        super().__init__(backend)
        self.threads = threads

    def compile(self, graph: Any, inputs: Any) -> Any:
        self.threads.append(threading.current_thread().name)
        return super().compile(graph, inputs)


def repeated(body: Callable[[], None]) -> Callable[[], None]:
    """Records as CUDA does: what runs later has the same inputs' memory."""
    body()
    return body


class Held:
    """A preparation that takes as long as the test wants."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, run: Any, args: Any, kwargs: Any) -> Any:
        self.begun.set()
        assert self.go_on.wait(60)
        return run


def latents(engine: Engine, **settings: Any) -> list[torch.Tensor]:
    return [frame.x0 for frame in engine.denoise(SCENE, **{"steps": 4, "mode": "exact", **settings})]


def pixels(engine: Engine) -> list[np.ndarray]:
    return [frame.rgb() for frame in engine.denoise(SCENE, steps=4, mode="exact")]


# ---------------------------------------------------------------- who serves


def test_eager_serves_first_and_the_compiled_network_after_it_has_run(folder: Path, plain: Engine) -> None:
    backend = Traced()
    threads: list[str] = []
    engine, network = quick(folder, lambda: Watched(backend, threads))
    expected = latents(plain)
    assert network.ready == 0
    for ours, theirs in zip(latents(engine), expected):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
    network.wait()
    assert network.ready == 1
    ran = backend.runs
    assert ran >= 1, "it has run before it serves"
    for ours, theirs in zip(latents(engine), expected):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
    assert backend.runs > ran
    assert set(threads) == {"semanticdraw-compile"}, "no other thread compiles"
    assert engine._notes == []


def test_a_compiled_decoder(folder: Path, plain: Engine) -> None:
    engine, _ = quick(folder, lambda: Compiled(Traced()))
    pixels(engine)
    (decoder,) = swift(engine._family.vae)
    decoder.wait()
    assert decoder.ready == 1
    for ours, theirs in zip(pixels(engine), pixels(plain)):
        assert np.abs(ours.astype(int) - theirs).max() <= 1


def test_a_shape_that_was_not_prepared_is_served_as_it_is(folder: Path) -> None:
    engine, network = quick(folder, lambda: Compiled(Traced()))
    latents(engine)
    network.wait()
    small = Scene((W // 2, H), "sky")
    *_, frame = engine.denoise(small, steps=2, mode="exact")
    assert frame.x0.shape[-1] == W // 16
    assert network.ready == 1, "nor was it asked for often enough"


def test_nothing_waits_for_the_preparation(folder: Path, plain: Engine) -> None:
    held = Held()
    engine, network = quick(folder, lambda: held)
    try:
        latents(engine)
        assert held.begun.wait(60)
        for ours, theirs in zip(latents(engine), latents(plain)):
            assert torch.equal(ours, theirs)
        assert network.ready == 0
    finally:
        held.go_on.set()
    network.wait()
    assert network.ready == 1


def test_a_compiler_that_fails_costs_no_picture(folder: Path, plain: Engine) -> None:
    def burst(graph: Any, inputs: Any) -> Any:
        raise FileNotFoundError("no C++ compiler")

    engine, network = quick(folder, lambda: Compiled(burst))
    for _ in range(2):
        for ours, theirs in zip(latents(engine), latents(plain)):
            assert torch.equal(ours, theirs)
        network.wait()
    assert network.ready == 0
    (note,) = engine.notices(SCENE)["background"]
    assert "could not be compiled, so it runs as it is" in note["message"]


@pytest.mark.parametrize("make", [tiny_folder, tiny_3_folder])
@pytest.mark.parametrize("prepare", [lambda: Compiled(Traced()), lambda: Graphed(repeated)], ids=["compiled", "graphs"])
def test_region_bound_attention_stays_as_it_is(
    tmp_path: Path, make: Callable[[Path], Path], prepare: Callable[[], Prepare]
) -> None:
    """Also while another thread prepares the network, and once rows with a prompt each are quick."""
    folder = make(tmp_path)
    engine, network = quick(folder, prepare)
    expected = latents(load_engine(folder, device="cpu", lora=None), mode="masked")
    called = []
    plain_call = network.plain
    network.plain = lambda *args, **kwargs: called.append(1) or plain_call(*args, **kwargs)  # type: ignore[func-returns-value]
    for wait in (False, True, True):
        latents(engine)
        if wait:
            network.wait()
            assert network.ready
            called.clear()
        for ours, theirs in zip(latents(engine, mode="masked"), expected):
            torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
    assert len(called) >= 3, "the steps of one row for all regions"


def test_float32_after_an_overflow_is_made_ready_anew(folder: Path) -> None:
    threads: list[str] = []
    engine, network = quick(folder, lambda: Watched(Traced(), threads), "float16")
    latents(engine)
    network.wait()
    assert network.ready == 1
    computed(engine.device, widen, engine._family, engine._notes)
    assert network.ready == 0
    engine.forget()
    engine._canvas.forget()
    wide = load_engine(folder, device="cpu", dtype="float16", lora=None)
    computed(wide.device, widen, wide._family, wide._notes)
    for _ in range(2):
        for ours, theirs in zip(latents(engine), latents(wide)):
            torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
        network.wait()
    assert network.ready == 1
    assert set(threads) == {"semanticdraw-compile"}


def test_what_was_begun_before_a_change_is_thrown_away(folder: Path) -> None:
    held = Held()
    engine, network = quick(folder, lambda: held)
    latents(engine)
    assert held.begun.wait(60)
    other = Held()
    network._new_prepare = lambda: other
    network.restart()
    held.go_on.set()
    network.wait()
    assert network.ready == 0


def test_weights_are_not_copied(folder: Path) -> None:
    engine, network = quick(folder, lambda: Graphed(repeated))
    mine = dict(engine._family.unet.named_parameters())
    assert all(p is mine[name] for name, p in network._twin.named_parameters())


# ---------------------------------------------------------------- graphs


def test_a_graph_gives_the_same_latents(folder: Path, plain: Engine) -> None:
    engine, network = quick(folder, lambda: Graphed(repeated))
    latents(engine)
    network.wait()
    assert network.ready == 1
    for ours, theirs in zip(latents(engine), latents(plain)):
        assert torch.equal(ours, theirs)


def test_an_answer_outlives_the_next_call() -> None:
    network = nn.Linear(4, 4)
    with torch.inference_mode():
        first, second = torch.randn(2, 3, 4).unbind()
        run = Graphed(repeated)(network.forward, (first,), {})
        answer = run(first)
        kept = answer.clone()
        assert torch.equal(run(second), network(second))
        assert torch.equal(answer, kept)


def test_no_more_graphs_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerate, "KEPT", 2)
    network = nn.Linear(4, 4)
    one = Swift(network, lambda: Graphed(repeated), [])
    with torch.inference_mode():
        for rows in (1, 2, 1, 3, 4):
            for _ in range(accelerate.OFTEN):
                x = torch.randn(rows, 4)
                assert torch.equal(one(x), network(x))
                one.wait()
    assert one.ready == 2


def test_training_is_left_alone() -> None:
    network = nn.Linear(4, 4)
    one = Swift(network, lambda: Graphed(repeated), [])
    for _ in range(2 * accelerate.OFTEN):
        one(torch.randn(2, 4)).sum().backward()
    one.wait()
    assert one.ready == 0
    assert network.weight.grad is not None


# ---------------------------------------------------------------- the real compiler, and the option


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler on a CPU")
def test_the_real_compiler() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(4, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.SiLU(), nn.Conv2d(8, 4, 1))
    notes: list[str] = []
    one = Swift(network, Compiled, notes)
    with torch.inference_mode():
        x = torch.randn(2, 4, 8, 8)
        expected = network(x)
        for _ in range(accelerate.OFTEN):
            assert torch.equal(one(x), expected)
        one.wait()
        assert notes == []
        assert one.ready == 1
        torch.testing.assert_close(one(x), expected)


def test_load_engine_takes_the_option(folder: Path, plain: Engine) -> None:
    engine = load_engine(folder, device="cpu", lora=None, compile=True)
    (network,) = swift(engine._family.unet)
    assert len(swift(engine._family.vae)) == 1
    assert network.ready == 0, "loading compiles nothing"
    *_, ours = engine.denoise(SCENE, steps=1, mode="exact")
    *_, theirs = plain.denoise(SCENE, steps=1, mode="exact")
    assert torch.equal(ours.x0, theirs.x0)
    assert swift(plain._family.unet) == []


@pytest.mark.parametrize("wrong", ["fast", 1, None])
def test_an_unknown_choice_is_a_clear_error(folder: Path, wrong: Any) -> None:
    with pytest.raises(ValueError, match="must be False, True or 'graphs'"):
        load_engine(folder, device="cpu", lora=None, compile=wrong)


def test_graphs_need_cuda(folder: Path) -> None:
    with pytest.raises(ValueError, match="needs CUDA, and the device is cpu"):
        load_engine(folder, device="cpu", lora=None, compile="graphs")
