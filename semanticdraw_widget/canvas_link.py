"""Between a session and the browser: what the session tells goes out, what the canvas says comes in.

A link holds its widget weakly, so that neither the session nor its thread keeps a canvas alive.
"""

from __future__ import annotations

import contextvars
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from .canvas_messages import (
    Buffer,
    Forget,
    Look,
    MaskPatch,
    Open,
    Painted,
    Pin,
    Ready,
    Regenerate,
    Restore,
    Retry,
    Save,
    Surprise,
    Vary,
    Visible,
    parse,
)
from .file_requests import FileRequests
from .history_requests import HistoryRequests
from .jobs import Notices, Picture
from .message_fields import ProtocolError
from .protocol import AttachedMessage, ErrorMessage, FrameMessage, PatchedMessage, StatusMessage
from .surprise import NoVocabulary
from .variation_requests import VariationRequests

if TYPE_CHECKING:
    from .engine import Engine
    from .widget import SemanticDraw

T = TypeVar("T")


class CanvasLink:
    """A session's listener, and the receiver of the canvas's messages."""

    def __init__(self, widget: SemanticDraw) -> None:
        self._widget = weakref.ref(widget)
        self._context: contextvars.Context | None = None
        self._standing: ErrorMessage | None = None  # told again to every new view
        self.previews: list[Callable[[bytes], None]] = []  # others that are shown previews, as PNG files
        self._files = FileRequests(self._send, self._in_context)
        self._variations = VariationRequests(self._send)
        self._history = HistoryRequests(self._send)

    # ------------------------------------------------------------ from the session

    def on_frame(self, message: FrameMessage, png: bytes) -> None:
        """Send a frame, its bytes as the message's buffer."""
        self._send(message.content(), [png])
        if message.kind == "preview":
            for show in tuple(self.previews):
                show(png)

    def on_settled(self, picture: Picture) -> None:
        """Keep the picture in the traits, for views to come and for saved notebooks, and in the history."""
        widget = self._widget()
        if widget is None:
            return
        self._publish(stats=vars(picture.stats).copy())
        last = widget._session.picture
        if last is not None and last.png is picture.png:  # or else a drawing was opened meanwhile
            self._publish(frame=picture.png)
        self._in_context(widget._remember, picture)

    def on_status(self, status: StatusMessage) -> None:
        """Send the status, and keep it in its trait."""
        self._send(status.content())
        self._publish(status=status.fields())

    def on_error(self, error: ErrorMessage | None) -> None:
        """Send an error of the engine, and remember it until it is over."""
        self._standing = error
        if error is not None:
            self._send(error.content())

    def on_notices(self, notices: Notices) -> None:
        """Put the engine's remarks into their trait."""
        self._publish(notices={region: list(remarks) for region, remarks in notices.items()})

    def on_engine(self, engine: Engine) -> None:
        """Tell which words the model knows, how they look, and what the model does by itself."""
        self._publish(vocabulary=_vocabulary(engine), palette=engine.palette, model_facts=_facts(engine))

    # ------------------------------------------------------------ from the canvas

    def remember_context(self) -> None:
        """To be called in the handler of each message: the worker's sends follow the newest one.

        ipykernel 7.4 takes a comm's messages to the shell that was current at the last send on that comm. The
        worker has no shell of its own, so its sends would draw the canvas's messages to the main shell,
        where they wait for the running cell. Sent in the context of a handled message, they leave them
        where that one came.
        """
        self._context = contextvars.copy_context()

    def receive(self, content: object, buffers: Sequence[Buffer]) -> None:
        """Check one custom message and act on it; a bad one is answered with an error and changes nothing."""
        widget = self._widget()
        if widget is None:
            return
        try:
            message = parse(content, buffers)
        except ProtocolError as error:
            self.refuse(error.code, error.message, error.seq)
            return
        match message:
            case MaskPatch():
                try:
                    with widget._exclusive():  # pages hear of patches and of Python's masks as they followed each other
                        widget._apply_patch(message)
                        # The trait of masks is not echoed, and a page that lacks a stroke would take it away again.
                        told = PatchedMessage(message.seq, message.region, message.box)
                        self._send(told.content(), [message.packed])
                except ValueError as error:
                    self.refuse("bad_patch", str(error), message.seq)
            case Ready():
                widget._session.attach()
                self._send(AttachedMessage(message.view).content())
                if self._standing is not None:
                    self._send(self._standing.content())
            case Painted():
                widget._session.confirm(message.seq)
            case Visible():
                widget._session.set_visible(message.visible)
            case Regenerate():
                widget._session.regenerate()
            case Surprise():
                try:
                    widget.surprise()
                except NoVocabulary as error:  # the button is hidden then, but the model may just have changed
                    self._send(ErrorMessage("no_vocabulary", str(error)).content())
            case Retry():
                widget._session.reload()
            case Save():
                self._files.save(widget, message)
            case Open():
                self._files.open(widget, message)
            case Vary():
                self._variations.vary(widget, message)
            case Look() | Restore() | Pin() | Forget():
                self._history.answer(widget, message)

    def refuse(self, code: str, message: str, seq: int | None = None) -> None:
        """Answer something that cannot be used; what was there before stays."""
        hint = "the canvas and the kernel disagree; reload the page if this comes again"
        self._send(ErrorMessage(code, message, hint, seq=seq).content())

    # ------------------------------------------------------------ sending

    def send(self, content: dict[str, Any]) -> None:
        """Tell every view something."""
        self._send(content)

    def _send(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        widget = self._widget()
        if widget is not None:
            self._in_context(widget.send, content, buffers)

    def _publish(self, **values: Any) -> None:
        widget = self._widget()
        if widget is not None:
            self._in_context(widget._publish, values)

    def _in_context(self, call: Callable[..., T], *args: object) -> T:
        if self._context is None:
            return call(*args)
        return self._context.copy().run(call, *args)  # a copy, because a context is entered by one thread at a time


def _vocabulary(engine: Engine) -> dict[str, list[str]]:
    """Ready words for the canvas's suggestions; empty lists for a model that has none."""
    words = {kind: list(engine.vocabulary.get(kind, [])) for kind in ("backgrounds", "objects", "colors", "styles")}
    return {kind: some for kind, some in words.items() if some or kind in ("backgrounds", "objects")}


def _facts(engine: Engine) -> dict[str, Any]:
    """What the canvas shows where steps and guidance are left to the model, and which ways of guidance help it, and at
    which noise levels its steps are."""
    return {
        "steps": engine.default_steps,
        "guidance": engine.default_guidance,
        "takes_guidance": engine.takes_guidance,
        "levels": [round(level, 4) for level in engine.sampler(None, engine.default_steps).levels],
    }
