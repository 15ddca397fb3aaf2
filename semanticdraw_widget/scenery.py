"""What belongs where: which backgrounds are skies and which are grounds, and where a thing of a known name stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DAY = ("sky", "sunset", "storm")
NIGHT = ("night sky", "aurora")
SKIES = DAY + NIGHT
LAND = (
    *("grass", "flower field", "wheat", "forest", "autumn leaves", "sand", "snow", "ice", "rock", "cobblestone"),
    *("dirt", "lava", "road"),
)
WATER = ("sea",)
SHORES = ("sand", "rock", "grass", "snow", "ice")
"""Land that may lie before the sea."""
DEPTHS = ("space", "underwater")
"""Backgrounds without a horizon, in which things float."""
WALLS = ("brick", "wood", "tiles")
FLOORS = ("wood", "tiles", "cobblestone", "dirt")

Layer = Literal["sky", "ground", "water"]


@dataclass(frozen=True)
class Thing:
    """Where things of a name are found.

    layer: in the air, on the ground, or on water. size: its longer side, as shares of the canvas's shorter side.
    homes: the backgrounds that suit it; empty if all do. many: there may be several. painted: a color suits it.
    """

    layer: Layer
    size: tuple[float, float] = (0.24, 0.36)
    homes: tuple[str, ...] = ()
    many: bool = False
    painted: bool = False


_GREEN = ("grass", "flower field", "wheat", "forest", "autumn leaves")
_COLD = ("snow", "ice")
_PAVED = ("road", "cobblestone", "dirt")
_ALIVE = (*_GREEN, *_PAVED, "sand", "snow", "rock", *WALLS)
_BUILT = (*_GREEN, *_PAVED, "sand", "snow", "rock")

THINGS: dict[str, Thing] = {
    "tree": Thing("ground", (0.34, 0.45), _BUILT, many=True),
    "pine tree": Thing("ground", (0.34, 0.45), (*_GREEN, "snow", "rock", "dirt"), many=True),
    "palm tree": Thing("ground", (0.36, 0.45), ("sand", "grass"), many=True),
    "cactus": Thing("ground", (0.26, 0.38), ("sand", "dirt", "rock"), many=True),
    "mushroom": Thing("ground", (0.2, 0.3), ("grass", "forest", "autumn leaves", "dirt"), many=True, painted=True),
    "flower": Thing("ground", (0.22, 0.34), (*_GREEN, "dirt"), many=True, painted=True),
    "tulip": Thing("ground", (0.24, 0.36), (*_GREEN, "dirt"), many=True, painted=True),
    "mountain": Thing("ground", (0.4, 0.45)),
    "cloud": Thing("sky", (0.28, 0.42), DAY, many=True),
    "sun": Thing("sky", (0.2, 0.25), ("sky", "sunset", "space")),
    "moon": Thing("sky", (0.2, 0.25), (*NIGHT, "space")),
    "star": Thing("sky", (0.2, 0.24), (*NIGHT, "space"), many=True, painted=True),
    "rainbow": Thing("sky", (0.42, 0.45), ("sky", "storm")),
    "cat": Thing("ground", (0.22, 0.32), _ALIVE, painted=True),
    "dog": Thing("ground", (0.24, 0.34), _ALIVE, painted=True),
    "rabbit": Thing("ground", (0.2, 0.28), _ALIVE, painted=True),
    "bird": Thing("sky", (0.2, 0.28), SKIES, many=True, painted=True),
    "owl": Thing("ground", (0.2, 0.3), _ALIVE),
    "penguin": Thing("ground", (0.24, 0.36), (*_COLD, "rock"), many=True),
    "fish": Thing("water", (0.22, 0.34), (*WATER, "underwater"), many=True, painted=True),
    "turtle": Thing("water", (0.22, 0.34), (*WATER, "underwater")),
    "butterfly": Thing("sky", (0.2, 0.26), DAY, many=True, painted=True),
    "elephant": Thing("ground", (0.34, 0.45), ("grass", "wheat", "sand", "dirt")),
    "house": Thing("ground", (0.32, 0.45), _BUILT, painted=True),
    "castle": Thing("ground", (0.38, 0.45), (*_BUILT, "ice", "underwater")),
    "lighthouse": Thing("ground", (0.4, 0.45), ("rock", "sand", "grass", "snow")),
    "windmill": Thing("ground", (0.38, 0.45), ("grass", "flower field", "wheat", "dirt")),
    "boat": Thing("water", (0.28, 0.42), WATER, many=True, painted=True),
    "car": Thing("ground", (0.28, 0.4), (*_PAVED, "grass", "sand", "snow", "brick"), painted=True),
    "train": Thing("ground", (0.36, 0.45), (*_PAVED, "grass", "wheat", "snow", "rock"), painted=True),
    "rocket": Thing("sky", (0.32, 0.44), ("night sky", "space"), painted=True),
    "balloon": Thing("sky", (0.24, 0.36), (*DAY, *WALLS), many=True, painted=True),
    "ball": Thing("ground", (0.2, 0.26), (*_ALIVE, "ice"), painted=True),
    "umbrella": Thing("ground", (0.26, 0.36), ("sand", "grass", *_PAVED, *WALLS), painted=True),
    "robot": Thing("ground", (0.28, 0.4), (*_PAVED, "lava", "ice", "rock", "space", *WALLS), painted=True),
    "snowman": Thing("ground", (0.3, 0.42), _COLD),
}

UNKNOWN = Thing("ground", (0.22, 0.38), many=True)
"""What is assumed of a thing of any other name."""


def thing(name: str) -> Thing:
    """Where things of this name are found."""
    return THINGS.get(name, UNKNOWN)
