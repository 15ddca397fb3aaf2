"""Each sampler's whole trajectory is that of diffusers' scheduler, with the same noise and a fixed network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EDMEulerScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FlowMatchLCMScheduler,
    LCMScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    TCDScheduler,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from semanticdraw_widget.engine import Method, UnsupportedModel, load_engine, noise
from semanticdraw_widget.engine.samplers import SAMPLERS, Sampler, choose, few_step, pick_sampler
from semanticdraw_widget.scene import Region, Scene
from unit.tiny_models import tiny_folder, tiny_pipeline

ROOT = Path(__file__).parents[2]
SCHEDULE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
PREDICTIONS = ["epsilon", "v_prediction", "sample"]
PICKS = {5: [999, 919, 759, 499, 259], 6: [999, 899, 679, 639, 599, 259]}
STEPS = range(1, 9)
SHAPE = (1, 4, 8, 8)
WEIGHTS = 0.1 * torch.randn(4, 4, 3, 3, generator=torch.Generator().manual_seed(1))


def network(x: torch.Tensor, t: torch.Tensor | float) -> torch.Tensor:
    """A fixed function of the latent and the time, no larger than noise."""
    return torch.tanh(F.conv2d(x, WEIGHTS, padding=1) + 0.5 * x + float(t) / 2000)


def drawn(count: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(7)
    return [torch.randn(SHAPE, generator=generator) for _ in range(count)]


def initial() -> torch.Tensor:
    return torch.randn(SHAPE, generator=torch.Generator().manual_seed(3))


def ours(sampler: Sampler, start: torch.Tensor | None = None) -> list[torch.Tensor]:
    """What the network sees at each step, and the finished latent. Noise is drawn as diffusers draws it."""
    steps = len(sampler.timesteps)
    fresh = drawn(steps)
    xs = [sampler.start * initial() if start is None else start]
    for i, t in enumerate(sampler.timesteps):
        x0 = sampler.to_x0(xs[i], network(xs[i], t), i)
        last = i + 1 == steps
        xs.append(sampler.finish(x0, xs[i]) if last else sampler.renoise(x0, xs[i], fresh[i], i + 1))
    return xs


def theirs(scheduler: Any, start: torch.Tensor | None = None, **options: Any) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(7)
    x = (initial() if start is None else start) * getattr(scheduler, "init_noise_sigma", 1.0)
    xs = []
    for t in scheduler.timesteps:
        seen = scheduler.scale_model_input(x, t) if hasattr(scheduler, "scale_model_input") else x
        xs.append(seen)
        x = scheduler.step(network(seen, t), t, x, generator=generator, **options).prev_sample
    return [*xs, x]


def same(a: list[torch.Tensor], b: list[torch.Tensor], tolerance: float = 1e-4) -> None:
    assert len(a) == len(b)
    for one, other in zip(a, b):
        torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance)


def timed(scheduler: Any, steps: int) -> Any:
    """The scheduler set to ``steps``, at the authors' picks where they have some."""
    if steps in PICKS:
        scheduler.set_timesteps(timesteps=PICKS[steps])
    else:
        scheduler.set_timesteps(steps)
    return scheduler


@pytest.mark.parametrize("prediction", PREDICTIONS)
@pytest.mark.parametrize("steps", STEPS)
def test_lcm(steps: int, prediction: str) -> None:
    scheduler = timed(LCMScheduler(**SCHEDULE, prediction_type=prediction), steps)
    same(ours(SAMPLERS["lcm"](scheduler.config, steps)), theirs(scheduler))


@pytest.mark.parametrize("prediction", PREDICTIONS)
@pytest.mark.parametrize("steps", STEPS)
def test_euler(steps: int, prediction: str) -> None:
    scheduler = timed(
        EulerDiscreteScheduler(**SCHEDULE, prediction_type=prediction, timestep_spacing="trailing"), steps
    )
    same(ours(SAMPLERS["euler"](scheduler.config, steps)), theirs(scheduler))


def test_euler_takes_the_papers_sigmas_at_five_steps() -> None:
    sampler = SAMPLERS["euler"](EulerDiscreteScheduler(**SCHEDULE).config, 5)
    sigma = np.array([14.61, 9.24, 4.26, 1.61, 0.719])
    np.testing.assert_allclose(sampler.levels, sigma / np.sqrt(sigma**2 + 1), atol=1e-3)


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
@pytest.mark.parametrize("steps", STEPS)
def test_euler_ancestral(steps: int, prediction: str) -> None:
    scheduler = EulerAncestralDiscreteScheduler(**SCHEDULE, prediction_type=prediction, timestep_spacing="trailing")
    scheduler.set_timesteps(steps)
    same(ours(SAMPLERS["euler_ancestral"](scheduler.config, steps)), theirs(scheduler))


