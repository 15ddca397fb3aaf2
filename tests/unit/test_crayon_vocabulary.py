"""crayon's language: what a prompt names, and one token for every word."""

from __future__ import annotations

from pathlib import Path

import pytest

from semanticdraw_widget.crayon.networks import TOKENS, byte_pairs, make_tokenizer
from semanticdraw_widget.crayon.vocabulary import (
    COLOR_WORDS,
    COLORS,
    CONCEPTS,
    STYLES,
    SYNONYMS,
    color_of,
    concept_of,
    plain,
    style_of,
    words,
)


@pytest.mark.parametrize("concept", CONCEPTS)
def test_a_concept_goes_by_its_name_and_by_each_synonym(concept: str) -> None:
    for word in (concept, *SYNONYMS[concept]):
        for prompt in (word, f"a {word}", f"small turquoise {word} over", word.upper() + "!"):
            assert concept_of(prompt) == concept, prompt


def test_no_word_stands_for_two_things_but_the_night() -> None:
    seen: dict[str, str] = {}
    for names in (SYNONYMS, {c: COLOR_WORDS.get(c, ()) for c in COLORS}, STYLES):
        for name, others in names.items():
            for word in (name, *others):
                assert word == plain(word), "a prompt is compared in lower case, without marks"
                assert word not in seen or word == "night", f"{word} is {seen[word]} and {name}"
                seen[word] = name


@pytest.mark.parametrize(
    ("prompt", "concept", "style"),
    [
        ("night sky", "night sky", None),
        ("a starry sky", "night sky", None),
        ("night", "night sky", None),
        ("the night", "night sky", None),
        ("night night", "night sky", "night"),
        ("night sky by night", "night sky", "night"),
        ("a house by night", "house", "night"),
        ("sky at night", "sky", "night"),
        ("cat night", "cat", "night"),
        ("night owl", "owl", None),
        ("a night owl by night", "owl", "night"),
        ("moonlight", None, "night"),
        ("full moon moonlight", "moon", "night"),
        ("night crayon", "night sky", "crayon"),
        ("water watercolor", "sea", "watercolour"),
        ("castle aquarelle", "castle", "watercolour"),
        ("a pastel sunrise", "sunset", "crayon"),
        ("pixelated dunes", "sand", "pixel art"),
        ("The Ocean, please", "sea", None),
        ("a red house on grass", "house", None),
        ("grass under a red house", "grass", None),
        ("zebra", None, None),
        ("skyline", None, None),
        ("", None, None),
    ],
)
def test_concept_and_style_of_a_prompt(prompt: str, concept: str | None, style: str | None) -> None:
    assert (concept_of(prompt), style_of(prompt)) == (concept, style)


@pytest.mark.parametrize(
    ("prompt", "color"),
    [
        ("a red house", "red"),
        ("a GREY cat", "gray"),
        ("silver rocket and golden star", "gray"),
        ("teal fish", "turquoise"),
        ("rose tulip", "pink"),
        ("a cat", None),
        ("redwood", None),
    ],
)
def test_color_of_a_prompt(prompt: str, color: str | None) -> None:
    assert color_of(prompt) == color


def test_every_word_is_one_token(tmp_path: Path) -> None:
    tokenizer = make_tokenizer(tmp_path)
    for word in words():
        assert tokenizer.tokenize(word) == [word + "</w>"]
    ids = tokenizer("a red house", padding="max_length", max_length=TOKENS).input_ids
    assert len(ids) == TOKENS
    assert ids[0] == tokenizer.bos_token_id
    assert set(ids[4:]) == {tokenizer.eos_token_id}


def test_byte_pairs_end_with_whole_words() -> None:
    vocabulary, merges = byte_pairs(("sea", "season", "son"))
    assert {"sea</w>", "season</w>", "son</w>"} <= set(vocabulary)
    assert all(a + b in vocabulary for a, b in merges)
