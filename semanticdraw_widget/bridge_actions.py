"""A canvas and ipycanvas: bridge.py as methods. ipycanvas is imported when one of them is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from .canvas_traits import CanvasTraits

if TYPE_CHECKING:
    from .canvas_masks import MaskLink
    from .overlay import Overlay
    from .widget import SemanticDraw


class BridgeActions(CanvasTraits):
    """A canvas's methods for ipycanvas."""

    def masks_from_canvas(
        self, canvas: Any, prompts: str | Sequence[str | None] | None = None, threshold: float | None = 0.5
    ) -> MaskLink:
        """Make each layer of an ipycanvas Canvas or MultiCanvas a region, and follow it until the link's `close()`.

            for layer in shapes:  # an ipycanvas.MultiCanvas
                layer.sync_image_data = True
            link = canvas.masks_from_canvas(shapes, ["sea", "house"])

        A layer's opacity is its region's mask, uint8 (height, width), stretched to this canvas's size; what is at least
        `threshold` opaque is inside, None keeps soft edges. `semanticdraw_widget.masks_from_canvas` has the details.

        Raises:
            ImportError: ipycanvas is not installed; the text says how to.
            TypeError: neither a Canvas nor a MultiCanvas, or a prompt is not a text.
            ValueError: sync_image_data is off, prompts of another number than layers, a threshold not in 0..1.
        """
        from .bridge import masks_from_canvas

        return masks_from_canvas(cast("SemanticDraw", self), canvas, prompts, threshold)

    def draw_overlay(self, canvas: Any, preview: bool = True, outlines: bool = True, labels: bool = True) -> Overlay:
        """Show the picture, with the regions' outlines and labels, in an ipycanvas Canvas until the link's `close()`.

            slide = ipycanvas.Canvas(width=768, height=768)
            overlay = canvas.draw_overlay(slide)

        What was on it is replaced, (width, height) may be any. `semanticdraw_widget.draw_overlay` has the details.

        Raises:
            ImportError: ipycanvas is not installed; the text says how to.
            TypeError: not a Canvas, which a layer of a MultiCanvas is.
        """
        from .bridge import draw_overlay

        return draw_overlay(cast("SemanticDraw", self), canvas, preview, outlines, labels)
