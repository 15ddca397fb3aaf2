"""The messages between the canvas (browser) and the session (kernel), each checked on arrival.

Strokes, confirmations and frames are custom messages because trait updates wait for the kernel's
`idle`, and a pen does not. Nothing here trusts the other side: `parse` takes what came off the wire
and gives a frozen message, or raises a ProtocolError that names the field, its value and the limit.

    canvas -> kernel    ready, mask_patch (1 buffer), painted, visible, regenerate, surprise, retry,
                        save, open (1 buffer), look, restore, pin, forget, vary
    kernel -> canvas    attached, frame (1 buffer), status, error, file (1 buffer), opened, entry (1 buffer),
                        bring_back, variation (1 buffer)

`js/src/protocol.ts` is the same list from the other side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from .storage.limits import MAX_FILE

MAX_INT = 2**53 - 1
"""Largest whole number that JavaScript can count to; bounds every `seq` and `view`."""

MAX_ID_LENGTH = 64
"""Characters in a region id."""

MAX_SIDE = 8192
"""Pixels along one side of a canvas, and so of a box in it."""

MAX_PIECE = 8 * 2**20
"""Bytes of a file in one message. Jupyter's server breaks off the connection at a message of more than 10 MiB."""

MAX_SEEDS = 16
"""Variations that are painted at once."""

Buffer = bytes | bytearray | memoryview
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


# ---------------------------------------------------------------- canvas -> kernel


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


def parse(content: object, buffers: Sequence[Buffer] = ()) -> Incoming:
    """Check one message from the canvas.

    Args:
        content: the JSON content as it came: a dict with `type` and exactly that type's fields.
        buffers: the binary buffers beside it.

    Raises:
        ProtocolError: see its codes. The text names the field, the value and what would be right.
    """
    if not isinstance(content, Mapping):
        raise ProtocolError("bad_message", f"a message is an object with a 'type', not {_show(content)}")
    seq = content.get("seq")
    seq = seq if _is_int(seq) else None
    try:
        kind = content.get("type")
        if not isinstance(kind, str) or kind not in _FIELDS:
            raise ProtocolError("unknown_type", f"message type {_show(kind)} is none of {', '.join(_FIELDS)}")
        values = _checked_fields(kind, content)
        return _build(kind, values, buffers)
    except ProtocolError as error:
        error.seq = seq
        raise


