"""Many prompts in one row of a network that attends jointly to picture and text (MMDiT, Esser et al. 2024).

Here text is no mere source of keys and values: picture and text are one sequence, and both change from layer to layer.
So all prompts of a row stand in the sequence, and a bias on attention keeps them apart. A pixel sees all pixels, and
each prompt as much as its map says: the logarithm of the share, so that the soft maps weigh the prompts' terms of one
softmax. A prompt sees itself and the picture, never another prompt.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional as F

from .fusion import Regions


class JointRegionAttention:
    """An attention processor of diffusers that does as ``plain`` does until there are ``regions``."""

    def __init__(self, plain: Any) -> None:
        self.plain = plain
        self.regions: Regions | None = None

    def __call__(
        self,
        attn: Any,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        **more: Any,
    ) -> Any:
        if self.regions is None or encoder_hidden_states is None:  # SD3.5 has layers in which pixels are by themselves
            return self.plain(attn, hidden_states, encoder_hidden_states, attention_mask, **more)
        pixels, heads = hidden_states.shape[1], attn.heads
        of_picture = split(hidden_states, (attn.to_q, attn.to_k, attn.to_v), (attn.norm_q, attn.norm_k), heads)
        of_text = split(
            encoder_hidden_states,
            (attn.add_q_proj, attn.add_k_proj, attn.add_v_proj),
            (attn.norm_added_q, attn.norm_added_k),
            heads,
        )
        query, key, value = (torch.cat(both, 2) for both in zip(of_picture, of_text))
        bias = joint_bias(self.regions, pixels, encoder_hidden_states.shape[1], query.dtype)
        told = F.scaled_dot_product_attention(query, key, value, attn_mask=bias).transpose(1, 2).flatten(2)
        picture, text = told[:, :pixels], told[:, pixels:]
        picture = attn.to_out[1](attn.to_out[0](picture))
        return picture, text if attn.context_pre_only else attn.to_add_out(text)

    def forget(self) -> int:
        """Nothing is kept: a prompt's keys change with the picture."""
        return 0


def split(
    states: torch.Tensor, layers: tuple[Any, Any, Any], norms: tuple[Any, Any], heads: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Query, key and value of ``states`` (rows, tokens, width), each (rows, heads, tokens, width / heads)."""
    query, key, value = (layer(states).unflatten(-1, (heads, -1)).transpose(1, 2) for layer in layers)
    query, key = (part if norm is None else norm(part) for part, norm in zip((query, key), norms))
    return query, key, value


def joint_bias(regions: Regions, pixels: int, tokens: int, dtype: torch.dtype) -> torch.Tensor:
    """What is added to the attention of a sequence of ``pixels`` and then ``tokens`` of all prompts of a row:
    (rows, 1, pixels + tokens, pixels + tokens). The same in all layers, so it is made once a network call."""
    kept = regions.biases.get((pixels, tokens, dtype))
    if kept is not None:
        return kept
    maps = regions.at(pixels)[:, :, 0, :, 0]
    rows, prompts = maps.shape[:2]
    length = tokens // prompts
    bias = maps.new_zeros(rows, 1, pixels + tokens, pixels + tokens, dtype=dtype)
    bias[:, 0, :pixels, pixels:] = maps.log().transpose(1, 2).repeat_interleave(length, 2)
    owner = torch.arange(prompts, device=maps.device).repeat_interleave(length)
    bias[:, 0, pixels:, pixels:].masked_fill_(owner[:, None] != owner, float("-inf"))
    regions.biases[pixels, tokens, dtype] = bias
    return bias
