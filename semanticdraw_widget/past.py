"""The finished pictures of a canvas, each with the scene that made it: what one can look back at, and go back to."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from .jobs import Picture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .scene import Scene

MAX_ENTRIES = 24
MAX_PINNED = 12
"""Fewer than entries, so that there is always room for a new picture."""
MAX_BYTES = 256 * 2**20
"""Of pictures and masks. Entries share the masks that did not change between them."""
THUMBNAIL_SIDE = 112
"""The longer side of a thumbnail, px: 56 on screens of two pixels each way."""


@dataclass(frozen=True, eq=False, repr=False)
class HistoryEntry:
    """A finished picture, and what made it.

    Attributes:
        id: counts the entries of a canvas from 1; the canvas's messages name it.
        scene: the scene that was drawn, without the texts that go with every prompt.
        settings: steps (0) and guidance (None for the model's own), mode, cfg, style_text, quality_text and
            negative_text that it was painted with.
        title: what the picture shows, in few words: the prompts, uppermost region first.
        whole: the picture shows all of the scene that is visible, and not one region alone.
        made_at: when it was finished, local time.
        pinned: it stays when older ones give way.
        key: the job's (jobs.Job.key); equal keys and equal bytes are one and the same picture.
        png: the picture as a PNG file. thumbnail: a JPEG file of at most 112 px a side.
    """

    id: int
    scene: Scene
    settings: Mapping[str, Any]
    title: str
    whole: bool
    made_at: datetime
    pinned: bool
    key: tuple[Any, ...]
    png: bytes
    thumbnail: bytes

    @property
    def image(self) -> Image.Image:
        """The picture, RGB, of the scene's size."""
        return Image.open(io.BytesIO(self.png)).convert("RGB")

    def __repr__(self) -> str:
        pinned = ", pinned" if self.pinned else ""
        return f"<picture {self.id}, {self.made_at:%H:%M:%S}: {self.title!r}{pinned}>"


class NoEntry(LookupError):
    """A picture that is not in the history, or no more. The text says which there are."""


class Past:
    """Entries, the oldest first. Thread-safe: pictures come from the worker, wishes from anywhere."""

    def __init__(self, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._lock = Lock()
        self._entries: list[HistoryEntry] = []
        self._last_id = 0
        self._max_entries, self._max_bytes = max_entries, max_bytes

    @property
    def entries(self) -> tuple[HistoryEntry, ...]:
        """What is kept, the oldest first."""
        return tuple(self._entries)

    def add(self, picture: Picture) -> bool:
        """Keep a picture; False if just this one is here already, or the newest looks the same: an edit that shows
        nowhere, such as a region that nobody has named yet, is no further picture."""
        with self._lock:
            unmoved = picture.stats.samples == 0  # its run made nothing anew
            if any(e.key == picture.key and e.png == picture.png for e in self._entries) or (
                unmoved and self._entries and self._entries[-1].png == picture.png
            ):
                return False
            self._last_id += 1
            shown = picture.settings.shown(picture.scene)
            entry = HistoryEntry(
                self._last_id,
                picture.scene,
                MappingProxyType(picture.settings.traits()),
                _title(shown),
                shown.key == picture.scene.key,
                datetime.now(),
                False,
                picture.key,
                picture.png,
                _thumbnail(picture.rgb),
            )
            self._entries.append(entry)
            while len(self._entries) > self._max_entries or (
                len(self._entries) > 1 and self._bytes() > self._max_bytes
            ):
                # The newest stays in any case: it is what one sees.
                oldest = next((e for e in self._entries[:-1] if not e.pinned), self._entries[0])
                self._entries.remove(oldest)
            return True

    def find(self, id: int) -> HistoryEntry:
        """The entry of that id. Raises NoEntry."""
        entries = self.entries
        for entry in entries:
            if entry.id == id:
                return entry
        raise NoEntry(f"there is no picture {id} in the history any more; it has {_names(entries)}")

    def at(self, k: int) -> HistoryEntry:
        """The entry in that place; negative ones count from the newest. Raises IndexError."""
        entries = self.entries
        if not -len(entries) <= k < len(entries):
            raise IndexError(
                f"no picture {k}; the history has {len(entries)}, counted from 0, or -1 for the newest"
                if entries
                else f"no picture {k}: nothing is finished yet; canvas.generate() waits for a picture"
            )
        return entries[k]

    def pin(self, id: int, pinned: bool) -> None:
        """Keep an entry, or let it go when its time comes. Raises NoEntry, or ValueError for too many."""
        with self._lock:
            entry = self.find(id)
            if pinned and not entry.pinned and sum(e.pinned for e in self._entries) >= MAX_PINNED:
                raise ValueError(f"{MAX_PINNED} pictures are pinned already; unpin one first")
            self._entries = [replace(e, pinned=pinned) if e.id == id else e for e in self._entries]

    def forget(self, id: int) -> None:
        """Drop an entry. Raises NoEntry."""
        with self._lock:
            self._entries.remove(self.find(id))

    def _bytes(self) -> int:
        masks = {id(r.mask): r.mask.nbytes for entry in self._entries for r in entry.scene.regions}
        images = {id(i): i.nbytes for entry in self._entries if (i := entry.scene.background.image) is not None}
        return sum(masks.values()) + sum(images.values()) + sum(len(entry.png) for entry in self._entries)


def _thumbnail(rgb: np.ndarray[Any, Any]) -> bytes:
    image = Image.fromarray(rgb)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=2.0)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


def _title(scene: Scene) -> str:
    shown = [region.prompt for region in reversed(scene.regions) if region.visible and region.prompt]
    return ", ".join([*shown, *filter(None, [scene.background.prompt])])[:120]


def _names(entries: Sequence[HistoryEntry]) -> str:
    return ", ".join(str(entry.id) for entry in entries) or "none"
