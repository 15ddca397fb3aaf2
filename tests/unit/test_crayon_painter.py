"""The painter draws every concept, knows what it painted, and says so."""

from __future__ import annotations

import numpy as np
import pytest

from semanticdraw_widget.crayon.objects import KINDS, draw_object
from semanticdraw_widget.crayon.painter import (
    LEAST,
    Page,
    Picture,
    Thing,
    caption,
    paint,
    phrase,
    shown,
    uncovered,
)
from semanticdraw_widget.crayon.textures import TEXTURES
from semanticdraw_widget.crayon.vocabulary import (
    BACKGROUNDS,
    COLOR_LABELS,
    COLORS,
    CONCEPTS,
    LABELS,
    OBJECTS,
    STYLES,
    color_of,
    concept_of,
    style_of,
    words,
)

NAMED = np.array(list(COLORS.values()), float)


def drawn(concept: str, color: str | None, width: int = 90, height: int = 70) -> np.ndarray:
    return draw_object(np.random.default_rng(0), concept, width, height, color)


def share_of(pixels: np.ndarray, color: str) -> float:
    """Of the pixels that a drawing covers, those nearer to ``color`` than to any other of the named colors."""
    solid = pixels[pixels[..., 3] > 127][:, None, :3].astype(float)
    return float((np.square(solid - NAMED).sum(-1).argmin(1) == list(COLORS).index(color)).mean())


def test_every_concept_can_be_drawn() -> None:
    assert tuple(TEXTURES) == BACKGROUNDS
    assert tuple(KINDS) == OBJECTS
    assert {kind.color for kind in KINDS.values()} <= {*COLORS, None}


@pytest.mark.parametrize("concept", OBJECTS)
def test_an_object_reaches_every_side_of_its_box_in_every_color(concept: str) -> None:
    for color in COLORS:
        pixels = drawn(concept, color)
        assert pixels.shape == (70, 90, 4) and pixels.dtype == np.uint8
        solid = pixels[..., 3] > 127
        assert min(solid[0].sum(), solid[-1].sum(), solid[:, 0].sum(), solid[:, -1].sum()) > 0, color
        assert solid.mean() > 0.45, color


@pytest.mark.parametrize("concept", [name for name in OBJECTS if KINDS[name].color])
def test_an_object_shows_the_color_that_it_is_asked_for(concept: str) -> None:
    for color in COLORS:
        assert share_of(drawn(concept, color), color) > 0.18, color
    np.testing.assert_array_equal(drawn(concept, None), drawn(concept, KINDS[concept].color))


@pytest.mark.parametrize("concept", [name for name in OBJECTS if not KINDS[name].color])
def test_what_has_colors_of_its_own_takes_no_other(concept: str) -> None:
    np.testing.assert_array_equal(drawn(concept, "purple"), drawn(concept, None))


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_a_background_fills_any_size(name: str) -> None:
    for height, width in ((64, 96), (131, 41), (37, 200), (9, 7)):
        image = TEXTURES[name](np.random.default_rng(0), height, width)
        assert image.shape == (height, width, 3)
        assert image.dtype == np.float32
        assert np.isfinite(image).all()
    same, again, another = (TEXTURES[name](np.random.default_rng(seed), 64, 96) for seed in (1, 1, 2))
    np.testing.assert_array_equal(same, again)
    assert not np.array_equal(same, another)
    assert same.std() > 1, "a flat texture has nothing to learn"


@pytest.mark.parametrize("crowded", [False, True])
def test_same_seed_same_picture(crowded: bool) -> None:
    first, second, third = (paint(np.random.default_rng(seed), 96, crowded=crowded) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.rgb, second.rgb)
    np.testing.assert_array_equal(first.labels, second.labels)
    np.testing.assert_array_equal(first.colors, second.colors)
    assert [(t.concept, t.color, t.style) for t in first.things] == [
        (t.concept, t.color, t.style) for t in second.things
    ]
    assert not np.array_equal(first.rgb, third.rgb)


def test_labels_and_colors_hold_what_the_picture_says_it_shows() -> None:
    rng = np.random.default_rng(1)
    seen: set[str] = set()
    for number in range(160):
        picture = paint(rng, 96, crowded=number % 2 == 1)
        seen |= {thing.concept for thing in picture.things}
        assert picture.rgb.dtype == picture.labels.dtype == picture.colors.dtype == np.uint8
        for thing in picture.things:
            assert np.count_nonzero(shown(picture, thing)) >= LEAST
            assert bool(thing.color) == bool(thing.concept in OBJECTS and KINDS[thing.concept].color)
        # What is too small to be named takes few pixels, and only an object that takes a color has one.
        named = np.isin(picture.labels, [0, *(LABELS[t.concept] for t in picture.things)])
        assert np.count_nonzero(~named) < 6 * LEAST
        takes = [LABELS[name] for name, kind in KINDS.items() if kind.color]
        np.testing.assert_array_equal(picture.colors > 0, np.isin(picture.labels, takes))
    assert seen == set(CONCEPTS)


def flat(color: str) -> np.ndarray:
    return np.full((20, 20, 4), (*COLORS[color], 255), np.uint8)


def test_a_thing_shows_where_its_concept_and_its_color_are() -> None:
    page, whole = Page.blank(64), np.ones((20, 20), bool)
    red = page.stamp("ball", "red", flat("red"), whole, 0, 0)
    blue = page.stamp("ball", "blue", flat("blue"), whole, 0, 30)
    twin = page.stamp("ball", "blue", flat("blue"), whole, 30, 0)
    page.stamp("car", "blue", flat("blue"), whole, 30, 30)
    assert np.count_nonzero(shown(page, red)) == 400 and shown(page, red)[:20, :20].all()
    np.testing.assert_array_equal(shown(page, blue), shown(page, twin))
    assert np.count_nonzero(shown(page, blue)) == 800, "nothing tells two blue balls apart"
    assert shown(page, Thing("sun")).sum() == 0
    page.cover(np.random.default_rng(0), "sea", np.ones((64, 64), bool))
    assert shown(page, Thing("sea")).all() and not shown(page, blue).any()


