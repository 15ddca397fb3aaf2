"""Pictures of all that crayon knows, drawn by crayon: a sheet with names for people, and small tiles for a palette."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from ..bench.outlines import SIZE, around
from ..bench.page import page
from ..engine import Engine
from ..scene import Background, Region, Scene
from .objects import KINDS
from .painter import PAPER
from .vocabulary import BACKGROUNDS, CONCEPTS, OBJECTS

MODE = "masked"
TILE, COLUMNS, MOST_BYTES = 48, 12, 150_000  # of the palette
SHOWN, SHEET_COLUMNS = 128, 10  # of the sheet
# What an object is shown on: where it belongs, and stands out.
HOMES = {
    "sky": ("cloud", "sun", "rainbow", "bird", "butterfly", "mountain", "balloon"),
    "sunset": ("palm tree", "windmill"),
    "night sky": ("moon", "star"),
    "space": ("rocket",),
    "sea": ("lighthouse", "boat"),
    "underwater": ("fish", "turtle"),
    "grass": ("tree", "flower", "tulip", "cat", "dog", "rabbit", "house", "castle", "ball"),
    "forest": ("mushroom", "owl"),
    "sand": ("cactus", "elephant", "umbrella"),
    "snow": ("pine tree", "penguin", "snowman"),
    "dirt": ("train",),
    "road": ("car",),
    "tiles": ("robot",),
}
HOME = {concept: ground for ground, concepts in HOMES.items() for concept in concepts}


def middle(concept: str, room: float) -> Region:
    """An object's region in the middle of the canvas, loosely drawn around it, ``room`` pixels at the longer side."""
    tall = room / max(KINDS[concept].aspect, 1)
    return Region(concept, around(concept, SIZE / 2, (SIZE + tall) / 2, tall), id=concept.replace(" ", "-"))


def at_home(concept: str) -> Scene:
    """A background alone, or an object on a background where it belongs."""
    if concept in BACKGROUNDS:
        return Scene((SIZE, SIZE), concept, seed=1)
    return Scene((SIZE, SIZE), HOME[concept], [middle(concept, 0.82 * SIZE)], seed=1)


def on_paper(concept: str) -> Scene:
    """A background alone, or an object, as large as may be, on white paper."""
    if concept in BACKGROUNDS:
        return Scene((SIZE, SIZE), concept, seed=1)
    paper = np.full((SIZE, SIZE, 3), PAPER, np.uint8)
    return Scene((SIZE, SIZE), Background(image=paper), [middle(concept, 0.94 * SIZE)], seed=1)


def drawn(engine: Engine, scene: Scene, side: int) -> np.ndarray:
    """The picture of ``scene``, made smaller: uint8 (side, side, 3)."""
    *_, frame = engine.denoise(scene, mode=MODE)
    return np.asarray(frame.image().resize((side, side), Image.Resampling.LANCZOS))


def sheet(engine: Engine, concepts: Sequence[str] = CONCEPTS) -> Image.Image:
    """Every concept with its name."""
    return page([(name, drawn(engine, at_home(name), SHOWN)) for name in concepts], SHEET_COLUMNS, letters=12)


def palette(engine: Engine, concepts: Sequence[str] = (*BACKGROUNDS, *OBJECTS)) -> Image.Image:
    """Every concept without its name: tiles of TILE x TILE pixels, COLUMNS a row, in the order of ``concepts``."""
    rows = -(-len(concepts) // COLUMNS)
    result = Image.new("RGB", (COLUMNS * TILE, rows * TILE), (PAPER,) * 3)
    for index, name in enumerate(concepts):
        tile = Image.fromarray(drawn(engine, on_paper(name), TILE))
        result.paste(tile, (index % COLUMNS * TILE, index // COLUMNS * TILE))
    return result


def small_png(image: Image.Image, most: int = MOST_BYTES) -> bytes:
    """``image`` as a PNG of ``most`` bytes or less, in as many colors as fit. Raises ValueError if not even few do."""
    for data in quantised(image):
        if len(data) <= most:
            return data
    raise ValueError(f"{image.width} x {image.height} pixels do not fit into {most} bytes")


def quantised(image: Image.Image) -> Iterator[bytes]:
    for colors in (256, 192, 128, 96, 64, 32, 16):
        target = io.BytesIO()
        image.quantize(colors, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG).save(
            target, "PNG", optimize=True
        )
        yield target.getvalue()
