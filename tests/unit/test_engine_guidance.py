"""Guidance: against diffusers' pipeline where that has it, else against the papers' formulas, written out slowly."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from hypothesis import given
from hypothesis import strategies as st

from semanticdraw_widget.engine import Engine, Method, load_engine, noise
from semanticdraw_widget.engine.guidance import Setting, guided, moderated, resolved
from semanticdraw_widget.engine.method import MASKED
from semanticdraw_widget.scene import Background, Region, Scene
from unit.engine_reference import Reference
from unit.tiny_models import tiny_folder

W, H = 96, 64
Y, X = np.mgrid[0:H, 0:W]
FULL, LEFT, DISC = np.ones((H, W), bool), X < 50, (X - 60) ** 2 + (Y - 30) ** 2 < 22**2
ONE = Scene((W, H), "sky", [Region("house", FULL, feather=0, negative_prompt="snow")], seed=1)
TWO = Scene((W, H), "sky", [Region("sea", LEFT, negative_prompt="boat"), Region("house", DISC)], seed=2)
PICTURE = np.random.default_rng(0).integers(0, 255, (H, W, 3), dtype=np.uint8)
BOTH = TWO.replace(regions=[TWO.regions[0], TWO.regions[1].replace(negative_prompt="tree")])
SCENES = {"one": ONE, "two": BOTH, "picture": BOTH.replace(background=Background("sky", PICTURE))}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def engine(folder: Path) -> Engine:
    return load_engine(folder, device="cpu", lora=None)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return load_engine(tiny_folder(tmp_path_factory.mktemp("tiny"), guidance_embedding=True), device="cpu", lora=None)


@pytest.fixture(scope="module")
def pipeline(folder: Path) -> StableDiffusionPipeline:
    return StableDiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32, safety_checker=None)


def latents(engine: Engine, scene: Scene, **options: object) -> torch.Tensor:
    *_, frame = engine.denoise(scene, steps=4, **options)  # type: ignore[arg-type]
    return frame.x0


def without_negatives(scene: Scene) -> Scene:
    return scene.replace(regions=tuple(r.replace(negative_prompt="") for r in scene.regions))


# ---------------------------------------------------------------- the formulas


@pytest.mark.parametrize("cfg", ["auto", "full"])
def test_full_guidance_is_diffusers(
    engine: Engine, pipeline: StableDiffusionPipeline, monkeypatch: pytest.MonkeyPatch, cfg: str
) -> None:
    fields = iter(range(4))

    def ours(shape: tuple[int, ...], **_: object) -> torch.Tensor:
        return torch.from_numpy(noise.field(ONE.seed, next(fields), *shape[1:]))[None]

    import diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion as pipeline_module
    import diffusers.schedulers.scheduling_lcm as lcm_module

    monkeypatch.setattr(pipeline_module, "randn_tensor", ours)
    monkeypatch.setattr(lcm_module, "randn_tensor", ours)
    theirs = pipeline(
        "house",
        negative_prompt="snow",
        width=W,
        height=H,
        num_inference_steps=4,
        guidance_scale=5.0,
        output_type="latent",
    ).images[0]
    got = latents(engine, ONE, guidance=5.0, cfg=cfg, method=Method(centring_steps=0))
    torch.testing.assert_close(got, theirs, rtol=1e-4, atol=1e-4)


class Residual(Reference):
    """StreamDiffusion's residual guidance, arXiv 2312.12491, section 3.2: the noise that leads from the latent back
    to the origin stands for what the negative prompt answers."""

    def __init__(self, pipeline: StableDiffusionPipeline, origin: torch.Tensor, gamma: float, delta: float) -> None:
        super().__init__(pipeline, 4, centring_steps=0)
        self.origin, self.gamma, self.delta = origin, gamma, delta

    @torch.no_grad()
    def denoised(self, x: torch.Tensor, step: int, text: torch.Tensor) -> torch.Tensor:
        a, s = float(self.signal[step]), float(self.level[step])
        eps = self.pipeline.unet(x[None], [999, 759, 499, 259][step], text[None]).sample[0]
        residual = self.delta * (x - a * self.origin) / s
        return (x - s * (residual + self.gamma * (eps - residual))) / a


def negative_picture(plain: Reference, scene: Scene) -> torch.Tensor:
    """What one negative pass at the first step predicts: the regions' answers averaged under their weights."""
    x, weights = plain.noise(scene, 0), plain.weights(scene, 0)
    texts = [plain.text(r.negative_prompt) for r in scene.regions]
    image = scene.background.image
    if image is None:
        weights.append(np.clip(1 - sum(weights), 0, 1))
        texts.append(plain.text(""))
    summed = sum(torch.tensor(w).float() * plain.denoised(x, 0, text) for w, text in zip(weights, texts))
    total = torch.tensor(sum(weights)).float()
    return summed / total if image is None else torch.where(total > 0, summed / total, plain.encode(image))


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("cfg", ["self", "initialise"])
@pytest.mark.parametrize(("gamma", "delta"), [(1.4, 1.0), (3.0, 1.0), (1.4, 0.6)])
def test_residual_guidance_is_the_papers(
    engine: Engine, pipeline: StableDiffusionPipeline, name: str, cfg: Setting, gamma: float, delta: float
) -> None:
    scene, method = SCENES[name], Method(centring_steps=0, cfg=cfg, delta=delta)
    origin = torch.zeros(4, H // 8, W // 8)
    if cfg == "initialise":
        origin = negative_picture(Reference(pipeline, 4, centring_steps=0), scene)
    expected = Residual(pipeline, origin, gamma, delta).run(scene)
    torch.testing.assert_close(latents(engine, scene, guidance=gamma, method=method), expected, rtol=5e-3, atol=5e-3)


@given(st.integers(0, 10**6), st.floats(0.1, 1), st.floats(-3, 3))
def test_no_guidance_is_no_guidance(seed: int, signal: float, delta: float) -> None:
    told, other, x = torch.randn(3, 4, 5, 5, generator=torch.Generator().manual_seed(seed))
    torch.testing.assert_close(guided(told, moderated(other, x, signal, delta), 1.0), told, rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(moderated(other, x, signal, 1.0), other, rtol=0, atol=0)
    torch.testing.assert_close(moderated(other, x, signal, 0.0), x / signal, rtol=0, atol=0)


@pytest.mark.parametrize("cfg", ["full", "initialise", "self"])
@pytest.mark.parametrize("mode", ["exact", "masked"])
def test_at_guidance_one_every_mode_is_none(engine: Engine, cfg: str, mode: str) -> None:
    plain = latents(engine, TWO, guidance=1.0, cfg="none", mode=mode)
    torch.testing.assert_close(latents(engine, TWO, guidance=1.0, cfg=cfg, mode=mode), plain, rtol=0, atol=0)


def test_auto_is_full_guidance_where_the_network_takes_no_scale() -> None:
    assert [resolved("auto", g, False) for g in (0.5, 1.0, 1.5)] == ["none", "none", "full"]
    assert [resolved("auto", g, True) for g in (0.5, 1.0, 8.0)] == ["none"] * 3


@pytest.mark.parametrize("mode", ["exact", "crops", "masked"])
def test_the_first_step_of_initialise_is_full(engine: Engine, mode: str) -> None:
    both = ("initialise", "full")
    first = [next(engine.denoise(TWO, steps=4, guidance=4.0, cfg=cfg, mode=mode)).x0 for cfg in both]
    torch.testing.assert_close(*first)
    last = [latents(engine, TWO, guidance=4.0, cfg=cfg, mode=mode) for cfg in both]
    assert not torch.allclose(*last, atol=1e-2)


# ---------------------------------------------------------------- what it costs


@pytest.mark.parametrize(
    ("cfg", "spent"),
    [
        ("none", [3, 6, 9, 12]),
        ("self", [3, 6, 9, 12]),
        ("initialise", [6, 9, 12, 15]),
        ("full", [6, 12, 18, 24]),
        ("auto", [6, 12, 18, 24]),
    ],
)
def test_samples_are_the_networks_rows(engine: Engine, cfg: str, spent: list[int]) -> None:
    rows: list[int] = []
    hook = engine._family.unet.register_forward_pre_hook(lambda _, args: rows.append(len(args[0])))
    counted = [frame.samples for frame in engine.denoise(TWO, steps=4, guidance=4.0, cfg=cfg)]
    hook.remove()
    assert counted == spent == list(np.cumsum(rows))


@pytest.mark.parametrize("cfg", ["none", "self", "initialise", "full"])
@pytest.mark.parametrize("mode", ["exact", "masked"])
def test_a_stream_settles_on_the_one_shot_picture(engine: Engine, cfg: str, mode: str) -> None:
    scenes = [ONE, TWO, TWO, ONE]
    for frame, scene in zip(engine.stream(scenes, steps=4, guidance=2.0, cfg=cfg, mode=mode), scenes):
        *_, alone = engine.denoise(scene, steps=4, guidance=2.0, cfg=cfg, mode=mode)
        torch.testing.assert_close(frame.x0, alone.x0, rtol=1e-3, atol=1e-3)
        assert frame.samples <= alone.samples, "first answers that stay are not asked for again"


def test_keys_and_values_of_negative_prompts_are_kept(engine: Engine) -> None:
    projected: list[int] = []
    layer = next(m for n, m in engine._family.unet.named_modules() if n.endswith("attn2.to_k"))
    latents(engine, TWO, guidance=4.0, mode="masked")
    hook = layer.register_forward_hook(lambda module, args, out: projected.append(len(args[0])))
    fused = latents(engine, TWO, guidance=4.0, mode="masked")
    hook.remove()
    assert projected == [6], "the structural step's rows alone, which have a prompt each"
    engine.forget()
    torch.testing.assert_close(latents(engine, TWO, guidance=4.0, mode="masked"), fused, rtol=0, atol=0)


# ---------------------------------------------------------------- negative prompts


@pytest.mark.parametrize("cfg", ["full", "initialise"])
@pytest.mark.parametrize("mode", ["exact", "crops", "masked", "increment"])
def test_a_negative_prompt_counts_in_its_region(engine: Engine, cfg: str, mode: str) -> None:
    with_, plain = (latents(engine, scene, guidance=4.0, cfg=cfg, mode=mode) for scene in (TWO, without_negatives(TWO)))
    change = (with_ - plain).abs().mean(0)
    assert change[:, :5].mean() > 1e-2
    assert change[:, :5].mean() > 3 * change[:, -1].mean()


@pytest.mark.parametrize("cfg", ["full", "initialise"])
def test_an_edit_of_a_negative_prompt_leaves_other_regions_alone(engine: Engine, cfg: str) -> None:
    settings = {"steps": 4, "guidance": 4.0, "cfg": cfg, "mode": "auto"}
    *_, before = engine.denoise(without_negatives(TWO), **settings)  # type: ignore[arg-type]
    *_, after = engine.denoise(TWO, after=before.trajectory, **settings)  # type: ignore[arg-type]
    changed = (after.rgb() != before.rgb()).any(-1)
    assert changed[:, :30].mean() > 0.25
    assert not changed[:, 80:].any()


@pytest.mark.parametrize("cfg", ["none", "self"])
def test_without_a_negative_pass_negative_prompts_change_nothing(engine: Engine, cfg: str) -> None:
    for scene in (TWO, without_negatives(TWO)):
        got = latents(engine, scene, guidance=2.0, cfg=cfg)
        torch.testing.assert_close(got, latents(engine, TWO, guidance=2.0, cfg=cfg), rtol=0, atol=0)


def test_a_network_that_takes_the_scale_is_not_guided_twice(embedded: Engine) -> None:
    """Chosen by name, full guidance feeds the network the scale 1, and leads its answer away from the negative's."""
    bare = Method(centring_steps=0, cfg="none")
    told = next(embedded.denoise(ONE, steps=4, guidance=1.0, method=bare)).x0
    asked = ONE.replace(regions=[ONE.regions[0].replace(prompt="snow")])
    other = next(embedded.denoise(asked, steps=4, guidance=1.0, method=bare)).x0
    got = next(embedded.denoise(ONE, steps=4, guidance=3.0, cfg="full", method=bare)).x0
    torch.testing.assert_close(got, other + 3 * (told - other), rtol=1e-4, atol=1e-3)


# ---------------------------------------------------------------- what the user is told


@pytest.mark.parametrize(
    ("cfg", "guidance", "told"),
    [
        ("auto", None, "guidance is off; set it above 1"),
        ("auto", 4.0, None),
        ("full", 4.0, None),
        ("initialise", 1.4, None),
        ("full", 1.0, "guidance is off"),
        ("none", 4.0, 'cfg is "none"; choose "full" or "initialise"'),
        ("self", 1.4, 'cfg "self" runs no negative pass; choose "initialise" or "full"'),
    ],
)
def test_negative_prompts_that_cannot_work_are_named(
    engine: Engine, cfg: str, guidance: float | None, told: str | None
) -> None:
    left, disc = TWO.regions
    found = engine.notices(TWO, guidance, cfg=cfg)
    assert disc.id not in found, "it has no negative prompt"
    if told is None:
        assert found == {}
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            engine.generate(TWO, steps=1, guidance=guidance, cfg=cfg)
        return
    (notice,) = found[left.id]
    assert notice["code"] == "negative_unused"
    assert told in notice["message"]
    scene = TWO.replace(seed=hash((cfg, guidance)) % 1000)
    with pytest.warns(UserWarning, match=r'"boat" of "sea"') as caught:
        engine.generate(scene, steps=1, guidance=guidance, cfg=cfg)
    assert told in str(caught[0].message)
    assert caught[0].filename == __file__, "it points at the script's own line"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        engine.generate(scene, steps=1, guidance=guidance, cfg=cfg)


def test_a_model_that_takes_the_scale_names_what_helps(embedded: Engine) -> None:
    (notice,) = embedded.notices(ONE)[ONE.regions[0].id]
    assert 'takes guidance as a number, without a negative pass; cfg "full" runs one' in notice["message"]
    assert embedded.notices(ONE, 4.0, cfg="full") == {}


def test_an_unknown_cfg_is_named(engine: Engine) -> None:
    for run in (engine.generate, lambda scene, cfg: next(engine.stream([scene], cfg=cfg))):
        with pytest.raises(ValueError, match=r"cfg is 'half', it must be one of auto, none, full"):
            run(TWO, cfg="half")


def test_a_method_keeps_its_own_cfg(engine: Engine) -> None:
    *_, by_method = engine.denoise(TWO, steps=4, guidance=4.0, method=replace(MASKED, cfg="initialise"))
    *_, by_name = engine.denoise(TWO, steps=4, guidance=4.0, mode="masked", cfg="initialise")
    torch.testing.assert_close(by_method.x0, by_name.x0, rtol=0, atol=0)
    assert by_method.samples == by_name.samples
    assert by_method.mode == by_name.mode == "masked"
