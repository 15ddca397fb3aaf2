"""The command line of ``python -m semanticdraw_widget.bench``: what each command takes. Imports nothing slow."""

from __future__ import annotations

import argparse
from pathlib import Path

NAMES = ("sd15", "sdxl", "sd3", "flux")  # of architectures.ARCHITECTURES
METHODS = (  # of fidelity.CONTENDERS
    "painter",
    "multidiffusion-50",
    "multidiffusion-lcm",
    "+pre-averaging",
    "+centring",
    "exact",
    "crops",
    "masked",
    "increment",
)
SCHEDULES = ("newest", "stream")
COMMANDS = ("speed", "scale", "stroke", "fidelity", "startup", "canvas", "scenes")
PICTURED = ("exact", "crops", "masked")  # modes that paint a scene in one go


def parser() -> argparse.ArgumentParser:
    """One parser with a sub-parser for every command; ``what`` is the command."""
    result = argparse.ArgumentParser(
        prog="python -m semanticdraw_widget.bench", description="Measurements that anyone can repeat."
    )
    commands = result.add_subparsers(dest="what", required=True, metavar="|".join(COMMANDS))
    for name, takes, purpose in (
        ("speed", speed, "how long an edit takes to show, beside the published system's schedule"),
        ("scale", scale, "how an edit's cost grows with its area, with regions, canvas and steps"),
        ("stroke", stroke, "what the canvas sees of a moving pen, under each way to follow it"),
        ("fidelity", fidelity, "does each region show what was asked, and nothing else"),
        ("startup", startup, "from nothing to a canvas that takes strokes, and to the first picture"),
        ("canvas", canvas, "what the canvas costs the browser: first paint, script time per frame, points lost"),
        ("scenes", scenes, "a page of hand-composed scenes, painted by the model"),
    ):
        takes(commands.add_parser(name, help=purpose, description=purpose))
    return result


def model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", default="crayon", help="crayon, a folder, a hub id or a .safetensors file")
    command.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    command.add_argument("--json", type=Path, help="write the result here")


def run(command: argparse.ArgumentParser) -> None:
    model(command)
    command.add_argument("--threads", type=int, default=0, help="CPU threads, 0 = torch's choice")
    command.add_argument("--seed", type=int, default=0)


def plotted(command: argparse.ArgumentParser) -> None:
    command.add_argument("--plot", type=Path, help="draw the result as a PNG")


def timed(command: argparse.ArgumentParser) -> None:
    run(command)
    command.add_argument("--steps", type=int, help="denoising steps, default the model's own")
    command.add_argument("--size", type=int, help="the canvas's side in pixels, default the model's own")
    command.add_argument("--arch", choices=NAMES, help="a public model's networks instead of a model's files")
    command.add_argument("--random-weights", action="store_true", help="with --arch: speed depends on no weight")
    command.add_argument("--shrink", type=int, default=1, help="with --arch: divide widths and depths by 2, 4 or 8")
    command.add_argument(
        "--compile", choices=["none", "inductor", "graphs"], default="none", help="as load_engine's compile"
    )


def speed(command: argparse.ArgumentParser) -> None:
    timed(command)
    plotted(command)
    command.add_argument("--edits", type=int, default=6, help="edits timed a row")
    command.add_argument("--regions", type=int, nargs="+", default=[1, 3, 8], help="region counts")
    command.add_argument("--modes", nargs="+", default=["exact", "masked", "auto"], help="our modes")


def scale(command: argparse.ArgumentParser) -> None:
    timed(command)
    plotted(command)
    command.add_argument("--rounds", type=int, default=3, help="times that each point is measured")
    command.add_argument("--modes", nargs="+", default=["exact", "masked"], help="modes of all but the dirty areas")
    # A series whose option has no value is left out.
    command.add_argument(
        "--dirty-areas", type=int, nargs="*", default=[64, 16, 4, 1], help="dirty boxes: one part in so many"
    )
    command.add_argument("--regions", type=int, nargs="*", default=[1, 2, 4, 9, 16], help="region counts")
    command.add_argument("--sides", type=int, nargs="*", help="canvas sides in pixels, default 256 to 512 or 1024")
    command.add_argument("--step-counts", type=int, nargs="*", default=[1, 2, 4, 6, 8], help="denoising steps")


def stroke(command: argparse.ArgumentParser) -> None:
    timed(command)
    command.add_argument("--seconds", type=float, default=4, help="how long the pen draws")
    command.add_argument("--rate", type=float, default=60, help="scenes a second")
    command.add_argument("--mode", default="auto", help="how the engine paints them")
    command.add_argument(
        "--schedules", nargs="+", choices=SCHEDULES, default=list(SCHEDULES), help="ways to follow the pen"
    )


def fidelity(command: argparse.ArgumentParser) -> None:
    run(command)
    plotted(command)
    command.add_argument("--layouts", type=int, default=12, help="scenes scored")
    command.add_argument("--many-step-layouts", type=int, default=2, help="scenes for the 50-step method")
    command.add_argument("--only", nargs="+", choices=METHODS, metavar="NAME", help=f"of {', '.join(METHODS)}")
    command.add_argument("--segmenter", action="store_true", help="also say how well the segmenter itself reads")
    command.add_argument("--picture", type=Path, help="also save a sheet of the first scenes, a row a method")


def startup(command: argparse.ArgumentParser) -> None:
    model(command)


def canvas(command: argparse.ArgumentParser) -> None:
    model(command)
    command.add_argument("--events", type=int, default=5000, help="pointer events drawn")
    command.add_argument("--rate", type=float, default=120, help="pointer events a second")
    command.add_argument("--size", type=int, default=512, help="the canvas's side in pixels")
    command.add_argument("--regions", type=int, default=20, help="regions on the canvas")
    command.add_argument("--hardness", type=int, choices=range(0, 101, 25), default=100, help="of the brush, per cent")
    command.add_argument("--paused", action="store_true", help="the kernel paints nothing beside the browser")


def scenes(command: argparse.ArgumentParser) -> None:
    model(command)
    command.add_argument("--threads", type=int, default=0, help="CPU threads, 0 = torch's choice")
    command.add_argument("--mode", choices=PICTURED, default="masked", help="how the engine paints them")
    command.add_argument("--to", type=Path, default=Path("docs/scenes.png"), help="the page, a PNG")


def checked(options: argparse.ArgumentParser, argv: list[str] | None) -> argparse.Namespace:
    """The parsed command line. Ends the program, as argparse does, where options contradict one another."""
    args = options.parse_args(argv)
    if args.what in ("speed", "scale", "stroke"):
        if args.arch and not args.random_weights:
            options.error("--arch has no weights of its own: add --random-weights, or give --model a trained model")
        if args.random_weights and not args.arch:
            options.error(f"--random-weights are for --arch, one of {', '.join(NAMES)}")
        if args.shrink != 1 and not args.arch:
            options.error("--shrink is for --arch: a model's files have their own sizes")
    if args.what == "fidelity":
        for option in ("layouts", "many_step_layouts"):
            if getattr(args, option) < 1:
                options.error(f"--{option.replace('_', '-')} is {getattr(args, option)}, it must be 1 or more")
    if args.what == "canvas":
        for option, least in (("events", 2), ("rate", 1), ("size", 64), ("regions", 1)):
            if getattr(args, option) < least:
                options.error(f"--{option} is {getattr(args, option)}, it must be {least} or more")
    return args
