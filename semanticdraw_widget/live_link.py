"""What is kept up to date until somebody closes it: many changes, one update soon after, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

import traitlets as t

log = logging.getLogger(__name__)

DELAY = 0.05
"""Seconds from a change to its update. Whatever changes meanwhile is in the same update."""

_Self = TypeVar("_Self", bound="LiveLink")


class LiveLink(ABC):
    """Base of links between a canvas of ours and another widget.

    Subclasses watch traits and fill in `_update`, which never runs twice at a time. It is called in a thread, since
    decoding and encoding pictures in a message's handler would hold up the messages behind it. The thread lasts as
    long as there is something to do.
    """

    def __init__(self) -> None:
        self._state = threading.Lock()
        self._due = False
        self._updater: threading.Thread | None = None
        self._closing = threading.Event()
        self._undo: list[Callable[[], None]] = []

    @abstractmethod
    def _update(self) -> None:
        """Bring the other side up to date."""

    @property
    def closed(self) -> bool:
        """Whether the link has ended: by `close()`, or because one of its two widgets was closed."""
        return self._closing.is_set()

    def close(self) -> None:
        """Stop following. What is there stays as it is; a second call does nothing."""
        self._closing.set()
        while self._undo:
            self._undo.pop()()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _watch(self, widget: t.HasTraits, names: list[str], changed: Callable[[Any], None]) -> None:
        """Call `changed` for those traits until the link is closed."""
        widget.observe(changed, names)
        self._undo.append(lambda: widget.unobserve(changed, names))

    def _end_with(self, widget: t.HasTraits) -> None:
        """Close the link when the widget is closed, which takes its comm away."""
        self._watch(widget, ["comm"], lambda change: self.close() if change.new is None else None)

    def _wake(self, change: object = None) -> None:
        """Something has changed: update soon."""
        with self._state:
            self._due = True
            if self._updater is None and not self.closed:
                self._updater = threading.Thread(target=self._work, name=type(self).__name__, daemon=True)
                self._updater.start()

    def _work(self) -> None:
        while True:
            self._closing.wait(DELAY)
            with self._state:
                if self.closed or not self._due:
                    self._updater = None
                    return
                self._due = False
            try:
                self._update()
            except Exception:  # the next change may well succeed
                log.exception("%s could not be brought up to date", type(self).__name__)
