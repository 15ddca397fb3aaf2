"""Edits that cost what they change: the last scene's trajectory is kept, and a new scene recomputes its dirty cells.

Outside them every latent, and so every pixel, is the one that was there. Inside, each step runs on a window around
them whose surroundings are the kept trajectory's, at the same noise level, so the new part fits into the old.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional as F

from .crops import SMALLEST, Window, around, box
from .first import Answers
from .frame import Frame
from .held import held
from .method import Method
from .plan import Plan
from .recent import nbytes
from .rows import Row, without_absent
from .samplers import Sampler
from .tiles import tiled

if TYPE_CHECKING:
    from .algorithm import Slot

SLIGHT = 0.05  # a cell whose weights change by less than this, as where a soft edge ends, counts as unchanged
MARGIN = 1  # cells around what changed that are made anew: a seam may not lie on the edit itself
SURROUNDINGS = 3  # cells around those that the network sees in the last step, at most
ON_THE_WAY = 3 / 8  # of the canvas's side: the smallest window before that


@dataclass(frozen=True)
class Trajectory:
    """A finished run. xs: the latent before each step, x0s: the picture after each, all (C, h, w). frame: the last.
    first: the answers to its first step."""

    plan: Plan
    guidance: float
    method: Method
    xs: tuple[torch.Tensor, ...]
    x0s: tuple[torch.Tensor, ...]
    frame: Frame
    first: Answers

    @property
    def nbytes(self) -> int:
        """Of the latents and the plan, whose maps are the most of it on a large canvas that is cut into tiles; the
        answers to the first step are about as large as one latent for each prompt."""
        return nbytes((self.xs, self.x0s, self.plan))

    def unmoved(self, plan: Plan) -> Frame:
        """Its frame as that of ``plan``, of which nothing is painted.

        Where locked regions hold all that ``plan`` changes, that is done with. Where it changes too little to show,
        the next one is compared with what was painted, or many small changes would never add up to one.
        """
        frame = replace(self.frame, samples=0.0, mode="increment")
        held_back = bool(changed(self.plan, plan).any())
        frame.trajectory = replace(self, plan=plan if held_back else self.plan, frame=frame)
        return frame

    def goes_on(self, plan: Plan, guidance: float, method: Method) -> bool:
        """Whether a run of ``plan`` with these settings may take over what is not edited."""
        return fits(self, plan) and (self.guidance, self.method) == (guidance, method)


def trajectory(slot: Slot, guidance: float, method: Method, frame: Frame) -> Trajectory:
    """Of a slot whose steps are done, and its last frame."""
    return Trajectory(slot.plan, guidance, method, tuple(slot.xs), tuple(slot.x0s), frame, slot.first)


@dataclass(frozen=True)
class Patch:
    """What a new scene changes of a kept trajectory.

    made: the cells that are made anew, bool (h, w). cells: the same on the host; none of them where nothing changes, or
    locked regions hold all that does. open: the same as if no region were locked. box: what holds them. seen, last: the
    windows that the network sees of them on the way and in the last step, None the whole canvas.
    """

    kept: Trajectory
    made: torch.Tensor
    cells: torch.Tensor
    open: torch.Tensor
    box: Window
    seen: Window | None
    last: Window | None

    def paste(self, new: torch.Tensor, old: torch.Tensor) -> torch.Tensor:
        """``new`` where cells are made anew, ``old`` elsewhere; both (C, h, w)."""
        return torch.where(self.made, new, old)

    def fade(self, cell: int) -> np.ndarray:
        """The new picture's share in each pixel inside ``box``, float32 (height, width), 0..1.

        The cells around an edit show the same in both pictures, but for a shade: across them the one goes over into the
        other. Where locked regions end there is none of that, as there the two differ on purpose. cell: pixels a side
        of a latent cell.
        """
        whole = F.pad(self.open[None, None].float(), (1, 1, 1, 1), mode="replicate")
        corners = -F.max_pool2d(-whole, 2, 1)[0, 0].numpy()  # 1 where all cells that meet there are made anew
        box = self.box
        corners = corners[box.top : box.top + box.height + 1, box.left : box.left + box.width + 1]
        share = between(between(corners, cell).T, cell).T
        made: np.ndarray = share * box.cut(self.cells).numpy().repeat(cell, 0).repeat(cell, 1)
        return made


def between(edges: np.ndarray, count: int) -> np.ndarray:
    """From (n + 1, m) values at the edges of n cells to those at the middles of ``count`` pixels a cell."""
    at = ((np.arange(count, dtype=np.float32) + 0.5) / count)[None, :, None]
    inside: np.ndarray = edges[:-1, None] * (1 - at) + edges[1:, None] * at
    return inside.reshape(-1, edges.shape[1])


def fits(kept: Trajectory | None, plan: Plan) -> bool:
    """Whether ``plan`` is for a canvas and step count that ``kept`` can be a start for."""
    return (
        kept is not None
        and kept.plan.noise.shape == plan.noise.shape
        and (kept.plan.picture is None) == (plan.picture is None)
    )


def changed(old: Plan, new: Plan) -> torch.Tensor:
    """The cells whose prompts, weights, noise or background differ, bool (h, w), for two plans of one size."""
    keys = sorted({*old.aims, *new.aims}, key=repr)

    def shares(plan: Plan) -> torch.Tensor:
        table = torch.zeros(plan.weights.shape[0], len(keys), *plan.weights.shape[2:], device=plan.weights.device)
        for index, key in enumerate(plan.aims):
            table[:, keys.index(key)] += plan.weights[:, index]
        return table

    differ = ((shares(old) - shares(new)).abs() > SLIGHT).any(0).any(0) | (old.noise != new.noise).any(0).any(0)
    if new.picture is not None and old.picture is not None:
        differ |= (old.picture != new.picture).any(0)
    return differ


def patch(
    kept: Trajectory | None, plan: Plan, guidance: float, method: Method, cell: int, anew: bool = False
) -> Patch | None:
    """How ``plan`` can be had from ``kept``; None where nothing of it stays.

    Cells that a locked region holds (held.py) stay as they are. cell: pixels a side of a latent cell. anew: make all
    others, whether they change or not.
    """
    if kept is None or not kept.goes_on(plan, guidance, method):
        return None
    h, w = plan.noise.shape[-2:]
    if anew:
        made = torch.ones(h, w, dtype=torch.bool, device=plan.noise.device)
    else:
        dirty = changed(kept.plan, plan)[None, None].float()
        made = F.max_pool2d(dirty, 2 * MARGIN + 1, 1, MARGIN)[0, 0] > 0
    free = made.cpu()
    still = held(kept.plan.scene, plan.scene, cell)
    if still is not None:
        made &= ~still.to(made.device)
    cells = made.cpu()
    if bool(cells.all()):
        return None
    inner = box(cells)
    if inner is None:
        return Patch(kept, made, cells, free, Window(0, 0, 0, 0), None, None)
    return Patch(kept, made, cells, free, inner, *surroundings(inner, h, w, plan.grain))


def surroundings(inner: Window, h: int, w: int, grain: int) -> tuple[Window | None, Window | None]:
    """What the network sees of a patch in the steps after those that show a region alone, and in the last of them,
    which settles its shade; None: the whole canvas.

    A network call costs what it sees, so on the way that is no more than the new part needs to fit in: on a canvas of
    32 cells one cell around it, and 12 by 12 in all, for the picture is there already. Regions come out as well as with
    3 and 16 throughout. On larger canvases the network is used to seeing more.
    """
    side = min(h, w)
    margin, least = min(max(side // 20, 1), SURROUNDINGS), min(int(ON_THE_WAY * side), SMALLEST)
    seen = around(inner.grown(margin, h, w), h, w, grain, least)
    return seen, around(inner.grown(SURROUNDINGS, h, w), h, w, grain)


def restricted(plan: Plan, part: Patch) -> tuple[tuple[Row, ...], ...]:
    """The rows of ``plan`` that count inside the patch, a tuple a step, each seeing no more than it must."""

    def row(old: Row, window: Window | None) -> Row:
        return old if old.shift is not None else without_absent(replace(old, window=window))

    windows = [part.seen] * (len(plan.rows) - 1) + [part.last]
    chosen = [
        tuple(row(r, window) for r in rows if bool((r.weight[part.made] > 0).any()))
        for rows, window in zip(plan.rows, windows)
    ]
    return tiled(chosen, plan.tile)


def late(slot: Slot, kept: Trajectory, sampler: Sampler) -> None:
    """The fast lane: set ``slot`` at a late step with the picture that is there, noised to that step's level. One
    network call from here shows what the new prompts make of it."""
    step = max(len(slot.steps) - 2, 0)
    slot.step = step
    slot.x = sampler.add_noise(kept.x0s[-1], slot.plan.noise[step], step)
    if slot.patch is not None:
        slot.x = slot.patch.paste(slot.x, kept.xs[step])
