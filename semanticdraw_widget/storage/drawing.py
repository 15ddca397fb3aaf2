"""What a file holds: the scene, and what goes with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ..scene import Scene
from .brushes import checked_brushes
from .errors import StorageError
from .values import Setting, Settings, checked_settings

if TYPE_CHECKING:
    from PIL.Image import Image

Picture: TypeAlias = npt.NDArray[np.uint8]
PictureSource: TypeAlias = "npt.ArrayLike | Image"
Brush: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, eq=False, init=False, repr=False)
class Drawing:
    """A scene as it lies in a file.

    scene: what is painted. result: the picture that a model made of it, read-only uint8 (height, width, 3) of the
    scene's size, or None. settings: how it was made, as in {"model": "crayon", "steps": 4}; a read-only mapping, whose
    names nobody checks here. notices: what could not be taken over from another program's file, a sentence each.
    brushes: those saved with it, read-only mappings of name, prompt, negative_prompt, color, strength, prompt_strength,
    feather and seed; at most 256, each name once.

    Raises StorageError for a result of another size, settings that JSON cannot hold, or a brush that cannot be used.
    """

    scene: Scene
    result: Picture | None
    settings: Settings
    notices: tuple[str, ...]
    brushes: tuple[Brush, ...]

    def __init__(
        self,
        scene: Scene,
        result: PictureSource | None = None,
        settings: Settings | None = None,
        notices: Iterable[str] = (),
        brushes: Sequence[Brush] = (),
    ) -> None:
        if not isinstance(scene, Scene):
            raise TypeError(f"a drawing holds a Scene, not {type(scene).__name__}; canvas.scene is one")
        vars(self).update(
            scene=scene,
            result=None if result is None else _result(result, scene),
            settings=checked_settings(settings),
            notices=tuple(notices),
            brushes=tuple(MappingProxyType(brush) for brush in checked_brushes(brushes)),
        )

    @property
    def image(self) -> Image | None:
        """The result as a PIL image; None if there is none."""
        from PIL import Image

        return None if self.result is None else Image.fromarray(self.result)

    def __repr__(self) -> str:
        width, height = self.scene.size
        count = len(self.scene.regions)
        parts = [f"{width}x{height} px", f"{count} region{'' if count == 1 else 's'}"]
        parts += ["with a result"] * (self.result is not None)
        parts += [f"{name}={value!r}" for name, value in self.settings.items()]
        parts += [f"{len(self.brushes)} brush{'' if len(self.brushes) == 1 else 'es'}"] * bool(self.brushes)
        parts += [f"notices={list(self.notices)}"] * bool(self.notices)
        return f"Drawing({', '.join(parts)})"


def _result(source: Any, scene: Scene) -> Picture:
    from PIL import Image

    array = np.asarray(source.convert("RGB") if isinstance(source, Image.Image) else source)
    needed = (scene.height, scene.width, 3)
    if array.dtype != np.uint8 or array.shape != needed:
        raise StorageError(
            f"the result is {array.dtype} {array.shape}; a scene of {scene.width}x{scene.height} px needs uint8 "
            f"{needed}; leave it out, or paint the scene again"
        )
    # On top of bytes, so that nobody can make it writable again.
    return np.frombuffer(array.tobytes(), np.uint8).reshape(needed)


__all__ = ["Brush", "Drawing", "Picture", "PictureSource", "Setting", "Settings"]
