"""What the canvas says to the kernel, each message checked on arrival.

`parse` takes what came off the wire and gives a frozen message, or raises a ProtocolError. protocol.py lists all
messages and has those of the other way; message_fields.py checks the fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .message_fields import (
    FileKind,
    ProtocolError,
    box,
    count,
    file_kind,
    file_size,
    flag,
    is_count,
    milliseconds,
    region_id,
    seeds,
    shown,
)

MAX_PIECE = 8 * 2**20
"""Bytes of a file in one message. Jupyter's server breaks off the connection at a message of more than 10 MiB."""

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True)
class Ready:
    """A view exists: replay status, notices and the last frame to it."""

    view: int


@dataclass(frozen=True)
class MaskPatch:
    """The pen moved: `packed` (SDM1, see masks.py) replaces `box` of the region's mask.

    Attributes:
        seq: the canvas's own counter; it only ever grows. The trait `mask_edits` repeats it.
        region: id of the region, which may be one that the `regions` trait has not brought yet.
        box: x, y, width, height in canvas pixels.
        final: the stroke ended with this patch.
        packed: SDM1 bytes of width x height.
    """

    seq: int
    region: str
    box: tuple[int, int, int, int]
    final: bool
    packed: bytes


@dataclass(frozen=True)
class Painted:
    """The canvas shows frame `seq`. Times are the canvas's own clock, in milliseconds."""

    seq: int
    received: float
    painted: float


@dataclass(frozen=True)
class Visible:
    """Whether anybody can see the canvas; nothing is computed for one that nobody sees."""

    visible: bool


@dataclass(frozen=True)
class Regenerate:
    """Run the engine again, even though nothing changed."""


@dataclass(frozen=True)
class Surprise:
    """Lay out a random scene."""


@dataclass(frozen=True)
class Retry:
    """Load the model again after an error."""


@dataclass(frozen=True)
class Save:
    """Make a file of the drawing. `seq` comes back with the file, or with the error."""

    seq: int
    kind: FileKind


@dataclass(frozen=True)
class Open:
    """A piece of a file that is to be opened: `data` are its bytes from `offset` on, of `size` in all.

    Pieces come in order, the first with offset 0; the last one completes the file.
    """

    seq: int
    kind: FileKind
    size: int
    offset: int
    data: bytes


@dataclass(frozen=True)
class Vary:
    """Paint the scene with each of the seeds, beside the canvas; those asked for before are not wanted any more.

    No seeds: only that. `seq` comes back with each picture.
    """

    seq: int
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Look:
    """Send the picture of history entry `entry`: a thumbnail, or all of it."""

    entry: int
    whole: bool


@dataclass(frozen=True)
class Restore:
    """Go back to the scene of history entry `entry`."""

    entry: int


@dataclass(frozen=True)
class Pin:
    """Keep history entry `entry` for good, or let it go with the others."""

    entry: int
    pinned: bool


@dataclass(frozen=True)
class Forget:
    """Drop history entry `entry`."""

    entry: int


Incoming = (
    Ready
    | MaskPatch
    | Painted
    | Visible
    | Regenerate
    | Surprise
    | Retry
    | Save
    | Open
    | Look
    | Restore
    | Pin
    | Forget
    | Vary
)


_Check = Callable[[str, object], Any]

_KINDS: dict[str, tuple[Callable[..., Incoming], dict[str, _Check]]] = {
    "ready": (Ready, {"view": count}),
    "mask_patch": (MaskPatch, {"seq": count, "region": region_id, "box": box, "final": flag}),
    "painted": (Painted, {"seq": count, "received": milliseconds, "painted": milliseconds}),
    "visible": (Visible, {"visible": flag}),
    "regenerate": (Regenerate, {}),
    "surprise": (Surprise, {}),
    "retry": (Retry, {}),
    "save": (Save, {"seq": count, "kind": file_kind}),
    "open": (Open, {"seq": count, "kind": file_kind, "size": file_size, "offset": count}),
    "vary": (Vary, {"seq": count, "seeds": seeds}),
    "look": (Look, {"entry": count, "whole": flag}),
    "restore": (Restore, {"entry": count}),
    "pin": (Pin, {"entry": count, "pinned": flag}),
    "forget": (Forget, {"entry": count}),
}
"""What each type of message makes, and its fields."""


def parse(content: object, buffers: Sequence[Buffer] = ()) -> Incoming:
    """Check one message from the canvas.

    Args:
        content: the JSON content as it came: a dict with `type` and exactly that type's fields.
        buffers: the binary buffers beside it.

    Raises:
        ProtocolError: see its codes. The text names the field, the value and what would be right.
    """
    if not isinstance(content, Mapping):
        raise ProtocolError("bad_message", f"a message is an object with a 'type', not {shown(content)}")
    seq = content.get("seq")
    seq = seq if is_count(seq) else None
    try:
        kind = content.get("type")
        if not isinstance(kind, str) or kind not in _KINDS:
            raise ProtocolError("unknown_type", f"message type {shown(kind)} is none of {', '.join(_KINDS)}")
        values = _checked_fields(kind, content)
        return _build(kind, values, buffers)
    except ProtocolError as error:
        error.seq = seq
        raise


def _checked_fields(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    _, checks = _KINDS[kind]
    unknown = [str(name) for name in content if name != "type" and name not in checks]
    if unknown:
        known = ", ".join(checks) or "no fields"
        raise ProtocolError("unknown_field", f"{kind} has {known}; got {shown(', '.join(unknown))}")
    values = {}
    for name, check in checks.items():
        if name not in content:
            raise ProtocolError("missing_field", f"{kind}.{name} is missing")
        values[name] = check(f"{kind}.{name}", content[name])
    return values


def _build(kind: str, values: dict[str, Any], buffers: Sequence[Buffer]) -> Incoming:
    if kind == "mask_patch":
        return _patch(values, buffers)
    if kind == "open":
        return _piece(values, buffers)
    if buffers:
        raise ProtocolError("bad_buffers", f"{kind} carries no buffers; got {len(buffers)}")
    make, _ = _KINDS[kind]
    return make(**values)


def _patch(values: dict[str, Any], buffers: Sequence[Buffer]) -> MaskPatch:
    if len(buffers) != 1:
        raise ProtocolError("bad_buffers", f"mask_patch carries one buffer (a packed mask); got {len(buffers)}")
    packed = bytes(buffers[0])
    _, _, width, height = values["box"]
    # Deflate grows incompressible data by 5 bytes every 16 KB at most; more than that is no mask of this box.
    limit = width * height + width * height // 1000 + 64
    if len(packed) > limit:
        raise ProtocolError(
            "bad_buffers",
            f"mask_patch of {width}x{height} is at most {limit} bytes packed; got {len(packed)}",
        )
    return MaskPatch(**values, packed=packed)


def _piece(values: dict[str, Any], buffers: Sequence[Buffer]) -> Open:
    if len(buffers) != 1:
        raise ProtocolError("bad_buffers", f"open carries one buffer (a piece of a file); got {len(buffers)}")
    length = memoryview(buffers[0]).nbytes
    if not 1 <= length <= min(MAX_PIECE, values["size"] - values["offset"]):
        raise ProtocolError(
            "bad_buffers",
            f"a piece of a file has 1..{MAX_PIECE} bytes and ends with the file; "
            f"got {length} at {values['offset']} of {values['size']}",
        )
    return Open(**values, data=bytes(buffers[0]))
