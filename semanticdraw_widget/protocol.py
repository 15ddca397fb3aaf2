"""The messages between the canvas (browser) and the session (kernel).

Strokes, confirmations and frames are custom messages because trait updates wait for the kernel's
`idle`, and a pen does not. Nothing here trusts the other side.

    canvas -> kernel    ready, mask_patch (1 buffer), painted, visible, regenerate, surprise, retry,
                        save, open (1 buffer), look, restore, pin, forget, vary
    kernel -> canvas    attached, frame (1 buffer), status, error, file (1 buffer), opened, entry (1 buffer),
                        bring_back, variation (1 buffer), patched (1 buffer), undo, redo

Here is what the kernel says. What the canvas says is in canvas_messages.py, each message checked on arrival.
`js/src/protocol.ts` is the same list from the other side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .message_fields import FileKind

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
class PatchedMessage:
    """A `mask_patch` that is in the mask now, for the other pages that show the canvas; its bytes are the message's
    only buffer. The page that sent it knows it by its `seq`."""

    seq: int
    region: str
    box: tuple[int, int, int, int]

    def content(self) -> dict[str, Any]:
        """The JSON content of the message."""
        return {"type": "patched", "seq": self.seq, "region": self.region, "box": list(self.box)}


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


def undo_content(redo: bool) -> dict[str, Any]:
    """The JSON content of the message that takes the page's last edit back, or makes the one again that was."""
    return {"type": "redo" if redo else "undo"}
