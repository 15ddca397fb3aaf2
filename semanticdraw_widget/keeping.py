"""What keeps a drawing when the page, the kernel or the connection goes away.

The kernel holds the drawing, and so does each page that shows it. What the browser keeps beyond its page is a copy in
its own storage, and, whenever the notebook is saved, one in the notebook's metadata (js/src/keep.ts, notebook.ts).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from .canvas_traits import CanvasTraits
from .protocol import bring_back_content

if TYPE_CHECKING:
    from .canvas_link import CanvasLink
    from .mask_store import MaskStore


class Keeping(CanvasTraits):
    """A canvas's side of keeping drawings."""

    if TYPE_CHECKING:  # what the canvas itself has
        _link: CanvasLink
        _store: MaskStore

    def __init__(self, **traits: Any) -> None:
        model_id = uuid.uuid4().hex
        super().__init__(model_id=model_id, canvas_id=model_id, **traits)

    def bring_back(self) -> None:
        """Put the drawing that the browser has kept in place of what is here: one step of undo.

        The cell was run again, the kernel was restarted, the page was reloaded: then a new canvas offers what was drawn
        by hand on the one before, and this is the button.

            if canvas.kept:
                canvas.bring_back()

        Raises:
            LookupError: the browser keeps none for this notebook, or no browser shows the canvas.
        """
        if not self.kept:
            raise LookupError(
                "there is no kept drawing: the browser offers one when a canvas of this notebook was drawn on before, "
                "and this canvas, of the same size, is on screen"
            )
        self._link.send(bring_back_content())

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> Any:
        """The traits as a front end gets them; all of them for a page that has just come.

        The page before may have gone away with the pen down. Then the strokes are in the masks here, but not yet in
        their trait, and the new page must begin with what the engine paints from.
        """
        if key is None:
            with self._lock:
                if open_strokes := self._store.open_strokes():
                    self._take_over({"masks": {**self.masks, **open_strokes}})
        return super().get_state(key, drop_defaults)
