"""The multi-prompt stream batch (paper section 3.5): as many scenes in flight as there are steps, one network call
a tick for all of them.

Each slot keeps a snapshot of its own scene, so an edit enters at the next tick and flushes nothing: the published
system throws its slots away and runs ``steps`` extra batches instead. A new slot asks in its first step for no more
than what is new since the slot before (first.py), and in the modes that recompute what an edit changes, it sees no more
than the window around that (increment.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from ..scene import Scene
from .algorithm import Slot
from .first import Answers
from .frame import Frame
from .increment import Trajectory, patch, trajectory
from .method import MASKED, Method, Mode, mode_of
from .thread import inferred

if TYPE_CHECKING:
    from .engine import Engine

MEASURED = 3  # ticks of a full stream


@dataclass(eq=False)
class Entry:
    """A slot in use. again: how to make its picture in float32."""

    slot: Slot
    mode: str
    again: Callable[[], Frame] | None


class StreamBatch:
    """The slots of one stream. Like its engine it serves one thread at a time. See ``Engine.stream_batch``."""

    def __init__(self, engine: Engine, steps: int, guidance: float, how: Mode) -> None:
        self._engine, self._steps, self._guidance, self._how = engine, steps, guidance, how
        self._algorithm = engine.algorithm(steps, guidance, how.method)
        self._entries: list[Entry] = []
        self._first: Answers = {}  # of the slot that entered last

    def __len__(self) -> int:
        """Scenes in flight."""
        return len(self._entries)

    def enter(self, scene: Scene, after: Trajectory | None = None) -> None:
        """Put ``scene`` into the first slot, which every tick frees.

        after: of an earlier settled frame, which the modes that recompute what an edit changes go on from.

        Raises RuntimeError if the slot is taken, and what ``Engine.denoise`` raises for a scene.
        """
        if self._entries and self._entries[-1].slot.step == 0:
            raise RuntimeError("a scene has entered since the last tick: let another tick pass first")
        engine, method = self._engine, self._how.method
        again = engine.again(scene, self._steps, self._guidance, method)
        with engine.faults_named(scene):
            plan = engine.plan(scene, self._steps, self._guidance, method)
            part, first = None, self._entries[-1].slot.first if self._entries else self._first
            if after is not None and after.goes_on(plan, self._guidance, method):
                first = first or after.first
                if self._how.increment:
                    cell = engine.cell
                    part = inferred(engine.device, patch, after, plan, self._guidance, method, cell)
            slot = inferred(engine.device, Slot, plan, part, first=first)
        self._entries.append(Entry(slot, mode_of(method) if part is None else "increment", again))

    def tick(self) -> Frame:
        """Take every slot a step on; the picture of the one that entered first, settled when its steps are done.

        Raises RuntimeError if there is none, OutOfMemory.
        """
        if not self._entries:
            raise RuntimeError("no scene has entered the stream")
        engine, oldest = self._engine, self._entries[0]
        with engine.faults_named(oldest.slot.plan.scene):
            slots = [entry.slot for entry in self._entries]
            pictures = inferred(engine.device, self._algorithm.advance, slots)
        self._first = self._entries[-1].slot.first
        slot = oldest.slot
        decode = engine.decoder(slot.plan, slot.patch)
        frame = Frame(slot.step, self._steps, pictures[0], slot.samples, decode, oldest.mode, _again=oldest.again)
        if frame.settled:
            del self._entries[0]
            if slot.patch is not None and not slot.patch.cells.any():
                return slot.patch.kept.unmoved(slot.plan)
            frame.trajectory = trajectory(slot, self._guidance, self._how.method, frame)
        return frame


def stream_batch(
    engine: Engine, scenes: Iterable[Scene], steps: int, guidance: float, method: Method
) -> Iterator[Frame]:
    """See ``Engine.stream``."""
    source = iter(scenes)
    batch = StreamBatch(engine, steps, guidance, Mode(method))
    while True:
        scene = next(source, None)
        if scene is not None:
            batch.enter(scene)
        elif not batch:
            return
        frame = batch.tick()
        if frame.settled:
            yield frame


def tick_costs(engine: Engine, size: tuple[int, int], steps: int) -> Iterator[float | None]:
    """Measure how long a tick of a full stream takes, in steps of the newest scene alone: 1 where the slots ride along
    for nothing, ``steps`` where each costs as much as the first.

    Yields None between the network calls, some ``3 * steps`` of them, so that whoever has better to do can stop; the
    measure comes last.
    """
    scene, method, guidance = Scene(size), MASKED, engine.default_guidance
    batch = StreamBatch(engine, steps, guidance, Mode(method))

    def seconds(work: Callable[[], Frame]) -> float:
        started = time.perf_counter()
        work().x0.flatten()[0].item()  # a device works on after a call returns
        return time.perf_counter() - started

    def tick() -> Frame:
        # Each with a noise of its own, or the first step's answer would be known.
        batch.enter(scene.replace(seed=next(seeds)))
        return batch.tick()

    seeds = count()
    full: list[float] = []
    for _ in range(steps + MEASURED):
        full.append(seconds(tick))
        yield None
    alone: list[float] = []
    for seed in range(2):
        frames = engine.denoise(scene.replace(seed=seed), steps=steps, guidance=guidance, method=method)
        for _ in range(steps):
            alone.append(seconds(partial(next, frames)))
            yield None
    yield min(full[-MEASURED:]) / min(alone[-steps:])
