"""``python -m semanticdraw_widget.bench speed|fidelity|startup [--json FILE]``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any


def main(argv: list[str] | None = None) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="python -m semanticdraw_widget.bench", description=__doc__)
    parser.add_argument("what", choices=["speed", "fidelity", "startup"])
    parser.add_argument("--model", default="crayon", help="crayon, a folder, a hub id or a .safetensors file")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads, 0 = torch's choice")
    parser.add_argument("--json", type=Path, help="write the result here")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, help="denoising steps, default the model's own")
    parser.add_argument("--edits", type=int, default=6, help="speed: edits timed a row")
    parser.add_argument("--regions", type=int, nargs="+", default=[1, 3, 8], help="speed: region counts")
    parser.add_argument("--modes", nargs="+", default=["exact", "masked", "auto"], help="speed: our modes")
    parser.add_argument("--layouts", type=int, default=50, help="fidelity: scenes scored")
    parser.add_argument("--many-step-layouts", type=int, default=4, help="fidelity: scenes for the 50-step method")
    parser.add_argument("--picture", type=Path, help="fidelity: also save a sheet of the first scenes, a row a method")
    args = parser.parse_args(argv)
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
    """Load the engine, run ``speed`` or ``fidelity``, and print its table."""
    import torch

    if args.threads:
        torch.set_num_threads(args.threads)
    from ..engine import load_engine

    engine = load_engine(args.model, device=args.device)
    if args.what == "speed":
        from .speed import run, table
    else:
        from .fidelity import run, table
    result = run(engine, args)
    print(table(result))
    return result


if __name__ == "__main__":
    main()
