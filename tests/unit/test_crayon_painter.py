"""The painter knows what it paints, and crayon's language covers what its captions say."""

from __future__ import annotations

import numpy as np
import pytest

from semanticdraw_widget.crayon.networks import byte_pairs, make_tokenizer
from semanticdraw_widget.crayon.objects import KINDS
from semanticdraw_widget.crayon.painter import caption, paint
from semanticdraw_widget.crayon.textures import TEXTURES
from semanticdraw_widget.crayon.vocabulary import BACKGROUNDS, CONCEPTS, LABELS, OBJECTS, concept_of, words


def test_every_concept_can_be_drawn() -> None:
    assert set(TEXTURES) == set(BACKGROUNDS)
    assert set(KINDS) == set(OBJECTS)
    assert len(BACKGROUNDS) >= 10
    assert len(OBJECTS) >= 10


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_texture_fills_any_size_with_finite_colors(name: str) -> None:
    for height, width in ((64, 96), (131, 40)):
        image = TEXTURES[name](np.random.default_rng(0), height, width)
        assert image.shape == (height, width, 3)
        assert np.isfinite(image).all()
        assert image.std() > 1, "a flat texture has nothing to learn"


def test_same_seed_same_picture() -> None:
    first, second = (paint(np.random.default_rng(5), 128) for _ in range(2))
    np.testing.assert_array_equal(first.rgb, second.rgb)
    np.testing.assert_array_equal(first.labels, second.labels)
    assert not np.array_equal(first.rgb, paint(np.random.default_rng(6), 128).rgb)


def test_labels_hold_exactly_what_the_picture_says_it_shows() -> None:
    rng = np.random.default_rng(1)
    seen: set[str] = set()
    for _ in range(150):
        picture = paint(rng, 128)
        named = {thing.concept for thing in picture.things}
        for concept in named:
            assert np.count_nonzero(picture.labels == LABELS[concept]) >= 64
        seen |= named
        text, concepts = caption(rng, picture)
        assert set(concepts) <= named
        assert all(word in words() for word in text.split()), text
    assert seen == set(CONCEPTS)


def test_blank_paper_is_white() -> None:
    rng = np.random.default_rng(2)
    pictures = [paint(rng, 96) for _ in range(60)]
    papers = [p for p in pictures if (p.labels == 0).mean() > 0.2]
    assert papers
    for picture in papers:
        # An object's own soft edge may reach a pixel beyond its label.
        assert np.median(picture.rgb[picture.labels == 0]) == 255


def test_every_word_is_one_token(tmp_path) -> None:  # type: ignore[no-untyped-def]
    tokenizer = make_tokenizer(tmp_path)
    for word in words():
        assert tokenizer.tokenize(word) == [word + "</w>"]
    ids = tokenizer("a red house", padding="max_length", max_length=16).input_ids
    assert len(ids) == 16
    assert ids[0] == tokenizer.bos_token_id
    assert ids[4] == tokenizer.eos_token_id


def test_byte_pairs_end_with_whole_words() -> None:
    vocabulary, merges = byte_pairs(("sea", "season", "son"))
    assert {"sea</w>", "season</w>", "son</w>"} <= set(vocabulary)
    assert all(a + b in vocabulary for a, b in merges)


@pytest.mark.parametrize(
    ("prompt", "concept"),
    [
        ("night sky", "night sky"),
        ("a starry sky", "night sky"),
        ("sky", "sky"),
        ("The Ocean, please", "sea"),
        ("a red house on grass", "house"),
        ("zebra", None),
        ("skyline", None),
    ],
)
def test_concept_of_a_prompt(prompt: str, concept: str | None) -> None:
    assert concept_of(prompt) == concept
