"""Guidance: how what a prompt predicts is led away from what its negative prompt predicts.

A step's picture is the network's answer and the latent, added with weights that are the same for every prompt. So
guiding the pictures is guiding the answers (classifier-free guidance, Ho & Salimans 2022), and means the same for
every sampler and family.

Residual guidance (StreamDiffusion, arXiv 2312.12491, section 3.2) spares negative passes: in place of the negative
prompt's answer it takes the noise that lies between the latent and one picture, the origin, which stays the same over
the trajectory. As a picture, that answer is the origin itself.
"""

from __future__ import annotations

from typing import Literal, cast, get_args

import torch

Cfg = Literal["none", "full", "initialise", "self"]
Setting = Literal["auto", "none", "full", "initialise", "self"]

NEGATIVE = ("full", "initialise")  # what runs a negative pass


def checked_cfg(setting: str) -> Setting:
    """``setting``, if it is one; ValueError otherwise."""
    if setting not in get_args(Setting):
        raise ValueError(f"cfg is {setting!r}, it must be one of {', '.join(get_args(Setting))}")
    return cast(Setting, setting)


def resolved(setting: Setting, guidance: float, embedded: bool) -> Cfg:
    """What ``setting`` comes to. "auto" is full guidance above 1, unless the network is fed the scale (``embedded``).
    At 1 guidance changes nothing, so that costs nothing."""
    if setting == "auto":
        return "full" if guidance > 1 and not embedded else "none"
    return "none" if guidance == 1 else setting


def unused(setting: Setting, guidance: float, embedded: bool, name: str, attention: bool) -> str | None:
    """Why a negative prompt has no effect on the model called ``name``, and what would help; None if it has one.
    attention: the model could lead its attention away from it (nag.py), in another mode."""
    cfg = resolved(setting, guidance, embedded)
    other_mode = '; or take the mode "masked"' if attention else ""
    if cfg in NEGATIVE:
        return None
    if cfg == "self":
        return f'cfg "self" runs no negative pass; choose "initialise" or "full"{other_mode}'
    if setting == "none":
        return f'cfg is "none"; choose "full" or "initialise"{other_mode}'
    if setting == "auto" and embedded:
        return f'{name} takes guidance as a number, without a negative pass; cfg "full" runs one{other_mode}'
    return f"guidance is off; set it above 1{other_mode}"


def guided(told: torch.Tensor, other: torch.Tensor, scale: float) -> torch.Tensor:
    """From the picture ``other`` past the picture ``told`` of the same shape: scale 0 is the former, 1 the latter."""
    return other + scale * (told - other)


def moderated(origin: torch.Tensor, x: torch.Tensor, signal: float, delta: float) -> torch.Tensor:
    """The picture in the latent ``x`` if ``delta`` times the noise between it and the origin is taken away (the
    paper's delta): 1 is the origin. signal: the weight of the picture in a latent of this step."""
    return origin if delta == 1 else torch.lerp(x / signal, origin, delta)
