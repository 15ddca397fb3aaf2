"""The networks of public models, in the sizes that their published configuration files give. No weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from ..engine.quiet import quiet

with quiet():
    from diffusers import (
        AutoencoderTiny,
        EulerDiscreteScheduler,
        FlowMatchEulerDiscreteScheduler,
        FluxTransformer2DModel,
        LCMScheduler,
        SD3Transformer2DModel,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, T5Config, T5EncoderModel

SHRINKS = (1, 2, 4, 8)  # what every width divides by


@dataclass(frozen=True)
class Part:
    """One network. make: builds it from its configuration. config: the published one. widths, depths: which values of
    it are channels, and which are counts of layers."""

    make: Callable[..., nn.Module]
    config: Mapping[str, Any]
    widths: tuple[str, ...]
    depths: tuple[str, ...]

    def build(self, shrink: int = 1) -> nn.Module:
        """The network, all widths and depths divided by ``shrink``, a depth of at least 1."""
        config = dict(self.config)
        for name in self.widths:
            config[name] = each(config[name], lambda width: width // shrink)
        for name in self.depths:
            config[name] = each(config[name], lambda depth: max(depth // shrink, 1))
        return self.make(**config)


def each(value: int | tuple[int, ...], change: Callable[[int], int]) -> int | tuple[int, ...]:
    return tuple(map(change, value)) if isinstance(value, tuple) else change(value)


@dataclass(frozen=True)
class Architecture:
    """A model. pipeline: its diffusers class. parts: its networks by the names that the pipeline gives them; what it
    may lack is left out. tokenizers: the pipeline's names for them. scheduler: of its few-step kin."""

    pipeline: str
    parts: Mapping[str, Part]
    tokenizers: tuple[str, ...]
    scheduler: Callable[..., Any]
    schedule: Mapping[str, Any] = field(default_factory=dict)


def text_encoder(with_projection: bool, **config: Any) -> Part:
    """A CLIP text encoder over CLIP's 49408 tokens, of which a prompt has 77."""
    kind = CLIPTextModelWithProjection if with_projection else CLIPTextModel
    # With 2 for the end's id, transformers takes the highest id for the end, in any vocabulary.
    common = {"vocab_size": 49408, "max_position_embeddings": 77, "eos_token_id": 2}
    return Part(
        lambda **sizes: kind(CLIPTextConfig(**sizes)),
        {**common, **config},
        widths=("hidden_size", "intermediate_size", "projection_dim"),
        depths=("num_hidden_layers",),
    )


CLIP_L = {
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "hidden_act": "quick_gelu",
    "projection_dim": 768,
}
CLIP_BIG_G = {
    "hidden_size": 1280,
    "intermediate_size": 5120,
    "num_hidden_layers": 32,
    "num_attention_heads": 20,
    "hidden_act": "gelu",
    "projection_dim": 1280,
}
UNET_WIDTHS = ("block_out_channels", "cross_attention_dim", "norm_num_groups")


def tiny_decoder(channels: int) -> Part:
    """TAESD and its kin, with latents of so many channels."""
    return Part(
        AutoencoderTiny,
        {
            "latent_channels": channels,
            "encoder_block_out_channels": (64, 64, 64, 64),
            "decoder_block_out_channels": (64, 64, 64, 64),
            "num_encoder_blocks": (1, 3, 3, 3),
            "num_decoder_blocks": (3, 3, 3, 1),
        },
        widths=("encoder_block_out_channels", "decoder_block_out_channels"),
        depths=("num_encoder_blocks", "num_decoder_blocks"),
    )


NOISE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}

SD15 = Architecture(
    pipeline="StableDiffusionPipeline",
    parts={
        "unet": Part(
            UNet2DConditionModel,
            {
                "sample_size": 64,
                "in_channels": 4,
                "out_channels": 4,
                "down_block_types": (*("CrossAttnDownBlock2D",) * 3, "DownBlock2D"),
                "up_block_types": ("UpBlock2D", *("CrossAttnUpBlock2D",) * 3),
                "block_out_channels": (320, 640, 1280, 1280),
                "layers_per_block": 2,
                "attention_head_dim": 8,  # diffusers' name for the number of heads
                "cross_attention_dim": 768,
                "norm_num_groups": 32,
            },
            UNET_WIDTHS,
            ("layers_per_block",),
        ),
        "text_encoder": text_encoder(False, **CLIP_L),
        "vae": tiny_decoder(4),
    },
    tokenizers=("tokenizer",),
    scheduler=LCMScheduler,
    schedule={**NOISE, "clip_sample": False, "set_alpha_to_one": False},
)

