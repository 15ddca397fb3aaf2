"""Properties of weight maps and of noise."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from semanticdraw_widget.engine import noise, weights
from semanticdraw_widget.engine.weights import blur, nothing_kept, quantise, soften, to_latent, weight_maps

LEVELS = [0.9977, 0.9735, 0.8499, 0.5840]
masks = npst.arrays(np.uint8, (16, 24), elements=st.sampled_from([0, 40, 128, 200, 255]))
kinds = st.sampled_from(["none", "discrete", "continuous", "semi"])


@settings(max_examples=60)
@given(st.lists(masks, min_size=1, max_size=4), st.floats(0, 4), st.floats(0.1, 1), kinds)
def test_weights_are_shares(stack: list[np.ndarray], feather: float, strength: float, how: str) -> None:
    maps = weight_maps(stack, [strength] * len(stack), [feather] * len(stack), LEVELS, how, 8)
    assert maps.shape == (4, len(stack), 2, 3)
    assert float(maps.min()) >= 0
    assert float(maps.max()) <= 1 + 1e-6


@settings(max_examples=60)
@given(masks, st.floats(0, 4), st.sampled_from(["discrete", "continuous", "semi"]))
def test_a_mask_only_opens(mask: np.ndarray, feather: float, how: str) -> None:
    """As the noise level falls, no pixel loses weight, but for the last step's ramp."""
    opened = quantise(soften(torch.from_numpy(mask / 255).float(), feather), LEVELS, how)
    steps = opened if how != "semi" else opened[:-1]
    assert bool((steps[1:] >= steps[:-1] - 1e-6).all())


@settings(max_examples=60)
@given(masks, st.floats(0.5, 4))
def test_blur_keeps_the_range_and_a_full_canvas(mask: np.ndarray, std: float) -> None:
    soft = blur(torch.from_numpy(mask / 255).float(), std)
    assert float(soft.min()) >= mask.min() / 255 - 1e-5
    assert float(soft.max()) <= mask.max() / 255 + 1e-5
    full = blur(torch.ones(16, 24), std)
    torch.testing.assert_close(full, torch.ones(16, 24))


boxes = st.tuples(st.integers(0, 31), st.integers(0, 47), st.integers(1, 20), st.integers(1, 20))


def boxed(y: int, x: int, height: int, width: int, value: int = 255) -> np.ndarray:
    mask = np.zeros((32, 48), np.uint8)
    mask[y : y + height, x : x + width] = value
    return mask


@settings(max_examples=60)
@given(st.lists(boxes, min_size=1, max_size=5), st.sampled_from([0.0, 0.5, 2.0]), st.floats(0.5, 1), kinds)
def test_in_each_step_the_topmost_that_has_opened_counts(
    stack: list[tuple[int, int, int, int]], feather: float, strength: float, how: str
) -> None:
    """Against all masks on top of one, whether they meet it or not, a pixel and a step at a time."""
    drawn = [boxed(*box) for box in stack]
    n = len(drawn)
    opened = [
        quantise(soften(torch.from_numpy(m / 255).float(), feather) * strength, LEVELS, how).numpy() for m in drawn
    ]
    ours = weight_maps(drawn, [strength] * n, [feather] * n, LEVELS, how, 1).numpy()
    for k in range(n):
        left = opened[k].copy()
        for at in np.ndindex(*left.shape):
            left[at] *= 1 - max((upper[at] for upper in opened[k + 1 :]), default=0.0)
        np.testing.assert_allclose(ours[:, k], left, atol=1e-6)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 3), boxes, st.sampled_from([0.3, 0.98, 1.0])), min_size=1, max_size=8))
def test_what_is_kept_of_earlier_masks_changes_nothing(
    edits: list[tuple[int, tuple[int, int, int, int], float]],
) -> None:
    kept = nothing_kept()
    masks, strengths = [boxed(4 * i, 8 * i, 12, 16) for i in range(4)], [1.0] * 4
    for at, box, strength in edits:
        masks[at], strengths[at] = boxed(*box), strength
        again = weight_maps(masks, strengths, [1.0] * 4, LEVELS, "semi", 8, kept=kept)
        fresh = weight_maps(masks, strengths, [1.0] * 4, LEVELS, "semi", 8)
        torch.testing.assert_close(again, fresh, rtol=0, atol=0)


