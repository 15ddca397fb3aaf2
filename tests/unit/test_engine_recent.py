"""The cache of recent things: bounded in number and in bytes."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from semanticdraw_widget.engine.recent import Recent, nbytes


def test_the_longest_unused_goes_first() -> None:
    kept: Recent[int] = Recent(2, 10**6)
    kept["a"], kept["b"] = 1, 2
    assert kept["a"] == 1
    kept["c"] = 3
    assert [key for key, _ in kept.items()] == ["a", "c"]
    with pytest.raises(KeyError):
        kept["b"]


def test_a_thing_is_made_once() -> None:
    kept: Recent[list[int]] = Recent(3, 10**6)
    assert kept.made("a", lambda: [1]) is kept.made("a", lambda: [2])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9))), st.integers(1, 20))
def test_bytes_are_counted_and_bounded(steps: list[tuple[int, int]], room: int) -> None:
    kept: Recent[torch.Tensor] = Recent(4, 4 * room)
    for key, size in steps:
        kept[key] = torch.zeros(size)
        assert torch.equal(kept[key], torch.zeros(size)), "the last one is always there"
        assert kept.nbytes == sum(value.nbytes for _, value in kept.items())
        assert len(kept) == 1 or (kept.nbytes <= 4 * room and len(kept) <= 4)
    kept.clear()
    assert (kept.nbytes, len(kept)) == (0, 0)


def test_a_view_counts_as_all_that_it_keeps_and_once() -> None:
    whole = torch.zeros(100)
    assert nbytes((whole[:1], [whole[1:2]])) == 400
