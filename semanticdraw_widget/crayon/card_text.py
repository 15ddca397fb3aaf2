"""The text of crayon's model card. Every figure in it is read from the model's files, from the training settings, or
from what ``bench fidelity`` wrote; none is typed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from math import prod
from pathlib import Path
from textwrap import fill
from typing import Any

from safetensors import safe_open

from .objects import KINDS
from .vocabulary import BACKGROUNDS, COLORS, CONCEPTS, OBJECTS, STYLES, words

STAGES = {
    "codec": "the way from pictures to latents and back",
    "base": "text encoder and UNet as an ordinary diffusion model",
    "distil": "the same UNet as a latent consistency model of 4 steps",
    "regions": "the same UNet on the region engine's own steps, each region filled with what it was painted for",
    "segmenter": "concept and color of every pixel, as painted and as the codec renders it",
}
FIGURES = {  # of bench fidelity: the column's head, and how its numbers are written
    "region_iou": ("region IoU", ".3f"),
    "leakage": ("leakage", ".3f"),
    "seam": ("seam", ".2f"),
    "outside_change": ("outside change", ".2f"),
    "color_accuracy": ("right color", ".2f"),
    "frechet": ("Fréchet", ".3g"),
    "layouts": ("layouts", "d"),
}
MACHINES = {"cuda": "one GPU", "cpu": "a CPU", "mps": "an Apple GPU"}

CARD = """
# crayon

A small text-to-image diffusion model that comes in the package, so that the canvas draws with no GPU, no network and
no download. It paints {size} x {size} pixels in the manner of a picture book: {concepts} concepts, {backgrounds} to
fill the ground and {objects} to put on it, in {colors} colors and {styles} styles that can be named.

## What it draws

![Every concept, drawn by crayon](vocabulary.png)

{backgrounds} backgrounds: {background_names}.

{objects} objects: {object_names}.

{colors} colors: {color_names}. They go before an object, as in `red house`; {plain} keep their own.

{styles} styles: {style_names}. They go at the end of every prompt of a picture, as in `house watercolour`.

With synonyms, articles and sizes it reads {words} words; `vocabulary.py` has them all.

## What it is

A diffusers `StableDiffusionPipeline` folder in small: a CLIP text encoder of {text_encoder} M parameters with a
vocabulary of its own, a UNet of {unet} M parameters with the LCM guidance embedding, an `AutoencoderTiny` of {vae} M
parameters with {channels} latent channels on the usual 1/8 grid, and Stable Diffusion 1.5's noise schedule with
v-prediction. It is made for {steps} LCM steps at guidance {guidance:g}. Without the guidance embedding
(`timestep_cond=None`) the same UNet answers as the many-step diffusion model that it was distilled from. Weights are
half precision.

`segmenter.safetensors` beside it says which concept each pixel shows, and in which color; it is the measuring stick of
`python -m semanticdraw_widget.bench fidelity`.

## Data

None but what `painter.py` draws: composites of textures and drawings, any concept beside any, backgrounds also as
patches in a shape of their own, with the concept and the color of every pixel known. No picture, text or weight of
anybody else went in.

## Training

{training}

## Figures

{figures}

## Limits

It knows the words above and their synonyms, and no others: what else a prompt says is left out, and the canvas says
which words those were. An object fills its region, whatever its shape, so a shape far from its own bends it; it always
faces the same way and keeps its build, as the painter's drawings do. It was trained on squares alone, most of them of
{size} x {size} pixels, and regions below some 26 pixels, three cells of its latent grid, are smaller than all that it
was taught to draw. A style belongs to the whole picture: it was never shown two in one. Negative prompts were no
part of training.

The segmenter learned from the same painter, so its figures tell whether a picture shows what was asked in the painter's
way of drawing, and nothing about how it looks to a person.

## License

MIT, as the package: code, weights and the pictures here.
"""

TRAINED = """
`python -m semanticdraw_widget.crayon.train all` with `configs/full.toml`: {machines}. `configs/small.toml` runs
the same stages in a few minutes on two CPU cores, to see them work. A stage whose name has a further word went on from
the shipped weights, as with `configs/longer.toml`. Text encoder and UNet ship as the running mean of their weights.
"""
MEASURED = """
`python -m semanticdraw_widget.bench fidelity`, {layouts} random layouts: overlap of each region with the pixels that
show its concept (1 is perfect); pixels of the concept elsewhere, of the region's area (0); brightness step across
borders over that elsewhere; mean change of pixels, 0 to 255, away from an edit (0); share of the regions asked for in
a color that mostly show it (1); Fréchet distance of the segmenter's features to those of the painter's pictures (0),
which few pictures make too large, so compare it at equal counts only. The methods are the paper's ablation, then the
engine's quicker modes.
"""


def wrapped(text: str) -> str:
    """``text`` with its paragraphs in lines of 120 letters at most; a table's rows stay whole."""
    paragraphs = text.strip().split("\n\n")
    return "\n\n".join(p if p.startswith("|") else fill(" ".join(p.split()), 120) for p in paragraphs)


