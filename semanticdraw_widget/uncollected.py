"""Work that makes objects by the hundred thousand and drops none of them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Inside, Python does not look for reference cycles to free.

    Importing torch and diffusers and building a model makes so many objects that a tenth of that time goes into
    searches that find next to nothing. What was switched off before stays off afterwards.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