SDXL = Architecture(
    pipeline="StableDiffusionXLPipeline",
    parts={
        "unet": Part(
            UNet2DConditionModel,
            {
                "sample_size": 128,
                "in_channels": 4,
                "out_channels": 4,
                "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
                "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
                "block_out_channels": (320, 640, 1280),
                "layers_per_block": 2,
                "transformer_layers_per_block": (1, 2, 10),
                "attention_head_dim": (5, 10, 20),
                "cross_attention_dim": 2048,
                "use_linear_projection": True,
                "addition_embed_type": "text_time",
                "addition_time_embed_dim": 256,
                "projection_class_embeddings_input_dim": 2816,
                "norm_num_groups": 32,
            },
            (*UNET_WIDTHS, "addition_time_embed_dim", "projection_class_embeddings_input_dim"),
            ("layers_per_block", "transformer_layers_per_block"),
        ),
        "text_encoder": text_encoder(False, **CLIP_L),
        "text_encoder_2": text_encoder(True, **CLIP_BIG_G),
        "vae": tiny_decoder(4),
    },
    tokenizers=("tokenizer", "tokenizer_2"),
    scheduler=EulerDiscreteScheduler,  # with trailing spacing: SDXL-Lightning's
    schedule={**NOISE, "timestep_spacing": "trailing"},
)

# Without its T5 encoder, which diffusers' pipeline can do without: it runs once a prompt, never in a step, and the
# engine gives the transformer as many tokens either way.
SD3 = Architecture(
    pipeline="StableDiffusion3Pipeline",
    parts={
        "transformer": Part(
            SD3Transformer2DModel,
            {
                "sample_size": 128,
                "patch_size": 2,
                "in_channels": 16,
                "out_channels": 16,
                "num_layers": 24,
                "attention_head_dim": 64,
                "num_attention_heads": 24,
                "joint_attention_dim": 4096,
                "caption_projection_dim": 1536,
                "pooled_projection_dim": 2048,
                "pos_embed_max_size": 192,
            },
            ("attention_head_dim", "joint_attention_dim", "caption_projection_dim", "pooled_projection_dim"),
            ("num_layers",),
        ),
        "text_encoder": text_encoder(True, **CLIP_L),
        "text_encoder_2": text_encoder(True, **CLIP_BIG_G),
        "vae": tiny_decoder(16),
    },
    tokenizers=("tokenizer", "tokenizer_2"),
    scheduler=FlowMatchEulerDiscreteScheduler,
    schedule={"shift": 3.0},
)

# schnell. Its T5 encoder is a part of what has to fit into memory.
FLUX = Architecture(
    pipeline="FluxPipeline",
    parts={
        "transformer": Part(
            FluxTransformer2DModel,
            {
                "patch_size": 1,
                "in_channels": 64,
                "num_layers": 19,
                "num_single_layers": 38,
                "attention_head_dim": 128,  # which its rotary embeddings fix
                "num_attention_heads": 24,
                "joint_attention_dim": 4096,
                "pooled_projection_dim": 768,
                "guidance_embeds": False,
            },
            ("num_attention_heads", "joint_attention_dim", "pooled_projection_dim"),
            ("num_layers", "num_single_layers"),
        ),
        "text_encoder": text_encoder(False, **CLIP_L),
        "text_encoder_2": Part(
            lambda **sizes: T5EncoderModel(T5Config(**sizes)),
            {
                "vocab_size": 32128,
                "d_model": 4096,
                "d_kv": 64,
                "d_ff": 10240,
                "num_layers": 24,
                "num_heads": 64,
                "feed_forward_proj": "gated-gelu",
            },
            ("d_model", "d_ff", "num_heads"),
            ("num_layers",),
        ),
        "vae": tiny_decoder(16),
    },
    tokenizers=("tokenizer", "tokenizer_2"),
    scheduler=FlowMatchEulerDiscreteScheduler,
    schedule={"shift": 1.0},
)

ARCHITECTURES: Mapping[str, Architecture] = {"sd15": SD15, "sdxl": SDXL, "sd3": SD3, "flux": FLUX}
