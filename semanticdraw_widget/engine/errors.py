"""What can go wrong with a model, each with a code for programs and a hint for people."""

from __future__ import annotations

import torch


class EngineError(RuntimeError):
    """An engine cannot be loaded or run. ``message`` says what happened, ``hint`` what to do about it."""

    code = "engine"

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}: {hint}")
        self.message, self.hint = message, hint


class ModelNotFound(EngineError):
    code = "model_not_found"


class MissingWeights(EngineError):
    code = "missing_weights"


class UnsupportedModel(EngineError):
    code = "unsupported_model"


class UnsupportedSize(EngineError):
    code = "unsupported_size"


class OutOfMemory(EngineError):
    code = "out_of_memory"


class BrokenLatents(EngineError):
    """Numbers that are NaN or infinite, in ``what``."""

    code = "broken_latents"

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(
            f"{what} holds numbers that are NaN or infinite",
            "lower the guidance or change the prompt; if it stays so, the weights are damaged: download them again",
        )


def out_of_memory(error: BaseException) -> bool:
    """Whether ``error`` says that memory ran out, on a GPU or on the host."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    if isinstance(error, EngineError):
        return False  # it has been named already
    text = str(error).lower()
    return isinstance(error, RuntimeError) and ("can't allocate memory" in text or "out of memory" in text)
