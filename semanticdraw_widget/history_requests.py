"""What the canvas asks of the history: pictures of it, and to go back to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .past import NoEntry
from .protocol import EntryMessage, ErrorMessage, Forget, Look, Pin, Restore

if TYPE_CHECKING:
    from .widget import SemanticDraw


class HistoryRequests:
    """Answers them, each at once.

    Args:
        send: (content, buffers) to the canvas.
    """

    def __init__(self, send: Callable[[dict[str, Any], list[bytes] | None], None]) -> None:
        self._send = send

    def answer(self, widget: SemanticDraw, request: Look | Restore | Pin | Forget) -> None:
        """Do it; what cannot be done is told as an error, and changes nothing."""
        try:
            entry = widget._past.find(request.entry)
            match request:
                case Look():
                    picture = entry.png if request.whole else entry.thumbnail
                    self._send(EntryMessage(entry.id, request.whole).content(), [picture])
                case Restore():
                    widget.restore(entry)
                case Pin():
                    widget.pin(entry, request.pinned)
                case Forget():
                    widget.forget(entry)
        except (NoEntry, ValueError) as error:  # the list on screen may be a moment old
            self._send(ErrorMessage("history", str(error)).content(), None)
