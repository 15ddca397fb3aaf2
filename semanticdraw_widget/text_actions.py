"""The texts that go with every prompt of a canvas, from Python."""

from __future__ import annotations

from .canvas_traits import CanvasTraits
from .prompt_texts import QUALITY_PRESETS, QualityPreset, Texts


class TextActions(CanvasTraits):
    """A canvas's method for the texts that go with every prompt.

    canvas.style_text = "watercolor, soft light"
    """

    def set_quality(self, preset: str | QualityPreset) -> None:
        """Take the texts of a preset; both can be edited afterwards.

            canvas.set_quality("photograph")
            canvas.quality_text += ", 85 mm"
            canvas.set_quality("none")

        Args:
            preset: a name in QUALITY_PRESETS, or a QualityPreset of your own.

        Raises:
            KeyError: no such preset; the text says which there are.
        """
        if isinstance(preset, str):
            if preset not in QUALITY_PRESETS:
                raise KeyError(f"no quality preset {preset!r}; there are {', '.join(QUALITY_PRESETS)}")
            preset = QUALITY_PRESETS[preset]
        with self._edit():
            self.quality_text, self.negative_text = preset.quality, preset.negative

    @property
    def _texts(self) -> Texts:
        return Texts(self.style_text.strip(), self.quality_text.strip(), self.negative_text.strip())
