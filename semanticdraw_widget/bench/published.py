"""The published system's cost structure on our model: the yardstick of ``bench speed``.

As the release runs: every frame is one network call over all steps times all prompts at full canvas size, the
latents that enter are fresh noise, and an edit encodes the prompts and prepares the masks anew, throws the pipe's
contents away and runs as many full batches as there are steps before the next frame (algorithm: paper section 3.5;
the flush: the authors' release). The arithmetic is the engine's own, so only the schedule differs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from ..engine import Engine, Method
from ..engine.algorithm import Slot
from ..engine.thread import inferred
from ..scene import Scene


class Published:
    """A pipe of ``steps`` slots that is always full."""

    def __init__(self, engine: Engine, steps: int, guidance: float) -> None:
        self.engine, self.steps, self.guidance = engine, steps, guidance
        self.method = Method(centring_steps=steps, mixing_steps=1)  # the release centres in every slot
        self.algorithm = engine.algorithm(steps, guidance, self.method)
        self.slots: list[Slot] = []
        self.samples = 0

    def edit(self, scene: Scene) -> np.ndarray:
        """Take the new scene and return its first frame, uint8 (height, width, 3)."""
        self.engine.forget()
        self.plan = self.engine.plan(scene, self.steps, self.guidance, self.method)
        self.slots = [self.fresh(step) for step in range(self.steps)]
        for _ in range(self.steps):
            self.tick()
        return self.frame()

    def frame(self) -> np.ndarray:
        """The next frame of an unchanged scene: one full batch and one decode."""
        return self.engine.decoder(self.plan)(self.tick())

    def tick(self) -> torch.Tensor:
        rows = sum(len(slot.rows) for slot in self.slots)
        pictures = inferred(self.engine.device, self.algorithm.advance, self.slots)
        self.samples += rows * (1 if self.plan.negative is None else 2)
        self.slots = [self.fresh(0), *self.slots[:-1]]
        return pictures[-1]

    def fresh(self, step: int) -> Slot:
        """A slot at ``step`` with noise that was never used before."""
        noise = torch.randn(self.plan.noise.shape).to(self.plan.noise.device)
        return Slot(replace(self.plan, noise=noise), step=step)
