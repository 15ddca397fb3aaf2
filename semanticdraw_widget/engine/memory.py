"""How much memory painting takes."""

from __future__ import annotations

import os
from pathlib import Path

import torch

STATM = Path("/proc/self/statm")


def used_mib(device: torch.device) -> float:
    """What this process holds, MiB: of a GPU's memory the tensors' part, of the host's all that is resident. 0 where
    the system does not tell, as outside of Linux. (No GPU has run this yet.)"""
    if device.type == "cuda":
        return float(torch.cuda.memory_allocated(device)) / 2**20
    if device.type == "cpu" and STATM.exists():
        return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return 0.0
