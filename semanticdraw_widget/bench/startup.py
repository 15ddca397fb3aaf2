"""``bench startup``: from nothing to a canvas that takes strokes, and to the first picture, in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median
from typing import Any

PROGRAM = """
import json, sys, time
start = time.perf_counter()
from semanticdraw_widget import SemanticDraw
imported = time.perf_counter()
canvas = SemanticDraw(sys.argv[1], device=sys.argv[2], background="sky")
ready = time.perf_counter()
import numpy
canvas.add_region("sea", numpy.arange(canvas.size[1])[:, None].repeat(canvas.size[0], 1) > canvas.size[1] // 2)
canvas.generate()
painted = time.perf_counter()
canvas.close()
print(json.dumps({"imports_s": imported - start, "canvas_s": ready - imported, "first_picture_s": painted - imported}))
"""


def run(model: str, device: str, times: int = 3) -> dict[str, Any]:
    """Medians over ``times`` fresh processes: seconds of the imports, then from their end to a canvas and a picture."""
    runs = []
    for _ in range(times):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, model, device], capture_output=True, text=True, check=True
        )
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    return {"model": model, **{name: round(median(r[name] for r in runs), 3) for name in runs[0]}}


def table(result: dict[str, Any]) -> str:
    return (
        f"{result['model']}: imports {result['imports_s']} s; after them a canvas that takes strokes in "
        f"{result['canvas_s']} s, the first picture in {result['first_picture_s']} s"
    )
