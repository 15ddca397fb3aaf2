"""What the name of a model or a LoRA says: whether it was distilled for few steps, how, and for how many.

Schedulers and weights often do not tell: SD3 medium and SD3.5 Turbo share a scheduler, and a single file has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

LCM, HYPER_SD, LIGHTNING = "lcm", "hyper-sd", "lightning"
# Words between dashes, as ``words`` writes a name.
METHODS = {LCM: r"\blcm\b", HYPER_SD: r"\bhyper-?(?:sd|flux)", LIGHTNING: r"\blightning\b"}
OTHERS = r"\b(?:turbo|schnell|flash|tcd|dmd|pcm|sprint)\b|(?<!\bde-)(?<!\bun-)\bdistilled\b"
FEW = 8  # steps: "4-step" says as much as "Turbo" does
MOST = 32  # a number of more is one of training steps
SAYS_NOTHING = ("pytorch_lora_weights", "adapter_model", "diffusion_pytorch_model")


@dataclass(frozen=True)
class Said:
    """word: what says that the model was distilled for few steps, None where nothing does. method: how, one of
    METHODS. steps: for how many. cfg: that it wants classifier-free guidance all the same."""

    word: str | None = None
    method: str | None = None
    steps: int | None = None
    cfg: bool = False


def read(source: str) -> Said:
    """What the name of ``source``, a path or hub id, says."""
    text = words(name_of(source))
    found = {method: re.search(pattern, text) for method, pattern in METHODS.items()}
    method = next((method for method, match in found.items() if match), None)
    counted = re.search(r"\b(\d+)-steps?\b", text)
    steps = int(counted[1]) if counted and 1 <= int(counted[1]) <= MOST else None
    other = re.search(OTHERS, text)
    word = method or (other and other[0]) or (f"{steps}-step" if steps is not None and steps <= FEW else None)
    return Said(word, method, steps, bool(re.search(r"\bcfg\b", text)))


def words(name: str) -> str:
    """``name`` in lower case, its words and numbers parted by dashes: "dreamXL_Lightning4steps" is
    "dream-xl-lightning-4-steps"."""
    return "-".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)).lower()


def name_of(source: str) -> str:
    """The part of a path or hub id that names a model: no folders, no suffix; of the hub's cache the repository."""
    path = Path(source)
    cached = next((part for part in path.parts if part.startswith("models--")), None)
    if cached is not None:
        return cached.split("--")[-1]
    name = path.stem if path.suffix in (".safetensors", ".ckpt", ".pt", ".bin") else path.name
    return path.parent.name if name in SAYS_NOTHING else name
