"""A widget that a busy kernel, a worker thread and a subshell may all use at once.

ipywidgets guards nothing: with kernel subshells a handler runs beside the cell that changes the same widget,
and a worker beside both. Here one re-entrant lock is held around every change of a trait. The worker never
waits for it: what it publishes is set at once if the lock is free, and otherwise by whoever holds the lock,
on letting go. So user code that is called under the lock may wait for the worker.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import anywidget
import traitlets as t


class RefusedValue(t.TraitError, ValueError):
    """A trait got a value that it cannot have: a TraitError for ipywidgets, a ValueError for people."""


class SyncedWidget(anywidget.AnyWidget):
    """AnyWidget with a lock, checked incoming state, and edits that count as one."""

    _kernel_owned: frozenset[str] = frozenset()
    """Traits that only the kernel sets."""

    def __init__(self, **traits: Any) -> None:
        self._lock = threading.RLock()
        self._edits_open = 0
        self._unpublished: dict[str, Any] = {}
        self._unpublished_lock = threading.Lock()
        super().__init__(**traits)

    # ------------------------------------------------------------ for subclasses to fill in

    def _check(self, name: str, value: Any) -> Any:
        """The value that trait `name` takes for `value`. Raises TypeError or ValueError."""
        return value

    def _refuse(self, name: str, error: Exception) -> None:
        """Tell the front end that its value for `name` was refused."""

    def _edited(self) -> None:
        """An edit, of one trait or of several, is complete."""

    # ------------------------------------------------------------ one change at a time

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Hold the lock; afterwards set what the worker has published meanwhile."""
        with self._lock:
            yield
        self._set_published()

    @contextmanager
    def _edit(self) -> Iterator[None]:
        """Several changes that count as one: sent in one message, `_edited` called once."""
        with self._exclusive(), self.hold_sync():
            self._edits_open += 1
            try:
                yield
            finally:
                self._edits_open -= 1
            if self._edits_open == 0:
                self._edited()

    def _publish(self, values: Mapping[str, Any]) -> None:
        """Set kernel-owned traits from the worker, without ever waiting for the lock."""
        with self._unpublished_lock:
            self._unpublished.update(values)
        self._set_published()

    def _set_published(self) -> None:
        # Values go in before the lock is tried, and the lock is let go before they are looked for again:
        # whatever the order of two threads, one of them sees the values.
        while self._unpublished and self._lock.acquire(blocking=False):
            try:
                with self._unpublished_lock:
                    values, self._unpublished = self._unpublished, {}
                for name, value in values.items():
                    self.set_trait(name, value)
            finally:
                self._lock.release()

    # ------------------------------------------------------------ ipywidgets' own methods

    def notify_change(self, change: Any) -> None:
        """Called for every change of a trait; sends it and calls observers."""
        with self._exclusive():
            super().notify_change(change)

    def send_state(self, key: Any = None) -> None:
        """Send some or all traits."""
        with self._exclusive():
            super().send_state(key)

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Take over state from the front end; what cannot be used is refused, and the old value sent back."""
        with self._edit():
            accepted: dict[str, Any] = {}
            for name, value in sync_data.items():
                try:
                    if name in self._kernel_owned:
                        raise ValueError(f"{name} is set by the kernel alone")
                    self._check(name, value)
                    accepted[name] = value
                except (TypeError, ValueError) as error:
                    self._refuse(name, error)
                    if name in self.keys:
                        self.send_state(name)
            self._take_over(accepted)

    def _take_over(self, state: dict[str, Any]) -> None:
        super().set_state(state)
