"""The picture with the regions' outlines and labels in an ipycanvas canvas, for slides and lessons."""

from __future__ import annotations

import asyncio
import io
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from .frames import encode_png
from .live_link import LiveLink
from .masks import Mask
from .outlines import Rgba, draw_rims, label_place

if TYPE_CHECKING:
    from .widget import SemanticDraw

_DRAWN_WITH = ("fill_style", "stroke_style", "line_width", "line_join", "font", "text_align", "text_baseline")
_PLAIN = {"global_alpha": 1.0, "filter": "none", "shadow_color": "rgba(0, 0, 0, 0)"}


@dataclass(frozen=True)
class Label:
    """A text to be drawn around (x, y), in px of the canvas."""

    text: str
    x: float
    y: float
    color: str


class Overlay(LiveLink):
    """Keeps a picture with outlines and labels in an ipycanvas.Canvas, until `close()`.

    ipycanvas notes in one global, with no lock, which canvas is drawn on and what is held back. Drawn beside a cell
    that draws too, shapes would land on the wrong canvas. So the drawing is done between cells, on the event loop
    that they run on; only where there is none, as in a script, in the link's own thread.

    Args:
        widget: the canvas whose picture and regions they are.
        canvas: an ipycanvas.Canvas, which is drawn over.
        preview, outlines, labels: what is drawn.
    """

    def __init__(self, widget: SemanticDraw, canvas: Any, preview: bool, outlines: bool, labels: bool) -> None:
        super().__init__()
        self._widget, self._canvas = widget, canvas
        self._preview, self._outlines, self._labels = preview, outlines, labels
        self._frame = widget.frame
        self._loop = _loop_of_cells()
        self._drawing = threading.Lock()
        self._waiting: tuple[bytes, list[Label]] | None = None
        self._watch(widget, ["regions", "masks", "size", "solo"], self._wake)
        self._watch(canvas, ["width", "height"], self._wake)
        if preview:
            # The trait for settled pictures, so that the last one always gets here; previews come past the traits.
            self._watch(widget, ["frame"], lambda change: self._show(change.new))
            previews = widget._link.previews
            previews.append(self._show)
            self._undo.append(lambda: previews.remove(self._show))
        # A browser that comes later has an empty canvas, as ipycanvas replays nothing.
        canvas.on_client_ready(self._wake_for_browser)
        self._undo.append(lambda: canvas.on_client_ready(self._wake_for_browser, remove=True))
        self._end_with(widget)
        self._end_with(canvas)
        self._wake()

    def _wake_for_browser(self) -> None:
        self._wake()

    def _show(self, frame: bytes) -> None:
        self._frame = frame
        self._wake()

    def _update(self) -> None:
        """Make the picture, in the link's thread, and have it drawn."""
        shapes = self._shapes()
        labels = self._placed(shapes) if self._labels else []
        picture = self._picture([(color, mask) for _, color, mask in shapes] if self._outlines else [])
        with self._drawing:
            due, self._waiting = self._waiting is None, (picture, labels)
        if due:
            self._hand_over()

    def _shapes(self) -> list[tuple[str, str, Mask]]:
        """Label, color and mask of every region that is painted, the lowest first."""
        widget = self._widget
        with widget._exclusive():
            alone = widget.solo if any(region["id"] == widget.solo for region in widget.regions) else ""
            shown = [r for r in widget.regions if (r["id"] == alone if alone else r["visible"])]
            return [((r["name"] or r["prompt"]).strip(), r["color"], widget.mask(r["id"])) for r in shown]

    def _placed(self, shapes: list[tuple[str, str, Mask]]) -> list[Label]:
        width, height = self._canvas.width, self._canvas.height
        places = [(text, label_place(mask), color) for text, color, mask in shapes if text]
        return [Label(text, at[0] * width, at[1] * height, color) for text, at, color in places if at is not None]

    def _picture(self, outlined: list[tuple[str, Mask]]) -> bytes:
        """A PNG file of the canvas's size: the frame if there is one, else clear, and the outlines on it."""
        size = self._canvas.width, self._canvas.height
        if opaque := bool(self._preview and self._frame):
            with Image.open(io.BytesIO(self._frame)) as image:
                frame = image.convert("RGBA")
            pixels: Rgba = np.array(frame if frame.size == size else frame.resize(size, Image.Resampling.BICUBIC))
        else:
            pixels = np.zeros((size[1], size[0], 4), np.uint8)
        draw_rims(pixels, outlined, max(1, round(min(size) / 160)))
        if opaque:
            return encode_png(np.ascontiguousarray(pixels[..., :3]))
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG", compress_level=1)
        return file.getvalue()

    def _hand_over(self) -> None:
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(self._draw)
                return
            except RuntimeError:
                self._loop = None  # it is closed: nothing runs there any more that one could disturb
        self._draw()

    def _draw(self) -> None:
        with self._drawing:
            waiting, self._waiting = self._waiting, None
            if waiting is not None and not self.closed:
                _draw_over(self._canvas, *waiting)


def _loop_of_cells() -> asyncio.AbstractEventLoop | None:
    """The loop that the kernel runs cells on, if this is called in one."""
    if threading.current_thread() is not threading.main_thread():
        return None
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _draw_over(canvas: Any, picture: bytes, labels: list[Label]) -> None:
    """Replace what is on an ipycanvas.Canvas, in one message, and leave its settings as they were."""
    from ipycanvas import hold_canvas

    before = {name: getattr(canvas, name) for name in (*_DRAWN_WITH, *_PLAIN, "global_composite_operation")}
    failure: Exception | None = None
    with hold_canvas():
        # What is raised in hold_canvas leaves it holding for ever, so an error waits until it has let go.
        try:
            # A page that was loaded anew does not know which canvas was drawn on last, and ipycanvas would not say.
            canvas._canvas_manager._current_canvas = None
            canvas.save()
            canvas.reset_transform()
            for name, value in _PLAIN.items():
                setattr(canvas, name, value)
            # Not clear(), which empties the canvas at once, while the picture takes a moment to decode: a flicker.
            canvas.global_composite_operation = "copy"
            _put_png(canvas, picture)
            canvas.global_composite_operation = "source-over"
            _draw_labels(canvas, labels)
            canvas.restore()
            for name, value in before.items():
                setattr(canvas, name, value)
        except Exception as error:
            failure = error
    if failure is not None:
        raise failure


def _put_png(canvas: Any, picture: bytes) -> None:
    """What canvas.put_image_data does, for a picture that is encoded already.

    That method encodes with Pillow, fifty times as slowly as `encode_png`, and would hold the kernel up meanwhile.
    """
    from ipycanvas.canvas import COMMANDS

    canvas._canvas_manager.send_draw_command(canvas, COMMANDS["putImageData"], [0, 0], [picture])


def _draw_labels(canvas: Any, labels: list[Label]) -> None:
    size = max(11, round(min(canvas.width, canvas.height) / 20))
    canvas.font = f"600 {size}px sans-serif"
    canvas.text_align, canvas.text_baseline = "center", "middle"
    canvas.line_width, canvas.line_join = size / 4, "round"
    for label in labels:
        canvas.stroke_style = _ground(label.color)
        canvas.stroke_text(label.text, label.x, label.y, canvas.width)
        canvas.fill_style = label.color
        canvas.fill_text(label.text, label.x, label.y, canvas.width)


def _ground(color: str) -> str:
    """Black around light letters, white around dark ones."""
    red, green, blue = bytes.fromhex(color[1:])
    return "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 110 else "#ffffff"
