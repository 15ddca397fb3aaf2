"""What the first step answered is used again, and only where it is what the step would answer again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from semanticdraw_widget.engine import EXACT, Engine, load_engine
from semanticdraw_widget.engine.crops import Window
from semanticdraw_widget.engine.frame import Frame
from semanticdraw_widget.engine.increment import Trajectory
from semanticdraw_widget.engine.method import CROPS, MASKED, Method
from semanticdraw_widget.scene import Region, Scene
from unit.tiny_models import tiny_folder

W, H = 128, 96
Y, X = np.mgrid[0:H, 0:W]
LEFT, DISC = X < 40, (X - 90) ** 2 + (Y - 50) ** 2 < 25**2
SCENE = Scene((W, H), "sky", [Region("sea", LEFT, id="sea"), Region("sun", DISC, id="sun")], seed=4)
SEA, SUN = SCENE.regions

EDITS = {
    "prompt": SCENE.replace(regions=(SEA, SUN.replace(prompt="moon"))),
    "stroke": SCENE.replace(regions=(SEA, SUN.replace(mask=DISC | (Y < 12) & (X > 60)))),
    "removed": SCENE.replace(regions=(SEA,)),
    "order": SCENE.replace(regions=(SUN, SEA)),
    "background": SCENE.replace(background="sand"),
}
ROWS = {"prompt": 1, "stroke": 1, "removed": 0, "order": 0, "background": 1}  # of three, that must be asked anew


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return load_engine(tiny_folder(tmp_path_factory.mktemp("tiny")), device="cpu", lora=None)


@pytest.fixture
def rows(engine: Engine) -> Iterator[list[int]]:
    """Rows of every call of the network."""
    counts: list[int] = []
    hook = engine._family.unet.register_forward_pre_hook(lambda _, args: counts.append(len(args[0])))
    yield counts
    hook.remove()


def run(engine: Engine, scene: Scene, method: Method, after: Trajectory | None = None, **more: float) -> Frame:
    *_, frame = engine.denoise(scene, method=method, after=after, **more)  # type: ignore[arg-type]
    return frame


@pytest.mark.parametrize("method", [EXACT, CROPS, MASKED], ids=["exact", "crops", "masked"])
@pytest.mark.parametrize("what", EDITS)
def test_an_edit_asks_its_own_rows_alone(engine: Engine, rows: list[int], method: Method, what: str) -> None:
    before = run(engine, SCENE, method)
    plain = run(engine, EDITS[what], method)
    rows.clear()
    frame = run(engine, EDITS[what], method, before.trajectory)
    torch.testing.assert_close(frame.x0, plain.x0, rtol=1e-4, atol=1e-4)
    later = sum(len(step) for step in engine.plan(EDITS[what], 4, engine.default_guidance, method).rows[1:])
    assert sum(rows) == ROWS[what] + later
    assert frame.samples < plain.samples


@pytest.mark.parametrize("cfg", ["full", "initialise"])
def test_negative_passes_are_answers_too(engine: Engine, cfg: str) -> None:
    method = replace(EXACT, cfg=cfg)  # type: ignore[arg-type]
    first = SCENE.replace(regions=(SEA.replace(negative_prompt="boat"), SUN))
    second = first.replace(regions=(first.regions[0], SUN.replace(prompt="moon")))
    before = run(engine, first, method, guidance=3.0)
    frame = run(engine, second, method, before.trajectory, guidance=3.0)
    torch.testing.assert_close(frame.x0, run(engine, second, method, guidance=3.0).x0, rtol=5e-3, atol=5e-3)
    other = second.replace(regions=(SEA.replace(negative_prompt="snow"), second.regions[1]))
    frame = run(engine, other, method, before.trajectory, guidance=3.0)
    torch.testing.assert_close(frame.x0, run(engine, other, method, guidance=3.0).x0, rtol=5e-3, atol=5e-3)


@pytest.mark.parametrize(
    ("changed", "more"),
    [
        (SCENE.replace(seed=5), {}),
        (SCENE.replace(regions=(SEA, SUN.replace(seed=9))), {}),
        (SCENE, {"guidance": 2.0}),
        (SCENE, {"steps": 3}),
    ],
    ids=["seed", "region seed", "guidance", "steps"],
)
def test_other_noise_or_settings_begin_anew(engine: Engine, rows: list[int], changed: Scene, more: dict) -> None:  # type: ignore[type-arg]
    before = run(engine, SCENE, EXACT)
    rows.clear()
    frame = run(engine, changed, EXACT, before.trajectory, **more)
    assert rows[0] in (3, 6), "with guidance each has a negative pass"
    assert torch.equal(frame.x0, run(engine, changed, EXACT, **more).x0)


def test_what_is_no_longer_there_is_forgotten(engine: Engine) -> None:
    trajectory = run(engine, SCENE, EXACT).trajectory
    for prompt in ("moon", "star", "ball", "sun"):
        scene = SCENE.replace(regions=(SEA, SUN.replace(prompt=prompt)))
        trajectory = run(engine, scene, EXACT, trajectory).trajectory
        assert trajectory is not None
        assert len(trajectory.first) == 3
        assert all(len(answers) == 1 for answers in trajectory.first.values())


def test_a_patch_takes_its_part_of_a_whole_answer(engine: Engine, rows: list[int]) -> None:
    """The background's answer on the whole canvas serves a window of it."""
    before = run(engine, SCENE, MASKED)
    assert before.trajectory is not None
    rows.clear()
    *_, frame = engine.denoise(EDITS["prompt"], mode="increment", after=before.trajectory)
    assert frame.mode == "increment"
    assert sum(rows) == 1 + 3, "the changed region's first row, then a row a step"


@pytest.mark.parametrize(
    ("other", "holds"),
    [((2, 3, 4, 5), True), ((2, 3, 1, 1), True), ((1, 3, 4, 5), False), ((2, 3, 5, 5), False), ((3, 4, 4, 4), False)],
)
def test_a_window_holds_what_lies_in_it(other: tuple[int, int, int, int], holds: bool) -> None:
    assert Window(2, 3, 4, 5).holds(Window(*other)) is holds
