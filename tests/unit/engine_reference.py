"""The method once more, slowly and plainly: a region at a time, pixels in loops, nothing cached or batched.

Written from the paper's equations, not from the engine: it shares with it only the noise (which is an input), the
network, and the rule for strokes thinner than the blur, which the paper does not have; and it covers a mask step by
step, as the engine does, where the paper covers before it blurs.
"""

from __future__ import annotations

import numpy as np
import torch

from semanticdraw_widget.engine import noise
from semanticdraw_widget.engine.weights import soften
from semanticdraw_widget.scene import Scene

TIMESTEPS = {4: [999, 759, 499, 259], 5: [999, 919, 759, 499, 259]}


class Reference:
    """Stable Diffusion and LCM, for one pipeline with epsilon prediction and no guidance."""

    def __init__(self, pipeline, steps: int, centring_steps: int = 1) -> None:  # type: ignore[no-untyped-def]
        self.pipeline, self.steps, self.centring_steps = pipeline, steps, centring_steps
        betas = np.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=np.float64) ** 2
        abar = np.cumprod(1 - betas)[TIMESTEPS[steps]]
        self.signal, self.level = np.sqrt(abar), np.sqrt(1 - abar)

    @torch.no_grad()
    def text(self, prompt: str) -> torch.Tensor:
        ids = self.pipeline.tokenizer(prompt, padding="max_length", max_length=16, truncation=True, return_tensors="pt")
        return self.pipeline.text_encoder(ids.input_ids)[0][0]

    @torch.no_grad()
    def encode(self, image: np.ndarray) -> torch.Tensor:
        x = torch.tensor(image).permute(2, 0, 1)[None].float() / 127.5 - 1
        return self.pipeline.vae.encode(x).latents[0] * self.pipeline.vae.config.scaling_factor

    @torch.no_grad()
    def denoised(self, x: torch.Tensor, step: int, text: torch.Tensor) -> torch.Tensor:
        eps = self.pipeline.unet(x[None], TIMESTEPS[self.steps][step], text[None]).sample[0]
        return (x - self.level[step] * eps) / self.signal[step]

    def weights(self, scene: Scene, step: int) -> list[np.ndarray]:
        """Per region (h, w): blurred, scaled, quantised at full size, covered, then averaged over 8 x 8 cells."""
        opened = []
        for region in scene.regions:
            feather = min(scene.size) / 512 if region.feather is None else region.feather
            mask = torch.tensor(region.mask.astype(np.float32) / 255)
            soft = soften(mask, feather).numpy() * region.strength
            last = step == self.steps - 1
            opened.append(np.clip(soft / self.level[step], 0, 1) if last else (soft > self.level[step]).astype(float))
        result = []
        for k, mask in enumerate(opened):
            left = mask.copy()
            for y in range(scene.height):
                for x in range(scene.width):
                    left[y, x] *= 1 - max((upper[y, x] for upper in opened[k + 1 :]), default=0.0)
            h, w = scene.height // 8, scene.width // 8
            cells = np.zeros((h, w))
            for y in range(h):
                for x in range(w):
                    cells[y, x] = left[8 * y : 8 * y + 8, 8 * x : 8 * x + 8].mean()
            result.append(cells)
        return result

    def noise(self, scene: Scene, step: int) -> torch.Tensor:
        h, w = scene.height // 8, scene.width // 8
        plane = noise.field(scene.seed, step, 4, h, w).copy()
        for region in scene.regions:
            if region.seed is None:
                continue
            own = noise.field(region.seed, step, 4, h, w)
            for y in range(h):
                for x in range(w):
                    if region.mask[8 * y : 8 * y + 8, 8 * x : 8 * x + 8].mean() > 127:
                        plane[:, y, x] = own[:, y, x]
        return torch.tensor(plane)

    def run(self, scene: Scene) -> torch.Tensor:
        """The finished latent (C, h, w)."""
        h, w = scene.height // 8, scene.width // 8
        white = self.encode(np.full((scene.height, scene.width, 3), 255, np.uint8))
        user = None if scene.background.image is None else self.encode(scene.background.image)
        background = self.text(scene.background.prompt)
        texts = [(1 - r.prompt_strength) * background + r.prompt_strength * self.text(r.prompt) for r in scene.regions]
        x = self.noise(scene, 0)
        for step in range(self.steps):
            eps = self.noise(scene, step)
            weights = self.weights(scene, step)
            total, mean = np.zeros((h, w)), torch.zeros(4, h, w, dtype=torch.float64)
            for weight, text in zip(weights, texts):
                if weight.max() == 0:
                    continue
                if step < self.centring_steps:
                    picture = self.centred(x, eps, weight, white, step, text)
                else:
                    picture = self.denoised(x, step, text)
                mean += torch.tensor(weight) * picture
                total += weight
            rest = np.clip(1 - total, 0, 1)
            if user is None:
                mean += torch.tensor(rest) * self.denoised(x, step, background)
                mean /= torch.tensor(total + rest)
            else:
                mean = mean / torch.tensor(np.maximum(total, 1e-9))
                mean = torch.tensor(1 - rest) * mean + torch.tensor(rest) * user
            z = mean.float()
            if step + 1 < self.steps:
                x = float(self.signal[step + 1]) * z + float(self.level[step + 1]) * self.noise(scene, step + 1)
        return z

    def centred(
        self, x: torch.Tensor, eps: torch.Tensor, weight: np.ndarray, white: torch.Tensor, step: int, text: torch.Tensor
    ) -> torch.Tensor:
        """Region alone on noisy white, its box moved to the middle, denoised, moved back; a cell at a time."""
        h, w = weight.shape
        ground = float(self.signal[step]) * white + float(self.level[step]) * eps
        alone = torch.tensor(1 - weight).float() * ground + torch.tensor(weight).float() * x
        ys, xs = np.nonzero(weight > 0)
        dy = h // 2 - int((ys.min() + ys.max() + 1) // 2)
        dx = w // 2 - int((xs.min() + xs.max() + 1) // 2)
        moved = ground.clone()
        for y in range(h):
            for column in range(w):
                if 0 <= y + dy < h and 0 <= column + dx < w:
                    moved[:, y + dy, column + dx] = alone[:, y, column]
        picture = self.denoised(moved, step, text)
        back = torch.zeros_like(picture)
        for y in range(h):
            for column in range(w):
                if 0 <= y + dy < h and 0 <= column + dx < w:
                    back[:, y, column] = picture[:, y + dy, column + dx]
        return back
