"""A canvas's finished pictures, from Python: the history strip of the canvas shows the same ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from . import storage
from .canvas_traits import CanvasTraits
from .past import HistoryEntry, NoEntry, Past

if TYPE_CHECKING:
    from .jobs import Picture

__all__ = ["HistoryEntry", "LookingBack", "NoEntry"]


class LookingBack(CanvasTraits):
    """A canvas's methods for its history: the last 24 finished pictures, fewer where they are large."""

    if TYPE_CHECKING:  # what the canvas itself has

        def _take_drawing(
            self, drawing: storage.Drawing, given: Iterable[str] = (), kind: str = "open"
        ) -> list[str]: ...

    def __init__(self, **traits: Any) -> None:
        self._past = Past()
        super().__init__(**traits)

    @property
    def history(self) -> tuple[HistoryEntry, ...]:
        """The finished pictures, the oldest first, each with the scene that made it.

            canvas.history[-1].image.save("last.png")
            canvas.history[0].scene.regions

        They live in the kernel: a restart forgets them.
        """
        return self._past.entries

    def restore(self, k: int | HistoryEntry) -> None:
        """Go back to the scene of a finished picture: regions, masks, background, size, seed and settings.

            canvas.restore(-2)  # what was there before the last edit
            canvas.restore(canvas.history[0])

        In the canvas it is one step of undo. The model stays; with the same one the picture is that of the entry, bit
        for bit, as long as the model remembers it. Nothing is painted alone any more, since that is a way of looking:
        of a picture that was painted so, the whole scene comes back, each region as visible as it was.

        Args:
            k: the place in `history`, negative ones from the newest, or an entry itself.

        Raises:
            IndexError: no such place; the text says how many there are.
        """
        entry = k if isinstance(k, HistoryEntry) else self._past.at(k)
        result = entry.image if entry.whole else None
        self._take_drawing(storage.Drawing(entry.scene, result, entry.settings), kind="restore")

    def pin(self, k: int | HistoryEntry, pinned: bool = True) -> None:
        """Keep a finished picture when older ones give way to new ones; False lets it go again.

            canvas.pin(-1)

        Raises:
            IndexError, NoEntry: it is not in the history.
            ValueError: 12 are pinned already.
        """
        self._past.pin(self._id_of(k), pinned)
        self._tell_history()

    def forget(self, k: int | HistoryEntry) -> None:
        """Drop a finished picture from the history.

            canvas.forget(0)

        Raises:
            IndexError, NoEntry: it is not in the history.
        """
        self._past.forget(self._id_of(k))
        self._tell_history()

    def _remember(self, picture: Picture) -> None:
        """A picture is finished. Called in the worker."""
        if self._past.add(picture):
            self._tell_history()

    def _id_of(self, k: int | HistoryEntry) -> int:
        return k.id if isinstance(k, HistoryEntry) else self._past.at(k).id

    def _tell_history(self) -> None:
        self._publish({"history_entries": [_listed(entry) for entry in self._past.entries]})


def _listed(entry: HistoryEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title": entry.title,
        "made_at": round(entry.made_at.timestamp() * 1e3),
        "pinned": entry.pinned,
        "size": list(entry.scene.size),
    }
