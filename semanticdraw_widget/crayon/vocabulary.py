"""What crayon can draw and the words it understands.

A concept is a class of the segmenter and a thing the painter can draw. Label 0 is "nothing": plain paper, which
the painter leaves white. Labels 1 to ``len(CONCEPTS)`` follow the order of :data:`CONCEPTS`.
"""

from __future__ import annotations

import re

# Each concept with other ways to say it; the painter's captions use them now and then, so crayon learns them.
BACKGROUND_WORDS: dict[str, tuple[str, ...]] = {
    "sky": ("blue sky", "day sky", "clear sky"),
    "sunset": ("sunset sky", "dawn", "evening sky", "sunrise"),
    "night sky": ("night", "starry sky", "stars"),
    "storm": ("storm clouds", "thunderstorm", "dark clouds"),
    "aurora": ("northern lights", "polar lights"),
    "space": ("galaxy", "nebula", "outer space"),
    "sea": ("ocean", "water", "waves", "lake"),
    "underwater": ("deep sea", "under the sea", "seabed"),
    "grass": ("meadow", "lawn", "field"),
    "flower field": ("flower meadow", "flowers", "garden"),
    "wheat": ("wheat field", "corn field", "hay"),
    "forest": ("woods", "jungle", "trees"),
    "autumn leaves": ("leaves", "autumn", "fallen leaves"),
    "sand": ("beach", "desert", "dunes"),
    "snow": ("snowfield", "winter", "fresh snow"),
    "ice": ("frozen lake", "glacier", "frost"),
    "rock": ("stone", "cliff", "rocks"),
    "cobblestone": ("cobbles", "paving stones", "stone path"),
    "dirt": ("soil", "earth", "mud"),
    "lava": ("magma", "fire", "volcano"),
    "brick": ("bricks", "brick wall"),
    "wood": ("planks", "wooden floor", "wooden wall"),
    "tiles": ("tiled floor", "checkered floor", "chessboard"),
    "road": ("street", "asphalt", "highway"),
}
OBJECT_WORDS: dict[str, tuple[str, ...]] = {
    "tree": ("oak", "apple tree"),
    "pine tree": ("pine", "fir", "christmas tree"),
    "palm tree": ("palm", "coconut palm"),
    "cactus": ("cacti",),
    "mushroom": ("toadstool",),
    "flower": ("blossom", "daisy"),
    "tulip": ("tulips",),
    "mountain": ("mountains", "peak"),
    "cloud": ("clouds",),
    "sun": ("sunshine",),
    "moon": ("full moon",),
    "star": ("little star",),
    "rainbow": ("colorful arch",),
    "cat": ("kitten", "kitty"),
    "dog": ("puppy", "hound"),
    "rabbit": ("bunny", "hare"),
    "bird": ("songbird", "robin"),
    "owl": ("night owl",),
    "penguin": ("pinguin",),
    "fish": ("goldfish",),
    "turtle": ("tortoise",),
    "butterfly": ("moth",),
    "elephant": ("baby elephant",),
    "house": ("home", "cottage"),
    "castle": ("fortress", "palace"),
    "lighthouse": ("beacon",),
    "windmill": ("mill",),
    "boat": ("ship", "sailboat"),
    "car": ("automobile",),
    "train": ("locomotive", "steam train"),
    "rocket": ("spaceship",),
    "balloon": ("hot air balloon", "air balloon"),
    "ball": ("beach ball", "toy ball"),
    "umbrella": ("parasol",),
    "robot": ("android",),
    "snowman": ("snow man",),
}
BACKGROUNDS = tuple(BACKGROUND_WORDS)
OBJECTS = tuple(OBJECT_WORDS)
CONCEPTS = BACKGROUNDS + OBJECTS
SYNONYMS = {**BACKGROUND_WORDS, **OBJECT_WORDS}
LABELS = {name: index + 1 for index, name in enumerate(CONCEPTS)}

