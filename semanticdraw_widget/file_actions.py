"""A canvas's drawing in files, from Python and, by file_requests.py, from the canvas."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from . import storage
from .canvas_file import SETTINGS, scene_traits, settings_to_keep, settings_to_take
from .canvas_traits import CanvasTraits
from .semantic_brushes import MAX_BRUSHES, merged

if TYPE_CHECKING:
    from .jobs import Settings
    from .mask_store import MaskStore
    from .scene import Scene
    from .session import Session

_PAINTINGS = 8
"""How often a picture is waited for that is to go into a file, while somebody goes on painting."""


class FileActions(CanvasTraits):
    """A canvas's methods for files."""

    if TYPE_CHECKING:  # what the canvas itself has
        _session: Session
        _store: MaskStore
        _begun: bool

        def _scene(self) -> Scene: ...

        def _settings(self) -> Settings: ...

    _opened: tuple[tuple[Any, ...], np.ndarray[Any, Any]] | None = None
    """A file's result, and of what."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save the drawing: regions, masks, background, seed, settings, brushes, and its picture if that is settled.

        The suffix says how. ".sdraw" keeps everything in a small file. ".png" is the picture for anybody to look at,
        with the scene in its metadata; that waits for the picture as `generate` does. ".ora" has a layer per region,
        for Krita, GIMP and MyPaint. `load` reads each of them back exactly. An existing file is replaced at once. While
        a region is painted alone, a .png shows and keeps it alone, and the others keep the drawing without its picture.

            canvas.save("sea.sdraw")
            canvas.save("sea.ora")  # then paint the masks in Krita, save there, and canvas.load("sea.ora")

        Raises:
            StorageError: a ValueError; another suffix, or more masks than a PNG takes.
            OSError: there is no such folder, or the disk refuses.
            TimeoutError, EngineError, SessionClosed: for a PNG, as `generate` does.
        """
        drawing = self._drawing(painted=storage.suffix(path) == ".png")
        storage.write_drawing(
            path, drawing.scene, result=drawing.result, settings=drawing.settings, brushes=drawing.brushes
        )

    def load(self, path: str | os.PathLike[str]) -> None:
        """Load a drawing in place of what is there: a .sdraw, .png or .ora that `save` wrote, or any .ora.

        Steps, guidance, mode, cfg and the texts for all prompts come along. Its brushes are added to those that are
        here: one that is here already is passed over, and one whose name is taken gets a number. The model stays, as a
        file does not decide what runs here. The layers of another program's .ora become regions, named as they are.

        `image` is then the file's picture, if it has one, until the drawing is painted here, and else None. In the
        canvas it is one step of undo, which brings back all that was there: size, regions, background with its picture,
        settings, texts and brushes. A file that is refused changes nothing.

            canvas.load("sea.sdraw")

        Warns:
            UserWarning: something in the file is left aside; the text says what.

        Raises:
            StorageError: a ValueError; a file that cannot be used, and why.
            OSError: there is no such file.
        """
        for notice in self._take_drawing(storage.read_drawing(path)):
            warnings.warn(notice, stacklevel=2)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], model: str | Path = "crayon", **options: Any) -> Self:
        """A new canvas with the drawing in a file; see `load`.

        It is not called `open`, a name that ipywidgets has for something else.

            canvas = SemanticDraw.from_file("sea.sdraw", device="cuda")

        Args:
            path: a .sdraw, .png or .ora file.
            model: the file's own is not loaded by itself.
            options: as for SemanticDraw, except size, background, regions and seed, which the file has. steps,
                guidance, mode and cfg given here go before those of the file.

        Raises:
            StorageError, OSError: as `load` does.
            TypeError: an option that there is not, or that the file has.
        """
        if taken := sorted({"size", "background", "regions", "seed"} & set(options)):
            raise TypeError(f"{', '.join(taken)} come from the file; change them on the canvas afterwards")
        drawing = storage.read_drawing(path)
        canvas = cls(model=model, size=drawing.scene.size, **options)
        try:
            notices = canvas._take_drawing(drawing, given=options)
        except Exception:
            canvas.close()
            raise
        for notice in notices:
            warnings.warn(notice, stacklevel=2)
        return canvas

    def _drawing(self, painted: bool) -> storage.Drawing:
        """What a file keeps of the canvas now. painted: never without its picture, which is waited for.

        Somebody may go on painting meanwhile, so that the picture is that of a newer scene: that one is kept then.
        """
        for _ in range(_PAINTINGS):
            with self._exclusive():
                scene, settings = self._scene(), self._settings()
                kept = settings_to_keep(self.model, {name: getattr(self, name) for name in SETTINGS})
                brushes = list(self.brushes)
            if not painted:  # a region that only rests while another is painted alone is part of the drawing
                result = self._picture_of(scene, replace(settings, solo=""))
                return storage.Drawing(scene, result, kept, brushes=brushes)
            result = self._picture_of(scene, settings)
            if result is None:
                self._begun = True
                picture = self._session.generate(scene, settings)
                result = picture.rgb if picture.shows(scene, settings) else None
            if result is not None:
                # A PNG keeps what it shows.
                return storage.Drawing(settings.shown(scene), result, kept, brushes=brushes)
        raise storage.StorageError(
            f"the drawing was changed {_PAINTINGS} times before its picture was there; save it when nobody paints"
        )

    def _take_drawing(self, drawing: storage.Drawing, given: Iterable[str] = (), kind: str = "open") -> list[str]:
        """Put a drawing in place of what is there; a sentence for each thing in it that is left aside."""
        settings, notices = settings_to_take(drawing, self.model, set(given))
        scene = drawing.scene
        traits = scene_traits(scene) | settings | {"solo": ""}  # all of it is to be seen
        with self._exclusive():
            with self._edit():
                self.size = scene.size
                self._store.forget(keep=())  # ids may be the same as before, and strokes on those are over
                for name, value in traits.items():
                    setattr(self, name, value)
                self._store.settle(self.masks)  # a trait set to what it was tells nobody
                self.brushes, left = merged(self.brushes, drawing.brushes)
                self._tell_layout(kind)
            if drawing.result is not None:
                self._opened = (self._settings().key(scene), drawing.result)
            self._session.show(scene, self._settings(), drawing.result)
            # What a view shows until the model is there.
            picture = self._session.picture
            self.set_trait("frame", b"" if picture is None else picture.png)
        if left:
            notices.append(f"{_counted(left)} left aside, as a canvas has at most {MAX_BRUSHES}; remove some")
        return notices

    def _picture_of(self, scene: Scene, settings: Settings) -> np.ndarray[Any, Any] | None:
        """The settled picture of just this scene, made here or before it was saved; None if there is none."""
        picture = self._session.picture
        if picture is not None and picture.shows(scene, settings):
            return picture.rgb
        opened = self._opened
        return opened[1] if opened is not None and opened[0] == settings.key(scene) else None


def _counted(brushes: Sequence[str]) -> str:
    return f"the brush {brushes[0]!r} is" if len(brushes) == 1 else f"{len(brushes)} brushes of the file are"
