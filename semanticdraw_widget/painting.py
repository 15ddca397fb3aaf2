"""When a canvas paints, and with which seeds: pause, once, again, variants to choose from."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from concurrent.futures import Future
from threading import current_thread
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from . import checks
from .canvas_traits import CanvasTraits
from .message_fields import MAX_SEEDS

if TYPE_CHECKING:
    from .jobs import Settings
    from .scene import Scene
    from .session import Session


class Painting(CanvasTraits):
    """A canvas's methods for painting again, and otherwise.

    canvas.paused = True  # edits wait
    canvas.repaint()  # paint once all the same
    """

    if TYPE_CHECKING:  # what the canvas itself has
        _session: Session
        _begun: bool

        def _scene(self) -> Scene: ...

        def _settings(self) -> Settings: ...

    def repaint(self) -> None:
        """Paint the whole picture anew, even if nothing changed, and even while paused; does not wait for it."""
        with self._exclusive():
            self._begun = True
            self._session.submit(self._scene(), self._settings())
            self._session.regenerate()

    def new_seeds(self, seed: int | None = None) -> int:
        """Give the canvas another seed. Regions with a seed of their own are pinned: theirs stays.

            canvas.region(0).seed = canvas.seed  # what this one looks like stays
            canvas.new_seeds()

        Args:
            seed: a random one of six digits at most if None.

        Returns:
            The new seed.

        Raises:
            SceneError: a ValueError; not a whole number from 0 to 2^53-1.
        """
        self.seed = random_seed() if seed is None else checks.seed(seed)
        return self.seed

    def variations(
        self, count: int = 4, seeds: Sequence[int] | None = None, timeout: float | None = None
    ) -> list[Image.Image]:
        """Paint the scene with several seeds, beside the canvas, and wait for the pictures; the canvas stays as it is.

            seeds = [11, 12, 13, 14]
            pictures = canvas.variations(seeds=seeds)
            canvas.seed = seeds[2]  # the one that you like, as it is, without painting it again

        Args:
            count: how many, 1 to 16, with random seeds.
            seeds: those instead; each picture's `info["seed"]` says its own.
            timeout: seconds for all of them.

        Returns:
            RGB pictures of the canvas's size, in the order of the seeds.

        Raises:
            ValueError: none or more than 16, or a bad seed.
            TimeoutError: they were not all there in time.
            EngineError, SessionClosed: as `generate` does.
            RuntimeError: called from an observer in the session's own thread, which would wait for itself.
        """
        if current_thread() is self._session._thread:
            raise RuntimeError("variations() in a callback of its own session would wait for itself for ever")
        seeds = [random_seed() for _ in range(_count(count))] if seeds is None else list(seeds)
        _count(len(seeds))
        futures = self._vary(seeds)
        end = None if timeout is None else time.monotonic() + timeout
        try:
            return [
                _picture(future.result(None if end is None else max(end - time.monotonic(), 0.0)), seed)
                for seed, future in zip(seeds, futures)
            ]
        except TimeoutError:
            done = sum(future.done() for future in futures)
            raise TimeoutError(
                f"{done} of {len(futures)} variations were there within {timeout} s; give it more time"
            ) from None
        finally:
            for future in futures:
                future.cancel()

    def _vary(self, seeds: Sequence[int]) -> list[Future[np.ndarray[Any, Any]]]:
        """Begin to paint the scene with each of the seeds."""
        checked = [checks.seed(seed) for seed in seeds]
        with self._exclusive():
            scene, settings = self._scene(), self._settings()
        return [self._session.paint_aside(scene.replace(seed=seed), settings) for seed in checked]


def random_seed() -> int:
    """Six digits at most: to be read and typed again."""
    return secrets.randbelow(1_000_000)


def _count(count: int) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_SEEDS:
        raise ValueError(f"1 to {MAX_SEEDS} variations are painted at once, not {count!r}; ask again for more")
    return count


def _picture(rgb: np.ndarray[Any, Any], seed: int) -> Image.Image:
    image = Image.fromarray(rgb)
    image.info["seed"] = seed
    return image
