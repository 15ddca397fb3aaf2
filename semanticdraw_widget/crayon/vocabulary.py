"""What crayon can draw and the words it understands.

A concept is a class of the segmenter and a thing the painter can draw. Label 0 is "nothing": plain paper, which
the painter leaves white. Labels 1 to ``len(CONCEPTS)`` follow the order of :data:`CONCEPTS`.
"""

from __future__ import annotations

import re

BACKGROUNDS = ("sky", "sunset", "night sky", "sea", "grass", "sand", "snow", "rock", "brick", "lava", "wood")
OBJECTS = (
    "tree",
    "house",
    "sun",
    "moon",
    "mountain",
    "boat",
    "flower",
    "ball",
    "cloud",
    "cat",
    "car",
    "fish",
)
CONCEPTS = BACKGROUNDS + OBJECTS
LABELS = {name: index + 1 for index, name in enumerate(CONCEPTS)}

# Other ways to say the same thing; the painter's captions use them now and then, so crayon learns them.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "sky": ("blue sky", "day sky"),
    "sunset": ("sunset sky", "dawn", "evening sky"),
    "night sky": ("night", "starry sky", "stars"),
    "sea": ("ocean", "water", "waves", "lake"),
    "grass": ("meadow", "lawn", "field"),
    "sand": ("beach", "desert"),
    "snow": ("ice", "winter"),
    "rock": ("stone", "cliff"),
    "brick": ("bricks", "brick wall"),
    "lava": ("magma", "fire"),
    "wood": ("planks", "wooden floor"),
    "tree": ("oak",),
    "house": ("home", "cottage"),
    "sun": ("sunshine",),
    "moon": ("full moon",),
    "mountain": ("mountains", "peak"),
    "boat": ("ship", "sailboat"),
    "flower": ("blossom",),
    "ball": ("beach ball",),
    "cloud": ("clouds",),
    "cat": ("kitten",),
    "car": ("automobile",),
    "fish": ("goldfish",),
}

COLORS: dict[str, tuple[int, int, int]] = {
    "red": (214, 52, 48),
    "orange": (240, 138, 36),
    "yellow": (246, 208, 60),
    "green": (66, 160, 71),
    "blue": (48, 104, 204),
    "purple": (136, 74, 172),
    "pink": (240, 138, 176),
    "white": (244, 242, 236),
    "gray": (138, 142, 148),
    "black": (46, 46, 52),
    "brown": (140, 92, 52),
}

ARTICLES = ("a", "an", "the", "some", "one")
SIZES = ("small", "large", "big", "little")
JOINS = ("and", "with", "on", "over", "in", "of", "under", "behind")


def words() -> tuple[str, ...]:
    """Every word of crayon's language, sorted."""
    phrases = [
        *CONCEPTS,
        *COLORS,
        *ARTICLES,
        *SIZES,
        *JOINS,
        *(s for group in SYNONYMS.values() for s in group),
    ]
    return tuple(sorted({word for phrase in phrases for word in re.findall(r"[a-z]+", phrase)}))


def concept_of(prompt: str) -> str | None:
    """The first concept that ``prompt`` names (or None): the longest name wins, so "night sky" is not "sky"."""
    text = " ".join(re.findall(r"[a-z]+", prompt.lower()))
    best: tuple[int, int, str] | None = None
    for concept in CONCEPTS:
        for name in (concept, *SYNONYMS[concept]):
            found = re.search(rf"\b{name}\b", text)
            if found and (best is None or (found.start(), -len(name)) < (best[0], -best[1])):
                best = (found.start(), len(name), concept)
    return best[2] if best else None
