"""The picture styles: what each makes of a painted picture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from .sheet import Rng
from .textures.noise import Array, field, step

PAPER = np.array([252, 248, 238], np.float32)
BLOCK = 4  # pixels a side of a block of pixel art
PALETTE = 28
BLUR = 3


def softened(rng: Rng, rgb: np.ndarray, reach: float, saturation: float) -> Image.Image:
    """``rgb`` in patches of colour, as a hand lays them: unsteady by about ``reach`` pixels, small details gone."""
    return vivid(bent(rng, Image.fromarray(rgb), reach, 16).filter(ImageFilter.MedianFilter(3)), saturation)


def vivid(image: Image.Image, saturation: float, contrast: float = 1.0) -> Image.Image:
    image = ImageEnhance.Color(image).enhance(saturation)
    return ImageEnhance.Contrast(image).enhance(contrast) if contrast != 1 else image


def edges(image: Image.Image, radius: float) -> Array:
    """How much of an edge each pixel lies on: float32 (height, width), 0 to 1, about ``radius`` pixels wide."""
    values = np.asarray(image, np.float32)
    around = np.asarray(image.filter(ImageFilter.BoxBlur(radius)), np.float32)
    return step(np.abs(values - around).max(2), 5, 42)


def to_bytes(values: Array) -> np.ndarray:
    return np.clip(values, 0, 255).astype(np.uint8)


def bent(rng: Rng, image: Image.Image, reach: float, cell: int) -> Image.Image:
    """``image`` with its outlines unsteady by about ``reach`` pixels; its corners stay in place."""
    width, height = image.size
    xs, ys = np.linspace(0, width, width // cell + 1).round(), np.linspace(0, height, height // cell + 1).round()
    x, y = np.meshgrid(xs, ys)
    moved = np.stack([x, y], 2)
    moved[1:-1, 1:-1] += rng.normal(0, reach, moved[1:-1, 1:-1].shape)
    mesh = []
    for i in range(len(ys) - 1):
        for j in range(len(xs) - 1):
            box = (int(xs[j]), int(ys[i]), int(xs[j + 1]), int(ys[i + 1]))
            corners = moved[i, j], moved[i + 1, j], moved[i + 1, j + 1], moved[i, j + 1]
            mesh.append((box, tuple(float(c) for corner in corners for c in corner)))
    return image.transform(image.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def watercolour(rng: Rng, rgb: np.ndarray) -> np.ndarray:
    height, width = rgb.shape[:2]
    image = softened(rng, rgb, 1.0, 1.35)
    wash = np.asarray(image, np.float32)
    # Pigment: how much of the light each channel swallows. It pools in places and along the edges of a wash.
    pool = 0.69 + 0.09 * field(rng, height, width, 44) + 0.04 * field(rng, height, width, 11)
    pool = pool + 0.3 * edges(image, BLUR) + 0.025 * field(rng, height, width, 4)
    return to_bytes(PAPER - np.maximum(PAPER - wash, 0) * np.clip(pool, 0.4, 1.08)[..., None])


def strokes(rng: Rng, height: int, width: int, long: float, thick: float) -> Array:
    """Noise of about unit deviation in strokes that rise to the right."""
    side = height + width
    noise = field(rng, side // 2, side, long / 2, thick)  # every second row: strokes are long
    y, x = np.mgrid[0:height, 0:width]
    return noise[(x - y + height - 1) // 2, x + y]


def crayon(rng: Rng, rgb: np.ndarray) -> np.ndarray:
    height, width = rgb.shape[:2]
    image = softened(rng, rgb, 1.4, 1.35)
    outline = edges(image, 2)
    wax = np.asarray(image, np.float32) * (1 - 0.36 * outline)[..., None]
    grain = strokes(rng, height, width, 26, 4.5) + 0.7 * field(rng, height, width, 3.5)
    cover = np.clip(0.86 + 0.115 * grain, 0.52, 1) + 0.3 * outline
    return to_bytes(PAPER - (PAPER - wax) * np.minimum(cover, 1)[..., None])


def pixel_art(rng: Rng, rgb: np.ndarray) -> np.ndarray:
    height, width = rgb.shape[:2]
    small = Image.fromarray(rgb).resize((width // BLOCK, height // BLOCK), Image.Resampling.BOX)
    small = vivid(small.filter(ImageFilter.UnsharpMask(1.2, 90, 0)), 1.12, 1.1)
    few = small.quantize(PALETTE, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE).convert("RGB")
    return np.array(few.resize((width, height), Image.Resampling.NEAREST))  # asarray would be read-only


def night(rng: Rng, rgb: np.ndarray) -> np.ndarray:
    height, width = rgb.shape[:2]
    values = np.asarray(vivid(Image.fromarray(rgb), 1.25), np.float32)
    light = values @ np.array([0.3, 0.59, 0.11], np.float32)
    moon = 0.94 + 0.035 * field(rng, height, width, 80)
    dark = values * np.array([0.46, 0.51, 0.7], np.float32) * moon[..., None] + np.array([2, 6, 24], np.float32)
    warm = step(values[..., 0] - values[..., 2], 70, 165) * step(light, 150, 220)  # what is bright and warm shines
    glow = Image.fromarray((warm * 255).astype(np.uint8)).filter(ImageFilter.BoxBlur(5)).filter(ImageFilter.BoxBlur(5))
    halo = np.asarray(glow, np.float32) / 255
    lit = dark + (values * np.array([0.95, 0.85, 0.7], np.float32) - dark) * (0.75 * warm)[..., None]
    return to_bytes(lit + halo[..., None] * np.array([34, 22, 4], np.float32))


STYLED: dict[str, Callable[[Rng, np.ndarray], np.ndarray]] = {
    "watercolour": watercolour,
    "crayon": crayon,
    "pixel art": pixel_art,
    "night": night,
}
