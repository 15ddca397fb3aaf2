"""Train crayon from nothing: ``python -m semanticdraw_widget.crayon.train STAGE --work DIR``.

Stages, each resumed from its checkpoint when run again:

codec      the AutoencoderTiny, on painted pictures;
base       the text encoder and the UNet as an ordinary diffusion model (v-prediction), 128 pixels first, 256 last;
distil     the same UNet to a latent consistency model for 4 LCM steps (Luo et al. 2023, arXiv 2310.04378);
regions    the same UNet on the region engine's own steps, with objects that fill their regions;
segmenter  the network that says which concept each pixel shows;
export     the pipeline folder that ships in the package;
unpack     the other way round: an exported folder to the checkpoints ``codec`` and ``shipped``, to train on from it.

Written for a CPU of a few cores in an afternoon; with ``--device cuda`` the same stages take minutes.
"""

from __future__ import annotations

import argparse
import copy
import ctypes
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from . import networks
from .data import Latents, encode_pictures, painted, pixels
from .segmenter import train_segmenter
from .vocabulary import BACKGROUNDS, OBJECTS, words

MODEL = Path(__file__).parent / "model"
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4  # glibc's malloc.h
UNCONDITIONAL = 0.1  # share of captions replaced by the empty one, for classifier-free guidance


