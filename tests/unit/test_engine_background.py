"""What computes ahead of need does not take the process with it when a script ends."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ENDS = """
from semanticdraw_widget import load_engine
from semanticdraw_widget.scene import Scene
engine = load_engine("crayon")
for seed in range({pictures}):
    engine.generate(Scene((256, 256), "sky", seed=seed))
traced = engine._family.ask.traced
print(traced._thread is not None and traced._thread.is_alive())
"""


@pytest.mark.parametrize("pictures", [2, 3])
def test_a_script_may_end_while_a_recording_is_made(pictures: int) -> None:
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    code = ENDS.format(pictures=pictures)
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr[-2000:]
