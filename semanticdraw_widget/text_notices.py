"""An engine's remarks on a scene with texts in all of its prompts: what is said of a text is said once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .checks import MAX_PROMPT
from .jobs import Notices
from .prompt_texts import Texts
from .scene import Background, Region, Scene

OF_TEXTS = ""
"""Where the remarks on the texts stand among the others. No region has this id."""

_ONCE = ("unknown_words", "negative_unused")


def remarks(told: Callable[[Scene], Notices], scene: Scene, texts: Texts) -> Notices:
    """What an engine tells of a scene and the texts that go with its prompts.

    Args:
        told: the engine's remarks on a scene.
    """
    if not any(texts):
        return told(scene)
    own, painted = told(scene), told(texts.on(scene))
    found = {who: [one for one in some if one["code"] not in _ONCE] for who, some in painted.items()}
    for who, some in own.items():
        found.setdefault(who, []).extend(one for one in some if one["code"] in _ONCE)
    found = {who: some for who, some in found.items() if some}
    if of_texts := [one for some in told(_alone(scene, texts)).values() for one in some if one["code"] in _ONCE]:
        found[OF_TEXTS] = of_texts
    return found


def _alone(scene: Scene, texts: Texts) -> Scene:
    """A scene whose only region is the texts themselves."""
    prompt = ", ".join(filter(None, [texts.style, texts.quality]))
    mask = np.zeros((scene.height, scene.width), np.uint8)
    region = Region(prompt[:MAX_PROMPT], mask, negative_prompt=texts.negative)
    return scene.replace(background=Background(), regions=[region])
