"""The hand-composed scenes and the page that they are shown on."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semanticdraw_widget.bench.__main__ import main
from semanticdraw_widget.bench.gallery import Sketch, sketches, thing
from semanticdraw_widget.bench.outlines import SIZE, around, land, loose_outline
from semanticdraw_widget.bench.page import MARGIN, PAPER, page
from semanticdraw_widget.crayon.objects import KINDS
from semanticdraw_widget.crayon.vocabulary import BACKGROUNDS, OBJECTS, STYLES, concept_of, plain, style_of, words
from unit.tiny_models import tiny_folder

SKETCHES = sketches()


def test_there_are_two_dozen_of_them_by_different_names() -> None:
    assert len({sketch.title for sketch in SKETCHES}) == len(SKETCHES) == 24
    assert {sketch.style for sketch in SKETCHES} == {"", *STYLES}


@pytest.mark.parametrize("sketch", SKETCHES, ids=lambda sketch: sketch.title)
def test_a_scene_is_valid_and_in_words_that_crayon_knows(sketch: Sketch) -> None:
    scene = sketch.scene()  # raises SceneError where it is not
    assert scene.size == (SIZE, SIZE)
    assert concept_of(scene.background.prompt) in BACKGROUNDS
    objects = Counter(concept_of(region.prompt) in OBJECTS for region in scene.regions)
    assert 2 <= objects[True] <= 5
    for prompt in (scene.background.prompt, *(region.prompt for region in scene.regions)):
        assert concept_of(prompt) is not None
        assert (style_of(prompt) or "") == sketch.style
        assert set(plain(prompt).split()) <= set(words())


@pytest.mark.parametrize("sketch", SKETCHES, ids=lambda sketch: sketch.title)
def test_every_region_can_be_seen(sketch: Sketch) -> None:
    covered = np.zeros((SIZE, SIZE), bool)
    for prompt, mask in reversed(sketch.parts):
        assert np.count_nonzero((mask > 0) & ~covered) > 500, prompt
        covered |= mask > 0
    assert not covered.all()  # nor is the background hidden


def test_an_outline_is_as_large_as_asked_and_leaves_no_canvas() -> None:
    for concept in OBJECTS:
        rows, columns = np.nonzero(around(concept, 128, 200, 100))
        assert rows.max() - rows.min() + 1 == pytest.approx(100, abs=2)
        assert columns.max() - columns.min() + 1 == pytest.approx(100 * KINDS[concept].aspect, abs=3)
    for x, foot in ((10, 200), (250, 200), (128, 90), (128, 260)):
        with pytest.raises(ValueError, match="leaves the canvas"):
            around("house", x, foot, 100)
    assert np.shape(loose_outline("house"))[1] == 2


def test_land_lies_under_its_horizon() -> None:
    mask = land(100, 140)
    assert not mask[:99].any()
    assert mask[142:].all()
    assert mask[120, 10] and not mask[120, 245]


def test_a_thing_has_to_be_known() -> None:
    with pytest.raises(ValueError, match="nothing that crayon can draw"):
        thing("zebra", 128, 200, 50)


def test_a_page_holds_its_pictures_on_paper() -> None:
    red = np.full((40, 60, 3), (255, 0, 0), np.uint8)
    sheet = np.asarray(page([("one", red), ("a title that is far too long", red), ("", red)], 2))
    assert tuple(sheet[0, 0]) == PAPER
    assert tuple(sheet[MARGIN + 20, MARGIN + 30]) == (255, 0, 0)
    shown = (sheet == (255, 0, 0)).all(2)
    assert np.count_nonzero(shown) == pytest.approx(3 * 40 * 60, rel=0.05)  # round corners cost a little
    assert not shown[:, :MARGIN].any() and not shown[:, -MARGIN:].any()


def test_a_page_refuses_pictures_that_make_none() -> None:
    with pytest.raises(ValueError, match="one picture at least"):
        page([], 2)
    with pytest.raises(ValueError, match="one size"):
        page([("a", np.zeros((8, 8, 3), np.uint8)), ("b", np.zeros((8, 9, 3), np.uint8))], 2)


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    model = tiny_folder(tmp_path, guidance_embedding=True, prediction="v_prediction")
    (model / "semanticdraw.json").write_text(json.dumps({"name": "tiny", "steps": 1}))
    target = tmp_path / "new" / "scenes.png"
    result = main(["scenes", "--model", str(model), "--device", "cpu", "--to", str(target)])
    assert (result["model"], result["mode"], len(result["scenes"])) == ("tiny", "masked", 24)
    assert Image.open(target).width > 6 * SIZE
