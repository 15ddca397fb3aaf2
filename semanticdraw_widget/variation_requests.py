"""Variants that the canvas asks for: each is sent when it is painted, small, since it is to be chosen from."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from .agenda import SessionClosed
from .jobs import explain
from .protocol import VariationMessage, Vary

if TYPE_CHECKING:
    from .widget import SemanticDraw

SIDE = 512
"""Longest side of a variant that is sent, px."""

Pixels = np.ndarray[Any, Any]


class VariationRequests:
    """The requests of one canvas; a new one takes the last one back.

    Args:
        send: (content, buffers) to the canvas.
    """

    def __init__(self, send: Callable[[dict[str, Any], list[bytes]], None]) -> None:
        self._send = send
        self._wanted: list[Future[Pixels]] = []

    def vary(self, widget: SemanticDraw, request: Vary) -> None:
        """Begin to paint; the first that fails is told, and ends it."""
        self._drop()
        self._wanted = widget._vary(request.seeds)
        for seed, future in zip(request.seeds, self._wanted):
            future.add_done_callback(partial(self._done, request.seq, seed))

    def _done(self, seq: int, seed: int, future: Future[Pixels]) -> None:
        """Called in the worker."""
        try:
            picture = small_jpeg(future.result())
        except (CancelledError, SessionClosed):
            return
        except Exception as error:
            self._drop()
            self._send({**explain(error).content(), "seq": seq}, [])
            return
        self._send(VariationMessage(seq, seed).content(), [picture])

    def _drop(self) -> None:
        wanted, self._wanted = self._wanted, []
        for future in wanted:
            future.cancel()


def small_jpeg(rgb: Pixels) -> bytes:
    """Pixels, uint8 (height, width, 3), as a JPEG file of at most 512 px a side."""
    image = Image.fromarray(rgb)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()
