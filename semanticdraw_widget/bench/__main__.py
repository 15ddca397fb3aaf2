"""``python -m semanticdraw_widget.bench COMMAND [--json FILE]``; ``options.COMMANDS`` has the commands."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from . import options

if TYPE_CHECKING:
    from ..engine import Engine


def main(argv: list[str] | None = None) -> dict[str, Any]:
    args = options.checked(options.parser(), argv)
    if args.what == "startup":
        from . import startup

        result = startup.run(args.model, args.device)
        print(startup.table(result))
    elif args.what == "canvas":
        from . import canvas

        result = canvas.run(args)
        print(canvas.table(result))
    elif args.what == "scenes":
        from . import gallery_page

        set_threads(args.threads)
        result = gallery_page.run(engine(args), args)
        print(gallery_page.table(result))
    else:
        result = measure(args)
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n")
    return result


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Load the engine, run a command on it, print its table and draw its chart."""
    set_threads(args.threads)
    if args.what == "speed":
        from .speed import panels, run, table
    elif args.what == "scale":
        from .scale import panels, run, table
    elif args.what == "stroke":
        from .stroke import run, table
    else:
        from .fidelity import panels, run, table  # type: ignore[assignment]
    result = run(engine(args), args)
    print(table(result))
    if getattr(args, "plot", None):
        from .chart import sheet

        sheet(panels(result)).save(args.plot)
    return result


def set_threads(count: int) -> None:
    """Let torch use ``count`` CPU threads; 0 leaves it its own choice."""
    if count:
        import torch

        torch.set_num_threads(count)


def engine(args: argparse.Namespace) -> Engine:
    """The engine of the model, or of the architecture, that was asked for."""
    quick: Any = {"none": False, "inductor": True, "graphs": "graphs"}[getattr(args, "compile", "none")]
    if getattr(args, "arch", None):
        from .random_weights import random_engine

        return random_engine(args.arch, device=args.device, shrink=args.shrink, seed=args.seed, compile=quick)
    from ..engine import load_engine

    return load_engine(args.model, device=args.device, compile=quick)


if __name__ == "__main__":
    main()
