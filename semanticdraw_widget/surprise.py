"""Random scenes from the words that a model is sure of.

What is known by name (see scenery.py) comes where one would look for it: a sky above, a ground below the horizon,
houses and cats on it, clouds over it, boats on the sea. Words of any other model are laid out freely.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from . import scenery
from .masks import Mask
from .scene import Region, Scene
from .scenery import thing
from .silhouettes import Box, aspect, ground, silhouette

FEWEST, MOST = 3, 6
"""Regions in a scene."""
TRIES = 40
"""Places that are looked at for each thing; it takes the one where it covers the least of the others."""
CROWDED, SMALLEST = 0.1, 0.2
"""A thing that covers others with more than this share of itself shrinks, to this share of the canvas at most."""

Words = Mapping[str, Sequence[str]]


class NoVocabulary(ValueError):
    """There are no words to make a scene of."""


def surprise(vocabulary: Words, size: tuple[int, int], rng: np.random.Generator) -> Scene:
    """A random scene of 3 to 6 regions; the same words, size and state of `rng` give the same scene.

    Args:
        vocabulary: the model's words, {"backgrounds": [...], "objects": [...]}, and "colors" if it has them.
        size: (width, height) of the canvas, px.
        rng: where chance comes from, np.random.default_rng(seed).

    Raises:
        NoVocabulary: neither backgrounds nor objects.
        SceneError: no legal size.
    """
    layout = _Layout(vocabulary, size, rng)
    if not layout.backgrounds and not layout.objects:
        raise NoVocabulary(
            "there are no words to make a scene of: the model lists none; add regions with "
            "add_region('house', mask), or take a model with a vocabulary, such as 'crayon'"
        )
    kinds = [kind for kind in (_open_air, _deep, _room) if kind.possible(layout)]
    if kinds:
        weights = np.array([kind.weight for kind in kinds])
        kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))].lay_out(layout)
    else:
        _anything(layout)
    return layout.scene()


# ---------------------------------------------------------------- a scene in the making


@dataclass
class _Layout:
    """What is on the canvas so far, from the back to the front."""

    vocabulary: Words
    size: tuple[int, int]
    rng: np.random.Generator
    background: str = ""
    count: int = 0
    parts: list[tuple[float, str, Mask]] = field(default_factory=list)
    taken: list[Box] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.count = int(self.rng.integers(FEWEST, MOST + 1))

    @property
    def backgrounds(self) -> Sequence[str]:
        return self.vocabulary.get("backgrounds", ())

    @property
    def objects(self) -> Sequence[str]:
        return self.vocabulary.get("objects", ())

    @property
    def missing(self) -> int:
        """Regions still to come."""
        return self.count - len(self.parts)

    def known(self, names: Sequence[str]) -> list[str]:
        """Those of the backgrounds that are in a list of scenery.py."""
        return [name for name in self.backgrounds if name in names]

    def one(self, names: Sequence[str], weights: Sequence[float] | None = None) -> str:
        share = None if weights is None else np.array(weights, float) / sum(weights)
        return names[int(self.rng.choice(len(names), p=share))]

    def fitting(self, layer: str, *places: str) -> list[str]:
        """The objects of a layer that are at home in one of the places, or anywhere."""
        return [
            name
            for name in self.objects
            if thing(name).layer == layer and (not thing(name).homes or set(thing(name).homes) & set(places))
        ]

    def some(self, names: Sequence[str], count: int) -> list[str]:
        """Up to `count` of the names, at random; one comes twice only where others have run out, and if it may."""
        rounds = [list(self.rng.permutation(names))]
        rounds += [list(self.rng.permutation([name for name in names if thing(name).many])) for _ in range(count)]
        return [str(name) for some in rounds for name in some][: max(count, 0)]

    def put_ground(self, name: str, horizon: float, hills: float) -> None:
        """A background as a region, below a horizon (0 the top of the canvas, 1 the bottom)."""
        self.parts.append((horizon, name, ground(horizon, hills, self.size, self.rng)))

    def put(self, name: str, band: tuple[float, float], anchor: float, behind: bool = False) -> None:
        """A thing where it covers little of the others.

        band: heights of the canvas, 0 the top and 1 the bottom. anchor: what of the thing lies in the band: 1 its
        foot, 0.5 its middle. behind: it lies behind the land.
        """
        height, shorter = self.size[1], min(self.size)
        side = self.rng.uniform(*thing(name).size) * shorter
        box, covered = self._place(name, side, band, anchor)
        while covered > CROWDED and side > SMALLEST * shorter:  # smaller things find room
            side = max(0.85 * side, SMALLEST * shorter)
            box, covered = self._place(name, side, band, anchor)
        self.taken.append(box)
        # Whatever stands nearer to the bottom is nearer to the eye.
        depth = box[3] / height if anchor == 1 and not behind else 0.0
        self.parts.append((depth, self._prompt(name), silhouette(name, box, self.size, self.rng)))

    def _place(self, name: str, side: float, band: tuple[float, float], anchor: float) -> tuple[Box, float]:
        """Where a thing whose longer side is `side` px covers the least, and the share of it that covers others."""
        width, height = self.size
        wide, high = (side, side / aspect(name)) if aspect(name) > 1 else (side * aspect(name), side)
        lefts = self.rng.uniform(0.02, 0.98, TRIES) * (width - wide)
        tops = np.clip(self.rng.uniform(*band, TRIES) * height - anchor * high, 0.01 * height, 0.99 * height - high)
        boxes = [(float(x), float(y), float(x + wide), float(y + high)) for x, y in zip(lefts, tops)]
        shares = [sum(_shared(box, other) for other in self.taken) / (wide * high) for box in boxes]
        best = int(np.argmin(shares))
        return boxes[best], shares[best]

    def _prompt(self, name: str) -> str:
        colors = self.vocabulary.get("colors", ())
        painted = thing(name).painted and len(colors) > 0 and self.rng.random() < 0.4
        return f"{self.one(colors)} {name}" if painted else name

    def scene(self) -> Scene:
        order = sorted(self.parts, key=lambda part: part[0])  # stable: what came first stays behind
        regions = [Region(prompt, mask, id=f"surprise-{i}") for i, (_, prompt, mask) in enumerate(order, 1)]
        return Scene(self.size, self.background, regions)


def _shared(a: Box, b: Box) -> float:
    """The area that two boxes share, in px; a little is counted for being close."""
    near = 0.02 * (a[2] - a[0])
    wide = min(a[2], b[2]) - max(a[0], b[0]) + near
    high = min(a[3], b[3]) - max(a[1], b[1]) + near
    return max(wide, 0.0) * max(high, 0.0)


# ---------------------------------------------------------------- kinds of scenes


@dataclass(frozen=True)
class _Kind:
    weight: float
    possible: Callable[[_Layout], bool]
    lay_out: Callable[[_Layout], None]


def _lay_open_air(layout: _Layout) -> None:
    """A sky, land or sea below it, and what belongs to each."""
    sky = layout.background = layout.one(layout.known(scenery.SKIES))
    bases = layout.known(scenery.LAND + scenery.WATER)
    base = layout.one(bases, [0.5 + min(len(_standing(layout, base)), 3) for base in bases])
    above = layout.fitting("sky", sky)
    below = _standing(layout, base)
    if base in scenery.WATER:
        horizon = layout.rng.uniform(0.5, 0.6)
        layout.put_ground(base, horizon, 0.008)
        shores = [shore for shore in layout.known(scenery.SHORES) if layout.fitting("ground", shore)]
        if shores and layout.count > FEWEST and layout.rng.random() < 0.5:
            _lay_shore(layout, layout.one(shores))
        feet = (horizon + 0.12, 0.8)
    else:
        horizon = layout.rng.uniform(0.55, 0.68)
        layout.put_ground(base, horizon, 0.025)
        feet = (horizon + 0.08, 0.95)
    over = min(len(above), int(layout.rng.integers(1, 3)), layout.missing - 1) if below else layout.missing
    for name in layout.some(above, over):
        layout.put(name, (0.08, max(0.2, horizon - 0.28)), 0.5)
    # The largest first: the others find room between them.
    for name in sorted(layout.some(below, layout.missing), key=lambda name: -thing(name).size[0]):
        far = name == "mountain" and base not in scenery.WATER  # the land hides its foot
        layout.put(name, (horizon + 0.04, horizon + 0.07) if far else feet, 1, behind=far)
    # Too few that are at home here: others come to visit.
    for name in layout.some(layout.objects, max(FEWEST - len(layout.parts), 0)):
        layout.put(name, feet, 1)


def _standing(layout: _Layout, base: str) -> list[str]:
    """What may stand on the land, or lie on the water."""
    return layout.fitting("water" if base in scenery.WATER else "ground", base)


def _lay_shore(layout: _Layout, shore: str) -> None:
    layout.put_ground(shore, 0.82, 0.02)
    for name in layout.some([n for n in layout.fitting("ground", shore) if n != "mountain"], 1):
        layout.put(name, (0.93, 0.98), 1)


def _lay_deep(layout: _Layout) -> None:
    """Space or under water, where things float."""
    depths = [depth for depth in layout.known(scenery.DEPTHS) if len(_floating(layout, depth)) > 1]
    layout.background = layout.one(depths)
    for name in layout.some(_floating(layout, layout.background), layout.missing):
        standing = thing(name).layer == "ground"
        layout.put(name, (0.9, 0.97) if standing else (0.18, 0.82), 1 if standing else 0.5)
    for name in layout.some(layout.objects, max(FEWEST - len(layout.parts), 0)):
        layout.put(name, (0.18, 0.82), 0.5)


def _floating(layout: _Layout, depth: str) -> list[str]:
    return [name for name in layout.objects if depth in thing(name).homes]


def _lay_room(layout: _Layout) -> None:
    """A wall, and a floor before it."""
    wall = layout.background = layout.one(layout.known(scenery.WALLS))
    floors = [floor for floor in layout.known(scenery.FLOORS) if floor != wall]
    if floors:
        layout.put_ground(layout.one(floors), 0.7, 0.004)
    for name in layout.some(_indoors(layout), layout.missing):
        hung = thing(name).layer == "sky"
        layout.put(name, (0.15, 0.35) if hung else (0.8, 0.96), 0.5 if hung else 1)
    for name in layout.some(layout.objects, max(FEWEST - len(layout.parts), 0)):
        layout.put(name, (0.8, 0.96), 1)


def _indoors(layout: _Layout) -> list[str]:
    return [name for name in layout.objects if set(thing(name).homes) & set(scenery.WALLS)]


_open_air = _Kind(
    6, lambda of: bool(of.known(scenery.SKIES) and of.known(scenery.LAND + scenery.WATER) and of.objects), _lay_open_air
)
_deep = _Kind(1.2, lambda of: any(len(_floating(of, depth)) > 1 for depth in of.known(scenery.DEPTHS)), _lay_deep)
_room = _Kind(0.7, lambda of: bool(of.known(scenery.WALLS)) and len(_indoors(of)) > 2, _lay_room)


def _anything(layout: _Layout) -> None:
    """Words of which nothing is known: a background, and things all over it."""
    behind = [str(name) for name in layout.rng.permutation(layout.backgrounds)[:2]]
    layout.background = behind[0] if behind else ""
    if len(behind) > 1 and layout.objects and layout.rng.random() < 0.5:
        layout.put_ground(behind[1], 0.62, 0.03)
    names = layout.objects or [name for name in layout.backgrounds if name != layout.background] or behind
    chosen = list(layout.rng.permutation(names))
    while layout.missing > 0:
        name = str(chosen[len(layout.taken) % len(chosen)])
        layout.put(name, (0.2, 0.8), 0.5)
