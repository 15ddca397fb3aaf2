"""crayon's model card: ``python -m semanticdraw_widget.crayon.card --write [--fidelity FILE]``.

Writes ``MODEL_CARD.md`` beside this module, its picture ``vocabulary.png``, and ``model/palette.png``; the model draws
both as it is. FILE is what ``python -m semanticdraw_widget.bench fidelity --json FILE`` wrote. Without ``--write`` the
text goes to the screen and nothing is drawn.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from .card_text import card

HERE = Path(__file__).parent
SHEET_BYTES = 600_000
"""The largest file of the card's picture, which the wheel carries."""


def read_fidelity(path: Path) -> dict[str, Any]:
    """Raises ValueError for a file that ``bench fidelity`` did not write."""
    try:
        found = json.loads(path.read_text())
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is no JSON: {error}") from None
    rows = found.get("rows") if isinstance(found, dict) else None
    if not rows or "layouts" not in found or "region_iou" not in rows[0]:
        raise ValueError(f"{path} holds no figures: give a file that bench fidelity --json wrote")
    return dict(found)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m semanticdraw_widget.crayon.card", description="The model card.")
    parser.add_argument("--write", action="store_true", help="write the card and draw its pictures")
    parser.add_argument("--fidelity", type=Path, help="what bench fidelity --json wrote")
    parser.add_argument("--model", type=Path, default=HERE / "model", help="the pipeline folder")
    parser.add_argument("--to", type=Path, default=HERE, help="folder of the card; the palette goes to model/ there")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    args = parser.parse_args(argv)
    text = card(args.model, read_fidelity(args.fidelity) if args.fidelity else None)
    if not args.write:
        print(text, end="")
        return
    # Only drawing needs the engine.
    from ..engine import load_engine
    from .contact import palette, sheet, small_png

    engine = load_engine(args.model, device=args.device)
    (args.to / "model").mkdir(parents=True, exist_ok=True)
    (args.to / "vocabulary.png").write_bytes(small_png(sheet(engine), SHEET_BYTES))
    (args.to / "model" / "palette.png").write_bytes(small_png(palette(engine)))
    (args.to / "MODEL_CARD.md").write_text(text)


if __name__ == "__main__":
    main()
