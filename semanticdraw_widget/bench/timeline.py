"""Script time per animation frame, from the browser's own performance timeline (Chromium's trace events)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

CATEGORIES = ["devtools.timeline", "v8"]
SCRIPT = {
    *("FunctionCall", "EvaluateScript", "v8.evaluateModule", "RunMicrotasks", "V8.GC_MARK_COMPACTOR"),
    *("FireAnimationFrame", "TimerFire", "EventDispatch", "FireIdleCallback", "MinorGC", "MajorGC"),
}
"""What the main thread does for scripts: their calls and what starts them, and collecting their garbage."""

Event = dict[str, Any]


class Frame(NamedTuple):
    """One animation frame: the milliseconds that scripts took from the end of the frame before to its own end."""

    script_ms: float
    """On the clock; a machine that is busy otherwise makes it longer."""
    cpu_ms: float
    """Of the processor, spent on this thread."""


def frames(events: Iterable[Event]) -> list[Frame]:
    """The frames of the page whose main thread runs the most script, in order; those in which none ran count as 0.

    Raises ValueError for a trace in which no page ran script, or drew a frame.
    """
    events = list(events)
    calls = Counter((e["pid"], e["tid"]) for e in events if e["name"] == "FunctionCall")
    if not calls:
        raise ValueError("the trace has no script in it; record the category devtools.timeline")
    main = calls.most_common(1)[0][0]
    own = [e for e in events if (e["pid"], e["tid"]) == main]
    ends = sorted(e["ts"] for e in own if e["name"] == "AnimationFrame" and e["ph"] == "e")
    if not ends:
        raise ValueError("the trace has no animation frames in it; this Chromium does not record them")
    clock, cpu = [0.0] * len(ends), [0.0] * len(ends)
    for event in outermost(e for e in own if e["name"] in SCRIPT and e["ph"] == "X"):
        frame = bisect_left(ends, event["ts"] + event["dur"])
        if frame < len(ends):
            clock[frame] += event["dur"] / 1000
            cpu[frame] += float(event.get("tdur") or event["dur"]) / 1000
    return [Frame(*both) for both in zip(clock, cpu)]


def outermost(events: Iterable[Event]) -> list[Event]:
    """Without those that lie within another one: an event handler's time has that of the calls in it."""
    kept: list[Event] = []
    end = float("-inf")
    for event in sorted(events, key=lambda e: (e["ts"], -e["dur"])):
        if event["ts"] < end:
            continue
        kept.append(event)
        end = event["ts"] + event["dur"]
    return kept


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least ``share`` (0 to 1) of them do not exceed; 0 if there are none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0
