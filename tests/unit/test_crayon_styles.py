"""A style changes how a picture looks and nothing about what it shows."""

from __future__ import annotations

import numpy as np
import pytest

from semanticdraw_widget.crayon.painter import Picture, paint
from semanticdraw_widget.crayon.styles import BLOCK, PALETTE, STYLED
from semanticdraw_widget.crayon.vocabulary import STYLES


@pytest.fixture(scope="module")
def plain() -> np.ndarray:
    return paint(np.random.default_rng(0), 128, objects=2, styled=0).rgb


def styled(style: str, rgb: np.ndarray, seed: int = 0) -> np.ndarray:
    return STYLED[style](np.random.default_rng(seed), rgb)


def test_every_style_can_be_painted() -> None:
    assert tuple(STYLED) == tuple(STYLES)


@pytest.mark.parametrize("style", STYLES)
def test_a_style_keeps_size_and_seed(style: str, plain: np.ndarray) -> None:
    for rgb in (plain, plain[:97, :61]):
        before = rgb.copy()
        made = styled(style, rgb)
        assert made.shape == rgb.shape and made.dtype == np.uint8
        np.testing.assert_array_equal(rgb, before)
        np.testing.assert_array_equal(made, styled(style, rgb))
        assert np.abs(made.astype(int) - rgb).mean() > 2


@pytest.mark.parametrize("style", STYLES)
def test_what_was_light_stays_lighter_than_what_was_dark(style: str, plain: np.ndarray) -> None:
    before, after = (image.mean(2).ravel() for image in (plain, styled(style, plain)))
    assert np.corrcoef(before, after)[0, 1] > 0.6


def test_pixel_art_is_blocks_of_few_colors(plain: np.ndarray) -> None:
    made = styled("pixel art", plain)
    blocks = made.reshape(128 // BLOCK, BLOCK, 128 // BLOCK, BLOCK, 3)
    assert (blocks == blocks[:, :1, :, :1]).all()
    assert len(np.unique(made.reshape(-1, 3), axis=0)) <= PALETTE


def test_night_is_dark_and_blue_but_for_what_shines() -> None:
    page = np.full((96, 96, 3), (150, 170, 150), np.uint8)
    page[40:56, 40:56] = (255, 220, 60)
    made = styled("night", page).astype(int)
    assert made[:20].mean() < 0.65 * page[:20].mean()
    assert made[:20, :, 2].mean() > made[:20, :, 0].mean()
    assert made[44:52, 44:52, 0].mean() > 180
    assert made[36, 40:56, 0].mean() > made[4, 40:56, 0].mean() + 5, "a lamp has a halo"


@pytest.mark.parametrize("style", ["watercolour", "crayon"])
def test_paper_shines_through_and_grain_differs_by_seed(style: str) -> None:
    page = np.full((96, 96, 3), (40, 90, 190), np.uint8)
    made = styled(style, page)
    assert made.astype(int).std((0, 1)).max() > 4, "a wash or a stroke is uneven"
    assert made.astype(int).mean() > page.mean()
    assert not np.array_equal(made, styled(style, page, seed=1))


def test_a_styled_picture_shows_what_the_plain_one_shows() -> None:
    def pictures(share: float) -> list[Picture]:
        return [paint(np.random.default_rng(seed), 96, styled=share) for seed in range(12)]

    seen = set()
    for with_style, without in zip(pictures(1), pictures(0)):
        np.testing.assert_array_equal(with_style.labels, without.labels)
        np.testing.assert_array_equal(with_style.colors, without.colors)
        assert [t.concept for t in with_style.things] == [t.concept for t in without.things]
        assert all(t.style is None for t in without.things)
        styles = {t.style for t in with_style.things}
        assert len(styles) == 1
        seen |= styles
        assert not np.array_equal(with_style.rgb, without.rgb)
    assert len(seen) > 1
