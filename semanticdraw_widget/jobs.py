"""What goes into a session and what comes out: jobs, pictures, statistics, and who hears of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .prompt_texts import NO_TEXTS, Texts
from .protocol import ErrorMessage, FrameMessage, StatusMessage

if TYPE_CHECKING:
    from .engine import Engine
    from .scene import Scene

Notices = Mapping[str, list[dict[str, Any]]]
"""What an engine remarks on a scene: region id or "background" -> [{"code", "message", ...}]."""


@dataclass(frozen=True)
class Stats:
    """How quick the session is.

    Attributes:
        fps: frames a second that the canvas confirmed, over the last two seconds.
        first_preview_ms: from the edit to the first preview sent, by the kernel's clock; 0 where there was none.
            An edit that had to wait for the model to load, or for somebody to look, counts from then.
        settled_ms: the same to the settled frame; 0 before it.
        step_ms: mean time of a denoising step in this run, previews not counted.
        samples: network samples of this run so far; a part of the canvas counts as its share.
        mode: how the last frame came about: "exact", "crops", "masked", "increment" or "fast lane".
        scheduling: how the pen was followed to it: "newest" or "stream".
        in_flight: frames sent and not yet confirmed.
        dropped: frames that found no free slot or went stale, since the session began.
        memory_mib: what the device's memory holds for this process in MiB, see `engine.memory`; 0 where nobody tells.
    """

    fps: float = 0.0
    first_preview_ms: float = 0.0
    settled_ms: float = 0.0
    step_ms: float = 0.0
    samples: float = 0.0
    in_flight: int = 0
    dropped: int = 0
    model: str = ""
    device: str = ""
    mode: str = ""
    scheduling: str = ""
    memory_mib: float = 0.0


@dataclass(frozen=True)
class Settings:
    """How a scene is painted.

    Attributes:
        steps, guidance: None for the model's own. mode: see `engine.method.MODES`. cfg: how guidance works, see
            `engine.method.Method`.
        texts: what goes with all prompts of the scene.
        scheduling: how a moving pen is followed. "newest" paints the newest scene and drops it for a newer one,
            "stream" lets each scene into the stream batch (paper section 3.5), "auto" measures which is better. It
            changes when pictures come, not what they show.
        solo: id of the one region that is painted while the others rest, whatever their `visible` says; "" or an id
            that no region has paints all visible ones. It is a way of looking: the scene stays as it was drawn.
    """

    steps: int | None = None
    guidance: float | None = None
    mode: str = "auto"
    cfg: str = "auto"
    texts: Texts = NO_TEXTS
    solo: str = ""
    scheduling: str = "auto"

    def shown(self, scene: Scene) -> Scene:
        """The scene as it is looked at: where a region is painted alone, with that one visible and no other."""
        if all(region.id != self.solo for region in scene.regions):
            return scene
        seen = [(region, region.id == self.solo) for region in scene.regions]
        return scene.replace(
            regions=[region if region.visible == alone else region.replace(visible=alone) for region, alone in seen]
        )

    def painted(self, scene: Scene) -> Scene:
        """What an engine gets: the scene as it is looked at, with the texts in its prompts."""
        return self.texts.on(self.shown(scene))

    def key(self, scene: Scene) -> tuple[str, Settings]:
        """Equal keys mean the same picture, of the same engine."""
        return self.shown(scene).key, replace(self, solo="", scheduling="auto")

    def traits(self) -> dict[str, Any]:
        """The same as a canvas's traits name it. Solo and scheduling are left out: no scene comes with them."""
        own = {"steps": self.steps or 0, "guidance": self.guidance, "mode": self.mode, "cfg": self.cfg}
        return own | self.texts.traits()


MODELS_OWN = Settings()


@dataclass(frozen=True)
class Job:
    """A scene to make a picture of.

    Attributes:
        scene: as it was drawn. settings: how it is painted.
        generation: counts engines; another engine makes another picture of the same scene.
        revision: grows with every change of the scene.
        asked_at: `time.monotonic()` of the edit.
        anew: make the whole picture, even in a mode that would change the one that is there.
    """

    scene: Scene
    settings: Settings
    generation: int
    revision: int
    asked_at: float
    anew: bool = False

    @cached_property
    def shown(self) -> Scene:
        """The scene as it is looked at."""
        return self.settings.shown(self.scene)

    @cached_property
    def painted(self) -> Scene:
        """What the engine gets."""
        return self.settings.painted(self.scene)

    def follows(self, other: Job) -> bool:
        """Whether it may be painted in one stream with `other`."""

        def way(job: Job) -> tuple[Any, ...]:
            how = job.settings
            return job.scene.size, job.generation, how.steps, how.guidance, how.mode, how.cfg

        return way(self) == way(other)

    @property
    def holds(self) -> bool:
        """Whether a locked region keeps what it shows."""
        return any(region.locked and region.visible for region in self.shown.regions)

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """Equal keys mean that the picture which is there will do."""
        return (*self.settings.key(self.scene), self.generation)


@dataclass(frozen=True)
class Picture:
    """A settled frame: `rgb` uint8 (height, width, 3), read-only, and `png`, the same as a file. `scene` is what was
    drawn, `settings` how it was painted, `key` its job's."""

    key: tuple[Any, ...]
    scene: Scene
    settings: Settings
    revision: int
    rgb: NDArray[np.uint8]
    png: bytes
    steps: int
    stats: Stats

    def shown_for(self, job: Job) -> Picture:
        """The same pixels as the picture of a job with an equal key, whose scene may differ in what is not seen."""
        return replace(self, scene=job.scene, settings=job.settings, revision=job.revision)

    def shows(self, scene: Scene, settings: Settings) -> bool:
        """Whether it is the picture of just this scene."""
        return self.key[:-1] == settings.key(scene)


class Listener(Protocol):
    """Who hears from a session. Called in the worker; `on_status` and `on_frame` also within `attach`."""

    def on_frame(self, message: FrameMessage, png: bytes) -> None:
        """A frame to show."""

    def on_settled(self, picture: Picture) -> None:
        """A picture is finished, whether or not anybody can see it."""

    def on_status(self, status: StatusMessage) -> None:
        """The session's state changed."""

    def on_error(self, error: ErrorMessage | None) -> None:
        """Something failed; None when the last failure is over."""

    def on_notices(self, notices: Notices) -> None:
        """The engine's remarks on the scene now worked on are others than before."""

    def on_engine(self, engine: Engine) -> None:
        """An engine is ready."""


def explain(error: Exception) -> ErrorMessage:
    """An exception as the canvas shows it: what happened, what to do, and that `retry` is worth a try."""
    code, hint = getattr(error, "code", None), getattr(error, "hint", None)
    if isinstance(code, str) and isinstance(hint, str):  # an EngineError, which knows best
        return ErrorMessage(code, str(getattr(error, "message", error)), hint, "retry")
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return ErrorMessage(
            "out_of_memory",
            f"out of memory: {error}",
            "make the canvas smaller or use fewer regions, close other notebooks, then try again",
            "retry",
        )
    return ErrorMessage(
        "engine_failed",
        f"{type(error).__name__}: {error}",
        "change the scene or try again; the kernel's log has the details",
        "retry",
    )
