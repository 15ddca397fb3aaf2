"""What the canvas asks of files: the kernel makes and reads their bytes, since it is there that drawings are checked.

Each request runs in a thread of its own. A PNG waits for its picture and a large file takes its time to unpack, and
meanwhile strokes and cells go on.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Protocol

from . import storage
from .canvas_messages import Open, Save
from .message_fields import FileKind
from .protocol import ErrorMessage, FileMessage, OpenedMessage

if TYPE_CHECKING:
    from .widget import SemanticDraw

_READ = {"sdraw": storage.read_sdraw, "png": storage.read_png, "ora": storage.read_ora}
_WRITE = {"sdraw": storage.write_sdraw, "png": storage.write_png, "ora": storage.write_ora}

Answer = tuple[dict[str, Any], list[bytes]]
"""Content and buffers of a message."""


class Runner(Protocol):
    """Calls something in the context that the canvas's messages are handled in."""

    def __call__(self, call: Callable[..., Any], *args: object) -> Any: ...


@dataclass
class _Upload:
    """A file of which some pieces have come."""

    seq: int
    kind: FileKind
    size: int
    data: bytearray = field(default_factory=bytearray)


class FileRequests:
    """The requests of one canvas, one at a time; each is answered once.

    Args:
        send: (content, buffers) to the canvas.
        in_context: changes of the canvas go through it.
    """

    def __init__(self, send: Callable[[dict[str, Any], list[bytes]], None], in_context: Runner) -> None:
        self._send, self._in_context = send, in_context
        self._working = Lock()
        self._upload: _Upload | None = None

    def save(self, widget: SemanticDraw, request: Save) -> None:
        """Answer with the file."""

        def work() -> Answer:
            drawing = widget._drawing(painted=request.kind == "png")
            file = io.BytesIO()
            _WRITE[request.kind](
                file, drawing.scene, result=drawing.result, settings=drawing.settings, brushes=drawing.brushes
            )
            return FileMessage(request.seq, request.kind).content(), [file.getvalue()]

        self._start(request.seq, work)

    def open(self, widget: SemanticDraw, piece: Open) -> None:
        """Take a piece of a file; with the last one, open the file and say so."""
        if piece.offset == 0:  # what else was on its way is given up
            self._upload = _Upload(piece.seq, piece.kind, piece.size)
        upload = self._upload
        if upload is None or (upload.seq, upload.kind, upload.size) != (piece.seq, piece.kind, piece.size):
            self._refuse(piece.seq, "a piece of another file came in between; open the file again")
            return
        if piece.offset != len(upload.data):
            self._upload = None
            self._refuse(
                piece.seq, f"the bytes {len(upload.data)} to {piece.offset} of the file are lost; open it again"
            )
            return
        upload.data += piece.data
        if len(upload.data) < upload.size:
            return
        self._upload = None

        def work() -> Answer:
            drawing = _READ[upload.kind](io.BytesIO(upload.data))
            notices = self._in_context(widget._take_drawing, drawing)
            return OpenedMessage(upload.seq, tuple(notices)).content(), []

        self._start(upload.seq, work)

    def _start(self, seq: int, work: Callable[[], Answer]) -> None:
        if not self._working.acquire(blocking=False):
            self._refuse(seq, "another file is being saved or opened; try again when that is done")
            return

        def run() -> None:
            try:
                answer = work()
            except Exception as error:  # whatever it is, the canvas waits for an answer
                answer = _trouble(seq, str(error) or type(error).__name__)
            finally:
                self._working.release()  # first: the answer may bring the next request
            self._send(*answer)

        Thread(target=run, name="semanticdraw-file", daemon=True).start()

    def _refuse(self, seq: int, why: str) -> None:
        self._send(*_trouble(seq, why))


def _trouble(seq: int, why: str) -> Answer:
    return ErrorMessage("file", why, seq=seq).content(), []
