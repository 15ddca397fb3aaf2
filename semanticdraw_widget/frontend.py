"""The built front end, as anywidget takes it."""

from __future__ import annotations

import os
from pathlib import Path

_STATIC = Path(__file__).parent / "static"
NOT_BUILT = """
export default {
  render({ el }) { el.textContent = "SemanticDraw's front end is not built; run: make setup"; },
};
"""


def static(name: str, otherwise: str) -> Path | str:
    """A built file of the front end. A source tree without one still serves Python.

    As text, because anywidget ties every widget to a file that it could watch, and so keeps it for ever; as a
    file only if that is asked for, for work on the front end.
    """
    path = _STATIC / name
    if not path.is_file():
        return otherwise
    return path if os.environ.get("ANYWIDGET_HMR") == "1" else path.read_text(encoding="utf-8")
