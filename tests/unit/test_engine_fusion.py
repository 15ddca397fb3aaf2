"""One network row for many prompts: against a pass per prompt, and against diffusers' own attention."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import torch
from diffusers.models.attention_processor import Attention, AttnProcessor2_0
from hypothesis import given, settings
from hypothesis import strategies as st

from semanticdraw_widget import canvas_values
from semanticdraw_widget.engine import Engine, fusion, load_engine
from semanticdraw_widget.engine.fusion import RegionAttention, Regions, padded_maps
from semanticdraw_widget.engine.method import EXACT, MASKED, MODES
from semanticdraw_widget.engine.text import Text
from semanticdraw_widget.scene import Background, Region, Scene
from unit.tiny_models import tiny_folder

SIZE = (64, 64)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return load_engine(tiny_folder(tmp_path_factory.mktemp("tiny")), device="cpu", lora=None)


def ask(engine: Engine, prompts: list[str], maps: torch.Tensor | None) -> torch.Tensor:
    """The network's answer to one row of fixed noise."""
    family = engine._family
    x = torch.randn(1, family.channels, 8, 8, generator=torch.Generator().manual_seed(1))
    regions = None if maps is None else Regions(maps[None])
    with torch.inference_mode():
        text = Text.cat(family.encode_text([p]) for p in prompts)
        return family.network(x, torch.tensor([499]), text, regions=regions)


def soft_maps(count: int, h: int, w: int, seed: int) -> torch.Tensor:
    maps = torch.rand(count, h, w, generator=torch.Generator().manual_seed(seed))
    return maps / maps.sum(0)


@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_a_prompt_that_has_the_whole_canvas_is_a_plain_pass(engine: Engine, chosen: int) -> None:
    prompts = ["sea", "house", "sky"]
    maps = torch.zeros(3, 8, 8)
    maps[chosen] = 1
    torch.testing.assert_close(ask(engine, prompts, maps), ask(engine, [prompts[chosen]], None))


def test_the_same_prompt_everywhere_is_a_plain_pass(engine: Engine) -> None:
    torch.testing.assert_close(ask(engine, ["sea"] * 3, soft_maps(3, 8, 8, 0)), ask(engine, ["sea"], None))


def test_prompts_stay_in_their_places(engine: Engine) -> None:
    """Halves under different prompts differ from a plain pass, each on its side the most."""
    maps = torch.zeros(2, 8, 8)
    maps[0, :, :4] = maps[1, :, 4:] = 1
    both, sea = ask(engine, ["sea", "house"], maps), ask(engine, ["sea"], None)
    off = (both - sea).abs().mean((0, 1, 2))
    assert off[4:].mean() > 1.3 * off[:4].mean()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 4), st.sampled_from([(8, 8), (6, 10), (5, 7)]), st.integers(0, 10**6))
def test_it_blends_what_diffusers_attention_answers_to_each_prompt(
    count: int, size: tuple[int, int], seed: int
) -> None:
    torch.manual_seed(seed)
    h, w = size
    layer = Attention(query_dim=16, cross_attention_dim=12, heads=2, dim_head=8, out_bias=True).eval()
    pixels, text = torch.randn(2, h * w, 16), torch.randn(2, count, 5, 12)
    maps = torch.stack([soft_maps(count, h, w, seed + i) for i in range(2)])
    plain = AttnProcessor2_0()
    # The output layer is linear and the shares sum to one, so blending after it is the same.
    expected = sum(plain(layer, pixels, text[:, k]) * maps[:, k].flatten(1)[..., None] for k in range(count))
    processor = RegionAttention(plain)
    processor.regions = Regions(maps)
    with torch.inference_mode():
        torch.testing.assert_close(processor(layer, pixels, text.flatten(1, 2)), expected, atol=1e-5, rtol=1e-4)


def test_keys_and_values_of_a_prompt_are_computed_once() -> None:
    layer = Attention(query_dim=16, cross_attention_dim=12, heads=2, dim_head=8).eval()
    projected: list[int] = []
    layer.to_k.register_forward_hook(lambda module, args, out: projected.append(len(args[0])))
    processor = RegionAttention(AttnProcessor2_0())
    pixels, text = torch.randn(1, 64, 16), torch.randn(4, 5, 12)

    def call(*prompts: int) -> torch.Tensor:
        maps = torch.full((1, len(prompts), 8, 8), 1 / len(prompts))
        processor.regions = Regions(maps, tuple(prompts))
        with torch.inference_mode():
            return processor(layer, pixels, text[list(prompts)].reshape(1, -1, 12))

    first = call(0, 1, 2)
    torch.testing.assert_close(call(0, 1, 2), first)
    call(0, 3, 2)
    torch.testing.assert_close(call(0, 1, 2), first)
    assert projected == [3, 1], "an edit of one prompt projects that prompt alone"


