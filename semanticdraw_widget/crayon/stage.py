"""What the stages of training share: settings, a clock, checkpoints, a progress bar, and the state of a run."""

from __future__ import annotations

import ctypes
import sys
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from .curves import curve

SIDES = 32  # pixels: a picture's sides are multiples of it, the coarsest cells of the UNet
CONFIGS = Path(__file__).parent / "configs"
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4  # glibc's malloc.h


def keep_freed_memory() -> None:
    """Let glibc keep what tensors free: it otherwise hands large blocks back to the system at once, and a training
    step on a CPU then spends up to half its time on page faults. Elsewhere it does nothing."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        for option, value in ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, 2**31 - 1), (M_TOP_PAD, 64 * 2**20)):
            libc.mallopt(option, value)


@dataclass
class Settings:
    """A run's settings, from a TOML file (``configs/``) and the command line.

    work: folder of checkpoints, curves and sample grids. size: picture side in pixels. pictures: how many to paint.
    wait: how many of them before the first stage begins. wide, wide_pictures: the same for the larger pictures that a
    share of the stage ``regions`` learns from, so that large canvases come out well; 0 for none. crowded: the share
    that is full of objects. workers: painting processes. precision: "fp32" or "bf16". graphs: run the UNet by CUDA
    graphs (``graphs.py``) where the device has them. compiled: run it by torch.compile, which needs a C++ compiler
    on a CPU and takes a minute or two at first. word: added to the names of the stages where the
    model tells how it was made, for a run that goes on from what ships. stages: the settings of each stage by name;
    every stage has minutes, batch and rate.
    """

    work: Path
    device: str = "cpu"
    precision: str = "fp32"
    seed: int = 0
    size: int = 256
    pictures: int = 4000
    wait: int = 1000
    wide: int = 0
    wide_pictures: int = 0
    crowded: float = 0.5
    workers: int = 2
    threads: int = 0
    graphs: bool = False
    compiled: bool = False
    word: str = ""
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, config: str, work: Path, **given: Any) -> Settings:
        """``config``: the name of a file in ``configs/`` or a path. given: what the command line says instead."""
        path = Path(config) if config.endswith(".toml") else CONFIGS / f"{config}.toml"
        if not path.exists():
            known = ", ".join(sorted(p.stem for p in CONFIGS.glob("*.toml")))
            raise FileNotFoundError(f"no training settings {config!r}: name one of {known}, or give a .toml file")
        values = tomllib.loads(path.read_text())
        unknown = set(values) - (set(cls.__dataclass_fields__) - {"work"})
        if unknown:
            raise ValueError(f"{path} sets {', '.join(sorted(unknown))}, which training does not know")
        values.update({k: v for k, v in given.items() if v is not None})
        if values.get("device", "cpu") == "auto":
            values["device"] = "cuda" if torch.cuda.is_available() else "cpu"
        result = cls(work=work, **values)
        for name, side in (("size", result.size), ("wide", result.wide)):
            if side % SIDES:
                raise ValueError(f"{path} sets {name} to {side} pixels: it must be a multiple of {SIDES}")
        return result

    def of(self, stage: str) -> dict[str, Any]:
        if stage not in self.stages:
            raise ValueError(f"these settings have no stage {stage!r}: add a [stages.{stage}] table")
        return self.stages[stage]

    def autocast(self) -> torch.autocast:
        return torch.autocast(self.device, torch.bfloat16, enabled=self.precision == "bf16")

    def load(self, name: str) -> dict[str, Any]:
        """The checkpoint ``name``."""
        path = self.work / f"{name}.pt"
        if not path.exists():
            raise FileNotFoundError(f"{path} is not there: run the stage {name!r} first")
        state: dict[str, Any] = torch.load(path, weights_only=False, map_location=self.device)
        return state


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
        return 1.0 if self.over else self.used / self.minutes

    @property
    def over(self) -> bool:
        return self.used >= self.minutes


class Stage:
    """One stage's loop: ``while not stage.over: ...; stage.tick(loss, state)``, then ``stage.finish(state)``."""

    EVERY = 180.0  # seconds between checkpoints
    LOGGED = 25  # steps between readings of the loss, each of which waits for the device

    def __init__(self, settings: Settings, name: str) -> None:
        self.settings, self.name = settings, name
        settings.work.mkdir(parents=True, exist_ok=True)
        self.path = settings.work / f"{name}.pt"
        self.state: dict[str, Any] = settings.load(name) if self.path.exists() else {}
        self.own = settings.of(name)
        self.clock = Clock(self.own["minutes"], self.state.get("minutes", 0.0))
        self.step = self.first = int(self.state.get("step", 0))
        self.losses: list[tuple[int, float]] = self.state.get("losses", [])
        self.recent, self.unread = torch.zeros((), device=settings.device), 0  # sum and count since the last reading
        self.saved = time.monotonic()
        self.bar = tqdm(desc=name, initial=self.step, unit="step", mininterval=5, file=sys.stderr)
        self.rng = torch.Generator(settings.device).manual_seed(settings.seed * 1000 + self.step)
        torch.manual_seed(settings.seed + self.step)

    @property
    def over(self) -> bool:
        """The budget is spent; every run makes one step at least."""
        return self.clock.over and self.step > self.first

    def schedule(self, optimizer: torch.optim.Optimizer, warmup: int = 100) -> None:
        """Linear warm-up, then a cosine from the stage's rate down to a fiftieth of it."""
        fall = 0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * self.clock.share))
        for group in optimizer.param_groups:
            group["lr"] = float(self.own["rate"] * min(1.0, (self.step + 1) / warmup) * fall)

    def tick(self, loss: torch.Tensor, content: Any) -> None:
        self.step += 1
        self.recent += loss.detach()
        self.unread += 1
        if self.step % self.LOGGED == 0 or self.step == self.first + 1:
            mean = float(self.recent) / self.unread
            self.losses.append((self.step, mean))
            self.recent.zero_()
            self.unread = 0
            self.bar.set_postfix_str(f"loss {mean:.4f} minute {self.clock.used:.1f}/{self.clock.minutes:g}")
        self.clock.tick()
        self.bar.update()
        if time.monotonic() - self.saved > self.EVERY:
            self.save(content())

    def save(self, content: dict[str, Any]) -> None:
        self.saved = time.monotonic()
        part = self.path.with_suffix(".part")
        s = self.settings
        made = {"device": s.device, "precision": s.precision, "size": s.size, "pictures": s.pictures}
        made |= {"word": s.word, **self.own}
        state = {"step": self.step, "minutes": self.clock.used, "losses": self.losses, "made": made}
        torch.save({**state, **content}, part)
        part.replace(self.path)

    def finish(self, content: dict[str, Any]) -> None:
        self.bar.close()
        self.save(content)
        curve(self.name, self.losses).save(self.path.with_suffix(".png"))


def optimizer_of(parameters: Any, settings: Settings, decay: float = 0.0, beta: float = 0.98) -> torch.optim.AdamW:
    return torch.optim.AdamW(
        parameters, lr=1e-3, betas=(0.9, beta), weight_decay=decay, fused=settings.device.startswith("cuda")
    )


@torch.no_grad()
def average(kept: torch.nn.Module, live: torch.nn.Module, decay: float) -> None:
    """Exponential moving average of the weights, in place."""
    torch._foreach_lerp_(list(kept.parameters()), list(live.parameters()), 1 - decay)
