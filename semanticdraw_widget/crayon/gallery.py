"""Painted pictures for training, with all that the stages ask of them, as tensors on the training device.

Painting is slow Python, so it happens once a picture, in processes of its own, which also write the captions and count
the cells; a training step then only gathers rows. The stages may start while the painters still paint.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderTiny
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from .networks import LATENT_CHANNELS, TOKENS
from .painter import Picture, Thing, caption, paint, phrase, shown
from .sheet import Rng
from .vocabulary import OBJECTS

CELL = 8  # pixels a latent cell
SLOTS = 8  # prompts of a picture, the last of them the empty one for what no other names
CAPTIONS = 4  # captions a picture is given
SMALLEST = 26  # pixels: the least height of an object, about three cells
FETCHED = 32  # pictures that a painter hands over at a time: each time it holds up the thread that trains
NONE, OBJECT, GROUND, REST, PATCH = range(5)  # what a slot holds; a patch is a background that fills a region


def asked(picture: Picture, thing: Thing) -> np.ndarray:
    """The pixels that ``thing`` was asked to fill (it has a region) or shows (a background), bool (height, width)."""
    return shown(picture, thing) if thing.region is None else thing.region


def cells(where: np.ndarray) -> np.ndarray:
    """The share of each latent cell that ``where``, bool (height, width), covers: uint8 (h, w), 255 for all of it."""
    h, w = (n // CELL for n in where.shape)
    return np.round(where.reshape(h, CELL, w, CELL).mean((1, 3)) * 255).astype(np.uint8)


def record(rng: Rng, picture: Picture, tokenizer: Any) -> dict[str, np.ndarray]:
    """One picture as the gallery keeps it; see :class:`Gallery` for the names."""
    h, w = (n // CELL for n in picture.labels.shape)
    maps, kinds = np.zeros((SLOTS, h, w), np.uint8), np.zeros(SLOTS, np.uint8)
    prompts = [""] * SLOTS
    regions = [t for t in picture.things if t.region is not None and t.region.any()]
    regions = sorted(regions, key=lambda t: -np.count_nonzero(asked(picture, t)))[: SLOTS - 2]
    things = regions + [t for t in picture.things if t.region is None][: SLOTS - 1 - len(regions)]
    for slot, thing in enumerate(things):
        maps[slot] = cells(asked(picture, thing))
        kinds[slot] = GROUND if thing.region is None else OBJECT if thing.concept in OBJECTS else PATCH
        prompts[slot] = phrase(rng, thing)
    kinds[-1] = REST
    texts, inside = [], np.zeros((CAPTIONS, h, w), np.uint8)
    for k in range(CAPTIONS):
        text, named = caption(rng, picture)
        texts.append(text)
        inside[k] = cells(np.any([shown(picture, t) for t in named], axis=0)) if named else 255
    ids = tokenizer(prompts + texts, padding="max_length", max_length=TOKENS, truncation=True).input_ids
    tokens = np.asarray(ids, np.int16)
    return {
        "rgb": picture.rgb,
        "labels": picture.labels,
        "colors": picture.colors,
        "maps": maps,
        "kinds": kinds,
        "prompts": tokens[:SLOTS],
        "captions": tokens[SLOTS:],
        "inside": inside,
    }


class Painted(IterableDataset):
    """``count`` records; worker k of seed s paints its own sequence."""

    def __init__(self, size: int, seed: int, count: int, crowded: float, tokenizer: Any) -> None:
        self.size, self.seed, self.count, self.crowded, self.tokenizer = size, seed, count, crowded, tokenizer

    def __iter__(self) -> Iterator[dict[str, np.ndarray]]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        rng = np.random.default_rng([self.seed, self.size, worker])
        for _ in range(self.count // workers + (worker < self.count % workers)):
            picture = paint(rng, self.size, smallest=SMALLEST / self.size, crowded=bool(rng.random() < self.crowded))
            yield record(rng, picture, self.tokenizer)


@dataclass(frozen=True)
class Batch:
    """latents: float32 (n, C, h, w). tokens: int64 (n, TOKENS). weights: float32 (n, 1, h, w), the loss of each cell,
    averaging 1 a picture."""

    latents: torch.Tensor
    tokens: torch.Tensor
    weights: torch.Tensor


class Gallery:
    """``count`` of at most ``capacity`` pictures of one size; tensors on ``device``, a row a picture.

    rgb: uint8 (N, H, W, 3). labels, colors: uint8 (N, H, W). maps: uint8 (N, SLOTS, h, w), the share of each cell that
    the slot's thing was asked to fill (it has a region) or shows (a background). kinds: uint8 (N, SLOTS). prompts:
    int16 (N, SLOTS, TOKENS). captions: int16 (N, CAPTIONS, TOKENS). inside: uint8 (N, CAPTIONS, h, w), the share of
    each cell that a caption names. latents: half (N, C, h, w), from ``encode``, which works in bfloat16 on a GPU and
    with ``half``.
    """

    def __init__(self, capacity: int, size: int, device: str, half: bool = False) -> None:
        h = size // CELL

        def rows(*shape: int, dtype: torch.dtype = torch.uint8) -> torch.Tensor:
            return torch.zeros(capacity, *shape, dtype=dtype, device=device)

        self.size, self.device, self.capacity = size, device, capacity
        self.half = half or device.startswith("cuda")
        self.count = self.encoded = 0
        self.latents = rows(LATENT_CHANNELS, h, h, dtype=torch.float16)
        self.parts = {
            "rgb": rows(size, size, 3),
            "labels": rows(size, size),
            "colors": rows(size, size),
            "maps": rows(SLOTS, h, h),
            "kinds": rows(SLOTS),
            "prompts": rows(SLOTS, TOKENS, dtype=torch.int16),
            "captions": rows(CAPTIONS, TOKENS, dtype=torch.int16),
            "inside": rows(CAPTIONS, h, h),
        }
        self.codec: AutoencoderTiny | None = None
        self.failure: BaseException | None = None

    def __getattr__(self, name: str) -> torch.Tensor:
        parts: dict[str, torch.Tensor] = self.__dict__.get("parts", {})
        if name not in parts:
            raise AttributeError(name)
        return parts[name]

    def add(self, records: dict[str, torch.Tensor]) -> None:
        """Append a batch of records."""
        start = self.count
        stop = min(start + len(records["kinds"]), self.capacity)
        for name, part in self.parts.items():
            part[start:stop] = records[name][: stop - start].to(self.device)
        self.count = stop

    def fill(self, seed: int, workers: int, tokenizer: Any, crowded: float) -> None:
        """Paint until it is full."""
        dataset = Painted(self.size, seed, self.capacity, crowded, tokenizer)
        loader: DataLoader[Any] = DataLoader(
            dataset, batch_size=FETCHED, num_workers=workers, prefetch_factor=2 if workers else None
        )
        for records in loader:
            self.add(records)

    def fill_beside(self, seed: int, workers: int, tokenizer: Any, crowded: float) -> threading.Thread:
        """``fill`` in a thread, so that training may begin on what there is; ``wait`` tells of its failure."""

        def work() -> None:
            try:
                self.fill(seed, workers, tokenizer, crowded)
            except BaseException as error:
                self.failure = error

        thread = threading.Thread(target=work, name="painters", daemon=True)
        thread.start()
        return thread

    def wait(self, count: int) -> None:
        """Until ``count`` pictures (or all) are there."""
        pause = threading.Event()
        while self.count < min(count, self.capacity):
            self.check()
            pause.wait(0.05)

    def check(self) -> None:
        """RuntimeError if the painters have failed."""
        if self.failure is not None:
            raise RuntimeError(f"the painters failed after {self.count} pictures") from self.failure

    def choose(self, rng: torch.Generator, size: int) -> torch.Tensor:
        """``size`` rows at random of those that are there: int64, on the device."""
        self.check()
        return torch.randint(self.count, (size,), generator=rng, device=self.device)

    def pixels(self, index: torch.Tensor) -> torch.Tensor:
        """float32 (n, 3, H, W) in -1..1, as the codec takes it."""
        rgb = self.rgb[index].permute(0, 3, 1, 2)
        return rgb.float().div(127.5).sub(1).contiguous(memory_format=torch.channels_last)

    @torch.no_grad()
    def encode(self, codec: AutoencoderTiny | None = None, batch: int = 64) -> None:
        """The latents of the pictures that came since the last call; ``batch`` calls it for those that come later."""
        self.codec = codec or self.codec
        if self.codec is None:
            raise RuntimeError("the gallery has no codec yet: call encode(codec) first")
        ready = self.count
        for start in range(self.encoded, ready, batch):
            index = torch.arange(start, min(start + batch, ready), device=self.device)
            with torch.autocast(self.rgb.device.type, torch.bfloat16, enabled=self.half):
                self.latents[index] = self.codec.encode(self.pixels(index)).latents.half()
        self.encoded = ready

    def encode_new(self, many: int = 256) -> None:
        """Encode what was painted meanwhile, once it is ``many`` pictures."""
        self.check()
        if self.count - self.encoded >= many:
            self.encode()

    def batch(self, rng: torch.Generator, size: int, even: float, outside: float) -> Batch:
        """Random captions of random encoded pictures.

        even: the share of pictures whose loss is spread evenly; they teach objects their build against what is
        around them, where the others teach a prompt to win inside its own mask. outside: the weight of a cell that the
        caption does not name.
        """
        self.encode_new()
        index = torch.randint(self.encoded, (size,), generator=rng, device=self.device)
        which = torch.randint(CAPTIONS, (size,), generator=rng, device=self.device)
        share = self.inside[index, which].float() / 255
        weights = outside + (1 - outside) * share
        flat = torch.rand(size, generator=rng, device=self.device) < even
        weights = torch.where(flat[:, None, None], torch.ones_like(weights), weights)
        # A small object's few cells must not shout down the rest of the batch, hence the cap.
        weights = (weights / weights.mean((1, 2), keepdim=True).clamp(min=1e-3)).clamp(max=12)
        return Batch(self.latents[index].float(), self.captions[index, which].long(), weights[:, None])

    def slots(self, rng: torch.Generator, size: int, *kinds: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Random encoded pictures with something of ``kinds``, and one slot of each that holds it: int64 (size,)."""
        holds = torch.isin(self.kinds[: self.encoded], torch.tensor(kinds, device=self.device))
        rows = torch.nonzero(holds.any(1))[:, 0]
        index = rows[torch.randint(len(rows), (size,), generator=rng, device=self.device)]
        return index, torch.multinomial(holds[index].float(), 1, generator=rng)[:, 0]

    def ground_batch(self, rng: torch.Generator, size: int) -> Batch:
        """Random backgrounds by their own prompts, the loss on their own cells."""
        index, slot = self.slots(rng, size, GROUND)
        weights = self.maps[index, slot].float() / 255
        weights = (weights / weights.mean((1, 2), keepdim=True).clamp(min=1e-3)).clamp(max=12)
        return Batch(self.latents[index].float(), self.prompts[index, slot].long(), weights[:, None])
