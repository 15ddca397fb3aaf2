"""From a decoder's answer to bytes, and whether there is a picture in it at all, in one copy from the device."""

from __future__ import annotations

import numpy as np
import torch

from .errors import BrokenLatents

LATENT, PICTURE = "the latent", "the decoder's picture"  # what can be broken


def pixels(picture: torch.Tensor, latent: torch.Tensor) -> np.ndarray:
    """A picture as decoders answer, float (3, H, W) in -1..1, as uint8 (H, W, 3). Raises BrokenLatents for a picture
    that holds numbers that are not finite, and for a ``latent`` that does: a decoder that bounds its input can make
    something of infinity.

    On CUDA the bytes go to page-locked memory, and the host waits for that copy alone.
    """
    height, width = picture.shape[-2:]
    sound = torch.stack([torch.isfinite(latent).all(), torch.isfinite(picture).all()]).to(torch.uint8)
    rgb = picture.float().mul(127.5).add(127.5).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0)
    found = on_host(torch.cat([rgb.flatten(), sound]))
    for one, what in zip(found[-2:], (LATENT, PICTURE)):
        if not one:
            raise BrokenLatents(what)
    return found[:-2].reshape(height, width, 3)


def on_host(data: torch.Tensor) -> np.ndarray:
    """A copy of ``data`` on the host. Page-locked memory is scarce, so it is given back at once."""
    if data.device.type != "cuda":
        result: np.ndarray = data.cpu().numpy()
        return result
    locked = data.to("cpu", non_blocking=True)  # PyTorch locks the pages for such a copy
    copied = torch.cuda.Event()
    copied.record(torch.cuda.current_stream(data.device))
    copied.synchronize()
    return np.array(locked.numpy())
