"""The segmenter: which of crayon's concepts each pixel of a picture shows, and in which color.

A small convolutional network trained on the painter's pictures, whose every pixel is known, and on the codec's
worse renderings of them, which look like what the denoiser makes; never on what the denoiser made. It is the
measuring stick of ``bench fidelity``; its features, averaged over a picture, serve the Fréchet distance there.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

from .gallery import Gallery
from .network import descend
from .stage import Settings, Stage, optimizer_of
from .vocabulary import BACKGROUNDS, COLOR_LABELS, COLORS, CONCEPTS, LABELS, color_of, concept_of

WEIGHTS = Path(__file__).parent / "model" / "segmenter.safetensors"
CLASSES = len(CONCEPTS) + 1
SHADES = len(COLORS) + 1
RENDERED = 0.5  # share of the batches that are seen as the codec renders them, unless the settings say another


def layer(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)
    )


class SegmenterNet(nn.Module):
    """A U-Net from 1/4 to 1/32 of the picture; float (n, 3, h, w) in 0..1 to logits (n, CLASSES + SHADES, h, w), of the
    concepts and of the colors."""

    def __init__(self, stem: int = 24, widths: tuple[int, ...] = (48, 80, 128, 176)) -> None:
        super().__init__()
        self.stem = layer(3, stem, 2)
        self.down = nn.ModuleList(nn.Sequential(layer(a, b, 2), layer(b, b)) for a, b in zip((stem, *widths), widths))
        self.deep = layer(widths[-1], widths[-1])
        self.up = nn.ModuleList(layer(a + b, b) for a, b in zip(widths[:0:-1], widths[-2::-1]))
        self.head = nn.Conv2d(widths[0], CLASSES + SHADES, 1)

    def coarse(self, x: torch.Tensor) -> list[torch.Tensor]:
        """The features of each level, finest first; the last is (n, widths[-1], h / 32, w / 32)."""
        x, kept = self.stem(x), []
        for level in self.down:
            x = level(x)
            kept.append(x)
        kept[-1] = self.deep(x)
        return kept

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.interpolate(self.small(x), x.shape[-2:], mode="bilinear")

    def small(self, x: torch.Tensor) -> torch.Tensor:
        """The logits at a quarter of the picture's size, where they are made."""
        kept = self.coarse(x)
        x = kept[-1]
        for level, skip in zip(self.up, kept[-2::-1]):
            x = level(torch.cat([F.interpolate(x, skip.shape[-2:], mode="bilinear"), skip], 1))
        logits: torch.Tensor = self.head(x)
        return logits


def tensor_of(rgb: np.ndarray) -> torch.Tensor:
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise ValueError(f"a picture is uint8 (height, width, 3), not {rgb.dtype} {rgb.shape}")
    return torch.from_numpy(np.array(rgb)).permute(2, 0, 1)[None].float() / 255


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
        return self.network(tensor_of(rgb))[0, :CLASSES].softmax(0).numpy()

    def label_map(self, rgb: np.ndarray) -> np.ndarray:
        """The likeliest class of each pixel: uint8 (height, width), numbered as ``vocabulary.LABELS``."""
        return self.probabilities(rgb).argmax(0).astype(np.uint8)

    @torch.inference_mode()
    def color_map(self, rgb: np.ndarray) -> np.ndarray:
        """The color of the object that each pixel shows: uint8 (height, width), numbered as
        ``vocabulary.COLOR_LABELS``; 0 where there is no object or one that takes no color."""
        return self.network(tensor_of(rgb))[0, CLASSES:].argmax(0).numpy().astype(np.uint8)

    @torch.inference_mode()
    def features(self, rgb: np.ndarray) -> np.ndarray:
        """What the network sees in the picture as a whole: float32 (features,), means of its coarse levels."""
        levels = self.network.coarse(tensor_of(rgb))[1:]
        return torch.cat([level.mean((2, 3))[0] for level in levels]).numpy()

    def share(self, rgb: np.ndarray, mask: np.ndarray, prompt: str) -> float:
        """The share (0 to 1) of the pixels in ``mask`` (height, width; above half) that show ``prompt``'s concept."""
        concept = concept_of(prompt)
        if concept is None:
            raise ValueError(f"prompt {prompt!r} names none of crayon's concepts: {', '.join(CONCEPTS)}")
        inside = np.asarray(mask) > 127
        return float((self.label_map(rgb)[inside] == LABELS[concept]).mean()) if inside.any() else 0.0

    def color_share(self, rgb: np.ndarray, mask: np.ndarray, prompt: str) -> float:
        """The share (0 to 1) of the pixels in ``mask`` that show ``prompt``'s color, of those that show any."""
        color = color_of(prompt)
        if color is None:
            raise ValueError(f"prompt {prompt!r} names no color: {', '.join(COLORS)}")
        seen = self.color_map(rgb)[np.asarray(mask) > 127]
        seen = seen[seen > 0]
        return float((seen == COLOR_LABELS[color]).mean()) if seen.size else 0.0


