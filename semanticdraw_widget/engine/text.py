"""Embedded prompts, whatever a model family makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Text:
    """``n`` embedded prompts. parts: the token embeddings (n, tokens, width) first, then what else the family's
    network takes, each (n, ...): SDXL and SD3 add a pooled embedding (n, width), SDXL also the canvas's size."""

    parts: tuple[torch.Tensor, ...]

    @property
    def tokens(self) -> torch.Tensor:
        return self.parts[0]

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, rows: list[int]) -> Text:
        # An index would be a list of numbers that is copied to the device, which waits for it.
        return Text(tuple(torch.stack([part[row] for row in rows]) for part in self.parts))

    def lerp(self, other: Text, share: float) -> Text:
        """This drawn towards ``other``, part by part; ``share`` 0 is this, 1 the other."""
        return Text(tuple(torch.lerp(a, b, share) for a, b in zip(self.parts, other.parts)))

    @staticmethod
    def cat(texts: Iterable[Text]) -> Text:
        """All of them in one, in order."""
        return Text(tuple(torch.cat(parts) for parts in zip(*(text.parts for text in texts))))
