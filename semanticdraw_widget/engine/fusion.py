"""Many prompts in one network row: each pixel's cross-attention is bound to the prompts of its regions.

A pass per region spends a whole network on every prompt. But a prompt enters the network through cross-attention
alone, so one pass can serve all of them: the query is shared, each prompt has its keys and values, and a pixel takes
the answers of its own regions, blended by their soft weights after attention. A further region then costs its share
of cross-attention instead of a pass. (Region-masked attention, as in regional prompting; the paper passes per region.)
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import signature
from typing import Any, Protocol

import torch
from torch.nn import functional as F

from .nag import Against
from .recent import Recent

KEPT, ROOM = 512, 8 << 20  # prompts whose keys and values are kept, a cross-attention layer, and their bytes

Projected = tuple[torch.Tensor, torch.Tensor]
Layer = tuple[torch.Tensor, torch.Tensor, torch.Tensor]  # keys and values of the prompts, and their maps


@dataclass
class Regions:
    """What the cross-attention layers of one network call need to know.

    maps: float (rows, prompts, h, w) at the latent's size, summing to 1 over the prompts. keys: what tells the prompts
    (rows * prompts of them) apart, so that their keys and values can be kept; None keeps nothing. against: negative
    prompts that the attention itself leads away from (nag.py).
    """

    maps: torch.Tensor
    keys: tuple[Hashable, ...] | None = None
    against: Against | None = None
    _sizes: dict[int, torch.Tensor] = field(default_factory=dict)
    biases: dict[Hashable, torch.Tensor] = field(default_factory=dict)  # what joint.py makes of the maps

    def factors(self, tokens: int) -> list[int]:
        """How many of the latent's cells a pixel of a layer of ``tokens`` pixels may be wide: one number, but on a
        latent of a few cells."""
        h, w = self.maps.shape[-2:]
        factors = [f for f in (1, 2, 4, 8, 16, 32) if -(-h // f) * -(-w // f) == tokens]
        if not factors:
            raise ValueError(f"a cross-attention layer of {tokens} pixels does not fit a latent of {h} x {w}")
        return factors

    def at(self, tokens: int) -> torch.Tensor:
        """The maps for a layer of ``tokens`` pixels: (rows, prompts, 1, tokens, 1)."""
        return self.shrunk(self.factors(tokens)[0])

    def shrunk(self, factor: int) -> torch.Tensor:
        """The maps for a layer whose pixels are ``factor`` cells wide: (rows, prompts, 1, pixels, 1)."""
        if factor not in self._sizes:
            small = self.maps
            if factor > 1:
                small = F.avg_pool2d(self.maps, factor, ceil_mode=True, count_include_pad=False)
            self._sizes[factor] = small.flatten(2)[:, :, None, :, None]
        return self._sizes[factor]

    def mean(self, part: torch.Tensor) -> torch.Tensor:
        """Each row's mean over its prompts of ``part`` (rows * prompts, width), by the area of their maps: for what
        a network takes once a row, as a pooled embedding."""
        share = self.maps.mean((2, 3))
        return (part.unflatten(0, share.shape) * share[..., None].to(part.dtype)).sum(1)

    def part(self, start: int, stop: int) -> Regions:
        """Those of the rows ``start`` to ``stop``, excluded."""
        if (start, stop) == (0, len(self.maps)):
            return self
        first, last = start * self.maps.shape[1], stop * self.maps.shape[1]
        keys = None if self.keys is None else self.keys[first:last]
        against = None if self.against is None else self.against.part(first, last)
        return Regions(self.maps[start:stop], keys, against)


class RegionAttention:
    """An attention processor of diffusers that does as ``plain`` does until there are ``regions``.

    given: instead of them, all that the layer needs. factor: how many cells its pixels are wide; 0 as long as only
    latents were seen that leave it open, None for a layer that has not met any regions: it asks no text.
    """

    def __init__(self, plain: Any, factor: int | None = None) -> None:
        self.plain, self.factor = plain, factor
        self.regions: Regions | None = None
        self.given: Layer | None = None
        self._kept: Recent[Projected] = Recent(KEPT, ROOM)
        self._last: tuple[tuple[Hashable, ...] | None, Projected] | None = None  # of the last call, heads apart

    def __call__(
        self,
        attn: Any,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        temb: torch.Tensor | None = None,
        **more: Any,
    ) -> torch.Tensor:
        if encoder_hidden_states is None or (self.regions is None and self.given is None):
            result: torch.Tensor = self.plain(attn, hidden_states, encoder_hidden_states, attention_mask, temb, **more)
            return result
        query = heads_of(attn, attn.to_q(hidden_states))
        if attn.norm_q is not None:
            query = attn.norm_q(query)
        if self.given is not None:
            blended = together(query, *self.given, attn.scale)
        else:
            assert self.regions is not None
            factor, *others = self.regions.factors(hidden_states.shape[1])
            self.factor = (self.factor or 0) if others else factor
            blended = self.blended(attn, query, encoder_hidden_states, factor)
        out = attn.to_out[0](blended.transpose(1, 2).flatten(2))
        out = attn.to_out[1](out)
        if attn.residual_connection:
            out = out + hidden_states
        rescaled: torch.Tensor = out / attn.rescale_output_factor
        return rescaled

    def blended(self, attn: Any, query: torch.Tensor, text: torch.Tensor, factor: int) -> torch.Tensor:
        """What the prompts of ``text`` answer to ``query`` (rows, heads, pixels, width), blended: of its shape."""
        assert self.regions is not None
        against, rows = self.regions.against, len(query)
        key, value, maps = self.layer(attn, text, self.regions, factor)
        prompts = maps.shape[1]
        if against is None and (key.shape[2] <= key.shape[3] or query.device.type == "cpu"):
            return together(query, key, value, maps, attn.scale)
        query = query.repeat_interleave(prompts, 0) if prompts > 1 else query
        if against is not None:
            query = torch.cat([query, query[against.index]])
        told = F.scaled_dot_product_attention(query, key, value, scale=attn.scale)
        if against is not None:
            told = against.led_away(told)
        return (told.unflatten(0, (rows, prompts)) * maps).sum(1)

    def layer(self, attn: Any, text: torch.Tensor, regions: Regions, factor: int) -> Layer:
        """All that ``attn`` needs to know of ``regions``, whose prompts are ``text`` (rows, prompts * tokens, width);
        the keys and values of what the attention is led away from follow those of the prompts."""
        maps = regions.shrunk(factor).to(text.dtype)
        keys, against = regions.keys, regions.against
        if keys is not None and against is not None:
            keys = (*keys, *against.keys)
        if keys is None or self._last is None or self._last[0] != keys:
            text = text.reshape(maps.shape[0] * maps.shape[1], -1, text.shape[-1])
            if attn.norm_cross:
                text = attn.norm_encoder_hidden_states(text)
            if against is not None:
                text = torch.cat([text, against.tokens.to(text.dtype)])
            key, value = (heads_of(attn, part) for part in self.projected(attn, text, keys))
            self._last = keys, (key if attn.norm_k is None else attn.norm_k(key), value)
        return *self._last[1], maps

    def projected(self, attn: Any, text: torch.Tensor, keys: tuple[Hashable, ...] | None) -> Projected:
        """Keys and values of ``text`` (prompts, tokens, width); those of known prompts are not computed again."""
        if keys is None:
            return attn.to_k(text), attn.to_v(text)
        found = {key: self._kept[key] for key in keys if key in self._kept}
        new = [i for i, key in enumerate(keys) if key not in found and key not in keys[:i]]
        if new:
            unknown = torch.stack([text[i] for i in new])
            for i, k, v in zip(new, attn.to_k(unknown), attn.to_v(unknown)):
                # Copies, as a part of a larger tensor would keep all of it.
                found[keys[i]] = self._kept[keys[i]] = k.clone(), v.clone()
        keys_of, values = (torch.stack(parts) for parts in zip(*(found[key] for key in keys)))
        return keys_of, values

    def forget(self) -> int:
        """Drop all kept keys and values; how many bytes that was."""
        freed = self._kept.nbytes
        self._kept.clear()
        self._last = None
        return freed


def heads_of(attn: Any, states: torch.Tensor) -> torch.Tensor:
    """``states`` (n, tokens, heads * width) as (n, heads, tokens, width)."""
    return states.unflatten(-1, (attn.heads, -1)).transpose(1, 2)


def together(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, maps: torch.Tensor, scale: float
) -> torch.Tensor:
    """The blend of each prompt's attention, in two products for all prompts: their scores side by side, a softmax for
    each prompt, times its share. On a CPU, whose attention kernel spends itself on prompts of a few tokens, this takes
    a half to a third of the time; on a GPU long prompts' scores would need more memory than their answers do.

    query: (rows, heads, pixels, width). key, value: (rows * prompts, heads, tokens, width). maps: (rows, prompts, 1,
    pixels, 1).
    """
    prompts = maps.shape[1]
    key, value = (part.unflatten(0, (-1, prompts)).transpose(1, 2).flatten(2, 3) for part in (key, value))
    scores = (query * scale) @ key.transpose(-1, -2)
    shares = scores.unflatten(-1, (prompts, -1)).softmax(-1) * maps.permute(0, 2, 3, 1, 4)
    return shares.flatten(-2) @ value


class Processor(Protocol):
    """An attention processor that knows ``regions`` and may keep what it made of their prompts."""

    regions: Regions | None

    def forget(self) -> int: ...


class Signed:
    """A processor's ``__call__`` that knows its own signature. diffusers asks for it in every layer of every call, and
    working it out takes several percent of a small picture's time."""

    def __init__(self, processor: Any) -> None:
        self.processor, self.__signature__ = processor, signature(processor.__call__)

    def __call__(self, *args: Any, **more: Any) -> Any:
        return self.processor(*args, **more)