def test_an_edit_blurs_and_opens_what_it_changed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    blurred: list[int] = []
    plain = weights.soften
    monkeypatch.setattr(weights, "soften", lambda mask, std: (blurred.append(1), plain(mask, std))[1])
    lawn, house, sun = boxed(16, 0, 16, 48), boxed(12, 8, 10, 10), boxed(0, 36, 8, 8)
    kept = nothing_kept()

    def maps(*masks: np.ndarray) -> None:
        blurred.clear()
        weight_maps(masks, [1.0] * 3, [0.5] * 3, LEVELS, "semi", 8, kept=kept)

    maps(lawn, house, sun)
    assert len(blurred) == 3
    maps(lawn, boxed(10, 8, 10, 10), sun)
    assert len(blurred) == 1


def test_nothing_shows_through_a_region_or_between_it_and_what_it_lies_on() -> None:
    """A house on a lawn: in no step do the lawn's prompt and the house's mix in the house's inside, and in no step is
    the canvas's own background asked for at the house's rim."""
    lawn, house = np.full((64, 64), 255, np.uint8), np.zeros((64, 64), np.uint8)
    house[16:48, 16:48] = 255
    for how in ("discrete", "continuous", "semi"):
        maps = weight_maps([lawn, house], [1.0] * 2, [2.0] * 2, LEVELS, how, 1)
        assert float(maps[:, 0, 24:40, 24:40].max()) == 0
        torch.testing.assert_close(maps.sum(1), torch.ones(4, 64, 64))


def test_blur_is_the_gaussian_of_the_paper() -> None:
    """A straight edge blurred with deviation s reaches level lv at 2.83 s, 1.94 s, 1.04 s, 0.21 s inside it."""
    mask = torch.zeros(8, 400)
    mask[:, 200:] = 1
    soft = soften(mask, 10.0)[4]
    for level, depth in zip(LEVELS, (2.83, 1.94, 1.04, 0.21)):
        first = int(torch.nonzero(soft > level)[0])
        assert abs(first - 200 - 10 * depth) <= 1.0


def test_strength_is_as_sensitive_as_the_paper_says() -> None:
    """Strength .98 gives step weights 0, .31, 1, 1, 1 with continuous masks over the five-step levels."""
    levels = [0.9977, 0.9942, 0.9735, 0.8499, 0.5840]
    opened = quantise(torch.full((1, 1), 0.98), levels, "continuous").flatten()
    np.testing.assert_allclose(opened, [0, 0.31, 1, 1, 1], atol=0.01)


def test_area_pooling_keeps_a_stroke_that_nearest_sampling_loses() -> None:
    mask = torch.zeros(1, 64, 64)
    mask[:, 3:8, :] = 1
    assert float(mask[:, ::8, ::8].max()) == 0
    torch.testing.assert_close(to_latent(mask, 8)[0, 0], torch.full((8,), 5 / 8))


# ---------------------------------------------------------------- noise


@settings(max_examples=30)
@given(st.integers(0, 2**53 - 1), st.integers(0, 50), st.integers(1, 80), st.integers(1, 80))
def test_noise_belongs_to_its_place(seed: int, step: int, height: int, width: int) -> None:
    """A wider canvas keeps the noise that it had, and nothing depends on what was drawn before."""
    part = noise.field(seed, step, 4, height, width)
    whole = noise.field(seed, step, 4, 96, 96)
    np.testing.assert_array_equal(part, whole[:, :height, :width])


def test_noise_is_unit_gaussian_and_differs_by_seed_and_step() -> None:
    fields = [noise.field(seed, step, 4, 64, 64) for seed in (0, 1, 2**40) for step in (0, 1, 2)]
    for one in fields:
        assert abs(one.mean()) < 0.03
        assert abs(one.std() - 1) < 0.03
    for i, one in enumerate(fields):
        for other in fields[i + 1 :]:
            assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.05
    tiles = noise.field(3, 0, 1, 64, 64)[0]
    assert abs(np.corrcoef(tiles[:32, :32].ravel(), tiles[32:, 32:].ravel())[0, 1]) < 0.12


@given(kinds, st.integers(1, 6))
def test_a_full_mask_counts_from_pure_noise_on(how: str, steps: int) -> None:
    """Flow matching begins at level 1, which no mask lies above."""
    levels = np.linspace(1, 0, steps, endpoint=False).tolist()
    assert bool((quantise(torch.ones(2, 3), levels, how) > 1 - 1e-6).all())
