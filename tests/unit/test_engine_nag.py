"""Negative prompts in the region-bound attention: the paper's formulas a pixel at a time, and what stays as it was."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers.models.attention_processor import Attention, AttnProcessor2_0
from hypothesis import given, settings
from hypothesis import strategies as st

from semanticdraw_widget.engine import Engine, load_engine
from semanticdraw_widget.engine.fusion import RegionAttention, Regions
from semanticdraw_widget.engine.method import MASKED
from semanticdraw_widget.engine.nag import Against, normalised
from semanticdraw_widget.scene import Region, Scene
from unit.tiny_models import tiny_folder

LEFT, LOW = np.zeros((2, 64, 64), bool)
LEFT[:, :32] = True
LOW[40:, 40:] = True
PLAIN = Scene((64, 64), "sky", [Region("sea", LEFT, id="sea"), Region("house", LOW, id="house")], seed=4)
AGAINST = PLAIN.replace(regions=[PLAIN.regions[0].replace(negative_prompt="boat"), PLAIN.regions[1]])


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tiny_folder(tmp_path_factory.mktemp("tiny"), guidance_embedding=True)
    return load_engine(folder, device="cpu", lora=None)


def latents(engine: Engine, scene: Scene, **options: object) -> torch.Tensor:
    *_, frame = engine.denoise(scene, steps=4, **options)  # type: ignore[arg-type]
    return frame.x0


def slowly(told: np.ndarray, other: np.ndarray) -> np.ndarray:
    """arXiv 2505.21179, section 3: one pixel's features (width,), scale 5, tau 2.5, alpha 0.25."""
    away = told + 5 * (told - other)
    ratio = np.abs(away).sum() / np.abs(told).sum()
    away = min(ratio, 2.5) / ratio * away
    return 0.25 * away + 0.75 * told


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 3), st.integers(0, 10**6), st.floats(0.1, 3))
def test_attention_is_led_away_as_in_the_paper(count: int, seed: int, spread: float) -> None:
    torch.manual_seed(seed)
    layer = Attention(query_dim=16, cross_attention_dim=12, heads=2, dim_head=8).eval()
    torch.nn.init.eye_(layer.to_out[0].weight)  # so that what comes out is the attention's own answer
    torch.nn.init.zeros_(layer.to_out[0].bias)
    h, w = 4, 6
    pixels, text, negative = torch.randn(1, h * w, 16), torch.randn(1, count, 5, 12), spread * torch.randn(1, 5, 12)
    maps = torch.rand(1, count, h, w)
    maps = maps / maps.sum(1, keepdim=True)
    plain, chosen = AttnProcessor2_0(), seed % count
    with torch.inference_mode():
        answers = [plain(layer, pixels, text[:, k])[0].numpy() for k in range(count)]
        other = plain(layer, pixels, negative)[0].numpy()
    answers[chosen] = np.stack([slowly(a, b) for a, b in zip(answers[chosen], other)])
    expected = sum(answer * share[:, None] for answer, share in zip(answers, maps[0].flatten(1).numpy()))
    processor = RegionAttention(plain)
    keys = tuple(range(count))
    processor.regions = Regions(maps, keys, Against((chosen,), negative, ("not",)))
    with torch.inference_mode():
        for _ in range(2):  # the second time with kept keys and values
            got = processor(layer, pixels, text.flatten(1, 2))[0].numpy()
            np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-4)


@given(st.integers(0, 10**6))
def test_what_is_led_away_from_itself_stays(seed: int) -> None:
    told = torch.randn(2, 2, 6, 8, generator=torch.Generator().manual_seed(seed))
    torch.testing.assert_close(normalised(told, told), told)
    torch.testing.assert_close(normalised(torch.zeros_like(told), torch.zeros_like(told)), torch.zeros_like(told))


@pytest.mark.parametrize("mode", ["masked", "auto"])
def test_without_negative_prompts_no_bit_changes(engine: Engine, mode: str) -> None:
    without = latents(engine, PLAIN, method=replace(MASKED, nag=False))
    torch.testing.assert_close(latents(engine, PLAIN, mode=mode), without, rtol=0, atol=0)


def test_a_negative_prompt_counts_in_its_region(engine: Engine) -> None:
    change = (latents(engine, AGAINST, mode="masked") - latents(engine, PLAIN, mode="masked")).abs().mean(0)
    assert change[:, :3].mean() > 1e-3
    assert change[:, :3].mean() > 2 * change[:4, 6:].mean()


def test_it_costs_no_row(engine: Engine) -> None:
    spent = [[f.samples for f in engine.denoise(scene, steps=4, mode="masked")] for scene in (PLAIN, AGAINST)]
    assert spent[0] == spent[1]


def test_an_edit_of_a_negative_prompt_leaves_other_regions_alone(engine: Engine) -> None:
    *_, before = engine.denoise(PLAIN, steps=4, mode="auto")
    *_, after = engine.denoise(AGAINST, steps=4, mode="auto", after=before.trajectory)
    assert (after.x0 != before.x0).any(0)[:, :3].float().mean() > 0.9
    assert (after.rgb() == before.rgb())[:, 50:].all()


def test_a_stream_settles_on_the_one_shot_picture(engine: Engine) -> None:
    scenes = [PLAIN, AGAINST, AGAINST.replace(regions=AGAINST.regions[:1]), PLAIN]
    for frame, scene in zip(engine.stream(scenes, steps=4, mode="masked"), scenes):
        torch.testing.assert_close(frame.x0, latents(engine, scene, mode="masked"), rtol=1e-3, atol=1e-3)


def test_a_negative_pass_is_not_led_away_once_more(engine: Engine) -> None:
    settings = {"guidance": 4.0, "cfg": "full"}
    both = latents(engine, AGAINST, method=MASKED, **settings)
    without = latents(engine, AGAINST, method=replace(MASKED, nag=False), **settings)
    torch.testing.assert_close(both, without, rtol=0, atol=0)


def test_notices_and_warnings_know_it(engine: Engine) -> None:
    assert engine.notices(AGAINST, mode="auto") == engine.notices(AGAINST, mode="masked") == {}
    (notice,) = engine.notices(AGAINST, mode="exact")["sea"]
    assert 'or take the mode "masked"' in notice["message"]
    assert "sea" in engine.notices(AGAINST, mode="masked", steps=1), "its only step has a row per region"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        engine.generate(AGAINST, mode="masked", steps=2)


def test_an_attention_that_cannot_be_led_away_says_so(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine._family, "leads_away", False)
    engine.forget()
    torch.testing.assert_close(
        latents(engine, AGAINST, mode="masked"), latents(engine, PLAIN, mode="masked"), rtol=0, atol=0
    )
    (notice,) = engine.notices(AGAINST, mode="masked")["sea"]
    assert "without a negative pass" in notice["message"] and "masked" not in notice["message"]
    engine.forget()
