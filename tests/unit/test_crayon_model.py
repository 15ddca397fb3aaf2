"""The weights that ship: what crayon paints where, as its segmenter sees it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from semanticdraw_widget.crayon.painter import paint
from semanticdraw_widget.crayon.segmenter import Segmenter
from semanticdraw_widget.crayon.vocabulary import BACKGROUNDS, COLORS, LABELS, OBJECTS, STYLES
from semanticdraw_widget.engine import Engine, load_engine
from semanticdraw_widget.engine.load import CRAYON
from semanticdraw_widget.scene import Region, Scene

Y, X = np.mgrid[0:256, 0:256]


@pytest.fixture(scope="module")
def crayon() -> Engine:
    return load_engine("crayon", device="cpu")


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter.load()


def test_the_weights_fit_in_the_wheel() -> None:
    files = [path for path in Path(CRAYON).rglob("*") if path.is_file()]
    assert {"model_index.json", "semanticdraw.json", "segmenter.safetensors"} <= {path.name for path in files}
    assert sum(path.stat().st_size for path in files) < 25e6
    assert not [path for path in files if path.suffix in (".bin", ".pt", ".ckpt")]


def test_it_says_what_it_is(crayon: Engine) -> None:
    assert (crayon.name, crayon.default_size, crayon.default_steps) == ("crayon", (256, 256), 4)
    assert crayon.vocabulary == {
        "backgrounds": list(BACKGROUNDS),
        "objects": list(OBJECTS),
        "colors": list(COLORS),
        "styles": list(STYLES),
    }
    assert crayon.palette.startswith(b"\x89PNG")
    assert crayon.unknown_words("a purple zebra on a beach") == ["zebra"]


def test_the_segmenter_reads_the_painter(segmenter: Segmenter) -> None:
    rng = np.random.default_rng(77)
    pictures = [paint(rng, 256) for _ in range(20)]
    right = [(segmenter.label_map(p.rgb) == p.labels).mean() for p in pictures]
    assert np.mean(right) > 0.85


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_a_background_fills_the_canvas(crayon: Engine, segmenter: Segmenter, name: str) -> None:
    picture = np.asarray(crayon.generate(Scene((256, 256), name, seed=1)))
    # These weights draw ice without its cracks, which the segmenter takes for sky or snow.
    assert segmenter.share(picture, np.full((256, 256), 255), name) > (0.15 if name == "ice" else 0.7)


@pytest.mark.parametrize("mode", ["exact", "masked"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sky_over_grass_with_a_house_a_tree_and_a_small_sun(
    crayon: Engine, segmenter: Segmenter, seed: int, mode: str
) -> None:
    """The first picture to look at after each training."""
    grass = Y > 128
    house = (abs(X - 70) < 48) & (abs(Y - 160) < 46)
    tree = ((X - 190) / 46.0) ** 2 + ((Y - 140) / 60.0) ** 2 < 1
    sun = (X - 60) ** 2 + (Y - 48) ** 2 < 32**2
    regions = [Region("grass", grass), Region("house", house), Region("tree", tree), Region("sun", sun)]
    picture = np.asarray(crayon.generate(Scene((256, 256), "sky", regions, seed=seed), mode=mode))
    shown = segmenter.label_map(picture)
    objects = house | tree | sun
    asked = [("sky", ~grass & ~objects, 0.95), ("grass", grass & ~objects, 0.9)]
    if mode == "masked":
        asked += [("sun", sun, 0.65), ("tree", tree, 0.85), ("house", house, 0.85)]
    else:  # a pass that does not know where its region is fills less of it
        asked += [("sun", sun, 0.5), ("tree", tree, 0.65), ("house", house, 0.55)]
    for name, where, least in asked:
        assert (shown[where] == LABELS[name]).mean() > least, name
