"""Patches and traits of one mask, in every order in which they can arrive."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from semanticdraw_widget.canvas_messages import MaskPatch
from semanticdraw_widget.mask_store import MAX_MASKS, MaskStore
from semanticdraw_widget.masks import pack

SIZE = (32, 24)


def patch(seq: int, x: int, final: bool = False, region: str = "a") -> MaskPatch:
    """A patch that fills columns x..x+3."""
    return MaskPatch(seq, region, (x, 0, 4, 24), final, pack(np.full((24, 4), 255, np.uint8)))


def columns(*starts: int) -> np.ndarray:
    mask = np.zeros((24, 32), np.uint8)
    for x in starts:
        mask[:, x : x + 4] = 255
    return mask


@pytest.fixture
def store() -> MaskStore:
    return MaskStore(SIZE)


def test_a_region_without_a_mask_is_empty(store: MaskStore) -> None:
    assert store["a"].shape == (24, 32) and not store["a"].any()


def test_patches_add_up(store: MaskStore) -> None:
    store.patch(patch(1, 0))
    store.patch(patch(2, 8, final=True))
    assert np.array_equal(store["a"], columns(0, 8))


def test_a_late_trait_does_not_wipe_out_a_newer_stroke(store: MaskStore) -> None:
    store.patch(patch(1, 0, final=True))
    store.patch(patch(2, 8))
    store.settle_strokes({"a": pack(columns(0))}, {"a": 1})
    assert np.array_equal(store["a"], columns(0, 8))
    store.patch(patch(3, 16, final=True))
    store.settle_strokes({"a": pack(columns(0))}, {"a": 1})  # even after the newer stroke has ended
    assert np.array_equal(store["a"], columns(0, 8, 16))
    store.settle_strokes({"a": pack(columns(0, 8, 16))}, {"a": 3})
    assert np.array_equal(store["a"], columns(0, 8, 16))


def test_a_trait_with_a_patch_that_never_came_counts(store: MaskStore) -> None:
    store.patch(patch(1, 0, final=True))
    store.patch(patch(2, 8, final=True))
    store.settle_strokes({"a": pack(columns(0))}, {"a": 3})
    assert np.array_equal(store["a"], columns(0))


def test_a_trait_of_one_page_loses_no_stroke_of_another(store: MaskStore) -> None:
    """Each page sends its mask right after its patch, before it hears of the other's; their clocks may differ."""
    for first, second in ((10, 20), (20, 10)):
        store.forget(keep=())
        store.patch(patch(first, 0, final=True))
        store.patch(patch(second, 8, final=True))
        store.settle_strokes({"a": pack(columns(0))}, {"a": first})
        store.settle_strokes({"a": pack(columns(8))}, {"a": second})
        assert np.array_equal(store["a"], columns(0, 8))


def test_python_s_own_edits_are_counted(store: MaskStore) -> None:
    store.settle({"a": pack(columns(0))})
    store.settle({"a": pack(columns(8)), "b": pack(columns(8))})
    assert store.revisions == {"a": 2, "b": 2}
    assert store.unseen(["a", "b", "c"], {"a": 1, "b": 2}) == ["a"]
    store.patch(patch(1, 0, final=True))
    store.settle_strokes({"a": pack(columns(16))}, {"a": 2})
    assert store.revisions == {"a": 2, "b": 2}, "the canvas's are not"
    store.forget(keep={"b"})
    store.settle({"a": pack(columns(0))})
    assert store.revisions == {"a": 3, "b": 2}, "one that comes back goes on counting"


def test_the_trait_keeps_the_bytes_of_pixels_that_are_the_same(store: MaskStore) -> None:
    """Two libraries deflate the same pixels to different bytes; that is no change to observe."""
    store.patch(patch(1, 0, final=True))
    ours = store.packed("a")
    theirs = ours[:8] + zlib.compress(zlib.decompress(ours[8:]), 0)
    assert theirs != ours
    assert store.newest({"a": theirs}, {"a": 2}, ["a"]) == {"a": ours}


def test_without_a_count_an_open_stroke_wins(store: MaskStore) -> None:
    store.patch(patch(1, 0))
    store.settle_strokes({"a": pack(columns())}, {})
    assert np.array_equal(store["a"], columns(0))
    store.patch(patch(2, 8, final=True))
    store.settle_strokes({"a": pack(columns(16))}, {})
    assert np.array_equal(store["a"], columns(16))


def test_python_wins_over_an_open_stroke(store: MaskStore) -> None:
    store.patch(patch(5, 0))
    store.settle({"a": pack(columns(24))})
    assert np.array_equal(store["a"], columns(24))


def test_a_region_that_the_trait_does_not_know_yet_keeps_its_strokes(store: MaskStore) -> None:
    store.patch(patch(1, 0, region="new"))
    store.settle_strokes({"a": pack(columns(8))}, {"a": 0})
    assert np.array_equal(store["new"], columns(0)) and np.array_equal(store["a"], columns(8))


def test_the_same_bytes_keep_the_same_array(store: MaskStore) -> None:
    """So that an unchanged mask is neither unpacked nor hashed again."""
    blob = pack(columns(0))
    store.settle({"a": blob})
    before = store["a"]
    store.settle({"a": bytes(blob), "b": pack(columns(4))})
    assert store["a"] is before and store.packed("a") == blob


@pytest.mark.parametrize(
    "message",
    [
        MaskPatch(1, "a", (30, 0, 4, 4), True, pack(np.zeros((4, 4), np.uint8))),
        MaskPatch(1, "a", (0, 0, 4, 4), True, pack(np.zeros((4, 5), np.uint8))),
        MaskPatch(1, "a", (0, 0, 4, 4), True, b"SM\x01\x01 damaged"),
        MaskPatch(1, "a", (0, 0, 4, 4), True, b""),
    ],
)
def test_a_bad_patch_changes_nothing(store: MaskStore, message: MaskPatch) -> None:
    store.patch(patch(1, 0))
    with pytest.raises(ValueError):
        store.patch(message)
    assert np.array_equal(store["a"], columns(0))


def test_the_number_of_masks_is_bounded(store: MaskStore) -> None:
    for i in range(MAX_MASKS):
        store.patch(patch(1, 0, region=str(i)))
    with pytest.raises(ValueError, match=str(MAX_MASKS)):
        store.patch(patch(1, 0, region="one more"))
    store.forget(keep={"3"})
    assert np.array_equal(store["3"], columns(0)) and not store["4"].any()


def test_resize_keeps_hard_edges_hard_and_soft_ones_soft(store: MaskStore) -> None:
    ramp = np.tile(np.linspace(0, 255, 32).astype(np.uint8), (24, 1))
    store.settle({"hard": pack(columns(8, 12)), "soft": pack(ramp)})
    store.resize((64, 48))
    assert set(np.unique(store["hard"])) == {0, 255}
    assert np.count_nonzero(store["hard"]) == 4 * 8 * 24
    assert store["soft"].shape == (48, 64) and len(np.unique(store["soft"])) > 32
    assert store["none"].shape == (48, 64)