@pytest.mark.parametrize("kind", [EulerDiscreteScheduler, EulerAncestralDiscreteScheduler])
def test_euler_on_a_schedule_that_ends_in_noise_alone(kind: type[Any]) -> None:
    options = {"prediction_type": "v_prediction", "timestep_spacing": "trailing", "rescale_betas_zero_snr": True}
    scheduler = kind(**SCHEDULE, **options)
    scheduler.set_timesteps(4)
    # Their first sigma is 4096, which leaves float32 three digits behind the point.
    same(ours(SAMPLERS[pick_sampler(scheduler)](scheduler.config, 4)), theirs(scheduler), 2e-3)


@pytest.mark.parametrize("to_one", [True, False])
@pytest.mark.parametrize("prediction", PREDICTIONS)
@pytest.mark.parametrize("steps", [1, 2, 4, 5, 8, 10, 50])
def test_ddim(steps: int, prediction: str, to_one: bool) -> None:
    scheduler = DDIMScheduler(
        **SCHEDULE,
        prediction_type=prediction,
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=to_one,
    )
    scheduler.set_timesteps(steps)
    same(ours(SAMPLERS["ddim"](scheduler.config, steps)), theirs(scheduler))


@pytest.mark.parametrize("steps", [3, 6, 7])
def test_ddim_keeps_to_its_timesteps_where_they_do_not_divide_the_schedule(steps: int) -> None:
    """diffusers' DDIM leaves them there, its Euler does not, and the two solve the same equation."""
    scheduler = EulerDiscreteScheduler(**SCHEDULE, timestep_spacing="trailing")
    scheduler.set_timesteps(steps)
    sampler = SAMPLERS["ddim"](scheduler.config, steps)
    same(ours(sampler), theirs(scheduler, initial() / sampler.levels[0]))


@pytest.mark.parametrize("eta", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("prediction", PREDICTIONS)
@pytest.mark.parametrize("steps", STEPS)
def test_tcd(steps: int, prediction: str, eta: float) -> None:
    scheduler = TCDScheduler(**SCHEDULE, prediction_type=prediction)
    scheduler.set_timesteps(steps)
    sampler = SAMPLERS["tcd"]({**scheduler.config, "eta": eta}, steps)
    assert sampler.deterministic == (eta == 0)
    same(ours(sampler), theirs(scheduler, eta=eta))


def test_tcd_without_an_eta_takes_diffusers_own() -> None:
    scheduler = TCDScheduler(**SCHEDULE)
    scheduler.set_timesteps(4)
    same(ours(SAMPLERS["tcd"](scheduler.config, 4)), theirs(scheduler))
    with pytest.raises(ValueError, match=r"eta is 1\.5, it must lie in 0\.\.1"):
        SAMPLERS["tcd"]({**scheduler.config, "eta": 1.5}, 4)


@pytest.mark.parametrize("shift", [1.0, 3.0])
@pytest.mark.parametrize("stochastic", [False, True])
@pytest.mark.parametrize("steps", STEPS)
def test_flow(steps: int, stochastic: bool, shift: float) -> None:
    scheduler = FlowMatchEulerDiscreteScheduler(shift=shift, stochastic_sampling=stochastic)
    sampler = SAMPLERS[pick_sampler(scheduler)](scheduler.config, steps)
    if steps in PICKS:  # the picks are shifted already, and diffusers would shift them again
        scheduler.set_shift(1.0)
        scheduler.set_timesteps(sigmas=sampler.levels)
    else:
        scheduler.set_timesteps(steps)
    np.testing.assert_allclose(sampler.timesteps, scheduler.timesteps, rtol=1e-6)
    same(ours(sampler), theirs(scheduler))


def test_flow_takes_the_papers_sigmas_at_five_steps() -> None:
    sampler = SAMPLERS["flow"](FlowMatchEulerDiscreteScheduler(shift=3.0).config, 5)
    np.testing.assert_allclose(sampler.levels, [1, 0.971, 0.903, 0.743, 0.496], atol=1e-3)
    grid = FlowMatchEulerDiscreteScheduler(shift=3.0)
    grid.set_timesteps(50)
    np.testing.assert_array_equal(sampler.timesteps, [float(grid.timesteps[i]) for i in (0, 4, 12, 25, 37)])


def test_flow_leaves_the_shift_by_size_out() -> None:
    plain, dynamic = (FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=d).config for d in (False, True))
    assert SAMPLERS["flow"](dynamic, 4).levels == SAMPLERS["flow"](plain, 4).levels


