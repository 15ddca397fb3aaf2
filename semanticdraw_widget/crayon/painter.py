"""The scene painter: every picture that crayon learns from, with the concept of every pixel.

Pictures are composites on purpose: any concept beside any, at any size and place. A network that only ever saw one
background a picture continues whatever it sees around a region instead of obeying the region's prompt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .fitting import fit
from .objects import KINDS, draw_object
from .sheet import Rng
from .styles import STYLED
from .textures import TEXTURES
from .textures.noise import field
from .vocabulary import (
    ARTICLES,
    BACKGROUNDS,
    COLOR_LABELS,
    COLOR_WORDS,
    COLORS,
    LABELS,
    OBJECTS,
    SIZES,
    STYLES,
    SYNONYMS,
)

PAPER = 255
STYLED_SHARE = 0.3  # of the pictures
PATCHED_SHARE = 0.5  # of the pictures that are neither crowded nor hold one object in the middle
PATCHES_IN_CROWD = 0.2  # of what stands in a crowd
LEAST = 64  # pixels that a thing must show, or no caption names it


@dataclass(frozen=True)
class Thing:
    """One concept of a picture as the caption writer needs it."""

    concept: str
    color: str | None = None
    size: float = 1.0  # height over the picture's height
    region: np.ndarray | None = None  # bool (height, width): what it was asked to fill, less what covers it
    style: str | None = None


@dataclass(frozen=True)
class Picture:
    """rgb: uint8 (height, width, 3). labels: uint8 (height, width), see ``vocabulary.LABELS``, 0 is paper. colors:
    uint8 (height, width), the color of the object that a pixel shows, see ``vocabulary.COLOR_LABELS``, 0 for none."""

    rgb: np.ndarray
    labels: np.ndarray
    colors: np.ndarray
    things: tuple[Thing, ...]


def shown(picture: Picture | Page, thing: Thing) -> np.ndarray:
    """The pixels that show ``thing``, bool (height, width); of two balls, those of its color."""
    where = picture.labels == LABELS[thing.concept]
    return where & (picture.colors == COLOR_LABELS[thing.color]) if thing.color else where


def free_shape(rng: Rng, height: int, width: int) -> np.ndarray:
    """A part of the picture, bool (height, width): below a horizon, beside an edge, or a blob."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    wobble = field(rng, height, width, 48)
    kind = rng.random()
    if kind < 0.5:
        tilt = rng.normal(0, 0.12)
        return y + tilt * x + 5 * wobble > rng.uniform(0.2, 0.8) * height
    if kind < 0.65:
        side = x + rng.normal(0, 0.25) * y + 5 * wobble > rng.uniform(0.25, 0.75) * width
        return side if rng.random() < 0.5 else ~side
    cy, cx = rng.uniform(0.15, 0.85) * height, rng.uniform(0.15, 0.85) * width
    ry, rx = rng.uniform(0.13, 0.5, 2) * (height, width)
    if rng.random() < 0.4:
        return (abs(y - cy) < ry) & (abs(x - cx) < rx)
    return ((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 + 0.12 * wobble < 1


def region_shape(rng: Rng, height: int, width: int) -> np.ndarray:
    """What a hand or a tool draws in a box of that size: an ellipse, a rectangle or a lumpy blob; bool, filled."""
    v, u = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    v, u = v / height * 2 - 1, u / width * 2 - 1
    kind = rng.random()
    if kind < 0.3:
        corner = rng.uniform(0, 0.4)  # a rectangle with more or less rounded corners
        return np.hypot(np.maximum(abs(v) - 1 + corner, 0), np.maximum(abs(u) - 1 + corner, 0)) <= corner + 1e-6
    bound = np.ones_like(v)
    if kind > 0.6:
        angle = np.arctan2(v, u)
        for harmonic in (2, 3, 4, 5):
            bound += rng.normal(0, 0.08) * np.cos(harmonic * angle + rng.uniform(0, 6.28))
    shape = np.hypot(v, u) < bound
    rows, columns = np.flatnonzero(shape.any(1)), np.flatnonzero(shape.any(0))
    return shape[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def draw_thing(rng: Rng, concept: str, tall: int, wide: int, own: bool) -> tuple[np.ndarray, np.ndarray, str | None]:
    """An object of about that size: RGBA pixels, the region it was asked to fill, bool, and its color.

    own: it keeps its own outline; else it takes that of a region that a hand might have drawn.
    """
    kind = KINDS[concept]
    color = kind.color
    if color and rng.random() < 0.5:
        color = str(rng.choice(list(COLORS)))

    def draw(w: int, h: int) -> np.ndarray:
        return draw_object(rng, concept, w, h, color)

    if own:
        pixels = draw(wide, tall)
        return pixels, pixels[..., 3] > 127, color
    region = region_shape(rng, tall, wide)
    return fit(draw, region), region, color


@dataclass
class Page:
    """A picture in the making, as ``Picture`` has it; rgb is float32 until it is done."""

    rgb: np.ndarray
    labels: np.ndarray
    colors: np.ndarray

    @classmethod
    def blank(cls, size: int) -> Page:
        flat = np.zeros((size, size), np.uint8)
        return cls(np.full((size, size, 3), PAPER, np.float32), flat, flat.copy())

    def cover(self, rng: Rng, concept: str, where: np.ndarray) -> Thing:
        """Paint a background over the pixels of ``where``, bool (height, width)."""
        self.rgb[where] = TEXTURES[concept](rng, *where.shape)[where]
        self.labels[where] = LABELS[concept]
        self.colors[where] = 0
        return Thing(concept)

    def stamp(
        self, concept: str, color: str | None, pixels: np.ndarray, region: np.ndarray, top: int, left: int
    ) -> Thing:
        """Paint a drawn object into the picture; what lies over its edge is cut off."""
        (height, width), (tall, wide) = self.labels.shape, region.shape
        y0, x0, y1, x1 = max(top, 0), max(left, 0), min(top + tall, height), min(left + wide, width)
        patch = pixels[y0 - top : y1 - top, x0 - left : x1 - left]
        alpha = patch[..., 3:].astype(np.float32) / 255
        view = self.rgb[y0:y1, x0:x1]
        view[...] = view * (1 - alpha) + patch[..., :3] * alpha
        solid = patch[..., 3] > 127
        self.labels[y0:y1, x0:x1][solid] = LABELS[concept]
        self.colors[y0:y1, x0:x1][solid] = COLOR_LABELS[color] if color else 0
        asked = np.zeros((height, width), bool)
        asked[y0:y1, x0:x1] = region[y0 - top : y1 - top, x0 - left : x1 - left]
        return Thing(concept, color, tall / height, asked)

    def patch(self, rng: Rng, concept: str, region: np.ndarray, top: int, left: int) -> Thing:
        """Paint a background inside ``region``, bool, alone: a lake, a wall, a carpet."""
        pixels = np.zeros((*region.shape, 4), np.uint8)
        thing = self.stamp(concept, None, pixels, region, top, left)
        assert thing.region is not None
        self.cover(rng, concept, thing.region)
        return thing


def box(rng: Rng, page: Page, least: float, most: float, aspect: float) -> tuple[int, int]:
    """Height and width of something whose height is ``least`` to ``most`` of the picture's. aspect: the logarithm of
    width over height."""
    height, width = page.labels.shape
    size = float(np.exp(rng.uniform(np.log(least), np.log(most))))
    tall = max(10, min(round(size * height * np.exp(-aspect / 2)), height))
    wide = max(10, min(round(size * height * np.exp(aspect / 2)), width))
    return tall, wide


def corner(rng: Rng, page: Page, tall: int, wide: int) -> tuple[int, int]:
    """Where something of that size stands, its top and left: anywhere, now and then cut by the picture's edge."""
    height, width = page.labels.shape
    over = 0.25 if rng.random() < 0.2 else 0.0
    top = int(rng.uniform(-over * tall, max(height - tall * (1 - over), 1)))
    left = int(rng.uniform(-over * wide, max(width - wide * (1 - over), 1)))
    return top, left


def place_object(rng: Rng, page: Page, concept: str, least: float, most: float, middle: bool) -> Thing:
    """Draw one object into ``page``; its height is ``least`` to ``most`` of the picture's."""
    height, width = page.labels.shape
    own = rng.random() < 0.35
    # People paint a wide house and a tall one, and the object has to fill what they painted.
    aspect = np.log(KINDS[concept].aspect) * (1 if own else rng.uniform(0, 1)) + rng.normal(0, 0.25 if own else 0.45)
    tall, wide = box(rng, page, least, most, aspect)
    pixels, region, color = draw_thing(rng, concept, tall, wide, own)
    tall, wide = region.shape
    if middle:
        top, left = int((height - tall) / 2 + rng.normal(0, 8)), int((width - wide) / 2 + rng.normal(0, 8))
    else:
        top, left = corner(rng, page, tall, wide)
    return page.stamp(concept, color, pixels, region, top, left)


def unused(rng: Rng, things: list[Thing]) -> str:
    """A background that none of ``things`` shows."""
    taken = {thing.concept for thing in things}
    return str(rng.choice([name for name in BACKGROUNDS if name not in taken]))


def place_patch(rng: Rng, page: Page, concept: str, least: float, most: float) -> Thing:
    """Paint a background into a region as a hand might have drawn it."""
    region = region_shape(rng, *box(rng, page, least, most, rng.normal(0, 0.35)))
    return page.patch(rng, concept, region, *corner(rng, page, *region.shape))


def crowd(rng: Rng, page: Page, before: list[Thing]) -> list[Thing]:
    """Fill the picture with up to six objects side by side, some overlapping a little: the most to learn a picture.
    Some are patches of a background that is not among ``before``."""
    height, width = page.labels.shape
    rows, columns = ((1, 2), (2, 1), (2, 2), (2, 2), (2, 3), (3, 2))[int(rng.integers(6))]
    things: list[Thing] = []
    for cell in rng.permutation(rows * columns):
        if rng.random() < 0.12:
            continue
        own = rng.random() < 0.3
        tall, wide = (max(16, round(n * rng.uniform(0.6, 1.05))) for n in (height / rows, width / columns))
        cy, cx = (cell // columns + 0.5) * height / rows, (cell % columns + 0.5) * width / columns
        cy, cx = cy + rng.normal(0, 4), cx + rng.normal(0, 4)
        if rng.random() < PATCHES_IN_CROWD:
            region = region_shape(rng, tall, wide)
            tall, wide = region.shape
            concept = unused(rng, [*before, *things])
            things.append(page.patch(rng, concept, region, round(cy - tall / 2), round(cx - wide / 2)))
            continue
        concept = str(rng.choice(OBJECTS))
        pixels, region, color = draw_thing(rng, concept, tall, wide, own)
        tall, wide = region.shape
        things.append(page.stamp(concept, color, pixels, region, round(cy - tall / 2), round(cx - wide / 2)))
    return things


def uncovered(things: list[Thing]) -> list[Thing]:
    """``things``, bottom first, each region less the regions that lie above it."""
    above: np.ndarray | None = None
    result: list[Thing] = []
    for thing in reversed(things):
        region = thing.region
        if region is not None:
            thing = replace(thing, region=region if above is None else region & ~above)
            above = region if above is None else region | above
        result.append(thing)
    return result[::-1]


def paint(
    rng: Rng,
    size: int = 256,
    *,
    objects: int | None = None,
    smallest: float = 0.14,
    crowded: bool = False,
    styled: float = STYLED_SHARE,
) -> Picture:
    """Paint one square picture of ``size`` pixels.

    objects: how many objects to place; None draws 0 to 4 at random. smallest: the least height of an object as a
    share of the picture. About one picture in six stands on blank paper, which is what the network sees around a
    region during mask-centring (paper section 3, algorithm of bootstrapping). crowded: fill it with objects instead.
    Half of the others have a patch of a background under or over the objects, for people paint lakes and walls, too.
    styled: the chance that the whole is in one of the picture styles.
    """
    page = Page.blank(size)
    things: list[Thing] = []
    on_paper = rng.random() < 0.16
    if objects is None:
        objects = int(rng.choice([0, 1, 2, 3, 4], p=[0.15, 0.4, 0.25, 0.14, 0.06]))
    if crowded:
        objects = 0
    layers = int(rng.choice([1, 2, 3], p=[0.42, 0.4, 0.18])) if not on_paper else int(objects == 0 and not crowded)
    for layer, concept in enumerate(rng.choice(BACKGROUNDS, layers, replace=False)):
        where = free_shape(rng, size, size) if layer or on_paper else np.ones((size, size), bool)
        things.append(page.cover(rng, str(concept), where))
    alone = objects == 1 and rng.random() < 0.5
    patches = not crowded and not alone and rng.random() < PATCHED_SHARE

    def patch() -> None:
        things.append(place_patch(rng, page, unused(rng, things), smallest, 0.62))

    below = rng.random() < 0.6
    if patches and below:
        patch()
    for concept in rng.choice(OBJECTS, objects, replace=False):
        most = 0.9 if alone else 0.62
        least = min(smallest * (2 if alone else 1), 0.8 * most)
        things.append(place_object(rng, page, str(concept), least, most, alone and rng.random() < 0.6))
    if crowded:
        things += crowd(rng, page, things)
    if patches and not below:
        patch()
    things = [t for t in uncovered(things) if np.count_nonzero(shown(page, t)) >= LEAST]
    rgb = np.clip(page.rgb, 0, 255).astype(np.uint8)
    if rng.random() < styled:
        style = str(rng.choice(list(STYLES)))
        rgb = STYLED[style](rng, rgb)
        things = [replace(t, style=style) for t in things]
    return Picture(rgb, page.labels, page.colors, tuple(things))


def phrase(rng: Rng, thing: Thing) -> str:
    """How a person might type ``thing``: mostly the plain name, now and then a synonym, an article, a size; an unusual
    color and a style are always named, so the plain name means the usual color in the plain style."""
    name = thing.concept
    if rng.random() < 0.2:
        name = str(rng.choice(SYNONYMS[name]))
    words = [name]
    usual = thing.concept in KINDS and thing.color == KINDS[thing.concept].color
    if thing.color and (not usual or rng.random() < 0.3):
        others = COLOR_WORDS.get(thing.color, ())
        words.insert(0, str(rng.choice(others)) if others and rng.random() < 0.15 else thing.color)
    if thing.concept in OBJECTS and rng.random() < 0.1:
        words.insert(0, str(rng.choice(SIZES[:1] + SIZES[3:] if thing.size < 0.35 else SIZES[1:3])))
    if rng.random() < 0.25:
        words.insert(0, str(rng.choice(ARTICLES[:3])))
    text = " ".join(words)
    if thing.style:
        style = str(rng.choice(STYLES[thing.style])) if rng.random() < 0.2 else thing.style
        text += " " + style
    return text


def caption(rng: Rng, picture: Picture, objects: float = 3.0) -> tuple[str, list[Thing]]:
    """A caption and the things it names: mostly one thing, else two or all.

    One named concept is the case of region control: the network's answer to a prompt is used only inside that
    prompt's own mask, so training weights the loss to the pixels of what the caption names. objects: how much likelier
    an object is named than a background, for they are rarer in pixels and harder to draw.
    """
    if not picture.things:
        return "", []
    roll = rng.random()
    if roll < 0.78 or len(picture.things) == 1:
        odds = np.array([objects if t.concept in OBJECTS else 1.0 for t in picture.things])
        chosen = [picture.things[int(rng.choice(len(odds), p=odds / odds.sum()))]]
    else:
        chosen = list(rng.permutation(np.array(picture.things, dtype=object)))
        chosen = chosen[:2] if roll < 0.92 else chosen[:4]
    join = str(rng.choice(["and", "with", "on", "over"]))
    return f" {join} ".join(phrase(rng, t) for t in chosen), chosen
