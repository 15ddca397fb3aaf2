"""Undo and redo from Python: the same stack as the canvas's buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .protocol import undo_content

if TYPE_CHECKING:
    from .canvas_link import CanvasLink
    from .session import Session


class Undoing:
    """A canvas's side of the stack, which the page holds: it alone has seen every stroke, letter and slider."""

    if TYPE_CHECKING:  # what the canvas itself has
        _link: CanvasLink
        _session: Session

        def __init__(self, **traits: Any) -> None: ...

    def undo(self) -> None:
        """Take back the last edit that was made on the canvas, as its button and Ctrl+Z do. Where there is none, and
        while a stroke is under way, nothing changes.

        The page does it, so what is changed is here a moment later, after the cell has run:

            canvas.undo()

        Every page that shows the canvas takes back the last edit of its own.

        Raises:
            LookupError: no page shows the canvas.
        """
        self._ask(redo=False)

    def redo(self) -> None:
        """Make the edit again that was taken back last, as the canvas's button and Ctrl+Shift+Z do. See `undo`.

            canvas.redo()

        Raises:
            LookupError: no page shows the canvas.
        """
        self._ask(redo=True)

    def _ask(self, *, redo: bool) -> None:
        if not self._session.watched:
            raise LookupError(
                "no page shows the canvas, and what can be undone is known to the page that it was drawn on: "
                "show the canvas, then call undo() or redo()"
            )
        self._link.send(undo_content(redo))
