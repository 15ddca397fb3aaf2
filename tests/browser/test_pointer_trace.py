"""The bench of the canvas, which draws a trace of pointer events: no point of it is lost on the way to Python."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser


def test_a_trace_of_pointer_events_loses_no_point(tmp_path: Path) -> None:
    """Shorter than the bench's own 5,000 events; as dense, on as large a canvas, with as many regions."""
    target = tmp_path / "canvas.json"
    command = [sys.executable, "-m", "semanticdraw_widget.bench", "canvas", "--events", "1200", "--json", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    result = json.loads(target.read_text())
    assert (result["events"], result["size"], result["regions"]) == (1200, 512, 20)
    assert result["points_lost"] == 0
    assert result["masks_as_drawn"], "the masks in Python are not what the events drew"
    assert result["screen_as_masks"], "the screen does not show the masks in Python"
    assert result["frames"] > 0 and result["script_ms"]["max"] >= result["script_ms"]["p50"] > 0
    assert len(result["first_paint_ms"]) == 2
    assert result["bundle_gzip_bytes"] < 150_000
    assert "no point lost" in done.stdout
