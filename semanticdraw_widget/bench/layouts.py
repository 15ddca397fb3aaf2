"""Random scenes with known masks: what ``bench fidelity`` asks for and what it then looks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..crayon.objects import KINDS as DRAWN
from ..crayon.vocabulary import BACKGROUNDS, COLORS, OBJECTS
from ..scene import Region, Scene

Rng = np.random.Generator
KINDS = ("plain", "overlapping", "soft", "small", "touching")
# Pairs of which a person, too, would often take one for the other, or for a part of it, in a small picture.
ALIKE = (
    {"sky", "cloud"},
    {"storm", "cloud"},
    {"snow", "cloud"},
    {"night sky", "space"},
    {"night sky", "star"},
    {"forest", "tree"},
    {"grass", "flower field"},
    {"flower field", "flower"},
    {"rock", "cobblestone"},
    {"rock", "mountain"},
)
COLORED = 0.5  # of the objects that can have any color ask for one by name


@dataclass(frozen=True)
class Layout:
    """A scene, the kind of difficulty it stands for, and region by region the prompt's concept and the color that it
    asks for, None where it names none."""

    scene: Scene
    kind: str
    concepts: tuple[str, ...]
    colors: tuple[str | None, ...]

    def visible(self, index: int) -> np.ndarray:
        """Bool (height, width): where region ``index`` is the topmost one, its mask being above one half."""
        own = self.scene.regions[index].mask > 127
        for above in self.scene.regions[index + 1 :]:
            own = own & ~(above.mask > 127)
        return own


def grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) + 0.5
    return y, x


def edge(distance: np.ndarray, soft: float) -> np.ndarray:
    """A mask, uint8, from a signed distance in pixels (positive inside); ``soft`` is the ramp's width in pixels."""
    return (np.clip(distance / max(soft, 1e-6) + 0.5, 0, 1) * 255).astype(np.uint8)


def ellipse(rng: Rng, size: int, cy: float, cx: float, ry: float, rx: float, soft: float) -> np.ndarray:
    y, x = grid(size)
    radius = np.sqrt(((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2)
    return edge((1 - radius) * min(ry, rx), soft)


def rectangle(rng: Rng, size: int, cy: float, cx: float, ry: float, rx: float, soft: float) -> np.ndarray:
    y, x = grid(size)
    return edge(np.minimum(ry - abs(y - cy), rx - abs(x - cx)), soft)


def blob(rng: Rng, size: int, cy: float, cx: float, ry: float, rx: float, soft: float) -> np.ndarray:
    """A lumpy closed curve, as a hand draws it: an ellipse with three low harmonics on its radius."""
    y, x = grid(size)
    angle = np.arctan2((y - cy) / ry, (x - cx) / rx)
    bound = np.ones_like(angle)
    for harmonic in (2, 3, 4):
        bound += rng.normal(0, 0.07) * np.cos(harmonic * angle + rng.uniform(0, 6.28))
    radius = np.sqrt(((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2)
    return edge((bound - radius) * min(ry, rx), soft)


SHAPES: tuple[Callable[..., np.ndarray], ...] = (ellipse, rectangle, blob)


def concepts(rng: Rng, background: str, count: int) -> list[str]:
    """``count`` distinct concepts, none alike to another or to the background; objects two times in three."""
    chosen: list[str] = []
    while len(chosen) < count:
        one = str(rng.choice(OBJECTS if rng.random() < 0.67 else BACKGROUNDS))
        others = [background, *chosen]
        if one not in others and not any({one, other} in ALIKE for other in others):
            chosen.append(one)
    return chosen


def color_for(rng: Rng, concept: str) -> str | None:
    """A color to ask for with ``concept``, or None; never one for what has its own colors, like the sun."""
    if concept not in OBJECTS or DRAWN[concept].color is None or rng.random() >= COLORED:
        return None
    return str(rng.choice(list(COLORS)))


def side_by_side(rng: Rng, count: int, size: int, soft: float) -> list[np.ndarray]:
    """Columns that share their borders, from edge to edge of a band."""
    cuts = np.linspace(0.06, 0.94, count + 1) * size
    top, bottom = rng.uniform(0.1, 0.3) * size, rng.uniform(0.7, 0.9) * size
    cy, ry = (top + bottom) / 2, (bottom - top) / 2
    return [
        rectangle(rng, size, cy, (left + right) / 2, ry, (right - left) / 2, soft) for left, right in pairwise(cuts)
    ]


def scattered(rng: Rng, count: int, kind: str, size: int, soft: float) -> list[np.ndarray]:
    """Shapes of any sort, apart from one another; those of an "overlapping" layout lie partly on the ones before."""
    least, most = (18, 28) if kind == "small" else (34, 62)
    taken = np.zeros((size, size), bool)
    masks: list[np.ndarray] = []
    for _ in range(count):
        for attempt in range(400):
            # A crowded canvas takes smaller shapes in the end.
            ry, rx = rng.uniform(least, most, 2) * size / 256 * 0.995**attempt
            cy, cx = (rng.uniform(0.04 * size + r, 0.96 * size - r) for r in (ry, rx))
            mask = SHAPES[int(rng.integers(len(SHAPES)))](rng, size, cy, cx, ry, rx, soft)
            inside = mask > 127
            shared = (inside & taken).sum() / max(inside.sum(), 1)
            if (0.15 < shared < 0.5) if kind == "overlapping" and masks else shared < 0.01:
                break
        taken |= inside
        masks.append(mask)
    return masks


def layout(rng: Rng, kind: str, size: int) -> Layout:
    """One random scene of ``kind`` on a square canvas of ``size`` pixels, with two to four regions."""
    background = str(rng.choice(BACKGROUNDS))
    count = int(rng.integers(2, 5)) if kind in ("plain", "small") else int(rng.integers(2, 4))
    names = concepts(rng, background, count)
    colors = tuple(color_for(rng, name) for name in names)
    soft = (12.0 if kind == "soft" else 1.0) * size / 256
    masks = side_by_side(rng, count, size, soft) if kind == "touching" else scattered(rng, count, kind, size, soft)
    regions = [
        Region(f"{color} {name}" if color else name, mask, id=name.replace(" ", "-"))
        for name, color, mask in zip(names, colors, masks)
    ]
    scene = Scene((size, size), background, tuple(regions), seed=int(rng.integers(2**31)))
    return Layout(scene, kind, tuple(names), colors)


def layouts(count: int, seed: int = 0, size: int = 256) -> list[Layout]:
    """``count`` scenes, the five kinds in turn; the first n of a longer list are those of a shorter one."""
    return [layout(np.random.default_rng([seed, index]), KINDS[index % len(KINDS)], size) for index in range(count)]
