"""Samplers: which timesteps, how a network's answer becomes a picture, how a picture becomes noisy again.

In the paper's symbols x is a noisy latent, x0 a picture's latent, eps noise, abar the cumulated alpha of a timestep.
A new sampler is a file beside these and a line in ``registry.py``; docs/adding-a-sampler.md makes one.
"""

from .choice import checked, choose, few_step, is_flow, pick_sampler
from .lcm import LCM
from .path import GaussianPath
from .registry import SAMPLERS, sampler_class
from .sampler import Sampler

__all__ = [
    "LCM",
    "SAMPLERS",
    "GaussianPath",
    "Sampler",
    "checked",
    "choose",
    "few_step",
    "is_flow",
    "pick_sampler",
    "sampler_class",
]