@pytest.mark.parametrize("kind", [LCMScheduler, TCDScheduler])
def test_the_one_step_that_a_config_asks_for(kind: type[Any]) -> None:
    scheduler = kind(**SCHEDULE)
    scheduler.set_timesteps(timesteps=[800])
    config = {**scheduler.config, "timesteps": [800]}
    name = pick_sampler(scheduler)
    assert SAMPLERS[name](config, 1).timesteps == [800]
    same(ours(SAMPLERS[name](config, 1)), theirs(scheduler))
    assert SAMPLERS[name](config, 2).timesteps == SAMPLERS[name](scheduler.config, 2).timesteps
    for wrong in ([800, 900], [1000, 5], [5, -1]):
        with pytest.raises(ValueError, match=r"must fall and lie in 0\.\.999"):
            SAMPLERS[name]({**config, "timesteps": wrong}, 2)


@pytest.mark.parametrize("name", ["lcm", "tcd"])
def test_more_steps_than_the_model_was_distilled_on(name: str) -> None:
    with pytest.raises(ValueError, match=r"steps is 51, it must lie in 1\.\.50"):
        SAMPLERS[name](LCMScheduler(**SCHEDULE).config, 51)


# ---------------------------------------------------------------- what holds for all of them


def config_for(name: str, prediction: str) -> Any:
    if name.startswith("flow"):
        return FlowMatchEulerDiscreteScheduler(shift=3.0).config
    return LCMScheduler(**SCHEDULE, prediction_type=prediction).config


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(sorted(SAMPLERS)),
    st.integers(1, 30),
    st.sampled_from(PREDICTIONS),
)
def test_a_step_keeps_the_share_of_noise_that_its_level_says(name: str, steps: int, prediction: str) -> None:
    sampler = SAMPLERS[name](config_for(name, prediction), steps)
    levels, times = np.array(sampler.levels), np.array(sampler.timesteps)
    assert len(levels) == len(times) == steps
    assert (levels > 0).all() and (levels <= 1).all() and (np.diff(levels) < 0).all() and (np.diff(times) < 0).all()
    picture, none, unit = torch.tensor([2.0]), torch.tensor([0.0]), torch.tensor([1.0])
    for i in range(1, steps):
        share = float(sampler.add_noise(picture, none, i)) / 2
        clean = sampler.add_noise(picture, none, i - 1)
        assert float(sampler.renoise(picture, clean, none, i)) == pytest.approx(2 * share, abs=1e-4)
        old = float(sampler.renoise(none, sampler.add_noise(none, unit, i - 1), none, i))
        new = float(sampler.renoise(none, none, unit, i))
        assert old**2 + new**2 == pytest.approx(levels[i] ** 2, abs=1e-4)
        assert sampler.deterministic is False or new == 0


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(sorted(set(SAMPLERS) - {"lcm"})), st.integers(1, 8), st.sampled_from(PREDICTIONS))
def test_a_perfect_answer_is_the_picture(name: str, steps: int, prediction: str) -> None:
    sampler = SAMPLERS[name](config_for(name, prediction), steps)
    picture, eps = initial(), drawn(1)[0]
    for i in range(steps):
        x = sampler.add_noise(picture, eps, i)
        share, level = float(sampler.add_noise(torch.ones(1), torch.zeros(1), i)), sampler.levels[i]
        answers = {"epsilon": eps, "v_prediction": share * eps - level * picture, "sample": picture}
        answer = eps - picture if name.startswith("flow") else answers[prediction]
        torch.testing.assert_close(sampler.to_x0(x, answer, i), picture, rtol=1e-3, atol=1e-3)


def test_a_prediction_type_that_nobody_knows() -> None:
    with pytest.raises(ValueError, match="'score', it must be one of epsilon"):
        SAMPLERS["ddim"](DDIMScheduler(**SCHEDULE, prediction_type="score").config, 4)


# ---------------------------------------------------------------- which one a model gets


