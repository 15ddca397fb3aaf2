"""Engines shared by all sessions of one process: loaded once, counted, freed with their last user.

ipywidgets keeps every widget alive until it is closed, so a cell that is run again leaves its old widget
behind. A widget therefore never holds an engine. Its session holds a lease, canvases of the same model
share one engine, and a session that nobody looks at gives its lease back (see worker.py).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import Any

Progress = Callable[[str, float], None]


@dataclass
class _Entry:
    """One engine and its users. `users` changes under the cache's lock, `engine` under `loading`."""

    engine: Any = None
    users: int = 0
    loading: Lock = field(default_factory=Lock)
    running: RLock = field(default_factory=RLock)


class Lease:
    """The right to use a shared engine until `release`.

    Attributes:
        engine: the Engine.
        running: hold it around every call into the engine; its sessions take turns, a step at a time.
    """

    def __init__(self, cache: EngineCache, key: Hashable, entry: _Entry) -> None:
        self.engine = entry.engine
        self.running = entry.running
        self._give_back: Callable[[], None] | None = lambda: cache._leave(key, entry)

    def release(self) -> None:
        """Give the engine back; it is freed when the last lease goes. A second call does nothing."""
        give_back, self._give_back, self.engine = self._give_back, None, None
        if give_back is not None:
            give_back()


class EngineCache:
    """Reference-counted engines by key."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: dict[Hashable, _Entry] = {}

    def lease(self, key: Hashable, load: Callable[[], Any]) -> Lease:
        """Lease the engine of `key`, loading it if nobody has; whoever asks meanwhile waits for that load.

        Raises:
            Whatever `load` raises. Nothing is cached then, so the next caller loads again.
        """
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            entry.users += 1
        try:
            with entry.loading:
                if entry.engine is None:
                    entry.engine = load()
        except BaseException:
            self._leave(key, entry)
            raise
        return Lease(self, key, entry)

    def __len__(self) -> int:
        """How many engines are in memory or being loaded."""
        return len(self._entries)

    def _leave(self, key: Hashable, entry: _Entry) -> None:
        with self._lock:
            entry.users -= 1
            if entry.users == 0 and self._entries.get(key) is entry:
                del self._entries[key]


shared_engines = EngineCache()
"""The cache of this process: the package's only global state."""


def engine_leaser(model: str, **options: Any) -> Callable[[Progress], Lease]:
    """How a session leases the engine of `model`, loaded with `options` of load_engine.

    What is returned is called in the session's worker: importing torch takes seconds.
    """

    def lease(progress: Progress) -> Lease:
        def load() -> Any:
            from .engine import load_engine

            return load_engine(model, progress=progress, **options)

        return shared_engines.lease((model, repr(sorted(options.items()))), load)

    return lease