def test_an_object_over_the_edge_is_cut_off() -> None:
    page = Page.blank(64)
    thing = page.stamp("cat", "red", flat("red"), np.ones((20, 20), bool), -10, 54)
    expected = np.zeros((64, 64), bool)
    expected[:10, 54:] = True
    np.testing.assert_array_equal(thing.region, expected)
    np.testing.assert_array_equal(page.labels == LABELS["cat"], expected)
    np.testing.assert_array_equal(page.colors == COLOR_LABELS["red"], expected)


def test_what_lies_above_is_cut_out_of_the_regions_below() -> None:
    low, high = np.zeros((2, 4, 4), bool)
    low[:3], high[2:] = True, True
    ground, below, above = uncovered([Thing("sea"), Thing("cat", region=low), Thing("dog", region=high)])
    assert ground.region is None
    np.testing.assert_array_equal(below.region, low & ~high)
    np.testing.assert_array_equal(above.region, high)


def test_blank_paper_is_white() -> None:
    rng = np.random.default_rng(2)
    papers = [p for p in (paint(rng, 96, styled=0) for _ in range(60)) if (p.labels == 0).mean() > 0.2]
    assert papers
    for picture in papers:
        # An object's own soft edge may reach a pixel beyond its label.
        assert np.median(picture.rgb[picture.labels == 0]) == 255


def test_a_crowded_picture_is_full_of_objects() -> None:
    rng = np.random.default_rng(1)

    def covered(crowded: bool) -> float:
        pictures = [paint(rng, 96, crowded=crowded, styled=0) for _ in range(40)]
        return float(np.mean([(p.labels > len(BACKGROUNDS)).mean() for p in pictures]))

    assert covered(True) > 2 * covered(False)


def test_patches_are_backgrounds_that_fill_a_region_of_their_own() -> None:
    rng = np.random.default_rng(6)
    with_patch = {True: 0, False: 0}
    for number in range(120):
        crowded = number % 2 == 1
        picture = paint(rng, 96, crowded=crowded, styled=0)
        patches = [t for t in picture.things if t.region is not None and t.concept in BACKGROUNDS]
        with_patch[crowded] += bool(patches)
        names = [t.concept for t in picture.things if t.concept in BACKGROUNDS]
        assert len(set(names)) == len(names), "no background twice, or nobody could tell which a prompt means"
        for patch in patches:
            assert patch.region is not None and patch.color is None
            # It also shows where an object above it leaves a part of its own region empty.
            regions = np.any([t.region for t in picture.things if t.region is not None], axis=0)
            assert not (shown(picture, patch) & ~regions).any()
            assert np.count_nonzero(shown(picture, patch)) >= 0.5 * np.count_nonzero(patch.region)
    assert 10 < with_patch[False] < 50 and with_patch[True] > 15


def test_a_patch_is_cut_at_the_edge_and_has_its_texture() -> None:
    page = Page.blank(64)
    page.stamp("cat", "red", flat("red"), np.ones((20, 20), bool), 0, 44)
    thing = page.patch(np.random.default_rng(1), "lava", np.ones((20, 20), bool), -10, 54)
    expected = np.zeros((64, 64), bool)
    expected[:10, 54:] = True
    np.testing.assert_array_equal(thing.region, expected)
    np.testing.assert_array_equal(page.labels == LABELS["lava"], expected)
    assert not page.colors[expected].any()
    texture = TEXTURES["lava"](np.random.default_rng(1), 64, 64)
    np.testing.assert_array_equal(page.rgb[expected], texture[expected])


def test_a_phrase_names_the_concept_an_unusual_color_and_the_style() -> None:
    rng = np.random.default_rng(3)
    for concept in CONCEPTS:
        usual = KINDS[concept].color if concept in OBJECTS else None
        for style in (None, *STYLES):
            for color in ("purple", "gray", "yellow") if usual else (None,):
                text = phrase(rng, Thing(concept, color, style=style))
                assert concept_of(text) == concept, text
                assert style_of(text) == style, text
                assert all(word in words() for word in text.split()), text
                if color != usual:
                    assert color_of(text) == color, text
    said = {color_of(phrase(rng, Thing("car", "red"))) for _ in range(60)}
    assert said == {None, "red"}, "the usual color goes without saying, and may be said"


def test_a_caption_names_what_the_picture_shows() -> None:
    rng = np.random.default_rng(4)
    empty = np.zeros((8, 8), np.uint8)
    things = (Thing("sea"), Thing("cat", "green"), Thing("house", "pink"))
    picture = Picture(np.zeros((8, 8, 3), np.uint8), empty, empty, things)
    counts = {1: 0, 2: 0, 3: 0}
    objects = 0
    for _ in range(400):
        text, chosen = caption(rng, picture)
        assert concept_of(text) == chosen[0].concept
        assert all(color_of(text) for t in chosen if t.color)
        assert len({t.concept for t in chosen}) == len(chosen)
        counts[len(chosen)] += 1
        objects += len(chosen) == 1 and chosen[0].concept != "sea"
    assert counts[1] > 250 and counts[2] > 10 and counts[3] > 5
    assert objects > 0.75 * counts[1], "an object is named three times as often as a background"
    assert caption(rng, Picture(picture.rgb, empty, empty, ())) == ("", [])
