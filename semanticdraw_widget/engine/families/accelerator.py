"""LoRAs with which a model that wants many steps needs few, and what each wants."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from .. import naming


def always(_: Any) -> bool:
    return True


@dataclass(frozen=True)
class Accelerator:
    """One such LoRA.

    name: how it was made, one of ``naming.METHODS``, as ``load_engine`` takes it. source: a hub id, followed by the
    file's name where the repository holds several. sampler, steps, guidance: what its makers run it with. weight: what
    they fuse it with. fits: whether it was made for the network with this config.
    """

    name: str
    source: str
    sampler: str
    steps: int = 4
    guidance: float = 1.0
    weight: float = 1.0
    fits: Callable[[Any], bool] = always


def picked(rows: Iterable[Accelerator], config: Any, name: str | None, sampler: str) -> Accelerator | None:
    """The one for the network with ``config``: the one called ``name``, if given, and made for ``sampler``, unless that
    is "auto". The first of several; where one has the name and none the sampler, that one."""
    fit = [row for row in rows if row.fits(config) and name in (None, row.name)]
    for row in fit:
        if sampler in ("auto", row.sampler):
            return row
    return fit[0] if fit and name is not None else None


def told(rows: Iterable[Accelerator], source: str) -> Accelerator | None:
    """What ``source``, a LoRA or a model with one merged in, wants by its name; None where that does not say."""
    said = naming.read(source)
    named = [row for row in rows if row.name == said.method]
    if not named:
        return None
    steps = [naming.read(row.source).steps for row in named]
    if said.steps in steps and said.steps is not None and not said.cfg:
        return replace(named[steps.index(said.steps)], source=source)
    # A LoRA for one step is a kind of its own: it is a consistency model, which takes any number of steps.
    row = next((r for r, n in zip(named, steps) if n != 1), named[0]) if said.steps else named[0]
    guidance = CFG.get(said.steps or row.steps, max(CFG.values())) if said.cfg else row.guidance
    return replace(row, source=source, steps=said.steps or row.steps, guidance=guidance)


CFG = {4: 3.0, 8: 5.0, 12: 6.0, 16: 7.0}  # steps -> guidance of Hyper-SD's LoRAs that keep classifier-free guidance
