"""Painted pictures for training: streamed as pixels, or kept as latents with the concepts of every cell.

Encoding is as dear as a training step, so pictures are painted and encoded once; captions are drawn anew each time
a picture is used, and with them the loss weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderTiny
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from .painter import Picture, Thing, caption, paint, usual_color
from .vocabulary import LABELS

CELL = 8  # pixels a latent cell
SMALLEST = 30  # pixels: the least height of an object, about four cells
PASSED_OVER = 0.65  # share of unusually colored subjects that a batch leaves out, so plain names are seen often
# Loss weight of pixels that the caption does not name. At high noise nothing says where the concept is, and the
# prediction is a mean over all that a pixel might show, by these weights. Region control reads a prompt's prediction
# inside its own mask alone, so the mean has to be the concept: 0.08 still let the background win there.
OUTSIDE = 0.02


def passed_over(rng: np.random.Generator, thing: Thing) -> bool:
    """Whether a batch leaves out this subject, for its unusual color."""
    return thing.color != usual_color(thing.concept) and rng.random() < PASSED_OVER


class Painted(IterableDataset):
    """An endless stream of ``Picture``; worker k of seed s paints its own sequence."""

    def __init__(self, size: int, seed: int, count: int | None = None, crowded: float = 0.0) -> None:
        self.size, self.seed, self.count, self.crowded = size, seed, count, crowded

    def __iter__(self) -> Iterator[Picture]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        rng = np.random.default_rng([self.seed, self.size, worker])
        left = None if self.count is None else self.count // workers + (worker < self.count % workers)
        while left is None or left > 0:
            yield paint(rng, self.size, smallest=SMALLEST / self.size, crowded=bool(rng.random() < self.crowded))
            left = None if left is None else left - 1


def painted(
    size: int, batch: int, seed: int, workers: int = 2, count: int | None = None, crowded: float = 0.0
) -> Iterator[list[Picture]]:
    """Batches (lists) of pictures painted in ``workers`` processes; a share ``crowded`` of them full of objects."""
    ahead = 4 if workers else None
    loader: DataLoader[Any] = DataLoader(
        Painted(size, seed, count, crowded),
        batch_size=batch,
        num_workers=workers,
        collate_fn=list,
        prefetch_factor=ahead,
    )
    return iter(loader)


def pixels(pictures: list[Picture]) -> torch.Tensor:
    """float32 (batch, 3, height, width) in -1..1, as the codec takes it."""
    rgb = np.stack([p.rgb for p in pictures])
    return torch.from_numpy(rgb).permute(0, 3, 1, 2).float().div(127.5).sub(1)


@dataclass
class Latents:
    """A set of encoded pictures.

    latents: fp16 (count, C, h, w). labels: uint8 (count, 2h, 2w). things: what each picture shows, with each object's
    region as its share of the latent's cells, uint8 (h, w).
    """

    latents: torch.Tensor
    labels: np.ndarray
    things: list[tuple[Thing, ...]]

    def __len__(self) -> int:
        return len(self.things)

    def batch(
        self, rng: np.random.Generator, size: int, even: float, objects: float = 6.0
    ) -> tuple[torch.Tensor, list[str], torch.Tensor]:
        """A random batch: latents float32, captions, and loss weights (batch, 1, h, w) that average 1 a picture.

        even: the share of pictures whose loss is spread evenly; they teach objects their build against what is
        around them, where the weighted ones teach a prompt to win inside its own mask. objects: how much likelier a
        caption names an object than a background.
        """
        chosen: list[int] = []
        captions: list[str] = []
        weights: list[np.ndarray] = []
        while len(chosen) < size:
            index = int(rng.integers(0, len(self)))
            labels = self.labels[index]
            picture = Picture(labels, labels, self.things[index])
            text, named = caption(rng, picture, objects)
            if any(passed_over(rng, t) for t in picture.things if t.concept in named):
                continue
            chosen.append(index)
            inside = np.isin(labels, [LABELS[n] for n in named]).astype(np.float32)
            h, w = labels.shape[0] // 2, labels.shape[1] // 2
            share = inside.reshape(h, 2, w, 2).mean((1, 3))
            weight = OUTSIDE + (1 - OUTSIDE) * share
            if rng.random() < even or not named:
                weight = np.ones_like(weight)
            captions.append(text)
            # A small object's few cells must not shout down the rest of the batch, hence the cap.
            weights.append(np.minimum(weight / max(weight.mean(), 1e-3), 12.0))
        stack = torch.from_numpy(np.stack(weights)).float()[:, None]
        return self.latents[torch.tensor(chosen)].float(), captions, stack


def with_cells(thing: Thing) -> Thing:
    """``thing`` with its region as the share of each latent cell, uint8 (h, w), 255 for all of it."""
    if thing.region is None:
        return thing
    h, w = (n // CELL for n in thing.region.shape)
    share = thing.region.reshape(h, CELL, w, CELL).mean((1, 3))
    return replace(thing, region=np.round(share * 255).astype(np.uint8))


def encode_pictures(
    codec: AutoencoderTiny,
    size: int,
    count: int,
    seed: int,
    workers: int,
    cache: Path,
    bf16: bool = False,
    crowded: float = 0.0,
) -> Latents:
    """Paint ``count`` pictures of ``size`` pixels and encode them; kept in ``cache``, so a resumed run reuses them."""
    if cache.exists():
        kept = torch.load(cache, weights_only=False)
        return Latents(kept["latents"], kept["labels"], kept["things"])
    latents, labels, things = [], [], []
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        for pictures in painted(size, 32, seed, workers, count, crowded):
            x = pixels(pictures).to(next(codec.parameters()).device).contiguous(memory_format=torch.channels_last)
            latents.append(codec.encode(x).latents.half().cpu())
            labels += [p.labels[2::4, 2::4].copy() for p in pictures]
            things += [tuple(with_cells(t) for t in p.things) for p in pictures]
    kept = {"latents": torch.cat(latents).contiguous(), "labels": np.stack(labels), "things": things}
    torch.save(kept, cache)
    return Latents(kept["latents"], kept["labels"], kept["things"])
