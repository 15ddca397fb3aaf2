"""What all tests share: few threads, no downloads, and a marker for each folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Set before anything imports torch; the kernels and servers that tests start inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "2")
# A test that needs a model brings it along. A hub id must fail at once and not wait for a network.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")

# A loaded machine is not a failure; pytest-timeout catches what hangs.
settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(HERE).parts[0]
        if folder in ("kernel", "browser"):
            item.add_marker(folder)