@pytest.mark.parametrize(
    ("scheduler", "name", "few"),
    [
        (LCMScheduler(), "lcm", True),
        (TCDScheduler(), "tcd", True),
        (EulerDiscreteScheduler(timestep_spacing="trailing"), "euler", True),
        (EulerDiscreteScheduler(timestep_spacing="leading"), "euler", False),
        (EulerAncestralDiscreteScheduler(timestep_spacing="trailing"), "euler_ancestral", True),
        (DDIMScheduler(), "ddim", False),
        (PNDMScheduler(), "ddim", False),
        (DPMSolverMultistepScheduler(), "ddim", False),
        (DPMSolverMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True), "flow", False),
        (FlowMatchEulerDiscreteScheduler(shift=3.0), "flow", False),
        (FlowMatchEulerDiscreteScheduler(stochastic_sampling=True), "flow_stochastic", True),
        (FlowMatchLCMScheduler(), "flow_stochastic", True),
        ({"_class_name": "FlashFlowMatchEulerDiscreteScheduler", "shift": 3.0}, "flow_stochastic", True),
        ({**TCDScheduler().config, "_class_name": "TCDScheduler"}, "tcd", True),
    ],
)
def test_the_scheduler_picks(scheduler: Any, name: str, few: bool) -> None:
    assert pick_sampler(scheduler) == name
    assert few_step(scheduler) is few
    assert choose("auto", scheduler) == name


def test_another_noise_schedule_is_refused() -> None:
    with pytest.raises(UnsupportedModel, match=r"EDMEulerScheduler.*'tcd'"):
        pick_sampler(EDMEulerScheduler())


def test_an_lcm_stays_one() -> None:
    assert choose("auto", PNDMScheduler(), merged="lcm") == "lcm"
    assert choose("auto", EulerDiscreteScheduler(), guidance_embedding=True) == "lcm"
    assert choose("auto", FlowMatchEulerDiscreteScheduler(), guidance_embedding=True) == "flow"
    assert choose("tcd", PNDMScheduler(), merged="lcm") == "tcd"


def test_a_sampler_that_does_not_fit() -> None:
    with pytest.raises(ValueError, match=r"'flow'.*not made by flow matching.*one of auto, lcm, tcd"):
        choose("flow", DDIMScheduler())
    with pytest.raises(ValueError, match=r"'lcm'.*made by flow matching.*one of auto, flow, flow_stochastic"):
        choose("lcm", FlowMatchEulerDiscreteScheduler())
    everyone = ", ".join(SAMPLERS)
    for ask in (lambda: choose("magic", DDIMScheduler()), lambda: load_engine(sampler="magic")):
        with pytest.raises(ValueError, match=f"'magic', it must be one of auto, {everyone}"):
            ask()


# ---------------------------------------------------------------- in the engine

FULL = np.ones((64, 64), bool)
SCENE = Scene((64, 64), "sky", [Region("a red house", FULL, id="r", feather=0)], seed=7)


def saved(folder: Path, kind: type[Any], more: dict[str, Any] | None = None, **options: Any) -> Path:
    """A small model with a scheduler of ``kind``."""
    pipeline = tiny_pipeline(folder, distilled=False)
    pipeline.scheduler = kind.from_config(pipeline.scheduler.config, **options)
    pipeline.scheduler.register_to_config(**more or {})
    pipeline.save_pretrained(folder / "model")
    return folder / "model"


@pytest.mark.parametrize(
    ("kind", "module", "eta"),
    [
        (EulerDiscreteScheduler, None, 0.0),
        (EulerAncestralDiscreteScheduler, "euler_ancestral_discrete", 0.0),
        (TCDScheduler, "tcd", 0.3),
    ],
)
@pytest.mark.parametrize("steps", [1, 4])
def test_auto_is_diffusers_pipeline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Any], module: str | None, eta: float, steps: int
) -> None:
    folder = saved(tmp_path, kind, timestep_spacing="trailing")
    engine = load_engine(folder, device="cpu", decoder=None)
    assert engine.default_sampler == pick_sampler(kind())
    assert not engine.notices(SCENE), "a few-step model wants no LCM-LoRA"
    *_, frame = engine.denoise(SCENE, steps=steps, guidance=3.0, method=Method(centring_steps=0))

    pipeline = StableDiffusionPipeline.from_pretrained(folder, safety_checker=None)
    fields = (torch.from_numpy(noise.field(SCENE.seed, i, 4, 8, 8))[None] for i in range(steps + 1))
    start = next(fields)
    if module:
        monkeypatch.setattr(f"diffusers.schedulers.scheduling_{module}.randn_tensor", lambda *_, **__: next(fields))
    latents = pipeline(
        "a red house",
        width=64,
        height=64,
        latents=start,
        num_inference_steps=steps,
        guidance_scale=3.0,
        eta=eta,
        output_type="latent",
    ).images
    torch.testing.assert_close(frame.x0, latents[0], rtol=1e-4, atol=1e-4)


