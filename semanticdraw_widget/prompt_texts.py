"""Texts that go with every prompt of a scene: a style, words for quality, and what nothing should show."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .checks import MAX_PROMPT

if TYPE_CHECKING:
    from .scene import Scene


class Texts(NamedTuple):
    """What every prompt ends with (style, quality), and every negative prompt (negative); "" for nothing."""

    style: str = ""
    quality: str = ""
    negative: str = ""

    def traits(self) -> dict[str, str]:
        """The same as a canvas's traits name it."""
        return {"style_text": self.style, "quality_text": self.quality, "negative_text": self.negative}

    def on(self, scene: Scene) -> Scene:
        """The scene with the texts in its prompts; itself where there are none.

        A region or background without a prompt stays without. What goes beyond the 1000 characters of a prompt is cut:
        no text encoder reads so far.
        """
        if not any(self):
            return scene
        background = scene.background
        regions = [
            region.replace(
                prompt=_joined(region.prompt, self.style, self.quality),
                negative_prompt=_joined(region.negative_prompt, self.negative, always=True),
            )
            if region.prompt
            else region
            for region in scene.regions
        ]
        prompt = _joined(background.prompt, self.style, self.quality)
        return scene.replace(regions=regions, background=background.replace(prompt=prompt))


NO_TEXTS = Texts()


@dataclass(frozen=True)
class QualityPreset:
    """Ready texts: `quality` goes into every prompt, `negative` into every negative prompt."""

    name: str
    quality: str
    negative: str


def _read_presets() -> dict[str, QualityPreset]:
    listed = json.loads((Path(__file__).parent / "quality_presets.json").read_text(encoding="utf-8"))
    return {preset["name"]: QualityPreset(**preset) for preset in listed}


QUALITY_PRESETS = _read_presets()
"""By name. The canvas offers the same ones: both read quality_presets.json."""


def _joined(prompt: str, *texts: str, always: bool = False) -> str:
    if not prompt and not always:
        return prompt
    return ", ".join(part for part in (prompt.rstrip(" ,"), *texts) if part)[:MAX_PROMPT]
