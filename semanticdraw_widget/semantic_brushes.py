"""Semantic brushes: a saved prompt with its settings, to be painted with again, and the JSON that they travel in.

    {"format": "semanticdraw-brushes", "version": 1, "brushes": [{"name": "old oak", "prompt": "oak tree", ...}]}

js/src/brushes.ts is the same from the other side.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from .checks import SceneError
from .region_handle import region_fields

FORMAT, VERSION = "semanticdraw-brushes", 1
BRUSH_FIELDS = ("name", "prompt", "negative_prompt", "color", "strength", "prompt_strength", "feather", "seed")
MAX_BRUSHES = 256
MAX_NAME = 100
"""Characters."""
MAX_FILE = 2**20
"""Bytes of a file of brushes: 256 of them with prompts of the usual length need a tenth of that."""


class BrushError(SceneError):
    """Brushes that cannot be used; the message says which, why, and what would be right."""


def brush_fields(value: object) -> dict[str, Any]:
    """Check one brush and fill in what is missing.

    Raises:
        BrushError: not a mapping, no name or prompt, an unknown field, or a value that a region refuses.
    """
    if not isinstance(value, Mapping):
        raise BrushError(f"a brush is a dict, not {type(value).__name__}")
    if unknown := [str(name)[:40] for name in value if name not in BRUSH_FIELDS]:
        raise BrushError(f"a brush has no {', '.join(unknown[:8])}; it has {', '.join(BRUSH_FIELDS)}")
    name, prompt = value.get("name"), value.get("prompt")
    for what, text in (("name", name), ("prompt", prompt)):
        if not isinstance(text, str) or not text.strip():
            raise BrushError(f"a brush has a {what}, text of at least one letter, not {_short(text)}")
    assert isinstance(name, str)
    if len(name.strip()) > MAX_NAME:
        raise BrushError(f"the name of a brush has {len(name.strip())} characters; shorten it to {MAX_NAME}")
    try:
        checked = region_fields(value)
    except SceneError as error:
        raise BrushError(f"the brush {_short(name)} cannot be used: {error}") from None
    return {field: checked[field] for field in BRUSH_FIELDS} | {
        "name": name.strip(),
        "prompt": checked["prompt"].strip(),
    }


def brush_list(value: object) -> list[dict[str, Any]]:
    """Check the whole `brushes` trait.

    Raises:
        BrushError: not a list, a bad brush, too many, or two of one name.
    """
    if not isinstance(value, list | tuple):
        raise BrushError(f"brushes are a list of dicts, not {type(value).__name__}")
    if len(value) > MAX_BRUSHES:
        raise BrushError(f"a canvas has at most {MAX_BRUSHES} brushes, not {len(value)}; remove some")
    brushes = [brush_fields(brush) for brush in value]
    names = [brush["name"] for brush in brushes]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BrushError(f"two brushes have the name {_short(twice[0])}; rename one")
    return brushes


def to_json(brushes: list[dict[str, Any]]) -> str:
    """Checked brushes as the text of a file."""
    return json.dumps({"format": FORMAT, "version": VERSION, "brushes": brushes}, indent=1) + "\n"


def from_json(text: str | bytes) -> list[dict[str, Any]]:
    """The brushes in the text of a file.

    Raises:
        BrushError: too large, not such JSON, of a newer version, or a brush in it that cannot be used.
    """
    if len(text) > MAX_FILE:
        raise BrushError(f"a file of brushes has at most {MAX_FILE} bytes, not {len(text)}")
    try:
        found = json.loads(text, parse_constant=_not_a_number)
    except (ValueError, RecursionError) as error:
        raise BrushError(f"a file of brushes is JSON, but this does not parse: {error}") from None
    return from_value(found)


def from_value(found: object) -> list[dict[str, Any]]:
    """The brushes in the JSON of a file that is parsed already. Raises BrushError as `from_json` does."""
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BrushError(f'this is no file of brushes: those say "format": "{FORMAT}"')
    if type(found.get("version")) is not int or found["version"] < 1 or found["version"] > VERSION:
        raise BrushError(
            f"these brushes are of version {_short(found.get('version'))}; this release reads version {VERSION}. "
            "A newer release of semanticdraw_widget may read them"
        )
    if unknown := sorted(set(found) - {"format", "version", "brushes"}):
        raise BrushError(f"a file of brushes has format, version and brushes, not {_short(unknown[0])}")
    return brush_list(found.get("brushes"))


def joined(ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Both; a brush of theirs whose name is taken by another brush gets a number, the same one is not kept twice.

    Raises:
        BrushError: those are too many.
    """
    result = [dict(brush) for brush in ours]
    for brush in theirs:
        if not any(_same(other, brush) for other in result):
            result.append({**brush, "name": free_name(brush["name"], result)})
    return brush_list(result)


def merged(
    ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[str]]:
    """All of ours, and of theirs as many as there is room for, as `joined` has them; the names of those left out."""
    result, left = [dict(brush) for brush in ours], []
    for brush in theirs:
        try:
            result = joined(result, [dict(brush)])
        except BrushError:
            left.append(str(brush["name"]))
    return result, left


def _same(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """The same brush, be it under the number that it got when it came before."""
    if any(ours[field] != theirs[field] for field in BRUSH_FIELDS if field != "name"):
        return False
    return bool(
        ours["name"] == theirs["name"] or re.fullmatch(re.escape(_stem(theirs["name"])) + r" \d+", ours["name"])
    )


def free_name(name: str, brushes: Sequence[Mapping[str, Any]]) -> str:
    """The name, with a number after it where it is taken."""
    taken = {brush["name"] for brush in brushes}
    if name not in taken:
        return name
    return next(other for i in range(2, len(taken) + 3) if (other := f"{_stem(name)} {i}") not in taken)


def _stem(name: str) -> str:
    """What a number is put after."""
    return re.sub(r" \d+$", "", name)[: MAX_NAME - 4]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _not_a_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