def test_the_folder_says_its_own_timesteps(tmp_path: Path) -> None:
    folder = saved(tmp_path, TCDScheduler, {"timesteps": [800], "eta": 1.0})
    engine = load_engine(folder, device="cpu")
    sampler = engine.sampler(None, 1)
    assert list(sampler.timesteps) == [800]
    assert engine.generate(SCENE, steps=1).size == (64, 64)


def test_a_name_overrides(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path, distilled=False)
    one, other = (load_engine(folder, device="cpu", decoder=None, sampler=s) for s in ("euler", "tcd"))
    assert (one.default_sampler, other.default_sampler) == ("euler", "tcd")
    assert one.generate(SCENE).tobytes() != other.generate(SCENE).tobytes()
    with pytest.raises(ValueError, match="'magic', it must be one of lcm"):
        one.sampler("magic", 4)
    with pytest.raises(ValueError, match="not made by flow matching"):
        load_engine(folder, device="cpu", sampler="flow")


def test_a_plain_sampler_asks_a_distilled_network_as_a_plain_one(tmp_path: Path) -> None:
    """So guidance is a second pass there, and negative prompts count."""
    folder = tiny_folder(tmp_path, guidance_embedding=True)
    lcm, plain = (load_engine(folder, device="cpu", sampler=s) for s in ("auto", "ddim"))
    assert lcm.default_sampler == "lcm"
    house = SCENE.regions[0]
    without, negative = SCENE, SCENE.replace(regions=(house.replace(negative_prompt="snow"),))
    assert "r" in lcm.notices(negative, 4.0) and "r" not in plain.notices(negative, 4.0)
    assert "guidance is off" in plain.notices(negative, 1.0)["r"][0]["message"]
    for engine, counts in ((lcm, False), (plain, True)):
        pictures = [engine.generate(s, guidance=4.0).tobytes() for s in (without, negative)]
        assert (pictures[0] != pictures[1]) is counts


@pytest.mark.parametrize("name", ["euler", "euler_ancestral", "tcd", "ddim"])
def test_edits_keep_what_they_leave_alone(tmp_path: Path, name: str) -> None:
    engine = load_engine(tiny_folder(tmp_path), device="cpu", sampler=name)
    left = np.zeros((64, 256), bool)
    left[:, :64] = True
    before = Scene((256, 64), "sky", [Region("house", left, id="a"), Region("tree", ~left, id="b")], seed=1)
    after = before.replace(regions=(before.regions[0].replace(prompt="boat"), before.regions[1]))
    *_, first = engine.denoise(before, steps=3, mode="increment")
    kept = first.trajectory
    assert kept is not None
    start = engine.sampler(None, 3).start
    assert (start < 1) is name.startswith("euler")
    torch.testing.assert_close(kept.xs[0], start * torch.from_numpy(noise.field(1, 0, 4, 8, 32)))
    *_, edited = engine.denoise(after, steps=3, mode="increment", after=kept)
    assert edited.trajectory is not None
    torch.testing.assert_close(edited.trajectory.xs[0], kept.xs[0])
    assert edited.mode == "increment"
    differs = (first.rgb() != edited.rgb()).any((0, 2))
    assert differs[:64].any() and not differs[128:].any()


def test_the_written_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs" / "adding-a-sampler.md").read_text()
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(block, names)
    monkeypatch.setitem(SAMPLERS, "noisy_ddim", names["NoisyDDIM"])
    engine = load_engine(tiny_folder(tmp_path), device="cpu", sampler="noisy_ddim")
    assert engine.generate(SCENE).size == (64, 64)


def test_a_sampler_is_a_small_file() -> None:
    for path in (ROOT / "semanticdraw_widget" / "engine" / "samplers").glob("*.py"):
        if path.stem in {*SAMPLERS, "flow"}:
            assert len(path.read_text().splitlines()) < 60, path
