"""What the statistics tell of memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from semanticdraw_widget.engine.memory import STATM, used_mib


@pytest.mark.skipif(not STATM.exists(), reason="this system does not tell")
def test_memory_of_the_host_grows_with_what_is_held() -> None:
    before = used_mib(torch.device("cpu"))
    held = np.ones(64 * 2**20, np.uint8)
    assert used_mib(torch.device("cpu")) - before > 48 < held.nbytes


def test_devices_that_do_not_tell() -> None:
    assert used_mib(torch.device("meta")) == 0.0
