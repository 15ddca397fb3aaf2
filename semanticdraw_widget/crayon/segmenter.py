"""The segmenter: which of crayon's concepts each pixel of a picture shows.

A small convolutional network trained on the painter's pictures, whose every pixel is known, and on the codec's
worse renderings of them, which look like what the denoiser makes; never on what the denoiser made. It is the
measuring stick of ``bench fidelity``.
"""

from __future__ import annotations

import argparse
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

from .vocabulary import BACKGROUNDS, CONCEPTS, LABELS, concept_of

WEIGHTS = Path(__file__).parent / "model" / "segmenter.safetensors"
CLASSES = len(CONCEPTS) + 1


def block(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, 1, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
        nn.Conv2d(outside, outside, 3, 1, 1, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )


class SegmenterNet(nn.Module):
    """A U-Net from 1/2 to 1/16 of the picture; float (n, 3, h, w) in 0..1 to logits (n, CLASSES, h, w)."""

    def __init__(self, widths: tuple[int, ...] = (24, 40, 64, 96)) -> None:
        super().__init__()
        self.down = nn.ModuleList(block(a, b, 2) for a, b in zip((3, *widths), widths))
        self.up = nn.ModuleList(block(a + b, b) for a, b in zip(widths[:0:-1], widths[-2::-1]))
        self.head = nn.Conv2d(widths[0], CLASSES, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        size, kept = x.shape[-2:], []
        for level in self.down:
            x = level(x)
            kept.append(x)
        for level, skip in zip(self.up, kept[-2::-1]):
            x = level(torch.cat([F.interpolate(x, skip.shape[-2:], mode="bilinear"), skip], 1))
        return F.interpolate(self.head(x), size, mode="bilinear")


class Segmenter:
    """The trained network. ``Segmenter.load()`` reads the weights that ship with crayon."""

    def __init__(self, network: SegmenterNet) -> None:
        self.network = network.eval()

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Segmenter:
        network = SegmenterNet()
        network.load_state_dict({k: v.float() for k, v in load_file(WEIGHTS).items()})
        return cls(network)

    @torch.inference_mode()
    def probabilities(self, rgb: np.ndarray) -> np.ndarray:
        """uint8 (height, width, 3) to float32 (CLASSES, height, width) that sums to 1; class 0 is blank paper."""
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
            raise ValueError(f"a picture is uint8 (height, width, 3), not {rgb.dtype} {rgb.shape}")
        x = torch.from_numpy(np.array(rgb)).permute(2, 0, 1)[None].float() / 255
        return self.network(x).softmax(1)[0].numpy()

    def label_map(self, rgb: np.ndarray) -> np.ndarray:
        """The likeliest class of each pixel: uint8 (height, width), numbered as ``vocabulary.LABELS``."""
        return self.probabilities(rgb).argmax(0).astype(np.uint8)

    def share(self, rgb: np.ndarray, mask: np.ndarray, prompt: str) -> float:
        """The share (0 to 1) of the pixels in ``mask`` (height, width; above half) that show ``prompt``'s concept."""
        concept = concept_of(prompt)
        if concept is None:
            raise ValueError(f"prompt {prompt!r} names none of crayon's concepts: {', '.join(CONCEPTS)}")
        inside = np.asarray(mask) > 127
        return float((self.label_map(rgb)[inside] == LABELS[concept]).mean()) if inside.any() else 0.0


def warp(x: torch.Tensor, labels: torch.Tensor, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Bend pictures (n, 3, h, w) and their labels (n, h, w) by up to a few pixels: a wobbly cat is a cat."""
    count, _, h, w = x.shape
    cell = int(rng.integers(12, 40))
    bend = torch.randn(count, 2, h // cell + 2, w // cell + 2, device=x.device) * float(rng.uniform(0, 0.3)) * cell
    bend = F.interpolate(bend, (h, w), mode="bicubic", align_corners=True).permute(0, 2, 3, 1)
    y, column = torch.meshgrid(
        torch.linspace(-1, 1, h, device=x.device), torch.linspace(-1, 1, w, device=x.device), indexing="ij"
    )
    grid = torch.stack([column, y], -1) + bend * 2 / torch.tensor([w, h], device=x.device)
    bent = F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=True)
    moved = F.grid_sample(labels[:, None].float(), grid, mode="nearest", padding_mode="reflection", align_corners=True)
    return bent, moved[:, 0].long()


def rendered(x: torch.Tensor, codec: Any, rng: np.random.Generator) -> torch.Tensor:
    """Painted pictures (n, 3, h, w) in 0..1 as the denoiser renders them: through the codec, each with its own blur
    and noise in its latent."""
    with torch.no_grad():
        z = codec.encode(x * 2 - 1).latents.float()
        blur, noise = (
            torch.from_numpy(rng.uniform(0, most, (len(x), 1, 1, 1))).float().to(x.device) for most in (0.9, 0.35)
        )
        soft = F.avg_pool2d(F.pad(z, (1, 1, 1, 1), mode="replicate"), 3, 1)
        z = torch.lerp(z, soft, blur * torch.from_numpy(rng.random((len(x), 1, 1, 1)) < 0.5).to(x.device))
        return (codec.decode(z + noise * torch.randn_like(z)).sample.float() / 2 + 0.5).clamp(0, 1)


def recolored(x: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Other light, other tint and grain."""
    gain = torch.from_numpy(rng.uniform(0.88, 1.12, (x.shape[0], 3, 1, 1))).float().to(x.device)
    x = x * gain + torch.from_numpy(rng.uniform(-0.04, 0.04, (x.shape[0], 1, 1, 1))).float().to(x.device)
    return (x + float(rng.uniform(0, 0.04)) * torch.randn_like(x)).clamp(0, 1)


class Examples:
    """Pictures with the class of each pixel, each as painted and as rendered; made once, varied at each use."""

    def __init__(self, args: argparse.Namespace, codec: Any, count: int, seed: int) -> None:
        from .data import painted, pixels

        rng = np.random.default_rng(seed)
        plain, worse, labels = [], [], []
        for pictures in painted(args.size, 16, seed, args.workers, count, args.crowded):
            x = (pixels(pictures).to(args.device) / 2 + 0.5).contiguous(memory_format=torch.channels_last)
            plain.append(np.stack([p.rgb for p in pictures]))
            worse.append((rendered(x, codec, rng) * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy())
            labels += [p.labels for p in pictures]
        self.pictures = np.stack([np.concatenate(plain), np.concatenate(worse)])
        self.labels = np.stack(labels)

    def batch(self, rng: np.random.Generator, size: int, device: str) -> tuple[torch.Tensor, torch.Tensor]:
        """float (n, 3, h, w) in 0..1 and classes (n, h, w)."""
        chosen = rng.integers(0, len(self.labels), size)
        kind = (rng.random(size) < 0.65).astype(int)
        x = torch.from_numpy(self.pictures[kind, chosen]).to(device).permute(0, 3, 1, 2).float() / 255
        labels = torch.from_numpy(self.labels[chosen]).long().to(device)
        if rng.random() < 0.5:
            x, labels = x.flip(-1), labels.flip(-1)
        x, labels = warp(x, labels, rng)
        return recolored(x, rng).contiguous(memory_format=torch.channels_last), labels

    @torch.inference_mode()
    def accuracy(self, network: SegmenterNet, device: str) -> dict[str, float]:
        """Share of the pixels read right, as painted: of all, and of those that show an object."""
        network.eval()
        right = []
        for i in range(0, len(self.labels), 8):
            x = torch.from_numpy(self.pictures[0, i : i + 8]).to(device).permute(0, 3, 1, 2).float() / 255
            right.append(network(x).argmax(1).cpu().numpy() == self.labels[i : i + 8])
        network.train()
        hit, object_ = np.concatenate(right), self.labels > len(BACKGROUNDS)
        return {
            "all": round(float(hit.mean()), 4),
            "objects": round(float(hit[object_].mean() if object_.any() else 1.0), 4),
        }


def train_segmenter(args: argparse.Namespace) -> None:
    """Cross-entropy over pixels, from the weights in the model folder if it has some; they go straight back there."""
    from .train import Stage, autocast, load_codec, schedule

    stage = Stage(args, "segmenter")
    codec = load_codec(args)
    network = SegmenterNet().to(args.device)
    weights = Path(args.to) / WEIGHTS.name
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-3)
    if stage.state:
        network.load_state_dict(stage.state["network"])
        optimizer.load_state_dict(stage.state["optimizer"])
    elif weights.exists():
        network.load_state_dict({k: v.float() for k, v in load_file(weights).items()})

    def content() -> dict[str, Any]:
        return {"network": network.state_dict(), "optimizer": optimizer.state_dict()}

    rng = np.random.default_rng([args.seed, stage.step, 3])
    held_out = Examples(args, codec, max(args.pictures // 20, 1), args.seed + 2000)
    examples = Examples(args, codec, args.pictures, args.seed + 1000 + stage.step)
    print("painted", len(examples.labels), "pictures; held-out accuracy", held_out.accuracy(network, args.device))
    while not stage.over:
        schedule(optimizer, 3e-3, stage.step, stage.clock.share)
        x, labels = examples.batch(rng, args.batch, args.device)
        with autocast(args):
            logits = network(x)
        loss = F.cross_entropy(logits.float(), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        stage.tick(float(loss.detach()), content)
    stage.save(content())
    print("held-out accuracy", held_out.accuracy(network, args.device), flush=True)
    weights.parent.mkdir(parents=True, exist_ok=True)
    half = {k: v.half() if v.is_floating_point() else v for k, v in network.state_dict().items()}
    save_file({k: v.contiguous().cpu() for k, v in half.items()}, weights)
