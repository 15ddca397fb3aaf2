"""The gallery: what the painters hand over, and what a training step takes from it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from semanticdraw_widget.crayon import gallery as module
from semanticdraw_widget.crayon.denoiser import OUTSIDE
from semanticdraw_widget.crayon.gallery import (
    CAPTIONS,
    CELL,
    GROUND,
    OBJECT,
    PATCH,
    REST,
    SLOTS,
    Gallery,
    Painted,
    cells,
    record,
)
from semanticdraw_widget.crayon.networks import LATENT_CHANNELS, TOKENS, make_codec, make_tokenizer
from semanticdraw_widget.crayon.painter import Picture, Thing, paint
from semanticdraw_widget.crayon.vocabulary import LABELS, OBJECTS, color_of, concept_of

SIDE = 64
H = SIDE // CELL


class Encoder:
    """A codec whose latent is the picture's red, and that counts what it is given."""

    def __init__(self) -> None:
        self.seen = 0

    def encode(self, x: torch.Tensor) -> Any:
        self.seen += len(x)
        red = torch.nn.functional.avg_pool2d(x[:, :1], CELL)
        return type("Output", (), {"latents": red.expand(-1, LATENT_CHANNELS, -1, -1)})


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return make_tokenizer(tmp_path_factory.mktemp("tokenizer"))


