"""A drawing takes on the outline of the region that it is painted for, and stays inside."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semanticdraw_widget.crayon.fitting import fit
from semanticdraw_widget.crayon.objects import draw_object
from semanticdraw_widget.crayon.painter import paint, region_shape
from semanticdraw_widget.crayon.vocabulary import LABELS, OBJECTS


def drawing(concept: str, seed: int = 0) -> Callable[[int, int], np.ndarray]:
    return lambda w, h: draw_object(np.random.default_rng(seed), concept, w, h, None)


@pytest.mark.parametrize("concept", OBJECTS)
def test_it_fills_most_of_a_region_of_any_shape(concept: str) -> None:
    rng = np.random.default_rng(3)
    for _ in range(6):
        region = region_shape(rng, int(rng.integers(24, 140)), int(rng.integers(24, 140)))
        alpha = fit(drawing(concept), region)[..., 3] > 127
        assert not (alpha & ~region).any()
        assert alpha.sum() > 0.5 * region.sum()


@pytest.mark.parametrize("concept", OBJECTS)
def test_on_its_own_outline_it_stays_as_it_is(concept: str) -> None:
    plain = drawing(concept)(120, 90)
    fitted = fit(drawing(concept), plain[..., 3] > 127)
    solid = (plain[..., 3] == 255) & (fitted[..., 3] == 255)
    assert solid.sum() > 0.9 * (plain[..., 3] == 255).sum()
    # Bilinear sampling softens edges of color by a pixel at most.
    off = np.abs(fitted[..., :3].astype(int) - plain[..., :3])[solid].max(-1) > 24
    assert off.mean() < 0.08


@settings(max_examples=40, deadline=None)
@given(st.integers(10, 90), st.integers(10, 90), st.integers(0, 10**6), st.sampled_from(OBJECTS))
def test_any_region_gets_a_picture_of_its_own_size(height: int, width: int, seed: int, concept: str) -> None:
    region = np.random.default_rng(seed).random((height, width)) < 0.5
    region[0, 0] = True
    picture = fit(drawing(concept), region)
    assert picture.shape == (height, width, 4)
    assert picture.dtype == np.uint8
    assert not picture[..., 3][~region].any()


def test_a_picture_knows_the_region_of_each_object_and_patch() -> None:
    rng = np.random.default_rng(8)
    seen = patches = 0
    for _ in range(60):
        picture = paint(rng, 128)
        taken = np.zeros((128, 128), bool)
        for thing in picture.things:
            if thing.region is None:
                assert thing.concept not in OBJECTS
                continue
            patches += thing.concept not in OBJECTS
            assert not (thing.region & taken).any(), "what lies above is cut out of what lies below"
            taken |= thing.region
            shown = picture.labels == LABELS[thing.concept]
            seen += 1
            if thing.region.sum() > 200:
                assert (shown & thing.region).sum() > 0.4 * thing.region.sum()
    assert seen > 40 and patches > 10
