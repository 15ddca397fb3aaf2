"""ipycanvas on either side of a canvas of ours: shapes drawn there become regions, and the picture goes there.

ipycanvas is an optional extra, and importing it opens a comm; so it is imported where somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .canvas_masks import MaskLink
from .overlay import Overlay

if TYPE_CHECKING:
    from .widget import SemanticDraw


def masks_from_canvas(
    widget: SemanticDraw, canvas: Any, prompts: str | Sequence[str | None] | None = None, threshold: float | None = 0.5
) -> MaskLink:
    """Make each layer of an ipycanvas canvas a region, and follow what is drawn there until `close()`.

        from ipycanvas import MultiCanvas

        shapes = MultiCanvas(2, width=256, height=256)
        for layer in shapes:
            layer.sync_image_data = True
        link = widget.masks_from_canvas(shapes, ["sea", "house"])
        shapes[0].fill_rect(0, 180, 256, 76)
        shapes[1].fill_circle(128, 120, 50)
        display(shapes, widget)

    The pixels are drawn in the browser, so the canvas has to be displayed, and they come back after the cell. Then
    each change is taken over after 0.05 s, all that changed meanwhile as one edit. What is painted on such a region in
    the widget lasts until its layer changes. Called again with the same layers, as in a cell that runs again, it takes
    the place of the link before; the layers keep their regions.

    Args:
        canvas: an ipycanvas Canvas or MultiCanvas of any size, (width, height) px. Its layers are stretched to the
            widget's size. A layer's opacity is the region's mask, uint8 (height, width); colors do not matter.
        prompts: what the layers show, the lowest first; a text for a canvas of one layer. None, for all or for one,
            leaves it to be said: region.prompt = "sea", or in the widget.
        threshold: 0..1, above 0: what is at least this opaque is inside. A translucent drawing needs a lower one.
            None keeps soft edges, as a mask of 256 levels.

    Returns:
        A link with `close()`, `closed` and `regions`, their handles. It is a context manager, too.

    Raises:
        ImportError: ipycanvas is not installed; the text says how to.
        TypeError: `canvas` is neither a Canvas nor a MultiCanvas, or a prompt is not a text.
        ValueError: a layer keeps its pixels in the browser, as sync_image_data is off; prompts of another number than
            layers, or too long; a threshold out of range; more than 64 regions. Nothing is changed then.
    """
    ipycanvas = _ipycanvas()
    if isinstance(canvas, ipycanvas.MultiCanvas):
        layers = list(canvas._canvases)
    elif isinstance(canvas, ipycanvas.Canvas):
        layers = [canvas]
    else:
        raise TypeError(f"masks come from an ipycanvas Canvas or MultiCanvas, not from {type(canvas).__name__}")
    given = _prompts(prompts, len(layers))
    if threshold is not None and not 0 < threshold <= 1:
        raise ValueError(f"threshold is above 0 and at most 1, or None for soft edges, not {threshold!r}")
    _check_synced(canvas, layers)
    return MaskLink(widget, layers, given, threshold)


def draw_overlay(
    widget: SemanticDraw, canvas: Any, preview: bool = True, outlines: bool = True, labels: bool = True
) -> Overlay:
    """Show the picture, with outlines and labels of the visible regions, in an ipycanvas Canvas until `close()`.

        from ipycanvas import Canvas

        slide = Canvas(width=768, height=768)
        overlay = widget.draw_overlay(slide)
        slide

    It follows previews, settled pictures, and finished strokes; a cell that runs holds it up, unless it awaits. It
    asks for no picture by itself: show the widget too, or call `widget.generate()`. What was on the canvas is replaced;
    a MultiCanvas has other layers to draw on. Afterwards the last picture stays.

    Args:
        canvas: an ipycanvas Canvas of any size, (width, height) px, or a layer of a MultiCanvas. What is drawn is
            stretched to it.
        preview: the picture, clear where there is none yet.
        outlines: the rims of the regions, in their colors.
        labels: the regions' names, or else prompts, in their colors.

    Returns:
        A link with `close()` and `closed`. It is a context manager, too.

    Raises:
        ImportError: ipycanvas is not installed; the text says how to.
        TypeError: `canvas` is not a Canvas.
    """
    ipycanvas = _ipycanvas()
    if isinstance(canvas, ipycanvas.MultiCanvas):
        raise TypeError("an overlay is drawn on one layer of a MultiCanvas, as in draw_overlay(canvas[0])")
    if not isinstance(canvas, ipycanvas.Canvas):
        raise TypeError(f"an overlay is drawn on an ipycanvas Canvas, not on {type(canvas).__name__}")
    return Overlay(widget, canvas, preview, outlines, labels)


def _ipycanvas() -> Any:
    try:
        import ipycanvas
    except ModuleNotFoundError as error:
        if error.name != "ipycanvas":
            raise
        raise ImportError("this needs ipycanvas; install it: pip install semanticdraw-widget[ipycanvas]") from error
    return ipycanvas


def _prompts(prompts: str | Sequence[str | None] | None, layers: int) -> list[str | None]:
    given: list[str | None]
    if prompts is None:
        given = [None] * layers
    else:
        given = [prompts] if isinstance(prompts, str) else list(prompts)
    if len(given) != layers:
        raise ValueError(f"{len(given)} prompts for {layers} layers; give one each, or None for one that is to be said")
    for prompt in given:
        if prompt is not None and not isinstance(prompt, str):
            raise TypeError(f"a prompt is a text, not {type(prompt).__name__}")
    return given


def _check_synced(canvas: Any, layers: list[Any]) -> None:
    if off := [i for i, layer in enumerate(layers) if not layer.sync_image_data]:
        one = layers[0] is canvas
        where = "the canvas keeps its" if one else f"the layers {', '.join(map(str, off))} keep their"
        how = "canvas.sync_image_data = True" if one else "for layer in canvas: layer.sync_image_data = True"
        # MultiCanvas(sync_image_data=True) looks right, but sends its layers as one flat picture.
        also = "" if one else "; on the MultiCanvas alone it is not enough"
        raise ValueError(f"{where} pixels in the browser; turn their sending on first: {how}{also}")