def keep_freed_memory() -> None:
    """Let glibc keep what tensors free: it otherwise hands large blocks back to the system at once, and a training
    step on a CPU then spends up to half its time on page faults. Elsewhere it does nothing."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        for option, value in ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, 2**31 - 1), (M_TOP_PAD, 64 * 2**20)):
            libc.mallopt(option, value)


class Clock:
    """A stage's budget in minutes: its learning rate falls along the share of time that is used. A process that was
    stopped for a while (SIGSTOP, a sleeping laptop) is not charged for it."""

    LONGEST_STEP = 10.0  # seconds

    def __init__(self, minutes: float, used: float = 0.0) -> None:
        self.minutes, self.used, self.seen = minutes, used, time.monotonic()

    def tick(self) -> None:
        now = time.monotonic()
        self.used += min(now - self.seen, self.LONGEST_STEP) / 60
        self.seen = now

    @property
    def share(self) -> float:
        return min(1.0, self.used / self.minutes)

    @property
    def over(self) -> bool:
        return self.used >= self.minutes


def schedule(optimizer: torch.optim.Optimizer, peak: float, step: int, share: float, warmup: int = 200) -> None:
    """Linear warm-up, then a cosine from ``peak`` down to a twentieth of it."""
    rate = peak * min(1.0, (step + 1) / warmup) * (0.05 + 0.95 * 0.5 * (1 + np.cos(np.pi * share)))
    for group in optimizer.param_groups:
        group["lr"] = float(rate)


@torch.no_grad()
def average(kept: torch.nn.Module, live: torch.nn.Module, decay: float) -> None:
    """Exponential moving average of the weights, in place."""
    for a, b in zip(kept.parameters(), live.parameters()):
        a.lerp_(b, 1 - decay)


class Stage:
    """What the stages share: the work folder, the device, checkpoints and a log line now and then."""

    def __init__(self, args: argparse.Namespace, name: str) -> None:
        self.args, self.name = args, name
        self.work = Path(args.work)
        self.work.mkdir(parents=True, exist_ok=True)
        self.path = self.work / f"{name}.pt"
        self.state: dict[str, Any] = torch.load(self.path, weights_only=False) if self.path.exists() else {}
        self.clock = Clock(args.minutes, self.state.get("minutes", 0.0))
        self.step = self.first = int(self.state.get("step", 0))
        self.saved = self.logged = time.monotonic()
        self.loss = 0.0

    @property
    def over(self) -> bool:
        """The budget is spent; every run makes one step at least."""
        return self.clock.over and self.step > self.first

    def tick(self, loss: float, save: Any, every: float = 120) -> None:
        self.step += 1
        self.clock.tick()
        self.loss = loss if self.step == 1 else 0.98 * self.loss + 0.02 * loss
        now = time.monotonic()
        if now - self.logged > 20:
            self.logged = now
            print(f"{self.name} step {self.step} loss {self.loss:.4f} minute {self.clock.used:.1f}", flush=True)
        if now - self.saved > every:
            self.saved = now
            self.save(save())

    def save(self, content: dict[str, Any]) -> None:
        part = self.path.with_suffix(".part")
        torch.save({"step": self.step, "minutes": self.clock.used, **content}, part)
        part.replace(self.path)


def autocast(args: argparse.Namespace) -> torch.autocast:
    return torch.autocast(args.device, torch.bfloat16, enabled=not args.fp32)


def train_codec(args: argparse.Namespace) -> None:
    """L1 in pixels and in their differences; latents kept near unit scale, noise-proof and sound when halved.

    A latent space that survives being shrunk (decode(half z) = half picture) holds the picture rather than a code
    for it, and a small denoiser learns it far sooner. A codec that was unpacked from an exported folder keeps its
    latents of backgrounds where they are while it learns to draw objects better, so the denoiser stays of use.
    """
    stage = Stage(args, "codec")
    codec = networks.make_codec().to(args.device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(codec.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=1e-4)
    known: Any = None
    if stage.state:
        codec.load_state_dict(stage.state["codec"])
        if "optimizer" in stage.state:
            optimizer.load_state_dict(stage.state["optimizer"])
        if stage.state.get("known") or "optimizer" not in stage.state:
            known = copy.deepcopy(codec).requires_grad_(False)
            known.load_state_dict(stage.state.get("known") or stage.state["codec"])

    def content() -> dict[str, Any]:
        before = None if known is None else known.state_dict()
        return {"codec": codec.state_dict(), "optimizer": optimizer.state_dict(), "known": before}

    def difference(a: torch.Tensor, b: torch.Tensor, worth: torch.Tensor) -> torch.Tensor:
        error = a - b
        edges = sum((error.diff(dim=d).abs() * worth.narrow(d, 1, worth.shape[d] - 1)).mean() for d in (2, 3))
        return (error.abs() * worth).mean() + edges

    for pictures in painted(128, 12, args.seed + stage.step, args.workers):
        if stage.over:
            break
        schedule(optimizer, 2e-3 if known is None else 6e-4, stage.step, stage.clock.share)
        x = pixels(pictures).to(args.device).contiguous(memory_format=torch.channels_last)
        objects = torch.from_numpy(np.stack([p.labels > len(BACKGROUNDS) for p in pictures])).to(args.device)
        # Objects are few pixels of a picture and most of what people look at.
        worth = 0.8 + 2.4 * objects[:, None].float()
        with autocast(args):
            z = codec.encode(x).latents
            noisy = z + 0.1 * torch.randn_like(z)
            loss = difference(codec.decode(noisy).sample, x, worth)
            if stage.step % 4 == 0:
                half = [F.avg_pool2d(v, 2) for v in (z, x, worth)]
                loss = loss + 0.4 * difference(codec.decode(half[0]).sample, half[1], half[2])
        z = z.float()
        if known is not None:
            plain = 1 - F.max_pool2d(objects[:, None].float(), 16, 8, 4)  # cells that no object touches
            with torch.no_grad(), autocast(args):
                old = known.encode(x).latents.float()
            loss = loss + ((z - old).square() * plain).mean()
        spread = z.var(dim=(0, 2, 3))
        loss = loss + 0.02 * (z.mean(dim=(0, 2, 3)).square() + (spread - 1).square()).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(codec.parameters(), 1.0)
        optimizer.step()
        stage.tick(float(loss.detach()), content)
    stage.save(content())
    with torch.no_grad():
        print("latent deviation", [round(float(v), 2) for v in spread.sqrt()], flush=True)


def load_codec(args: argparse.Namespace) -> Any:
    codec = networks.make_codec().to(args.device, memory_format=torch.channels_last)
    codec.load_state_dict(torch.load(Path(args.work) / "codec.pt", weights_only=False)["codec"])
    return codec.eval().requires_grad_(False)


class Denoiser:
    """Tokenizer, text encoder and UNet, with the schedule's coefficients."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.tokenizer = networks.make_tokenizer(Path(args.work) / "tokenizer")
        self.text = networks.make_text_encoder(self.tokenizer).to(args.device)
        self.unet = networks.make_unet().to(args.device, memory_format=torch.channels_last)
        self.text.config._attn_implementation = "sdpa"
        self.abar = networks.make_scheduler().alphas_cumprod.to(args.device)

    def parameters(self) -> list[torch.nn.Parameter]:
        return [*self.text.parameters(), *self.unet.parameters()]

    def embed(self, prompts: list[str]) -> torch.Tensor:
        device = next(self.unet.parameters()).device
        ids = self.tokenizer(
            prompts, padding="max_length", max_length=networks.TOKENS, truncation=True, return_tensors="pt"
        ).input_ids.to(device)
        return self.text(ids).last_hidden_state

    def coefficients(self, t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        abar = self.abar[t][:, None, None, None]
        return abar.sqrt(), (1 - abar).sqrt()

    def state(self) -> dict[str, Any]:
        return {"text": self.text.state_dict(), "unet": self.unet.state_dict()}

    def load(self, state: dict[str, Any]) -> None:
        self.text.load_state_dict(state["text"])
        self.unet.load_state_dict(state["unet"])


def weighted(prediction: torch.Tensor, target: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    return ((prediction.float() - target).square() * weights).mean()


def diffusion_loss(
    model: Denoiser,
    batch: tuple[torch.Tensor, list[str], torch.Tensor],
    rng: np.random.Generator,
    args: argparse.Namespace,
) -> torch.Tensor:
    """v-prediction loss. A share of samples sits at the last timestep with pure noise: sampling starts there, and
    the schedule's residual 0.07 of signal would otherwise teach the network to trust it."""
    x0, captions, weights = batch[0].to(args.device), batch[1], batch[2].to(args.device)
    captions = ["" if rng.random() < UNCONDITIONAL else c for c in captions]
    count = x0.shape[0]
    t = torch.from_numpy(rng.integers(0, 1000, count)).to(args.device)
    pure = torch.from_numpy(rng.random(count) < 0.06).to(args.device)
    t[pure] = 999
    noise = torch.randn_like(x0)
    a, s = model.coefficients(t)
    x = torch.where(pure[:, None, None, None], noise, a * x0 + s * noise)
    target = (a * x - x0) / s  # v from x and x0, also where x holds no signal
    with autocast(args):
        v = model.unet(x.contiguous(memory_format=torch.channels_last), t, model.embed(captions)).sample
    return weighted(v, target, weights)


def train_base(args: argparse.Namespace) -> None:
    """The diffusion model at ``--size`` pixels; a later run at a larger size starts from the smaller one's weights."""
    stage = Stage(args, f"base-{args.size}")
    data = training_data(args)
    model = Denoiser(args)
    if not stage.state and args.start:
        model.load(torch.load(Path(args.work) / f"{args.start}.pt", weights_only=False)["kept"])
    kept = copy.deepcopy((model.text, model.unet))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01)
    if stage.state:
        model.load(stage.state["live"])
        kept[0].load_state_dict(stage.state["kept"]["text"])
        kept[1].load_state_dict(stage.state["kept"]["unet"])
        optimizer.load_state_dict(stage.state["optimizer"])

    def content() -> dict[str, Any]:
        return {
            "live": model.state(),
            "kept": {"text": kept[0].state_dict(), "unet": kept[1].state_dict()},
            "optimizer": optimizer.state_dict(),
        }

    rng = np.random.default_rng([args.seed, stage.step, args.size])
    torch.manual_seed(args.seed + stage.step)
    while not stage.over:
        schedule(optimizer, args.rate, stage.step, stage.clock.share)
        loss = diffusion_loss(model, data.batch(rng, args.batch, args.even), rng, args)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        decay = min(0.999, (1 + stage.step) / (10 + stage.step))
        average(kept[0], model.text, decay)
        average(kept[1], model.unet, decay)
        stage.tick(float(loss.detach()), content)
    stage.save(content())


def training_data(args: argparse.Namespace) -> Latents:
    kind = f"-crowded{args.crowded:g}" if args.crowded else ""
    cache = Path(args.work) / f"latents-{args.size}-{args.pictures}{kind}.pt"
    codec, bf16 = load_codec(args), not args.fp32
    return encode_pictures(codec, args.size, args.pictures, args.seed, args.workers, cache, bf16, args.crowded)


def blended(one: dict[str, Any], other: dict[str, Any], share: float) -> dict[str, Any]:
    """The weights of two states of a model, ``share`` of them the other's. Where a run has led from one to the other
    its noise averages out, and the mean is often better than both (Wortsman et al. 2022, "Model soups")."""
    if not 0 <= share <= 1:
        raise ValueError(f"the share is {share}, it must lie in 0..1")
    return {
        part: {
            name: value.lerp(other[part][name], share) if value.is_floating_point() else value
            for name, value in w.items()
        }
        for part, w in one.items()
    }


def export(args: argparse.Namespace) -> None:
    """Write the pipeline folder: half-precision weights, scheduler, tokenizer and ``semanticdraw.json``."""
    from diffusers import StableDiffusionPipeline

    work, target = Path(args.work), Path(args.to)
    model = Denoiser(args)
    source = torch.load(work / f"{args.start}.pt", weights_only=False)["kept"]
    if args.mean:
        source = blended(source, torch.load(work / f"{args.mean}.pt", weights_only=False)["kept"], args.share)
    model.load(source)
    pipeline = StableDiffusionPipeline(
        vae=load_codec(args),
        text_encoder=model.text,
        tokenizer=model.tokenizer,
        unet=model.unet,
        scheduler=networks.make_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.to(dtype=torch.float16).save_pretrained(target)
    codec_config = target / "vae" / "config.json"
    config = json.loads(codec_config.read_text())
    config.pop("block_out_channels", None)  # written by diffusers' AutoencoderTiny, which then warns of it
    codec_config.write_text(json.dumps(config, indent=2) + "\n")
    stages = {}
    for path in sorted(work.glob("*.pt")):
        state = torch.load(path, weights_only=False)
        if "step" in state:
            stages[path.stem] = {"steps": state["step"], "minutes": round(state["minutes"], 1)}
    training: dict[str, Any] = {"source": args.start, "stages": stages}
    if args.mean:
        training["mean_with"] = {args.mean: args.share}
    shipped = work / "shipped.pt"
    if shipped.exists():
        training["continued_from"] = torch.load(shipped, weights_only=False)["training"]
    about = {
        "name": "crayon",
        "steps": 4,
        "guidance": args.guidance,
        "canvas": [256, 256],
        "vocabulary": {"backgrounds": list(BACKGROUNDS), "objects": list(OBJECTS), "words": list(words())},
        "training": training,
    }
    (target / "semanticdraw.json").write_text(json.dumps(about, indent=1) + "\n")
    print("written", target, sum(f.stat().st_size for f in target.rglob("*") if f.is_file()) // 1024, "KB")


def unpack(args: argparse.Namespace) -> None:
    """Read an exported folder back into checkpoints: the codec as ``codec``, text encoder and UNet as ``shipped``."""
    from diffusers import StableDiffusionPipeline

    work = Path(args.work)
    work.mkdir(parents=True, exist_ok=True)
    pipeline = StableDiffusionPipeline.from_pretrained(args.to, safety_checker=None).to(dtype=torch.float32)
    about = json.loads((Path(args.to) / "semanticdraw.json").read_text())
    torch.save({"codec": pipeline.vae.state_dict()}, work / "codec.pt")
    kept = {"text": pipeline.text_encoder.state_dict(), "unet": pipeline.unet.state_dict()}
    torch.save({"kept": kept, "training": about["training"]}, work / "shipped.pt")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m semanticdraw_widget.crayon.train", description=__doc__)
    parser.add_argument("stage", choices=["codec", "base", "distil", "regions", "segmenter", "export", "unpack"])
    parser.add_argument("--work", default="build/crayon", help="folder of checkpoints and encoded pictures")
    parser.add_argument("--to", default=str(MODEL), help="folder that export writes and unpack reads")
    parser.add_argument("--minutes", type=float, default=30, help="budget of the stage, earlier runs counted in")
    parser.add_argument("--size", type=int, default=128, help="picture size in pixels")
    parser.add_argument("--pictures", type=int, default=40000, help="pictures to paint and encode")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=8e-4, help="peak learning rate")
    parser.add_argument("--even", type=float, default=0.35, help="share of pictures with an evenly spread loss")
    parser.add_argument("--crowded", type=float, default=0.0, help="share of pictures that are full of objects")
    parser.add_argument("--start", default="", help="checkpoint (no .pt) to start from or to export")
    parser.add_argument("--mean", default="", help="another checkpoint, to export the mean of both")
    parser.add_argument("--share", type=float, default=0.5, help="of the other checkpoint in that mean")
    parser.add_argument("--guidance", type=float, default=4.0, help="default guidance of the exported model")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--fp32", action="store_true", help="train in float32 where bfloat16 is slow")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads, 0 = torch's choice")
    parser.add_argument("--workers", type=int, default=2, help="painting processes")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    keep_freed_memory()
    if args.threads:
        torch.set_num_threads(args.threads)
    stages = {
        "codec": train_codec,
        "base": train_base,
        "segmenter": train_segmenter,
        "export": export,
        "unpack": unpack,
    }
    if args.stage == "distil":
        from .distil import train_distil

        train_distil(args)
    elif args.stage == "regions":
        from .regions import train_regions

        train_regions(args)
    else:
        stages[args.stage](args)


if __name__ == "__main__":
    main()
