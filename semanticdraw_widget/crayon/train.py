"""Train crayon from nothing: ``python -m semanticdraw_widget.crayon.train all --config small --work DIR``.

Stages, each resumed from its checkpoint when run again, each leaving its loss as a picture and a grid of samples:

codec      the AutoencoderTiny, on painted pictures;
base       the text encoder and the UNet as an ordinary diffusion model (v-prediction);
distil     the same UNet to a latent consistency model for 4 LCM steps (Luo et al. 2023, arXiv 2310.04378);
regions    the same UNet on the region engine's own steps, with objects that fill their regions;
segmenter  the network that says which concept and color each pixel shows;
export     the pipeline folder that ships in the package;
all        all of these, in this order;
unpack     the other way round: an exported folder to the checkpoints ``codec`` and ``shipped``, to train on from it.

The settings are one file, ``configs/full.toml`` (a GPU, ten minutes), ``configs/small.toml`` (two CPU cores, a few
minutes, to see it work), ``configs/longer.toml`` (a CPU core and an evening: ``regions`` goes on from what ships), or
your own.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import torch

from . import networks
from .codec import load_codec, train_codec
from .denoiser import Denoiser, train_base
from .distil import train_distil
from .export import MODEL, export, unpack
from .gallery import Gallery
from .regions import train_regions
from .samples import sample_grid
from .segmenter import train_segmenter
from .stage import Settings, keep_freed_memory

STAGES = ("codec", "base", "distil", "regions", "segmenter")
WIDE, HELD_OUT = 10000, 20000  # added to the seed: for the larger pictures, and those that the segmenter is tried on


class Run:
    """A run's galleries, painted when a stage first asks for them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tokenizer = networks.make_tokenizer(settings.work / "tokenizer")
        self.galleries: dict[str, Gallery] = {}

    def gallery(self, name: str, pictures: int, size: int, seed: int, wait: int) -> Gallery:
        """Of ``pictures`` pictures, ``wait`` of them painted by now."""
        s = self.settings
        if name not in self.galleries:
            gallery = self.galleries[name] = Gallery(pictures, size, s.device, s.precision == "bf16")
            if s.workers:
                gallery.fill_beside(s.seed + seed, s.workers, self.tokenizer, s.crowded)
            else:
                gallery.fill(s.seed + seed, 0, self.tokenizer, s.crowded)
        self.galleries[name].wait(wait)
        return self.galleries[name]

    def usual(self) -> Gallery:
        s = self.settings
        return self.gallery("usual", s.pictures, s.size, 0, s.wait)

    def wide(self, wait: bool) -> Gallery | None:
        """The larger pictures, if the settings want some; painting begins with the first call."""
        s = self.settings
        if not s.wide_pictures:
            return None
        return self.gallery("wide", s.wide_pictures, s.wide, WIDE, min(s.wait, s.wide_pictures) if wait else 0)

    def held_out(self) -> Gallery:
        s = self.settings
        count = min(max(8, s.pictures // 100), 400)
        return self.gallery("held out", count, s.size, HELD_OUT, count)

    def stage(self, name: str) -> None:
        usual = self.usual()
        if name == "codec":
            train_codec(self.settings, usual)
            return
        codec = load_codec(self.settings)
        if name == "segmenter":
            train_segmenter(self.settings, usual, self.held_out(), codec)
            return
        usual.encode(codec)
        wide = self.wide(wait=name == "regions")
        if name == "regions":
            if wide is not None:
                wide.encode(codec)
            train_regions(self.settings, usual, wide)
        else:
            {"base": train_base, "distil": train_distil}[name](self.settings, usual)
        sample_grid(Denoiser(self.settings, name), codec, name).save(self.settings.work / f"samples-{name}.png")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m semanticdraw_widget.crayon.train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("stages", nargs="+", choices=[*STAGES, "export", "all", "unpack"], metavar="STAGE")
    parser.add_argument("--config", default="full", help="full, small, longer, or a .toml file")
    parser.add_argument("--work", default="build/crayon", help="folder of checkpoints, curves and sample grids")
    parser.add_argument("--to", default=str(MODEL), help="folder that export writes and unpack reads")
    parser.add_argument("--device", help="cpu, cuda, mps or auto; else the settings'")
    parser.add_argument("--seed", type=int, help="instead of the settings'")
    parser.add_argument("--workers", type=int, help="painting processes, instead of the settings'")
    parser.add_argument("--minutes", type=float, help="budget of each stage named, earlier runs counted in")
    parser.add_argument("--start", default="regions", help="checkpoint to export")
    parser.add_argument("--mean", default="", help="another checkpoint, to export the mean of both")
    parser.add_argument("--share", type=float, default=0.5, help="of the other checkpoint in that mean")
    args = parser.parse_args(argv)
    # The painters are processes; a tokenizer with threads of its own would warn of each.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    keep_freed_memory()
    settings = Settings.read(args.config, Path(args.work), device=args.device, seed=args.seed, workers=args.workers)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    torch.set_float32_matmul_precision("high")
    names = [name for given in args.stages for name in ((*STAGES, "export") if given == "all" else (given,))]
    if args.minutes is not None:
        for name in names:
            if name in STAGES:
                settings.of(name)["minutes"] = args.minutes
    run = Run(settings)
    for name in names:
        if name == "unpack":
            unpack(settings, Path(args.to))
        elif name == "export":
            about = export(settings, Path(args.to), args.start, args.mean, args.share)
            print(json.dumps(about["training"], indent=1))
        else:
            run.stage(name)


if __name__ == "__main__":
    main()
