"""The region engine: a scene in, frames out. The published algorithm in the paper's order (arXiv 2403.09055)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from ..scene import Scene
from .accelerate import Swift, swift
from .algorithm import Algorithm, Slot
from .canvas import Canvas
from .errors import OutOfMemory, out_of_memory
from .families.family import Family
from .frame import Frame
from .guidance import checked_cfg, unused
from .increment import Patch, Trajectory, fits, late, patch, trajectory
from .memory import used_mib
from .method import EXACT, Method, Mode, mode_of, named
from .notices import notices, warn
from .plan import Plan, active
from .planner import Planner
from .prompts import Language
from .rationed import Rationed
from .recovery import forget_prompts, widen
from .samplers import Sampler
from .thread import computed, inferred
from .traced import Traced

if TYPE_CHECKING:
    from .stream import StreamBatch


class Engine:
    """A warm region-prompted pipeline. ``load_engine`` makes one; one thread may use it at a time.

    name, family, device, dtype: what runs where. default_size: (width, height) in pixels. default_steps,
    default_guidance, default_sampler: used where a call names none. vocabulary: ready prompts by kind ("backgrounds",
    "objects", "colors", "styles"), ``{}`` if the model lists none. palette: a PNG file with a picture of each
    background and each object, see ``about.read_palette``; b"" if the model has none. centring_steps: see ``About``.
    """

    def __init__(
        self,
        family: Family,
        *,
        name: str,
        size: tuple[int, int],
        steps: int,
        guidance: float,
        sampler: str,
        language: Language | None = None,
        vocabulary: dict[str, list[str]] | None = None,
        palette: bytes = b"",
        centring_steps: int = 1,
        notes: Iterable[str] = (),
    ) -> None:
        self._family = family
        self.name, self.family = name, family.name
        self.device = family.device
        self._network = Rationed(family)
        self.default_size, self.default_steps, self.default_guidance = size, steps, guidance
        self.default_sampler = sampler
        self.vocabulary, self.palette, self.centring_steps = vocabulary or {}, palette, centring_steps
        self._language = language or Language()
        self._notes = list(notes)
        self._canvas = Canvas(family, self._notes)
        self._planner = Planner(family, self._canvas, self._language, name, size, sampler, centring_steps)
        self._warned: set[tuple[Any, ...]] = set()

    @property
    def dtype(self) -> torch.dtype:
        return self._family.dtype

    @property
    def cell(self) -> int:
        """Pixels a side of a latent cell."""
        return self._family.cell

    @property
    def memory_mib(self) -> float:
        """MiB that this process holds where it paints; 0 where that cannot be told. See `memory.used_mib`."""
        return used_mib(self.device)

    @property
    def takes_guidance(self) -> bool:
        """Whether the network is fed guidance as a number, and so runs no negative pass of itself."""
        return self._planner.embedded(EXACT)

    # ------------------------------------------------------------ pictures

    def generate(
        self,
        scene: Scene,
        *,
        steps: int | None = None,
        guidance: float | None = None,
        mode: str = "exact",
        cfg: str = "auto",
    ) -> Image.Image:
        """The finished picture of ``scene``. The same scene gives the same picture, bit for bit.

        mode: "exact" is the published algorithm; "crops" and "masked" are quicker, see ``method.Method``. cfg: how
        guidance works, and with it negative prompts: "auto", "none", "full", "initialise" or "self", see there.

        Warns of negative prompts that have no effect. Raises OutOfMemory, UnsupportedSize for a canvas that the network
        cannot take, ValueError for steps outside 1..100, a guidance outside 0..30, an unknown mode or cfg.
        """
        run = self.denoise(scene, steps=steps, guidance=guidance, mode=mode, cfg=cfg)
        self._warn_once(scene, self._negative_unused(steps, guidance, mode, cfg))
        *_, frame = run
        return frame.image()

    def _warn_once(self, scene: Scene, negative_unused: str | None) -> None:
        if (scene.key, negative_unused) not in self._warned:
            self._warned.add((scene.key, negative_unused))
            warn(scene, negative_unused)

    @torch.inference_mode()
    def denoise(
        self,
        scene: Scene,
        *,
        steps: int | None = None,
        guidance: float | None = None,
        mode: str = "exact",
        cfg: str | None = None,
        method: Method | None = None,
        after: Trajectory | None = None,
        anew: bool = False,
        hurry: bool = True,
    ) -> Iterator[Frame]:
        """The trajectory of ``scene``, a Frame a step: each is a preview, the last is settled.

        Nothing runs ahead of the consumer: to drop a scene, stop iterating.

        mode: see ``method.MODES``. cfg: see ``generate``; it is the method's, if not given. method: instead of a mode,
        for experiments. after: the ``trajectory`` of an earlier settled frame. Where the two share a size and settings,
        each mode uses the first step's answers again that an edit leaves as they were, and the modes "increment" and
        "auto" change that frame into this scene's: cells that the edit leaves alone keep their pixels bit for bit.
        In every mode, cells that a locked region showed in that frame and still shows are kept as they are. anew: make
        all other cells, even those that do not change. hurry: more edits will follow before this one can be finished,
        so "auto" has one frame more, of the edit as one network call at a late step makes it, ahead of its run.
        """
        steps, guidance = self._checked(steps, guidance)
        how = named(mode) if method is None else Mode(method)
        if cfg is not None:
            how = replace(how, method=replace(how.method, cfg=checked_cfg(cfg)))
        begun_in, again = self.dtype, self.again(scene, steps, guidance, how.method)
        with self.faults_named(scene):
            plan = self.plan(scene, steps, guidance, how.method)
            algorithm = self.algorithm(steps, guidance, how.method)
            part = None
            if (how.increment and not anew) or any(region.locked for region in scene.regions):
                part = inferred(self.device, patch, after, plan, guidance, how.method, self._family.cell, anew)
            if part is not None and not part.cells.any():
                yield inferred(self.device, part.kept.unmoved, plan)
                return
            spent = 0.0
            if how.fast_lane and hurry and not anew and fits(after, plan):
                assert after is not None
                slot = inferred(self.device, Slot, plan, part)
                inferred(self.device, late, slot, after, algorithm.sampler)
                picture = inferred(self.device, algorithm.advance, [slot])[0]
                spent = slot.samples
                yield Frame(1, steps, picture, spent, self.decoder(plan, part), "fast lane", _again=again)
            goes_on = after is not None and after.goes_on(plan, guidance, how.method)
            first = after.first if after is not None and goes_on else {}
            slot = inferred(self.device, Slot, plan, part, samples=spent, first=first)
            name = mode_of(how.method) if part is None else "increment"
            while slot.step < steps:
                if self.dtype != begun_in:  # a preview was broken: so is the slot, and begins anew
                    yield from self.denoise(scene, steps=steps, guidance=guidance, method=how.method)
                    return
                picture = inferred(self.device, algorithm.advance, [slot])[0]
                frame = Frame(slot.step, steps, picture, slot.samples, self.decoder(plan, part), name, _again=again)
                if frame.settled:
                    frame.trajectory = trajectory(slot, guidance, how.method, frame)
                yield frame

    def stream(
        self,
        scenes: Iterable[Scene] | Callable[[], Scene | None],
        *,
        steps: int | None = None,
        guidance: float | None = None,
        mode: str = "exact",
        cfg: str = "auto",
    ) -> Iterator[Frame]:
        """The multi-prompt stream batch (section 3.5): a settled frame a tick, ``steps`` ticks behind.

        scenes: the newest scene at each tick; an iterable that ends, or a callable's None, drains the slots. mode,
        cfg: as in ``generate``; a stream has whole pictures, so "auto" streams as "masked". Warns as it does.
        """
        from .stream import stream_batch

        steps, guidance = self._checked(steps, guidance)
        unused = self._negative_unused(steps, guidance, mode, cfg)

        def warned(scene: Scene) -> Scene:
            self._warn_once(scene, unused)
            return scene

        source = iter(scenes, None) if callable(scenes) else scenes
        method = replace(named(mode).method, cfg=checked_cfg(cfg))
        return stream_batch(self, map(warned, source), steps, guidance, method)

    def stream_batch(
        self, *, steps: int | None = None, guidance: float | None = None, mode: str = "auto", cfg: str = "auto"
    ) -> StreamBatch:
        """The slots that ``stream`` fills, for who lets scenes in and takes frames out as they come.

        In the modes "increment" and "auto" a scene that enters after the ``trajectory`` of an earlier frame is made
        from that, as in ``denoise``.
        """
        from .stream import StreamBatch

        steps, guidance = self._checked(steps, guidance)
        how = named(mode)
        return StreamBatch(self, steps, guidance, replace(how, method=replace(how.method, cfg=checked_cfg(cfg))))

    def tick_costs(self, size: tuple[int, int] | None = None, steps: int | None = None) -> Iterator[float | None]:
        """See ``stream.tick_costs``; the model's own size and steps, where none are given."""
        from .stream import tick_costs

        steps, _ = self._checked(steps, None)
        return tick_costs(self, size or self.default_size, steps)

    def warm_up(self, size: tuple[int, int] | None = None) -> None:
        """Run each network once at ``size``, so that the first edit is as quick as the later ones."""
        for frame in self.denoise(Scene(size or self.default_size), steps=1):
            frame.rgb()

    # ------------------------------------------------------------ words

    def unknown_words(self, prompt: str) -> list[str]:
        """The words of ``prompt`` that the model was never taught; they are left out. [] where it lists no words."""
        return self._language.unknown(prompt)

    def notices(
        self,
        scene: Scene,
        guidance: float | None = None,
        *,
        steps: int | None = None,
        mode: str = "exact",
        cfg: str = "auto",
    ) -> dict[str, list[dict[str, Any]]]:
        """What a user should know about ``scene``: region id or "background" -> [{"code", "message"}]. Of unknown
        words also "words", which they are, and "near", known ones that are like them. guidance and the others: what it
        will be painted with."""
        reason = self._negative_unused(steps, guidance, mode, cfg)
        return notices(scene, self.name, self._family, self._language, self._notes, reason)

    # ------------------------------------------------------------ made once per scene

    def plan(self, scene: Scene, steps: int, guidance: float, method: Method = EXACT) -> Plan:
        """See ``Planner.plan``."""
        return self._planner.plan(scene, steps, guidance, method)

    def sampler(self, name: str | None, steps: int) -> Sampler:
        """See ``Planner.sampler``."""
        return self._planner.sampler(name, steps)

    def decoder(self, plan: Plan, part: Patch | None = None) -> Callable[[torch.Tensor], np.ndarray]:
        """Latent (C, h, w) to uint8 (H, W, 3), see ``Canvas.decoder``."""
        decode = self._canvas.decoder(plan, part)

        def safely(x0: torch.Tensor) -> np.ndarray:
            with self.faults_named(plan.scene):
                return inferred(self.device, decode, x0)

        return safely

    def _negative_unused(self, steps: int | None, guidance: float | None, mode: str, cfg: str) -> str | None:
        """Why negative prompts have no effect with these settings; None if they have one."""
        guidance = self.default_guidance if guidance is None else guidance
        steps = self.default_steps if steps is None else steps
        method = self._planner.able(named(mode).method, steps)
        if method.nag and steps > (method.structural_steps or 0):
            return None
        return unused(checked_cfg(cfg), guidance, self._planner.embedded(method), self.name, self._family.leads_away)

    @property
    def compiles(self) -> bool:
        """Whether its networks are compiled or recorded in the background (``load_engine``'s ``compile``)."""
        return bool(self._swift())

    def wait_for_compiling(self) -> None:
        """Until no network is being compiled, nor its calls recorded (traced.py). Calls are served meanwhile; this is
        for measuring."""
        for one in self._swift():
            one.wait()
        traced: Traced | None = getattr(getattr(self._family, "ask", None), "traced", None)
        if traced is not None:
            traced.wait()

    def _swift(self) -> list[Swift]:
        return [one for part in vars(self._family).values() if isinstance(part, nn.Module) for one in swift(part)]

    def twin(self) -> Engine:
        """An engine on the same networks with caches of its own."""
        other = copy(self)
        other._planner = self._planner.twin()
        return other

    def forget(self) -> None:
        """Drop cached plans, prompt embeddings and what attention keeps of them, as if no scene had been seen."""
        self._planner.forget()
        forget_prompts(self._family)

    def algorithm(self, steps: int, guidance: float, method: Method = EXACT) -> Algorithm:
        """The denoising steps for these settings."""
        method, sampler = self._planner.able(method, steps), self.sampler(method.sampler, steps)
        return Algorithm(self._network, sampler, guidance, method, self._planner.cfg(guidance, method))

    # ------------------------------------------------------------ faults

    def again(self, scene: Scene, steps: int, guidance: float, method: Method) -> Callable[[], Frame] | None:
        """How a frame of ``scene`` that is begun now can be had in float32, whole even if it is an edit's; None where
        it is made in float32 anyway."""
        if self.dtype == torch.float32:
            return None

        def run() -> Frame:
            with self.faults_named(scene):
                if computed(self.device, widen, self._family, self._notes):
                    self.forget()
                    self._canvas.forget()
            *_, frame = self.denoise(scene, steps=steps, guidance=guidance, method=method)
            return frame

        return run

    @contextmanager
    def faults_named(self, scene: Scene) -> Iterator[None]:
        """Turn an allocation that failed inside into OutOfMemory."""
        try:
            yield
        except (RuntimeError, MemoryError) as error:
            if out_of_memory(error):
                raise self._memory_error(scene) from error
            raise

    # ------------------------------------------------------------ checks

    def _checked(self, steps: int | None, guidance: float | None) -> tuple[int, float]:
        steps = self.default_steps if steps is None else int(steps)
        guidance = self.default_guidance if guidance is None else float(guidance)
        if not 1 <= steps <= 100:
            raise ValueError(f"steps is {steps}, it must lie in 1..100; {self.name}'s own is {self.default_steps}")
        if not 0 <= guidance <= 30:
            raise ValueError(
                f"guidance is {guidance}, it must lie in 0..30; {self.name}'s own is {self.default_guidance}"
            )
        return steps, guidance

    def _memory_error(self, scene: Scene) -> OutOfMemory:
        self.forget()  # what is cached may be what was lacking
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        width, height = scene.size
        count = len(active(scene))
        ways = ["make the canvas smaller", "use fewer regions"]
        if self.device.type != "cpu":
            ways += ["load the model in float16"] * (self.dtype == torch.float32) + ["load it with offload='text'"]
        return OutOfMemory(
            f"out of memory on {self.device} at {width}x{height} pixels with {count} regions",
            f"{', '.join(ways[:-1])}, or {ways[-1]}",
        )
