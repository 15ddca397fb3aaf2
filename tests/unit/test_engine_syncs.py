"""In a steady frame the host never waits for the device.

PyTorch's meta device stands for the GPU: it is another device than the host, and it has no numbers, so that whatever
reads one (a boolean, a box, a boolean index, a copy to the host) raises. Copies to it are counted. Its networks take
the code that a GPU's do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from semanticdraw_widget.engine import Engine, load_engine
from semanticdraw_widget.engine.algorithm import Slot
from semanticdraw_widget.engine.frame import Frame
from semanticdraw_widget.engine.increment import patch
from semanticdraw_widget.engine.method import named
from semanticdraw_widget.engine.text import Text
from semanticdraw_widget.engine.thread import computed, inferred
from semanticdraw_widget.scene import Background, Region, Scene
from unit.tiny_models import tiny_3_folder, tiny_flux_folder, tiny_folder, tiny_xl_folder

META, CPU = torch.device("meta"), torch.device("cpu")
W, H = 160, 128
Y, X = np.mgrid[0:H, 0:W]
SCENE = Scene(
    (W, H),
    "sky",
    [
        Region("sea", X < 70, id="sea", negative_prompt="boat"),
        Region("house", (X - 110) ** 2 + (Y - 60) ** 2 < 20**2, id="house", seed=3),
    ],
    seed=2,
)
EDITED = SCENE.replace(regions=[SCENE.regions[0], SCENE.regions[1].replace(prompt="tree")])
PICTURE = np.random.default_rng(0).integers(0, 255, (H, W, 3), dtype=np.uint8)
FOLDERS: dict[str, Callable[[Path], Path]] = {
    "sd": tiny_folder,
    "lcm": lambda folder: tiny_folder(folder, guidance_embedding=True),
    "sdxl": tiny_xl_folder,
    "sd3": tiny_3_folder,
    "flux": tiny_flux_folder,
}


INDEXING = (torch.Tensor.__getitem__, torch.Tensor.__setitem__)
MAKING = (torch.tensor, torch.as_tensor, torch.from_numpy, *INDEXING)  # tensors from numbers of the host


class Crossings(TorchDispatchMode):
    """Counts the operations that have tensors of two devices. A number of no dimension is given to a kernel with its
    other arguments, which is no copy."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        tensors = [t for t in tree_leaves((args, kwargs, result)) if isinstance(t, torch.Tensor)]
        copies = func.overloadpacket in (torch.ops.aten._to_copy, torch.ops.aten.copy_, torch.ops.aten.to)
        if len({t.device for t in tensors if t.ndim or copies}) > 1:
            self.found.append(str(func))
        return result


class Calls(TorchFunctionMode):
    """Counts the calls of ``watched``. Of indexing only that with a list, which becomes a tensor on the way."""

    def __init__(self, *watched: Any) -> None:
        super().__init__()
        self.watched = watched
        self.found: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        plain = func in INDEXING and not any(isinstance(one, list) for one in (args[1], *as_tuple(args[1])))
        if func in self.watched and not plain:
            self.found.append(func.__name__)
        return func(*args, **(kwargs or {}))


def as_tuple(index: Any) -> tuple[Any, ...]:
    return index if isinstance(index, tuple) else ()


@contextmanager
def no_waiting() -> Iterator[None]:
    """Fails where what runs inside copies from the host to the meta device."""
    with Crossings() as crossings, Calls(*MAKING) as made:
        yield
    assert crossings.found == []
    assert made.found == []


def moved(value: Any, device: torch.device) -> Any:
    """``value`` with all the tensors in it on ``device``."""
    if isinstance(value, torch.Tensor):
        return value.to(device)
    if isinstance(value, (list, tuple)):
        return type(value)(moved(one, device) for one in value)
    if is_dataclass(value) and not isinstance(value, (type, Scene, Frame)):
        result = copy(value)
        for name, one in vars(value).items():
            object.__setattr__(result, name, moved(one, device))
        return result
    return value


class Pair:
    """One model on the host, where scenes are planned, and on the meta device, where they are painted."""

    def __init__(self, folder: Path) -> None:
        self.host, self.device = (load_engine(folder, device=str(where), lora=None) for where in (CPU, META))

    def plan(self, scene: Scene, steps: int, guidance: float, mode: str, cfg: str) -> None:
        """Let the device's engine know the plan that it would have made."""
        for _ in self.host.denoise(scene, steps=steps, guidance=guidance, mode=mode, cfg=cfg):
            break
        for key, plan in self.host._planner.plans.items():
            self.device._planner.plans[key] = moved(plan, META)