def warp(x: torch.Tensor, labels: torch.Tensor, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Bend pictures (n, 3, h, w) and their labels (n, k, h, w) by up to a few pixels: a wobbly cat is a cat."""
    count, _, h, w = x.shape
    cell = int(rng.integers(12, 40))
    bend = torch.randn(count, 2, h // cell + 2, w // cell + 2, device=x.device) * float(rng.uniform(0, 0.3)) * cell
    bend = F.interpolate(bend, (h, w), mode="bicubic", align_corners=True).permute(0, 2, 3, 1)
    y, column = torch.meshgrid(
        torch.linspace(-1, 1, h, device=x.device), torch.linspace(-1, 1, w, device=x.device), indexing="ij"
    )
    grid = torch.stack([column, y], -1) + bend * 2 / torch.tensor([w, h], device=x.device)
    bent = F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=True)
    moved = F.grid_sample(labels.float(), grid, mode="nearest", padding_mode="reflection", align_corners=True)
    return bent, moved.long()


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


def examples(gallery: Gallery, index: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures float (n, 3, h, w) in 0..1, and the concept and the color of each pixel, uint8 (n, 2, h, w)."""
    x = gallery.rgb[index].permute(0, 3, 1, 2).float() / 255
    truth = torch.stack([gallery.labels[index], gallery.colors[index]], 1)
    return x.contiguous(memory_format=torch.channels_last), truth


@torch.no_grad()
def accuracy(network: SegmenterNet, gallery: Gallery, codec: Any = None) -> dict[str, float]:
    """Shares of the pixels read right: of all, of those that show an object, and of colors where an object has one.
    As painted, or with ``codec`` as it renders them."""
    network.eval()
    hits = {"all": 0.0, "objects": 0.0, "colors": 0.0}
    seen = dict.fromkeys(hits, 0.0)
    for start in range(0, gallery.count, 16):
        index = torch.arange(start, min(start + 16, gallery.count), device=gallery.device)
        x, truth = examples(gallery, index)
        if codec is not None:
            x = (codec.decode(codec.encode(x * 2 - 1).latents).sample.float() / 2 + 0.5).clamp(0, 1)
        logits = network(x)
        concept, color = logits[:, :CLASSES].argmax(1) == truth[:, 0], logits[:, CLASSES:].argmax(1) == truth[:, 1]
        where = {
            "all": (concept, torch.ones_like(concept)),
            "objects": (concept, truth[:, 0] > len(BACKGROUNDS)),
            "colors": (color, truth[:, 1] > 0),
        }
        for name, (hit, mask) in where.items():
            hits[name] += float((hit & mask).sum())
            seen[name] += float(mask.sum())
    network.train()
    return {name: round(hits[name] / max(seen[name], 1), 4) for name in hits}


def train_segmenter(settings: Settings, gallery: Gallery, held_out: Gallery, codec: Any) -> None:
    """Cross-entropy over pixels, of concepts and of colors; its checkpoint holds the held-out accuracy."""
    stage = Stage(settings, "segmenter")
    network = SegmenterNet().to(settings.device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = optimizer_of(network.parameters(), settings, 1e-3)
    if stage.state:
        network.load_state_dict(stage.state["network"])
        if "optimizer" in stage.state:
            optimizer.load_state_dict(stage.state["optimizer"])

    def content() -> dict[str, Any]:
        return {"network": network.state_dict(), "optimizer": optimizer.state_dict()}

    rng = np.random.default_rng([settings.seed, stage.step, 3])
    parameters = list(network.parameters())
    while not stage.over:
        stage.schedule(optimizer)
        x, labels = examples(gallery, gallery.choose(stage.rng, stage.own["batch"]))
        if rng.random() < stage.own.get("rendered", RENDERED):
            with settings.autocast():
                x = rendered(x, codec, rng)
        if rng.random() < 0.5:
            x, labels = x.flip(-1), labels.flip(-1)
        x, truth = warp(x, labels, rng)
        x = recolored(x, rng).contiguous(memory_format=torch.channels_last)
        with settings.autocast():
            logits = network.small(x)
        truth = truth[..., 2::4, 2::4]
        # Backgrounds are most of the pixels, and soon told apart.
        worth = 1 + 2 * (truth[:, 0] > len(BACKGROUNDS)).float()
        concept = (F.cross_entropy(logits[:, :CLASSES].float(), truth[:, 0], reduction="none") * worth).mean()
        # Most pixels have no color of an object's, and that is soon known.
        worth = 0.3 + 2.7 * (truth[:, 1] > 0).float()
        color = (F.cross_entropy(logits[:, CLASSES:].float(), truth[:, 1], reduction="none") * worth).mean()
        descend(concept + 0.3 * color, optimizer, parameters)
        stage.tick(concept, content)
    found = {"painted": accuracy(network, held_out), "rendered": accuracy(network, held_out, codec)}
    print("segmenter, held-out pixels read right:", found, flush=True)
    stage.finish({**content(), "accuracy": found})


def export_segmenter(settings: Settings, folder: Path) -> dict[str, Any]:
    """Write the trained network into the model folder; returns its held-out accuracy."""
    state = settings.load("segmenter")
    half = {k: v.half() if v.is_floating_point() else v for k, v in state["network"].items()}
    folder.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous().cpu() for k, v in half.items()}, folder / WEIGHTS.name)
    found: dict[str, Any] = state.get("accuracy", {})
    return found