class Fusion:
    """The region-aware attention of one network. Installed when it is made; without regions all is as it was.

    bound: makes a layer's processor from its plain one.
    """

    def __init__(self, network: Any, bound: Callable[[Any], Processor] = RegionAttention) -> None:
        self.processors = {name: bound(plain) for name, plain in network.attn_processors.items()}
        for processor in self.processors.values():
            vars(processor)["__call__"] = Signed(processor)  # what diffusers looks at; calls go to the class's
        network.set_attn_processor(dict(self.processors))
        self._bound = [
            (network.get_submodule(name.removesuffix(".processor")), processor)
            for name, processor in self.processors.items()
            if isinstance(processor, RegionAttention)
        ]

    @contextmanager
    def regions(self, regions: Regions) -> Iterator[None]:
        """Inside, the network takes ``prompts`` prompts a row, as (rows, prompts * tokens, width)."""
        for processor in self.processors.values():
            processor.regions = regions
        try:
            yield
        finally:
            for processor in self.processors.values():
                processor.regions = None

    def layers(self, regions: Regions, text: torch.Tensor) -> tuple[Layer, ...]:
        """What each layer that asks text needs to know of ``regions``, once they are ``known``."""
        return tuple(processor.layer(attn, text, regions, processor.factor or 0) for attn, processor in self.asking())

    @property
    def known(self) -> bool:
        """Whether bound calls have shown which layers ask text, and how wide their pixels are."""
        asking = self.asking()
        return bool(asking) and all(processor.factor for _, processor in asking)

    @contextmanager
    def given(self, layers: Sequence[Layer]) -> Iterator[None]:
        """Inside, the layers that ask text have all that they need from ``layers``."""
        asking = self.asking()
        for (_, processor), layer in zip(asking, layers, strict=True):
            processor.given = layer
        try:
            yield
        finally:
            for _, processor in asking:
                processor.given = None

    def asking(self) -> list[tuple[Any, RegionAttention]]:
        """The layers that ask text, each with its processor."""
        return [(attn, processor) for attn, processor in self._bound if processor.factor is not None]

    def on(self, twin: Any) -> Fusion:
        """The same on a copy of the network, with nothing kept."""
        plain = [p for p in self.processors.values() if isinstance(p, RegionAttention)]
        twin.set_attn_processor({name: p.plain for name, p in zip(self.processors, plain, strict=True)})
        factors = iter([p.factor for p in plain])
        return Fusion(twin, lambda bare: RegionAttention(bare, next(factors)))

    def forget(self) -> int:
        """Drop all kept keys and values; how many bytes that was."""
        return sum(processor.forget() for processor in self.processors.values())


def padded_maps(maps: Sequence[torch.Tensor]) -> torch.Tensor:
    """Maps (prompts, h, w), a row each, to (rows, most prompts, h, w); prompts that a row lacks have no weight."""
    most = max(len(m) for m in maps)
    return torch.stack([F.pad(m, (0, 0, 0, 0, 0, most - len(m))) for m in maps])
