"""The region engine: scene in, frames out. It knows no Jupyter and no browser."""

from ..uncollected import uncollected

with uncollected():
    from .engine import Engine
    from .errors import (
        BrokenLatents,
        EngineError,
        MissingWeights,
        ModelNotFound,
        OutOfMemory,
        UnsupportedModel,
        UnsupportedSize,
    )
    from .frame import Frame
    from .load import load_engine
    from .method import EXACT, Method

__all__ = [
    "EXACT",
    "BrokenLatents",
    "Engine",
    "EngineError",
    "Frame",
    "Method",
    "MissingWeights",
    "ModelNotFound",
    "OutOfMemory",
    "UnsupportedModel",
    "UnsupportedSize",
    "load_engine",
]