def test_kept_keys_and_values_take_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = Attention(query_dim=16, cross_attention_dim=12, heads=2, dim_head=8).eval()
    one = 2 * 5 * 16 * 4  # bytes of a prompt: keys and values of 5 tokens
    monkeypatch.setattr(fusion, "ROOM", 3 * one)
    processor = RegionAttention(AttnProcessor2_0())
    text = torch.randn(9, 5, 12)
    for prompts in ([0, 1], [2, 3], [4, 5, 6, 7, 8], [0, 8]):
        processor.regions = Regions(torch.full((1, len(prompts), 8, 8), 1 / len(prompts)), tuple(prompts))
        with torch.inference_mode():
            told = processor(layer, torch.ones(1, 64, 16), text[prompts].reshape(1, -1, 12))
            processor.regions = Regions(processor.regions.maps)
            torch.testing.assert_close(told, processor(layer, torch.ones(1, 64, 16), text[prompts].reshape(1, -1, 12)))
        assert 0 < processor._kept.nbytes <= 3 * one
    assert processor.forget() > 0
    assert processor.forget() == 0


def test_rows_with_fewer_prompts_are_padded_without_weight() -> None:
    maps = padded_maps([torch.ones(1, 4, 4), torch.full((3, 4, 4), 1 / 3)])
    assert maps.shape == (2, 3, 4, 4)
    torch.testing.assert_close(maps.sum(1), torch.ones(2, 4, 4))
    assert not maps[0, 1:].any()


def scene(**changes: object) -> Scene:
    left, low = np.zeros((2, 64, 64), bool)
    left[:, :32] = True
    low[40:] = True
    return Scene(SIZE, "sky", [Region("sea", left), Region("house", low)], seed=4).replace(**changes)


def test_after_the_structural_steps_a_step_costs_one_row(engine: Engine) -> None:
    spent = [frame.samples for frame in engine.denoise(scene(), method=MASKED)]
    assert spent == [3, 4, 5, 6]
    assert [frame.samples for frame in engine.denoise(scene(), method=EXACT)] == [3, 6, 9, 12]


def test_without_regions_masked_is_exact(engine: Engine) -> None:
    empty = scene(regions=())
    for a, b in zip(engine.denoise(empty, method=MASKED), engine.denoise(empty, method=EXACT)):
        torch.testing.assert_close(a.x0, b.x0)


def test_a_stream_that_mixes_both_kinds_of_rows_settles_on_the_one_shot_picture(engine: Engine) -> None:
    other = scene(regions=scene().regions[:1])
    frames = list(engine.stream([scene(), other, scene()], mode="masked"))
    for frame, asked in zip(frames, [scene(), other, scene()]):
        *_, alone = engine.denoise(asked, mode="masked")
        torch.testing.assert_close(frame.x0, alone.x0, atol=1e-4, rtol=1e-4)


def test_a_background_picture_needs_no_prompt_of_its_own(engine: Engine) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    for method in (MASKED, EXACT):
        *_, frame = engine.denoise(scene(background=Background("", picture)), method=method)
        assert torch.isfinite(frame.x0).all()
    *_, frame = engine.denoise(scene(background=Background("", picture), regions=scene().regions[1:]), method=MASKED)
    np.testing.assert_array_equal(frame.rgb()[:32], picture[:32])


def test_the_canvas_offers_the_engines_modes() -> None:
    assert list(MODES) == list(canvas_values.MODES), "the widget lists them itself, so as not to import torch"


def test_an_unknown_mode_is_named(engine: Engine) -> None:
    with pytest.raises(ValueError, match=r"'quick'.*auto, exact, crops"):
        engine.generate(scene(), mode="quick")


def test_diffusers_finds_a_layers_signature_at_once(engine: Engine) -> None:
    """It is asked for in every layer of every call; worked out anew it takes a tenth of a small picture's time."""
    for processor in engine._family.unet.attn_processors.values():
        known = inspect.signature(processor.__call__)
        assert known is inspect.signature(processor.__call__)
        assert known == inspect.signature(type(processor).__call__.__get__(processor))
