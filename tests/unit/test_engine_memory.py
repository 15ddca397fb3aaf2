"""What the statistics tell of memory."""

from __future__ import annotations

import mmap

import torch

from semanticdraw_widget.engine.memory import STATM, used_mib


def test_memory_of_the_host_grows_with_what_is_held() -> None:
    before = used_mib(torch.device("cpu"))
    # New pages of the system's, not memory that this process has freed and still holds.
    with mmap.mmap(-1, 64 * 2**20) as held:
        held.write(b"x" * len(held))
        grown = used_mib(torch.device("cpu")) - before
    assert grown > 48 if STATM.exists() else grown == 0


def test_devices_that_do_not_tell() -> None:
    assert used_mib(torch.device("meta")) == 0.0