COLORS: dict[str, tuple[int, int, int]] = {
    "red": (214, 52, 48),
    "orange": (240, 138, 36),
    "yellow": (246, 208, 60),
    "green": (66, 160, 71),
    "turquoise": (48, 190, 186),
    "blue": (48, 104, 204),
    "purple": (136, 74, 172),
    "pink": (240, 138, 176),
    "white": (244, 242, 236),
    "gray": (138, 142, 148),
    "black": (46, 46, 52),
    "brown": (140, 92, 52),
}
COLOR_WORDS: dict[str, tuple[str, ...]] = {
    "turquoise": ("teal", "cyan"),
    "gray": ("grey", "silver"),
    "purple": ("violet",),
    "yellow": ("golden",),
    "brown": ("tan",),
    "pink": ("rose",),
}
COLOR_LABELS = {name: index + 1 for index, name in enumerate(COLORS)}

STYLES: dict[str, tuple[str, ...]] = {
    "watercolour": ("watercolor", "aquarelle"),
    "crayon": ("crayon drawing", "pastel"),
    "pixel art": ("pixels", "pixelated"),
    "night": ("at night", "by night", "moonlight"),
}

ARTICLES = ("a", "an", "the", "some", "one")
SIZES = ("small", "large", "big", "little")
JOINS = ("and", "with", "on", "over", "in", "of", "under", "behind")


def plain(text: str) -> str:
    """``text`` in lower case, its words alone, one space between them."""
    return " ".join(re.findall(r"[a-z]+", text.lower()))


def words() -> tuple[str, ...]:
    """Every word of crayon's language, sorted."""
    phrases = [*CONCEPTS, *COLORS, *STYLES, *ARTICLES, *SIZES, *JOINS]
    for group in (SYNONYMS, COLOR_WORDS, STYLES):
        phrases += [name for names in group.values() for name in names]
    return tuple(sorted({word for phrase in phrases for word in plain(phrase).split()}))


def meanings(names: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Each of ``names`` and of their synonyms with the name it stands for."""
    return {word: name for name, others in names.items() for word in (name, *others)}


CONCEPT_OF, STYLE_OF = meanings(SYNONYMS), meanings(STYLES)
COLOR_OF = meanings({name: COLOR_WORDS.get(name, ()) for name in COLORS})


def said(prompt: str, *known: dict[str, str]) -> list[str]:
    """The words of ``known`` that ``prompt`` says, in its order, at each place the longest: "night sky" is no "sky"."""
    longest_first = sorted({word for each in known for word in each}, key=len, reverse=True)
    return re.findall(rf"\b(?:{'|'.join(longest_first)})\b", plain(prompt))


def concept_and_style(prompt: str) -> tuple[str | None, str | None]:
    """The first concept and the first style that ``prompt`` names. A word that may be either, as "night" may, is the
    style beside a concept ("a house by night") and the concept where there is no other."""
    heard = said(prompt, CONCEPT_OF, STYLE_OF)
    concepts = [word for word in heard if word in CONCEPT_OF and word not in STYLE_OF]
    if not concepts:
        concepts = said(prompt, CONCEPT_OF)[:1]
        heard = [word for i, word in enumerate(heard) if word not in concepts or word in heard[:i]]
    styles = [word for word in heard if word in STYLE_OF]
    return (CONCEPT_OF[concepts[0]] if concepts else None), (STYLE_OF[styles[0]] if styles else None)


def concept_of(prompt: str) -> str | None:
    """The first concept that ``prompt`` names, or None."""
    return concept_and_style(prompt)[0]


def style_of(prompt: str) -> str | None:
    """The first style that ``prompt`` names, or None."""
    return concept_and_style(prompt)[1]


def color_of(prompt: str) -> str | None:
    """The first color that ``prompt`` names, or None."""
    colors = said(prompt, COLOR_OF)
    return COLOR_OF[colors[0]] if colors else None
