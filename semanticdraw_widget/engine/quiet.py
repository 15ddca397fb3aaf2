"""Load a pipeline without the libraries' progress bars and asides, which a notebook cell would show as trouble."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Inside, diffusers and transformers log errors only and draw no bars; afterwards all is as it was."""
    from diffusers.utils import logging as diffusers_log
    from transformers.utils import logging as transformers_log

    levels = [(log, log.get_verbosity()) for log in (diffusers_log, transformers_log)]
    bars = transformers_log.is_progress_bar_enabled()
    diffusers_bars = getattr(diffusers_log, "is_progress_bar_enabled", lambda: True)()
    try:
        for log, _ in levels:
            log.set_verbosity_error()
            log.disable_progress_bar()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        for log, level in levels:
            log.set_verbosity(level)
        if bars:
            transformers_log.enable_progress_bar()
        if diffusers_bars:
            diffusers_log.enable_progress_bar()
