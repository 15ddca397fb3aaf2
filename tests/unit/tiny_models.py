"""Small random-weight models in the true folder layout, saved by diffusers itself and read by the real loaders."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    DDIMScheduler,
    LCMScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel

from semanticdraw_widget.crayon.networks import make_tokenizer

WIDTH = 16


def tiny_pipeline(
    folder: Path,
    *,
    prediction: str = "epsilon",
    guidance_embedding: bool = False,
    tiny_decoder: bool = True,
    distilled: bool = True,
) -> StableDiffusionPipeline:
    """A StableDiffusionPipeline of some 100,000 random weights. ``folder`` takes its tokenizer's files."""
    torch.manual_seed(0)
    tokenizer = make_tokenizer(folder / "made-tokenizer")
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=2 * WIDTH,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=16,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    unet = UNet2DConditionModel(
        sample_size=8,
        in_channels=4,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(16, 32),
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=2,
        norm_num_groups=8,
        time_cond_proj_dim=16 if guidance_embedding else None,
    )
    vae: AutoencoderTiny | AutoencoderKL
    if tiny_decoder:
        vae = AutoencoderTiny(
            latent_channels=4,
            encoder_block_out_channels=(8, 8, 8, 8),
            decoder_block_out_channels=(8, 8, 8, 8),
            num_encoder_blocks=(1, 1, 1, 1),
            num_decoder_blocks=(1, 1, 1, 1),
        )
    else:
        vae = AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            block_out_channels=(8, 8, 8, 8),
            norm_num_groups=4,
            latent_channels=4,
            layers_per_block=1,
        )
    schedule = {
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "prediction_type": prediction,
        "clip_sample": False,
        "set_alpha_to_one": True,
        "steps_offset": 1,
    }
    scheduler = LCMScheduler(**schedule) if distilled else DDIMScheduler(**schedule)
    return StableDiffusionPipeline(
        vae=vae,
        text_encoder=text,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def tiny_folder(folder: Path, **options: object) -> Path:
    """The same, saved."""
    tiny_pipeline(folder, **options).save_pretrained(folder / "model")  # type: ignore[arg-type]
    return folder / "model"
