"""What a user should know about a scene before it is painted, a list of notices for each region."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from ..scene import Scene
from .families.family import Family
from .plan import active
from .prompts import Language

Notices = dict[str, list[dict[str, Any]]]


def notices(
    scene: Scene, model: str, family: Family, language: Language, notes: Iterable[str], negative_unused: str | None
) -> Notices:
    """Region id or "background" -> [{"code", "message", "words", "near"}], see ``Engine.notices``.

    model: its name. notes: what there is to say of the model itself. negative_unused: why negative prompts have no
    effect, None if they have one.
    """
    found: Notices = {}

    def note(who: str, code: str, message: str, **more: Any) -> None:
        found.setdefault(who, []).append({"code": code, "message": message, **more})

    for text in notes:
        note("background", "model", text)
    for who, prompt in [("background", scene.background.prompt), *((r.id, r.prompt) for r in scene.regions)]:
        known = language.clean(prompt)
        unknown = language.unknown(prompt)
        if unknown:
            quoted = ", ".join(f'"{word}"' for word in unknown)
            rest = "; the rest of the prompt counts" if known else ", so it paints whatever fits"
            near = list(dict.fromkeys(filter(None, map(language.near, unknown))))
            message = f"{model} does not know {quoted}{rest}{did_you_mean(near)}"
            note(who, "unknown_words", message, words=unknown, near=near)
        over = family.count_tokens(known) - family.max_tokens
        if over > 0:
            note(who, "long_prompt", f"the last {over} tokens are cut: {family.max_tokens} fit; shorten it")
    for region in scene.regions:
        if not region.visible:
            continue
        if not region.prompt:
            note(region.id, "empty_prompt", "say what this region is, and it will be painted")
        elif not region.mask.any():
            note(region.id, "empty_mask", "nothing is painted here yet")
        if region.negative_prompt and negative_unused is not None:
            note(region.id, "negative_unused", f"the negative prompt has no effect: {negative_unused}")
    return found


def did_you_mean(near: list[str]) -> str:
    """A sentence to put after another one; nothing if there is nothing to suggest."""
    quoted = [f'"{word}"' for word in near]
    if not quoted:
        return ""
    return f". Did you mean {' and '.join(filter(None, [', '.join(quoted[:-1]), quoted[-1]]))}?"


def warn(scene: Scene, negative_unused: str | None) -> None:
    """Warn the caller's caller of negative prompts that have no effect: a script reads no notices."""
    ignored = [r for r in active(scene) if r.negative_prompt]
    if negative_unused is None or not ignored:
        return
    names = ", ".join(f'"{r.negative_prompt}" of "{r.prompt}"' for r in ignored)
    warnings.warn(f"negative prompts have no effect ({names}): {negative_unused}", stacklevel=4)
