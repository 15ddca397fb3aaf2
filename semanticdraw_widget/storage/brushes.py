"""The brushes that are saved with a drawing, as a file of brushes has them (docs/brushes.md).

They lie beside the scene and not in it, so that a reader which knows nothing of them passes them over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..checks import SceneError
from ..semantic_brushes import brush_list, from_value, to_json
from .archive import Archive
from .errors import StorageError
from .limits import MAX_JSON_BRUSHES
from .values import parse_json

NAME = "brushes.json"


def checked_brushes(brushes: object) -> list[dict[str, Any]]:
    """Brushes, all fields filled in. Raises StorageError."""
    try:
        return brush_list(brushes)
    except SceneError as error:
        raise StorageError(f"the brushes of this drawing cannot be used: {error}") from None


def brush_members(brushes: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, bytes]]:
    """The member of a zip that holds them, as (name, bytes); none where there are none."""
    if brushes:
        yield NAME, brushes_to_bytes(brushes)


def read_brushes(archive: Archive) -> list[dict[str, Any]]:
    """What such a member holds; nothing in a file without one. Raises StorageError."""
    return brushes_from_bytes(archive.read(NAME, MAX_JSON_BRUSHES)) if NAME in archive else []


def brushes_to_bytes(brushes: Sequence[Mapping[str, Any]]) -> bytes:
    """The JSON, ASCII, since a prompt may hold half a surrogate pair, which UTF-8 cannot."""
    return to_json([dict(brush) for brush in brushes]).encode("ascii")


def brushes_from_bytes(data: bytes) -> list[dict[str, Any]]:
    """The brushes in such JSON. Raises StorageError."""
    found = parse_json(data, "brushes'")
    try:
        return from_value(found)
    except SceneError as error:
        raise StorageError(f"the brushes in this file cannot be used: {error}") from None