@pytest.fixture(scope="module")
def filled(tokenizer: Any) -> Gallery:
    gallery = Gallery(40, SIDE, "cpu")
    gallery.fill(3, 0, tokenizer, 0.5)
    gallery.encode(Encoder())  # type: ignore[arg-type]
    return gallery


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def half_sea(things: tuple[Thing, ...] = (Thing("sea"),)) -> Picture:
    labels = np.zeros((SIDE, SIDE), np.uint8)
    labels[:, : SIDE // 2] = LABELS["sea"]
    return Picture(np.zeros((SIDE, SIDE, 3), np.uint8), labels, np.zeros_like(labels), things)


def of_one(picture: Picture, tokenizer: Any) -> Gallery:
    gallery = Gallery(1, SIDE, "cpu")
    made = record(np.random.default_rng(0), picture, tokenizer)
    gallery.add({name: torch.from_numpy(np.asarray(value))[None] for name, value in made.items()})
    gallery.encode(Encoder())  # type: ignore[arg-type]
    return gallery


def test_a_cell_is_its_share() -> None:
    where = np.zeros((16, 24), bool)
    where[:8, :8] = True
    where[8:, 16:20] = True
    np.testing.assert_array_equal(cells(where), [[255, 0, 0], [0, 0, 128]])


def test_a_record_says_who_fills_what(tokenizer: Any) -> None:
    rng = np.random.default_rng(2)
    for number in range(40):
        picture = paint(rng, SIDE, crowded=number % 2 == 0)
        made = record(rng, picture, tokenizer)
        regions = [t for t in picture.things if t.region is not None and t.region.any()]
        grounds = [t for t in picture.things if t.region is None]
        assert np.isin(made["kinds"], (OBJECT, PATCH)).sum() == min(len(regions), SLOTS - 2)
        assert (made["kinds"] == GROUND).sum() == min(len(grounds), SLOTS - 1 - min(len(regions), SLOTS - 2))
        assert made["kinds"][-1] == REST and not made["maps"][-1].any()
        prompts = tokenizer.batch_decode(made["prompts"], skip_special_tokens=True)
        assert prompts[-1] == ""
        sizes = []
        for kind, prompt, share in zip(made["kinds"], prompts, made["maps"]):
            if kind in (OBJECT, PATCH):
                assert (concept_of(prompt) in OBJECTS) == (kind == OBJECT)
                asked = [cells(t.region) for t in regions if t.concept == concept_of(prompt)]
                assert any(np.array_equal(share, a) for a in asked), prompt
                sizes.append(int(share.sum()))
            elif kind == GROUND:
                np.testing.assert_array_equal(share, cells(picture.labels == LABELS[concept_of(prompt) or ""]))
        assert all(a >= b - 255 for a, b in pairwise(sizes)), "the largest come first"


def test_a_caption_s_cells_are_those_that_show_what_it_names(tokenizer: Any) -> None:
    rng = np.random.default_rng(5)
    for _ in range(30):
        picture = paint(rng, SIDE, objects=2)
        made = record(rng, picture, tokenizer)
        for text, inside in zip(tokenizer.batch_decode(made["captions"], skip_special_tokens=True), made["inside"]):
            if not text:
                assert (inside == 255).all()
            elif not any(f" {join} " in text for join in ("and", "with", "on", "over")):
                np.testing.assert_array_equal(inside, cells(picture.labels == LABELS[concept_of(text) or ""]))
            else:
                assert inside.any()


def test_a_filled_gallery_has_a_row_for_each_picture(filled: Gallery, tokenizer: Any) -> None:
    assert filled.count == filled.encoded == filled.capacity == 40
    assert filled.rgb.shape == (40, SIDE, SIDE, 3) and filled.maps.shape == (40, SLOTS, H, H)
    assert filled.captions.shape == (40, CAPTIONS, TOKENS)
    assert len(filled.rgb.flatten(1).unique(dim=0)) == 40
    for row, made in zip(range(20), Painted(SIDE, 3, 40, 0.5, tokenizer)):
        for name, value in made.items():
            np.testing.assert_array_equal(getattr(filled, name)[row].numpy(), value)
    red = torch.nn.functional.avg_pool2d(filled.pixels(torch.arange(40))[:, :1], CELL)
    torch.testing.assert_close(filled.latents.float(), red.expand_as(filled.latents), atol=1e-3, rtol=0)
    with pytest.raises(AttributeError, match="latin"):
        _ = filled.latin


def test_what_is_too_much_is_left_out(filled: Gallery) -> None:
    small = Gallery(3, SIDE, "cpu")
    for _ in range(2):
        small.add({name: part[:2] for name, part in filled.parts.items()})
    assert small.count == 3
    torch.testing.assert_close(small.rgb, filled.rgb[[0, 1, 0]])


def test_the_loss_counts_the_named_cells_fifty_times(tokenizer: Any) -> None:
    gallery = of_one(half_sea(), tokenizer)
    batch = gallery.batch(seeded(), 6, even=0.0, outside=OUTSIDE)
    assert batch.weights.shape == (6, 1, H, H) and batch.tokens.shape == (6, TOKENS)
    torch.testing.assert_close(batch.weights[..., : H // 2], 50 * batch.weights[..., H // 2 :])
    torch.testing.assert_close(batch.weights.mean((1, 2, 3)), torch.ones(6))
    flat = gallery.batch(seeded(), 6, even=1.0, outside=OUTSIDE)
    torch.testing.assert_close(flat.weights, torch.ones(6, 1, H, H))
    torch.testing.assert_close(gallery.ground_batch(seeded(), 2).weights[:, 0, 0, : H // 2], torch.full((2, 4), 2.0))


def test_a_batch_s_weights_average_one_however_small_the_object(filled: Gallery) -> None:
    batch = filled.batch(seeded(1), 200, even=0.2, outside=OUTSIDE)
    means = batch.weights.mean((1, 2, 3))
    capped = batch.weights.amax((1, 2, 3)) >= 12
    torch.testing.assert_close(means[~capped], torch.ones_like(means[~capped]))
    assert (means[capped] < 1).all() and batch.weights.max() <= 12
    assert batch.latents.dtype == torch.float32 and batch.tokens.dtype == torch.int64


def test_a_slot_holds_what_was_asked_for(filled: Gallery, tokenizer: Any) -> None:
    for kind in (OBJECT, GROUND, PATCH):
        index, slot = filled.slots(seeded(2), 100, kind)
        assert (filled.kinds[index, slot] == kind).all()
        assert len(set(index.tolist())) > 10 - 5 * (kind == PATCH)
        for text in tokenizer.batch_decode(filled.prompts[index, slot].long(), skip_special_tokens=True):
            assert (concept_of(text) in OBJECTS) == (kind == OBJECT), text
    index, slot = filled.slots(seeded(3), 200, OBJECT, PATCH)
    assert set(filled.kinds[index, slot].tolist()) == {OBJECT, PATCH}
    assert any(color_of(t) for t in tokenizer.batch_decode(filled.prompts[:, 0].long(), skip_special_tokens=True))


def test_a_new_picture_is_encoded_once(filled: Gallery) -> None:
    gallery, encoder = Gallery(300, SIDE, "cpu"), Encoder()
    gallery.add({name: part[:8] for name, part in filled.parts.items()})
    with pytest.raises(RuntimeError, match="no codec"):
        gallery.encode()
    gallery.encode(encoder)  # type: ignore[arg-type]
    gallery.batch(seeded(), 4, 0.5, OUTSIDE)
    assert encoder.seen == gallery.encoded == 8
    for _ in range(7):
        gallery.add(filled.parts)
    assert gallery.count == 288
    gallery.batch(seeded(), 4, 0.5, OUTSIDE)
    assert encoder.seen == gallery.encoded == 288, "a batch encodes what many pictures have come since"


def test_half_precision_encodes_nearly_the_same(filled: Gallery) -> None:
    codec = make_codec()
    latents = {}
    for half in (False, True):
        gallery = Gallery(4, SIDE, "cpu", half)
        gallery.add({name: part[:4] for name, part in filled.parts.items()})
        gallery.encode(codec)
        latents[half] = gallery.latents.float()
    assert not torch.equal(latents[True], latents[False])
    torch.testing.assert_close(latents[True], latents[False], rtol=0.05, atol=0.05 * float(latents[False].std()))


def test_painters_fill_it_in_processes_of_their_own(tokenizer: Any) -> None:
    gallery = Gallery(34, SIDE, "cpu")
    thread = gallery.fill_beside(7, 2, tokenizer, 0.5)
    gallery.wait(5)
    assert gallery.count >= 5
    gallery.wait(10**6)
    thread.join(20)
    assert not thread.is_alive() and gallery.failure is None and gallery.count == 34
    assert len(gallery.rgb.flatten(1).unique(dim=0)) == 34, "each process paints pictures of its own"


def test_a_painter_s_failure_is_told(tokenizer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> Picture:
        raise OSError("out of paint")

    monkeypatch.setattr(module, "paint", broken)
    gallery = Gallery(34, SIDE, "cpu")
    thread = gallery.fill_beside(7, 1, tokenizer, 0.5)
    with pytest.raises(RuntimeError, match="painters failed after 0 pictures") as caught:
        gallery.wait(5)
    assert "out of paint" in str(caught.value.__cause__)
    thread.join(20)
    assert not thread.is_alive()
