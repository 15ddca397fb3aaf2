"""A cache of what was used most recently, bounded in number and in bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Generic, TypeVar

import torch

V = TypeVar("V")


class Recent(Generic[V]):
    """At most ``count`` values of at most ``room`` bytes in all, but always the last one."""

    def __init__(self, count: int, room: int) -> None:
        self.count, self.room, self.nbytes = count, room, 0
        self._kept: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, key: Hashable) -> V:
        """KeyError where it is not there; else it is the last one to go now."""
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def __setitem__(self, key: Hashable, value: V) -> None:
        self.drop(key)
        size = nbytes(value)
        self._kept[key] = value, size
        self.nbytes += size
        while len(self._kept) > 1 and (len(self._kept) > self.count or self.nbytes > self.room):
            self.drop(next(iter(self._kept)))

    def drop(self, key: Hashable) -> None:
        self.nbytes -= self._kept.pop(key, (None, 0))[1]

    def made(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value of ``key``, made if it is not there."""
        if key not in self._kept:
            value = make()
            self[key] = value
            return value
        return self[key]

    def items(self) -> Iterator[tuple[Hashable, V]]:
        """Each key with its value, the one that goes first ahead."""
        return ((key, value) for key, (value, _) in self._kept.items())

    def clear(self) -> None:
        self._kept.clear()
        self.nbytes = 0


def nbytes(value: Any) -> int:
    """Of the memory that all tensors in ``value`` keep; what they share counts once."""
    stores = (t.untyped_storage() for t in tensors(value))
    return sum({store.data_ptr(): store.nbytes() for store in stores}.values())


def tensors(value: Any) -> Iterable[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from tensors(part)
    elif is_dataclass(value):
        for each in fields(value):
            yield from tensors(getattr(value, each.name))
