"""Undo and redo from Python: the same stack as the canvas's buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .protocol import undo_content

if TYPE_CHECKING:
    from .canvas_link import CanvasLink
    from .session import Session


class Undoing:
    """A canvas's side of the stack, which the page holds: it has seen every stroke, letter and slider, and Python's
    edits as they came."""

    if TYPE_CHECKING:  # what the canvas itself has
        _link: CanvasLink
        _session: Session

        def __init__(self, **traits: Any) -> None: ...

    def undo(self) -> None:
        """Take back the last edit, as the canvas's button and Ctrl+Z do: one that was made on the canvas, or one of
        Python's. Where there is none, and while a stroke is under way, nothing changes.

        What Python changes in one message is one edit, such as a call of `add_region`, `set_mask` or `load`, or
        `canvas.regions = []`; edits of the same things that follow each other within 1.5 s, as those of a slider or an
        animation, are one. Looking is no edit: `paused`, `grid`, `side_by_side` and the like. What was there when the
        page came is not taken back.

        The page does it, so what is changed is here a moment later, after the cell has run:

            canvas.undo()

        Every page that shows the canvas takes back the last edit of its own, and of Python's if that is later; each of
        them knows Python's. An edit of one page shows on the others and is no edit there. A size that one page changes
        ends what the others could take back, since no mask of before fits.

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
