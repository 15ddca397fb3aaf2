"""Random scenes with known masks: what ``bench fidelity`` asks for and what it then looks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..crayon.vocabulary import BACKGROUNDS, OBJECTS
from ..scene import Region, Scene

Rng = np.random.Generator
KINDS = ("plain", "overlapping", "soft", "small", "touching")
# Pairs that even a person would mark as one another's color on a small picture.
ALIKE = ({"sky", "snow"}, {"snow", "cloud"}, {"sky", "cloud"}, {"rock", "mountain"}, {"sand", "wood"})


@dataclass(frozen=True)
class Layout:
    """A scene, the kind of difficulty it stands for, and the prompts' concepts region by region."""

    scene: Scene
    kind: str
    concepts: tuple[str, ...]

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


def layout(rng: Rng, kind: str, size: int) -> Layout:
    """One random scene of ``kind`` on a square canvas of ``size`` pixels, with two to four regions."""
    unit = size / 256
    background = str(rng.choice(BACKGROUNDS))
    count = int(rng.integers(2, 5)) if kind in ("plain", "small") else int(rng.integers(2, 4))
    names = concepts(rng, background, count)
    soft = (12.0 if kind == "soft" else 1.0) * unit
    regions: list[Region] = []
    if kind == "touching":
        # Columns that share their borders, from edge to edge of a band.
        cuts = np.linspace(0.06, 0.94, count + 1) * size
        top, bottom = rng.uniform(0.1, 0.3) * size, rng.uniform(0.7, 0.9) * size
        for name, left, right in zip(names, cuts, cuts[1:]):
            mask = rectangle(
                rng,
                size,
                (top + bottom) / 2,
                (left + right) / 2,
                (bottom - top) / 2,
                (right - left) / 2,
                soft,
            )
            regions.append(Region(name, mask, id=name.replace(" ", "-")))
        return Layout(
            Scene((size, size), background, tuple(regions), seed=int(rng.integers(2**31))), kind, tuple(names)
        )
    least, most = (18, 28) if kind == "small" else (34, 62)
    taken = np.zeros((size, size), bool)
    for name in names:
        for attempt in range(400):
            # A crowded canvas takes smaller shapes in the end.
            ry, rx = rng.uniform(least, most, 2) * unit * 0.995**attempt
            cy, cx = (rng.uniform(0.04 * size + r, 0.96 * size - r) for r in (ry, rx))
            mask = SHAPES[int(rng.integers(len(SHAPES)))](rng, size, cy, cx, ry, rx, soft)
            inside = mask > 127
            shared = (inside & taken).sum() / max(inside.sum(), 1)
            if (0.15 < shared < 0.5) if kind == "overlapping" and regions else shared < 0.01:
                break
        taken |= inside
        regions.append(Region(name, mask, id=name.replace(" ", "-")))
    return Layout(Scene((size, size), background, tuple(regions), seed=int(rng.integers(2**31))), kind, tuple(names))


def layouts(count: int, seed: int = 0, size: int = 256) -> list[Layout]:
    """``count`` scenes, the five kinds in turn; the first n of a longer list are those of a shorter one."""
    return [layout(np.random.default_rng([seed, index]), KINDS[index % len(KINDS)], size) for index in range(count)]