@pytest.fixture(scope="module", params=FOLDERS)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return Pair(FOLDERS[request.param](tmp_path_factory.mktemp(request.param)))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Where the family makes no difference."""
    return Pair(tiny_folder(tmp_path_factory.mktemp("small")))


SETTINGS = [
    {"mode": "exact", "cfg": "full"},
    {"mode": "exact", "cfg": "initialise"},
    {"mode": "crops", "cfg": "none"},
    {"mode": "crops", "cfg": "self"},
    {"mode": "masked", "cfg": "none"},
]
SCENES = {
    "picture": SCENE.replace(background=Background("", PICTURE)),
    "bare": Scene((W, H), "sky"),
}


def steps_wait_for_nothing(pair: Pair, scene: Scene, mode: str, cfg: str) -> None:
    settings: dict[str, Any] = {"steps": 3, "guidance": 1.0 if cfg == "none" else 3.0, "mode": mode, "cfg": cfg}
    pair.plan(scene, **settings)
    for _ in pair.device.denoise(scene, **settings):
        pass  # what is made once is there: constants, and the keys and values of prompts
    with no_waiting():
        frames = list(pair.device.denoise(scene, **settings))
    assert [frame.x0.device for frame in frames] == [META] * 3


@pytest.mark.parametrize("mode", ["exact", "masked"])
def test_the_steps_of_every_family(pair: Pair, mode: str) -> None:
    steps_wait_for_nothing(pair, SCENE, mode, "none")


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: "-".join(s.values()))
def test_the_steps_of_a_planned_scene(small: Pair, settings: dict[str, str]) -> None:
    steps_wait_for_nothing(small, SCENE, **settings)


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_the_steps_of_other_scenes(small: Pair, scene: Scene) -> None:
    steps_wait_for_nothing(small, scene, "masked", "full")


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: "-".join(s.values()))
def test_the_ticks_of_a_steady_stream(small: Pair, settings: dict[str, str]) -> None:
    guidance = 1.0 if settings["cfg"] == "none" else 3.0
    small.plan(SCENE, 3, guidance, **settings)
    stream = small.device.stream(lambda: SCENE, steps=3, guidance=guidance, **settings)
    next(stream), next(stream)
    with no_waiting():
        assert next(stream).x0.device == META
        assert next(stream).settled


def test_new_prompts_of_a_planned_scene(small: Pair) -> None:
    """Attention makes keys and values of them; that is work, but no reason to wait."""
    for scene in (SCENE, EDITED):
        small.plan(scene, 3, 1.0, "masked", "none")
    list(small.device.denoise(SCENE, steps=3, guidance=1.0, mode="masked", cfg="none"))
    with no_waiting():
        list(small.device.denoise(EDITED, steps=3, guidance=1.0, mode="masked", cfg="none"))


def test_the_steps_of_an_edit(small: Pair) -> None:
    """Once it is known what the edit changes."""
    engine, method = small.host, named("increment").method
    *_, before = engine.denoise(SCENE, steps=3, mode="increment")

    def begun() -> Slot:
        plan = engine.plan(EDITED, 3, engine.default_guidance, method)
        return Slot(plan, patch(before.trajectory, plan, engine.default_guidance, method, 8))

    slot = inferred(CPU, begun)
    assert slot.patch is not None and slot.patch.seen is not None
    algorithm = small.device.algorithm(3, engine.default_guidance, method)
    inferred(META, algorithm.advance, [moved(slot, META)])
    slot = moved(slot, META)
    with no_waiting(), torch.inference_mode():
        for _ in range(3):
            algorithm.advance([slot])


# ---------------------------------------------------------------- pixels


READING = (
    torch.Tensor.cpu,
    torch.Tensor.item,
    torch.Tensor.tolist,
    torch.Tensor.__bool__,
    torch.Tensor.__int__,
    torch.Tensor.__float__,
    torch.equal,
)


@pytest.mark.parametrize("mode", ["exact", "masked", "increment"])
def test_a_picture_leaves_the_device_in_one_copy(small: Pair, mode: str) -> None:
    engine = small.host
    *_, before = engine.denoise(SCENE, steps=2, mode=mode)
    *_, frame = engine.denoise(EDITED, steps=2, mode=mode, after=before.trajectory)
    before.rgb()

    def copies() -> list[str]:
        with Calls(*READING) as reading:
            frame.rgb()
        return reading.found

    assert computed(CPU, copies) == ["cpu"]


# ---------------------------------------------------------------- the test's own means


def test_the_meta_device_tells_who_waits() -> None:
    x = torch.empty(4, 3, device=META)
    for waits in (
        lambda: bool((x > 0).any()),
        lambda: x.sum().item(),
        lambda: x[x > 0],
        lambda: torch.nonzero(x),
        lambda: x.cpu(),
        lambda: x.masked_select(x > 0),
        lambda: torch.unique(x),
        lambda: torch.equal(x, x),
    ):
        with pytest.raises(RuntimeError):
            waits()


def test_copies_to_the_device_are_counted() -> None:
    x, host = torch.empty(4, 3, device=META), torch.ones(3)
    for copies in (
        lambda: host.to(META),
        lambda: torch.ones(()).to(META),
        lambda: x.copy_(host),
        lambda: x[[0, 2]],
        lambda: x[torch.tensor([0, 2])],
        lambda: torch.tensor([1, 2], device=META),
    ):
        with pytest.raises(AssertionError), no_waiting(), torch.inference_mode():
            copies()
    with no_waiting(), torch.inference_mode():
        _ = x[0, 1:] * 2.0 + torch.zeros(2, device=META)
        Text((x,))[[0, 2]]


def test_the_engine_waits_for_numbers_where_it_must(tmp_path: Path) -> None:
    """Planning reads them, so a scene that is not planned cannot be painted there: the meta device is no CPU."""
    engine: Engine = load_engine(tiny_folder(tmp_path), device="meta", lora=None)
    with pytest.raises(RuntimeError):
        list(engine.denoise(SCENE))
