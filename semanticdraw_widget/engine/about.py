"""What a model folder says of itself beside diffusers' files: semanticdraw.json and palette.png."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..checks import SceneError, size
from .errors import UnsupportedModel

STEPS, GUIDANCE, CENTRING = (1, 100), (0, 30), (0, 100)


@dataclass(frozen=True)
class About:
    """name, steps (1 to 100), guidance (0 to 30), canvas (width, height in pixels): None where the folder does not say.
    vocabulary: lists of words by kind; "words" is all that the model knows. centring_steps (0 to 100): leading steps
    that show it a region alone, in the middle, on white (paper section 3.3)."""

    name: str | None = None
    steps: int | None = None
    guidance: float | None = None
    canvas: tuple[int, int] | None = None
    centring_steps: int = 1
    vocabulary: dict[str, list[str]] = field(default_factory=dict)


def read_about(folder: Path) -> About:
    """``semanticdraw.json`` of a model folder; an empty one without it. Raises UnsupportedModel for a damaged one."""
    path = folder / "semanticdraw.json"
    if not path.is_file():
        return About()
    told = json_object(path)

    def checked(name: str, sound: bool, what: str) -> Any:
        if name in told and not sound:
            raise UnsupportedModel(f"{path}: {name} is {told[name]!r:.60}, it must be {what}", "correct or remove it")
        return told.get(name)

    words, canvas = told.get("vocabulary"), None
    if "canvas" in told:
        try:
            canvas = size(told["canvas"])
        except SceneError as error:
            raise UnsupportedModel(f"{path}: canvas: {error}", "correct or remove it") from None
    lists = isinstance(words, dict) and all(
        isinstance(values, list) and all(isinstance(word, str) for word in values) for values in words.values()
    )

    def whole(name: str, limits: tuple[int, int]) -> Any:
        sound = within(told.get(name), limits) and type(told[name]) is int
        return checked(name, sound, f"a whole number, {limits[0]} to {limits[1]}")

    centring = whole("centring_steps", CENTRING)
    return About(
        checked("name", isinstance(told.get("name"), str), "a text"),
        whole("steps", STEPS),
        checked("guidance", within(told.get("guidance"), GUIDANCE), "a number, 0 to 30"),
        canvas,
        1 if centring is None else centring,
        checked("vocabulary", lists, "lists of words by kind") or {},
    )


def within(value: Any, limits: tuple[float, float]) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and limits[0] <= value <= limits[1]


def json_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file of a model. Raises UnsupportedModel for a damaged one."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise UnsupportedModel(f"{path} could not be read: {error}", "it may be damaged; download it again") from error
    if not isinstance(told, dict):
        raise UnsupportedModel(
            f"{path} holds a JSON {type(told).__name__}, it must hold an object", "it may be damaged; download it again"
        )
    return told


def read_palette(folder: Path) -> bytes:
    """``palette.png`` of a model folder, b"" without one: a tile of 48x48 px for each of the vocabulary's backgrounds
    and then of its objects, in their order, twelve to a row."""
    path = folder / "palette.png"
    return path.read_bytes() if path.is_file() else b""
