"""Back-pressure: at most two frames are on their way to the canvas, and the canvas says when one is painted.

A frame takes a slot when it is sent and frees it when the canvas confirms it. A canvas that went away
confirms nothing, so a slot also frees itself after a while: a closed page must not silence the next one.
"""

from __future__ import annotations

from collections import deque


class FrameFlow:
    """Counts frames in flight and measures how many a second are painted. Times are seconds of one clock.

    Args:
        slots: how many frames may be unconfirmed.
        patience: seconds after which an unconfirmed frame is forgiven.
    """

    FPS_WINDOW = 2.0
    """Seconds over which frames per second are counted."""

    def __init__(self, slots: int = 2, patience: float = 2.0) -> None:
        self._slots = slots
        self._patience = patience
        self._seq = 0
        self._sent_at: dict[int, float] = {}
        self._painted_at: deque[float] = deque(maxlen=256)

    @property
    def in_flight(self) -> int:
        """Frames that are sent and neither confirmed nor forgiven."""
        return len(self._sent_at)

    def free(self, now: float) -> bool:
        """Whether a frame may be sent now. Forgives what has waited too long."""
        overdue = [seq for seq, sent in self._sent_at.items() if now - sent >= self._patience]
        for seq in overdue:
            del self._sent_at[seq]
        return len(self._sent_at) < self._slots

    def wait(self, now: float) -> float:
        """Seconds until the oldest frame in flight is forgiven; 0 when a slot is free."""
        if self.free(now):
            return 0.0
        return max(0.0, min(self._sent_at.values()) + self._patience - now)

    def send(self, now: float) -> int:
        """Take a slot; returns the frame's `seq`, which grows by one each time."""
        self._seq += 1
        self._sent_at[self._seq] = now
        return self._seq

    def confirm(self, seq: int, now: float) -> bool:
        """Free the slot of `seq`. False where it holds none: a second view, or one forgiven already."""
        if self._sent_at.pop(seq, None) is None:
            return False
        self._painted_at.append(now)
        return True

    def reset(self) -> None:
        """Free all slots: a new view has come, and whatever the last one owed is void."""
        self._sent_at.clear()

    def fps(self, now: float) -> float:
        """Frames painted a second, over the last two seconds; 0 where fewer than two were."""
        recent = [at for at in self._painted_at if now - at <= self.FPS_WINDOW]
        span = recent[-1] - recent[0] if len(recent) > 1 else 0.0
        return (len(recent) - 1) / span if span > 0 else 0.0
