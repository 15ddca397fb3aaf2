"""The pause of Python's cycle collector leaves things as they were."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from semanticdraw_widget.uncollected import uncollected


@pytest.mark.parametrize("before", [True, False])
def test_afterwards_collection_is_as_it_was(before: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if before else gc.disable)()
        with pytest.raises(OSError, match="gone"), uncollected():
            assert not gc.isenabled()
            raise OSError("gone")
        assert gc.isenabled() is before
    finally:
        (gc.enable if was else gc.disable)()


def test_loading_a_model_leaves_collection_on_and_collects_nothing_meanwhile() -> None:
    program = """
import gc
seen = []
gc.callbacks.append(lambda phase, info: phase == "start" and seen.append(info["generation"]))
from semanticdraw_widget import load_engine
while_importing = seen.count(2)
load_engine("crayon")
print(gc.isenabled(), while_importing)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "0"]
