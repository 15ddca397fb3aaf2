"""The first step's answers, used again for as long as what they were made of stays.

The first step sees noise and nothing else. So a row's answer in it depends on the row's own prompts, on the noise and,
where the row is centred, on its own mask; what lies around it has no say. An edit of one region leaves the first
answers of the others as they were.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
import torch

from .crops import Window
from .rows import Row

KEPT = 8  # answers on different windows, a row


@dataclass(frozen=True)
class Answer:
    """A row's predicted picture, of the size that it sees; ``other``: its negative prompt's, if that was asked."""

    told: torch.Tensor
    other: torch.Tensor | None = None

    def cut(self, window: Window) -> Answer:
        return Answer(window.cut(self.told), None if self.other is None else window.cut(self.other))


Answers = Mapping[Hashable, tuple[tuple[Window | None, Answer], ...]]
"""By a row's ``source``: the answers to it, each with the window that it saw."""


def sourced(rows: Iterable[Row], aims: Sequence[Hashable], noise: np.ndarray, dtype: torch.dtype) -> tuple[Row, ...]:
    """``rows`` of a first step, which are on the host, each told what its answer is made of. aims: the prompts by
    index. noise: (C, h, w). dtype: of the networks, which answer again once they have moved to float32."""
    field = blake2b(noise.tobytes(), digest_size=16).digest()

    def source(row: Row) -> Hashable:
        if row.maps is not None:
            return None
        mask = b"" if row.shift is None else blake2b(row.weight.numpy().tobytes(), digest_size=16).digest()
        return aims[row.index], row.shift, mask, field, dtype

    return tuple(replace(row, source=source(row)) for row in rows)


def known(answers: Answers, row: Row, part_will_do: bool) -> Answer | None:
    """The answer to ``row`` among ``answers``. part_will_do: also one that was given on a larger window."""
    if row.source is None:
        return None
    for window, answer in answers.get(row.source, ()):
        if window == row.window:
            return answer
        if part_will_do and row.window is not None and row.shift is None:
            if window is None:
                return answer.cut(row.window)
            if window.holds(row.window):
                return answer.cut(
                    replace(row.window, top=row.window.top - window.top, left=row.window.left - window.left)
                )
    return None


def remembered(old: Answers, rows: Iterable[Row], new: Iterable[tuple[Row, Answer]]) -> Answers:
    """``old`` and ``new`` answers, those to a row that is not among ``rows`` any more left out."""
    result = {row.source: old.get(row.source, ()) for row in rows if row.source is not None}
    for row, answer in new:
        if row.source is not None and known(result, row, part_will_do=True) is None:
            result[row.source] = (*result.get(row.source, ()), (row.window, answer))[-KEPT:]
    return result