def _checked_fields(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    checks = _FIELDS[kind]
    unknown = [str(name) for name in content if name != "type" and name not in checks]
    if unknown:
        known = ", ".join(checks) or "no fields"
        raise ProtocolError("unknown_field", f"{kind} has {known}; got {_show(', '.join(unknown))}")
    values = {}
    for name, check in checks.items():
        if name not in content:
            raise ProtocolError("missing_field", f"{kind}.{name} is missing")
        values[name] = check(f"{kind}.{name}", content[name])
    return values


def _build(kind: str, values: dict[str, Any], buffers: Sequence[Buffer]) -> Incoming:
    if kind == "open":
        return _piece(values, buffers)
    if kind != "mask_patch":
        if buffers:
            raise ProtocolError("bad_buffers", f"{kind} carries no buffers; got {len(buffers)}")
        return _SIMPLE[kind](**values)
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


# One check per kind of field: (name, value) -> the value to keep, or ProtocolError.


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_INT


def _int(name: str, value: object) -> int:
    if not _is_int(value):
        raise _bad(name, value, f"a whole number 0..{MAX_INT}")
    assert isinstance(value, int)
    return value


def _bool(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _bad(name, value, "true or false")
    return value


def _milliseconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_INT:
        raise _bad(name, value, f"a time in milliseconds, 0..{MAX_INT}")
    return float(value)


def _region_id(name: str, value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_ID_LENGTH:
        raise _bad(name, value, f"a region id of 1..{MAX_ID_LENGTH} characters")
    return value


def _box(name: str, value: object) -> tuple[int, int, int, int]:
    if not isinstance(value, list | tuple) or len(value) != 4 or not all(_is_int(v) for v in value):
        raise _bad(name, value, "[x, y, width, height], four whole numbers")
    x, y, width, height = value
    if width < 1 or height < 1 or x + width > MAX_SIDE or y + height > MAX_SIDE:
        raise _bad(name, value, f"a box of at least 1x1 within {MAX_SIDE}x{MAX_SIDE}")
    return x, y, width, height


def _seeds(name: str, value: object) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or len(value) > MAX_SEEDS or not all(_is_int(seed) for seed in value):
        raise _bad(name, value, f"a list of at most {MAX_SEEDS} whole numbers 0..{MAX_INT}")
    return tuple(value)


def _file_kind(name: str, value: object) -> FileKind:
    for kind in FILE_KINDS:
        if value == kind:
            return kind
    raise _bad(name, value, f"one of {', '.join(FILE_KINDS)}")


def _file_size(name: str, value: object) -> int:
    if not _is_int(value) or not 1 <= _int(name, value) <= MAX_FILE:
        raise _bad(name, value, f"a file's number of bytes, 1..{MAX_FILE}")
    return _int(name, value)


def _bad(name: str, value: object, wanted: str) -> ProtocolError:
    return ProtocolError("bad_value", f"{name} must be {wanted}; got {_show(value)}")


def _show(value: object) -> str:
    """The value in an error's text, cut to a length that fits a banner."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


_Check = Callable[[str, object], Any]

_FIELDS: dict[str, dict[str, _Check]] = {
    "ready": {"view": _int},
    "mask_patch": {"seq": _int, "region": _region_id, "box": _box, "final": _bool},
    "painted": {"seq": _int, "received": _milliseconds, "painted": _milliseconds},
    "visible": {"visible": _bool},
    "regenerate": {},
    "surprise": {},
    "retry": {},
    "save": {"seq": _int, "kind": _file_kind},
    "open": {"seq": _int, "kind": _file_kind, "size": _file_size, "offset": _int},
    "vary": {"seq": _int, "seeds": _seeds},
    "look": {"entry": _int, "whole": _bool},
    "restore": {"entry": _int},
    "pin": {"entry": _int, "pinned": _bool},
    "forget": {"entry": _int},
}

_SIMPLE: dict[str, Callable[..., Incoming]] = {
    "ready": Ready,
    "painted": Painted,
    "visible": Visible,
    "regenerate": Regenerate,
    "surprise": Surprise,
    "retry": Retry,
    "save": Save,
    "vary": Vary,
    "look": Look,
    "restore": Restore,
    "pin": Pin,
    "forget": Forget,
}


# ---------------------------------------------------------------- kernel -> canvas

FrameKind = Literal["preview", "settled"]
State = Literal["loading", "idle", "busy", "error", "closed"]


@dataclass(frozen=True)
class FrameMessage:
    """One picture; its bytes travel as the message's only buffer.

    Attributes:
        seq: to be confirmed with `painted`.
        revision: number of the scene it shows; grows with every edit.
        step, steps: 1-based step of the denoising run that it comes from.
        size: width, height in pixels.
        stats: see session.Stats.
    """

    seq: int
    revision: int
    kind: FrameKind
    step: int
    steps: int
    size: tuple[int, int]
    mime: str
    stats: Mapping[str, Any]

    def content(self) -> dict[str, Any]:
        """The JSON content of the message."""
        return {
            "type": "frame",
            "seq": self.seq,
            "revision": self.revision,
            "kind": self.kind,
            "step": self.step,
            "steps": self.steps,
            "size": list(self.size),
            "mime": self.mime,
            "stats": dict(self.stats),
        }


@dataclass(frozen=True)
class StatusMessage:
    """What the session is doing. `progress` is 0..1 and means something while `state` is "loading"."""

    state: State
    stage: str = ""
    progress: float = 0.0
    model: str = ""
    device: str = ""
    message: str = ""

    def fields(self) -> dict[str, Any]:
        """The same as a plain dict, as the `status` trait holds it."""
        return dict(vars(self))

    def content(self) -> dict[str, Any]:
        """The JSON content of the message."""
        return {"type": "status", **self.fields()}


@dataclass(frozen=True)
class ErrorMessage:
    """What went wrong, what to do about it, and the action ("retry" or "") that a button offers.

    `seq` is that of the message that caused it, where one did.
    """

    code: str
    message: str
    hint: str = ""
    action: Literal["retry", ""] = ""
    seq: int | None = None

    def content(self) -> dict[str, Any]:
        """The JSON content of the message."""
        content = {"type": "error", **vars(self)}
        if self.seq is None:
            del content["seq"]
        return content


@dataclass(frozen=True)
class FileMessage:
    """The file that `save` asked for; its bytes travel as the message's only buffer."""

    seq: int
    kind: FileKind

    def content(self) -> dict[str, Any]:
        """The JSON content of the message."""
        return {"type": "file", **vars(self)}


@dataclass(frozen=True)
class OpenedMessage:
    """The file that came with `open` is the canvas's drawing now. notices: a sentence for what was left aside."""

    seq: int
    notices: tuple[str, ...] = ()

    def content(self) -> dict[str, Any]:
        """The JSON content of the message."""
        return {"type": "opened", "seq": self.seq, "notices": list(self.notices)}


@dataclass(frozen=True)
class VariationMessage:
    """A picture that `vary` asked for: a JPEG file of at most 512 px a side, the message's only buffer."""

    seq: int
    seed: int

    def content(self) -> dict[str, Any]:
        """The JSON content of the message."""
        return {"type": "variation", **vars(self)}


@dataclass(frozen=True)
class AttachedMessage:
    """The answer to `ready`: all that the canvas sent before is worked off."""

    view: int

    def content(self) -> dict[str, Any]:
        """The JSON content of the message."""
        return {"type": "attached", "view": self.view}


@dataclass(frozen=True)
class EntryMessage:
    """The picture that `look` asked for, the message's only buffer: a PNG, or for a thumbnail a JPEG file."""

    entry: int
    whole: bool

    def content(self) -> dict[str, Any]:
        """The JSON content of the message."""
        return {"type": "entry", "entry": self.entry, "whole": self.whole}


def bring_back_content() -> dict[str, Any]:
    """The JSON content of the message that asks the browser for the drawing it has kept."""
    return {"type": "bring_back"}
