"""The multi-prompt stream batch (paper section 3.5): as many scenes in flight as there are steps, one network call
a tick for all of them.

Each slot keeps a snapshot of its own scene, so an edit enters at the next tick and flushes nothing: the published
system throws its slots away and runs ``steps`` extra batches instead. A new slot asks in its first step for no more
than what is new since the slot before (first.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from ..scene import Scene
from .algorithm import Slot
from .first import Answers
from .frame import Frame
from .method import Method, mode_of
from .thread import inferred

if TYPE_CHECKING:
    from .engine import Engine


def stream_batch(
    engine: Engine, scenes: Iterable[Scene], steps: int, guidance: float, method: Method
) -> Iterator[Frame]:
    """See ``Engine.stream``."""
    source = iter(scenes)
    algorithm = engine.algorithm(steps, guidance, method)
    slots: list[Slot] = []
    first: Answers = {}  # of the slot before
    again: list[Callable[[], Frame] | None] = []  # for each slot: how to make its picture in float32
    while True:
        scene = next(source, None)
        if scene is not None:
            with engine.faults_named(scene):
                plan = engine.plan(scene, steps, guidance, method)
            again.append(engine.again(scene, steps, guidance, method))
            first = slots[-1].first if slots else first
            slots.append(inferred(engine.device, Slot, plan, first=first))
        elif not slots:
            return
        with engine.faults_named(slots[0].plan.scene):
            pictures = inferred(engine.device, algorithm.advance, slots)
        if slots[0].step == steps:
            done = slots.pop(0)
            decode, mode = engine.decoder(done.plan), mode_of(method)
            yield Frame(steps, steps, pictures[0], done.samples, decode, mode, _again=again.pop(0))
