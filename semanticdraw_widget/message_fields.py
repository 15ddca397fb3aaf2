"""The fields of the canvas's messages: one check for each kind, and their limits.

A check takes (name, value) and gives the value to keep, or raises a ProtocolError that names the field, its value and
what would be right.
"""

from __future__ import annotations

from typing import Literal, get_args

from .checks import MAX_SEED
from .masks import MAX_SIDE
from .storage.limits import MAX_FILE

MAX_INT = MAX_SEED
"""Largest whole number that JavaScript can count to, 2^53-1; bounds every `seq`, `view` and seed."""

MAX_ID_LENGTH = 64
"""Characters in a region id."""

MAX_SEEDS = 16
"""Variations that are painted at once."""

FileKind = Literal["sdraw", "png", "ora"]
FILE_KINDS: tuple[FileKind, ...] = get_args(FileKind)


class ProtocolError(ValueError):
    """A message that cannot be used.

    Attributes:
        code: "bad_message" (not a message at all), "unknown_type", "unknown_field", "missing_field",
            "bad_value" or "bad_buffers".
        seq: the message's own `seq` where it had a usable one, so that the canvas knows which one failed.
    """

    def __init__(self, code: str, message: str, seq: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.seq = seq


def is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_INT


def count(name: str, value: object) -> int:
    if not is_count(value):
        raise _bad(name, value, f"a whole number 0..{MAX_INT}")
    assert isinstance(value, int)
    return value


def flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _bad(name, value, "true or false")
    return value


def milliseconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_INT:
        raise _bad(name, value, f"a time in milliseconds, 0..{MAX_INT}")
    return float(value)


def region_id(name: str, value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_ID_LENGTH:
        raise _bad(name, value, f"a region id of 1..{MAX_ID_LENGTH} characters")
    return value


def box(name: str, value: object) -> tuple[int, int, int, int]:
    if not isinstance(value, list | tuple) or len(value) != 4 or not all(is_count(v) for v in value):
        raise _bad(name, value, "[x, y, width, height], four whole numbers")
    x, y, width, height = value
    if width < 1 or height < 1 or x + width > MAX_SIDE or y + height > MAX_SIDE:
        raise _bad(name, value, f"a box of at least 1x1 within {MAX_SIDE}x{MAX_SIDE}")
    return x, y, width, height


def seeds(name: str, value: object) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or len(value) > MAX_SEEDS or not all(is_count(seed) for seed in value):
        raise _bad(name, value, f"a list of at most {MAX_SEEDS} whole numbers 0..{MAX_INT}")
    return tuple(value)


def file_kind(name: str, value: object) -> FileKind:
    for kind in FILE_KINDS:
        if value == kind:
            return kind
    raise _bad(name, value, f"one of {', '.join(FILE_KINDS)}")


def file_size(name: str, value: object) -> int:
    if not is_count(value) or not 1 <= count(name, value) <= MAX_FILE:
        raise _bad(name, value, f"a file's number of bytes, 1..{MAX_FILE}")
    return count(name, value)


def _bad(name: str, value: object, wanted: str) -> ProtocolError:
    return ProtocolError("bad_value", f"{name} must be {wanted}; got {shown(value)}")


def shown(value: object) -> str:
    """The value in an error's text, cut to a length that fits a banner."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
