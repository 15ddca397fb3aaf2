"""Random scenes: repeatable, of the promised number and sizes, and what is known stands where one looks for it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from semanticdraw_widget import scenery
from semanticdraw_widget.masks import Mask
from semanticdraw_widget.scene import Region, Scene
from semanticdraw_widget.silhouettes import SILHOUETTES, silhouette
from semanticdraw_widget.surprise import NoVocabulary, surprise

KNOWN = {
    "backgrounds": [*scenery.SKIES, *scenery.LAND, *scenery.WATER, *scenery.DEPTHS, *scenery.WALLS],
    "objects": list(scenery.THINGS),
    "colors": ["red", "blue"],
}
CRAYON = {
    "backgrounds": ["sky", "sunset", "night sky", "sea", "grass", "sand", "snow", "rock", "brick", "lava", "wood"],
    "objects": ["tree", "house", "sun", "moon", "mountain", "boat", "flower", "ball", "cloud", "cat", "car", "fish"],
}
FOREIGN = {"backgrounds": ["marble", "velvet"], "objects": ["teapot", "violin", "quill", "orrery"]}


def scenes(words: dict[str, list[str]], count: int = 40, size: tuple[int, int] = (128, 128)) -> list[Scene]:
    return [surprise(words, size, np.random.default_rng(seed)) for seed in range(count)]


def things(scene: Scene) -> list[Region]:
    """The regions that are no grounds."""
    return [region for region in scene.regions if named(region) not in (*KNOWN["backgrounds"], *FOREIGN["backgrounds"])]


def named(region: Region) -> str:
    return region.prompt.removeprefix("red ").removeprefix("blue ")


def extent(mask: Mask) -> tuple[float, float]:
    """Width and height of what is painted, as shares of the canvas."""
    ys, xs = np.nonzero(mask)
    return float(np.ptp(xs) + 1) / mask.shape[1], float(np.ptp(ys) + 1) / mask.shape[0]


def test_the_same_seed_gives_the_same_scene() -> None:
    assert scenes(KNOWN, 5) == scenes(KNOWN, 5)
    assert len({scene.key for scene in scenes(KNOWN)}) == 40


@pytest.mark.parametrize("words", [KNOWN, CRAYON, FOREIGN])
def test_three_to_six_regions_of_hand_size_that_hardly_cover_each_other(words: dict[str, list[str]]) -> None:
    counts = set()
    for scene in scenes(words):
        counts.add(len(scene.regions))
        assert scene.background.prompt in words["backgrounds"]
        for region in things(scene):
            assert 0.17 <= max(extent(region.mask)) <= 0.5, region
        masks = [region.mask > 0 for region in things(scene)]
        for i, a in enumerate(masks):
            for b in masks[:i]:
                assert np.count_nonzero(a & b) <= 0.5 * min(np.count_nonzero(a), np.count_nonzero(b))
    assert counts <= {3, 4, 5, 6} and len(counts) > 2


def test_what_is_known_comes_where_one_looks_for_it() -> None:
    seen: set[str] = set()
    for scene in scenes(KNOWN, 150):
        grounds = [region for region in scene.regions if region not in things(scene)]
        if scene.background.prompt not in scenery.SKIES:
            continue
        assert grounds and all(region.prompt in scenery.LAND + scenery.WATER for region in grounds)
        land = grounds[0].mask > 0
        assert land[-1].all() and not land[: land.shape[0] // 3].any()
        for region in things(scene):
            seen.add(named(region))
            feet = region.mask.any(1).nonzero()[0].max()
            rows = np.nonzero(region.mask)[0]
            if scenery.thing(named(region)).layer == "sky":
                assert rows.mean() < 0.5 * scene.height, region
            else:
                assert feet > 0.5 * scene.height, region
            homes = scenery.thing(named(region)).homes
            assert not homes or set(homes) & {scene.background.prompt, *(r.prompt for r in grounds)}, region
    assert {"sun", "cloud", "house", "cat", "boat", "fish"} <= seen


def test_what_stands_nearer_lies_above() -> None:
    for scene in scenes(CRAYON):
        if scene.background.prompt in scenery.SKIES:
            standing = [r for r in things(scene) if scenery.thing(r.prompt).layer != "sky" and r.prompt != "mountain"]
            feet = [int(region.mask.any(1).nonzero()[0].max()) for region in standing]
            assert all(a <= b + 4 for a, b in pairwise(feet))


@pytest.mark.parametrize(
    "words",
    [
        {"backgrounds": [], "objects": ["teapot"]},
        {"backgrounds": ["marble"], "objects": []},
        {"backgrounds": ["sky", "grass"], "objects": ["teapot"]},
        {"backgrounds": ["sky", "sea"], "objects": ["house"]},
        {"backgrounds": ["lava", "night sky"], "objects": ["sun", "fish"]},
        {"objects": ["tree", "cat"]},
    ],
)
def test_few_words_will_do(words: dict[str, list[str]]) -> None:
    for scene in scenes(words, 20):
        assert 2 <= len(scene.regions) <= 6
        assert all(region.mask.any() for region in scene.regions)


def test_without_words_it_says_what_to_do() -> None:
    with pytest.raises(NoVocabulary, match=r"no words.*add_region.*crayon"):
        surprise({"backgrounds": [], "objects": [], "colors": ["red"]}, (64, 64), np.random.default_rng(0))


@pytest.mark.parametrize("size", [(16, 16), (512, 64), (64, 512)])
def test_any_canvas_will_do(size: tuple[int, int]) -> None:
    for scene in scenes(KNOWN, 10, size):
        assert scene.size == size
        assert all(region.mask.any() for region in scene.regions)


@pytest.mark.parametrize("name", [*SILHOUETTES, "teapot"])
def test_a_silhouette_fills_its_box(name: str) -> None:
    mask = silhouette(name, (10, 20, 110, 120), (128, 128), np.random.default_rng(1))
    ys, xs = np.nonzero(mask)
    assert abs(xs.min() - 10) < 16 and abs(xs.max() - 110) < 16
    assert abs(ys.min() - 20) < 16 and abs(ys.max() - 120) < 16
    assert 0.15 < np.count_nonzero(mask) / 100**2 < 0.95


def test_everything_known_has_a_silhouette() -> None:
    assert set(SILHOUETTES) == set(scenery.THINGS)