def listed(names: Iterable[str]) -> str:
    """The names as in "a, b and c"."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def parameters(part: Path) -> str:
    """How many numbers the weights of one of the pipeline's networks hold, in millions."""
    total = 0
    for path in sorted(part.glob("*.safetensors")):
        with safe_open(path, "numpy") as weights:
            total += sum(prod(weights.get_slice(name).get_shape()) for name in weights.keys())
    return f"{total / 1e6:.2g}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> str:
    """A Markdown table; its first ``texts`` columns are text, the others numbers."""
    rule = ["---" if index < texts else "---:" for index in range(len(heads))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows))


def training(told: Mapping[str, Any]) -> str:
    """told: "training" of semanticdraw.json. A checkpoint's name begins with that of its stage."""
    done: Mapping[str, Mapping[str, Any]] = told.get("stages", {})
    rows, minutes = [], dict[str, float]()
    for stage, purpose in STAGES.items():
        for name in sorted((n for n in done if n.split("-")[0] == stage), key=len, reverse=True):
            took = done[name]
            machine = MACHINES.get(took.get("device", ""), "a machine")
            minutes[machine] = minutes.get(machine, 0) + took["minutes"]
            given = (f"{took[key]:g}" if key in took else "-" for key in ("size", "batch", "rate"))
            rows.append((f"`{name}`", purpose, machine, *given, f"{took['steps']}", f"{took['minutes']:.1f}"))
    machines = listed(f"{spent:.0f} minutes on {machine}" for machine, spent in minutes.items()) if minutes else "-"
    heads = ("stage", "what it learns", "on", "pixels", "batch", "rate", "steps", "minutes")
    parts = [TRAINED.format(machines=machines).strip(), table(heads, rows, texts=3)]
    for other, share in told.get("mean_with", {}).items():
        parts.append(f"The exported weights are the mean of `{told['source']}` and `{other}`, {share:g} of the latter.")
    before = told.get("continued_from", {}).get("stages", {})
    if before:
        minutes = sum(stage["minutes"] for stage in before.values())
        parts.append(
            f"The run went on from earlier weights that had had {minutes:.0f} minutes themselves; `semanticdraw.json` "
            "lists them under `continued_from`."
        )
    return "\n\n".join(parts)


def reading(accuracy: Mapping[str, Mapping[str, float]]) -> str:
    """How well the segmenter reads: shares from 0 to 1, by how the pictures were made and by which pixels."""
    how = {"painted": "as painted", "rendered": "as the codec renders them"}
    parts = []
    for kind, share in accuracy.items():
        every, objects, colors = (f"{100 * share[name]:.1f} %" for name in ("all", "objects", "colors"))
        parts.append(f"{how.get(kind, kind)}, {every} of all, {objects} of the objects' and {colors} of their colors")
    return f"Pixels of held-out painter pictures that the segmenter reads right: {'; '.join(parts)}."


def figures(fidelity: Mapping[str, Any] | None, accuracy: Mapping[str, Mapping[str, float]]) -> str:
    """fidelity: what bench fidelity wrote, or None. accuracy: the segmenter's, {} where it is not known."""
    if fidelity is None:
        parts = ["`python -m semanticdraw_widget.bench fidelity` measures whether regions show what was asked."]
    else:
        rows = [
            (row["method"], *("-" if row.get(n) is None else format(row[n], spec) for n, (_, spec) in FIGURES.items()))
            for row in fidelity["rows"]
        ]
        heads = ("method", *(head for head, _ in FIGURES.values()))
        parts = [table(heads, rows), MEASURED.format(layouts=fidelity["layouts"]).strip()]
    return "\n\n".join([*parts, *([reading(accuracy)] if accuracy else [])])


def card(folder: Path, fidelity: Mapping[str, Any] | None = None) -> str:
    """The whole card, Markdown. folder: the pipeline's. fidelity: the JSON of bench fidelity, read."""
    about = json.loads((folder / "semanticdraw.json").read_text())
    told = about.get("training", {})
    text = CARD.format(
        size=about.get("canvas", [256])[0],
        concepts=len(CONCEPTS),
        backgrounds=len(BACKGROUNDS),
        objects=len(OBJECTS),
        colors=len(COLORS),
        styles=len(STYLES),
        words=len(words()),
        background_names=listed(BACKGROUNDS),
        object_names=listed(OBJECTS),
        color_names=listed(COLORS),
        style_names=listed(STYLES),
        plain=listed(f"the {name}" for name in OBJECTS if KINDS[name].color is None),
        channels=json.loads((folder / "vae" / "config.json").read_text())["latent_channels"],
        steps=about.get("steps", 4),
        guidance=about.get("guidance", 4.0),
        training=training(told),
        figures=figures(fidelity, told.get("segmenter_accuracy", {})),
        **{part: parameters(folder / part) for part in ("text_encoder", "unet", "vae")},
    )
    return wrapped(text) + "\n"
