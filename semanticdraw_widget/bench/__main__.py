"""``python -m semanticdraw_widget.bench speed|scale|fidelity|startup [--json FILE] [--plot FILE]``."""

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
    else:
        result = measure(args)
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n")
    return result


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Load the engine, run a command on it, print its table and draw its chart."""
    import torch

    if args.threads:
        torch.set_num_threads(args.threads)
    if args.what == "speed":
        from .speed import panels, run, table
    elif args.what == "scale":
        from .scale import panels, run, table
    else:
        from .fidelity import panels, run, table  # type: ignore[assignment]
    result = run(engine(args), args)
    print(table(result))
    if args.plot:
        from .chart import sheet

        sheet(panels(result)).save(args.plot)
    return result


def engine(args: argparse.Namespace) -> Engine:
    """The engine of the model, or of the architecture, that was asked for."""
    if getattr(args, "arch", None):
        from .random_weights import random_engine

        return random_engine(args.arch, device=args.device, shrink=args.shrink, seed=args.seed)
    from ..engine import load_engine

    return load_engine(args.model, device=args.device)


if __name__ == "__main__":
    main()
