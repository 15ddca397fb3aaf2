"""Finished pictures: bounded, each with its scene, and shown again as they were."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from semanticdraw_widget import Region, Scene
from semanticdraw_widget.finished import FinishedRuns
from semanticdraw_widget.frames import encode_png
from semanticdraw_widget.jobs import Picture, Settings, Stats
from semanticdraw_widget.past import MAX_PINNED, NoEntry, Past
from semanticdraw_widget.prompt_texts import Texts
from unit.doubles import FakeTrajectory

MASK = np.full((48, 64), 255, np.uint8)


def picture(seed: int, side: tuple[int, int] = (64, 48), mask: np.ndarray = MASK) -> Picture:
    scene = Scene(side, "sky", [Region("house", mask=mask), Region("rest", mask=mask, visible=False)], seed)
    settings = Settings(None, 2.0, "auto", "full", Texts("soft"))
    rgb = np.full((side[1], side[0], 3), seed % 256, np.uint8)
    return Picture((*settings.key(scene), 0), scene, settings, seed, rgb, encode_png(rgb), 4, Stats())


def test_an_entry_has_picture_scene_settings_and_a_small_picture() -> None:
    past = Past()
    assert past.add(picture(7))
    (entry,) = past.entries
    assert (entry.scene.seed, entry.title, entry.pinned) == (7, "house, sky", False)
    texts = {"style_text": "soft", "quality_text": "", "negative_text": ""}
    assert dict(entry.settings) == {"steps": 0, "guidance": 2.0, "mode": "auto", "cfg": "full", **texts}
    assert np.asarray(entry.image).shape == (48, 64, 3) and np.asarray(entry.image).max() == 7
    with Image.open(io.BytesIO(entry.thumbnail)) as small:
        assert small.format == "JPEG" and max(small.size) <= 112
    assert not past.add(picture(7))  # shown again, it is no other one
    assert len(past.entries) == 1


def test_an_edit_that_shows_nowhere_is_no_further_picture() -> None:
    past = Past()
    past.add(picture(1))
    unnamed = replace(picture(1), key=("another scene",))
    assert not past.add(unnamed)
    past.add(picture(2))
    assert past.add(unnamed), "it is another one than the picture before it"
    assert len(past.entries) == 3


def test_the_oldest_go_but_what_is_pinned_and_the_newest() -> None:
    past = Past(max_entries=3)
    for seed in range(3):
        past.add(picture(seed))
    past.pin(past.at(0).id, True)
    for seed in range(3, 6):
        past.add(picture(seed))
    assert [entry.scene.seed for entry in past.entries] == [0, 4, 5]
    past.pin(past.at(0).id, False)
    past.add(picture(6))
    assert [entry.scene.seed for entry in past.entries] == [4, 5, 6]


def test_memory_is_bounded_and_shared_masks_count_once() -> None:
    shared = Region("house", mask=MASK).mask  # frozen, and so not copied again
    size = len(picture(0).png)
    roomy = Past(max_bytes=MASK.nbytes + 8 * size)
    for seed in range(6):
        roomy.add(picture(seed, mask=shared))
    assert len(roomy.entries) == 6
    tight = Past(max_bytes=2 * (2 * MASK.nbytes + size) + 200)
    for seed in range(6):
        tight.add(picture(seed, mask=MASK + np.uint8(0)))
    assert [entry.scene.seed for entry in tight.entries] == [4, 5]


def test_what_is_not_there_is_told() -> None:
    past = Past()
    with pytest.raises(IndexError, match=r"canvas\.generate"):
        past.at(0)
    past.add(picture(1))
    with pytest.raises(IndexError, match="the history has 1"):
        past.at(1)
    for call in (past.find, past.forget, lambda id: past.pin(id, True)):
        with pytest.raises(NoEntry, match="it has 1"):
            call(5)
    for seed in range(2, MAX_PINNED + 3):
        past.add(picture(seed))
    for entry in past.entries[:MAX_PINNED]:
        past.pin(entry.id, True)
    with pytest.raises(ValueError, match=f"{MAX_PINNED} pictures are pinned"):
        past.pin(past.at(-1).id, True)


def test_finished_runs_are_bounded_by_number_and_bytes() -> None:
    runs = FinishedRuns(max_runs=2)
    pictures: list[Any] = [picture(seed) for seed in range(3)]
    for one in pictures:
        runs.add(one, FakeTrajectory("t"))
    assert [runs.get(one.key) is not None for one in pictures] == [False, True, True]
    small = FinishedRuns(max_bytes=pictures[0].rgb.nbytes + 200)
    for one in pictures:
        small.add(one, None)
    assert [small.get(one.key) is not None for one in pictures] == [False, False, True]
    small.clear()
    assert small.get(pictures[2].key) is None
