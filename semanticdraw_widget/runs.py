"""A run of the engine on a job, a step at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .engine_cache import Lease
from .jobs import Job

if TYPE_CHECKING:
    from .engine import Frame
    from .engine.increment import Trajectory


def run(lease: Lease, job: Job, after: Trajectory | None = None, *, hurry: bool = False) -> Iterator[Frame]:
    """The frames of a run. The engine is held for one step at a time, so that its sessions take turns.

    Args:
        after: of the picture that an edit changes, in the modes that recompute what it does, and whose locked regions
            stay.
        hurry: see ``Engine.denoise``.
    """
    how = job.settings
    frames = lease.engine.denoise(
        job.painted,
        steps=how.steps,
        guidance=how.guidance,
        mode=how.mode,
        cfg=how.cfg,
        after=after,
        anew=job.anew,
        hurry=hurry,
    )
    while True:
        with lease.running:
            frame = next(frames, None)
        if frame is None:
            return
        yield frame
