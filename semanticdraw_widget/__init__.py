"""Paint regions in a notebook, say what each one is, and a region-prompted diffusion model paints the
picture.

`SemanticDraw()` is the widget; `load_engine()` the same engine for scripts; `Scene`, `Region` and
`Background` are what an engine is given. Everything is imported on first use, so `import
semanticdraw_widget` itself costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .bridge import draw_overlay, masks_from_canvas
    from .engine import load_engine
    from .prompt_texts import QUALITY_PRESETS, QualityPreset
    from .scene import Background, Region, Scene, SceneError
    from .widget import SemanticDraw

__version__ = "0.1.0"

__all__ = [
    "QUALITY_PRESETS",
    "Background",
    "QualityPreset",
    "Region",
    "Scene",
    "SceneError",
    "SemanticDraw",
    "__version__",
    "draw_overlay",
    "load_engine",
    "masks_from_canvas",
]

_HOME = {
    "QUALITY_PRESETS": ".prompt_texts",
    "Background": ".scene",
    "QualityPreset": ".prompt_texts",
    "Region": ".scene",
    "Scene": ".scene",
    "SceneError": ".scene",
    "SemanticDraw": ".widget",
    "draw_overlay": ".bridge",
    "load_engine": ".engine",
    "masks_from_canvas": ".bridge",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
