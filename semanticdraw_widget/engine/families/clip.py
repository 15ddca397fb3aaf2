"""CLIP text encoders, of which Stable Diffusion has one, SDXL and SD3 two."""

from __future__ import annotations

from typing import Any

import torch


def tokens(tokenizer: Any, prompts: list[str], length: int | None = None) -> Any:
    """The tokenizer's batch of ``prompts``, all ``length`` tokens long (its own limit by default)."""
    return tokenizer(
        prompts,
        padding="max_length",
        max_length=length or tokenizer.model_max_length,
        truncation=True,
        return_tensors="pt",
    )


def penultimate(encoder: Any, tokenizer: Any, prompts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """The last layer but one, (n, tokens, width), which newer models read, and the encoder's own first output: (n,
    width), a pooled embedding, where it has a projection."""
    answer = encoder(tokens(tokenizer, prompts).input_ids.to(encoder.device), output_hidden_states=True)
    return answer.hidden_states[-2], answer[0]
