"""Small random-weight models in the true folder layout, saved by diffusers itself and read by the real loaders."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    DDIMScheduler,
    DiffusionPipeline,
    EulerAncestralDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    LCMScheduler,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5TokenizerFast,
)

from semanticdraw_widget.crayon.networks import make_tokenizer

WIDTH = 16
SCHEDULE = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "clip_sample": False,
    "set_alpha_to_one": True,
    "steps_offset": 1,
}


def clip_config(tokenizer: CLIPTokenizer, *, width: int = WIDTH, layers: int = 1) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        max_position_embeddings=16,
        projection_dim=width,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def tiny_vae(tiny: bool, channels: int = 4, **config: object) -> AutoencoderTiny | AutoencoderKL:
    if tiny:
        return AutoencoderTiny(
            latent_channels=channels,
            encoder_block_out_channels=(8, 8, 8, 8),
            decoder_block_out_channels=(8, 8, 8, 8),
            num_encoder_blocks=(1, 1, 1, 1),
            num_decoder_blocks=(1, 1, 1, 1),
            **config,
        )
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(8, 8, 8, 8),
        norm_num_groups=4,
        latent_channels=channels,
        layers_per_block=1,
        **config,
    )


def tiny_pipeline(
    folder: Path,
    *,
    prediction: str = "epsilon",
    guidance_embedding: bool = False,
    tiny_decoder: bool = True,
    distilled: bool = True,
    width: int = WIDTH,
) -> StableDiffusionPipeline:
    """A StableDiffusionPipeline of some 100,000 random weights. ``folder`` takes its tokenizer's files. width: of its
    text embeddings, in which Stable Diffusion 1 and 2 differ."""
    torch.manual_seed(0)
    tokenizer = make_tokenizer(folder / "made-tokenizer")
    text = CLIPTextModel(clip_config(tokenizer, width=width))
    unet = UNet2DConditionModel(
        sample_size=32,
        in_channels=4,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(16, 32),
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=width,
        attention_head_dim=2,
        norm_num_groups=8,
        time_cond_proj_dim=16 if guidance_embedding else None,
    )
    schedule = {**SCHEDULE, "prediction_type": prediction}
    return StableDiffusionPipeline(
        vae=tiny_vae(tiny_decoder),
        text_encoder=text,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=LCMScheduler(**schedule) if distilled else DDIMScheduler(**schedule),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def tiny_xl_pipeline(
    folder: Path,
    *,
    guidance_embedding: bool = False,
    tiny_decoder: bool = True,
    schedule: str = "lcm",
    **vae: object,
) -> StableDiffusionXLPipeline:
    """A StableDiffusionXLPipeline of as few. schedule: "lcm", "ddim" (many steps) or "turbo"; vae: of its config."""
    torch.manual_seed(0)
    tokenizer = make_tokenizer(folder / "made-tokenizer")
    sizes = 8  # the width of the embedding of each of the six time ids
    unet = UNet2DConditionModel(
        sample_size=32,
        in_channels=4,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(16, 32),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2),
        use_linear_projection=True,
        cross_attention_dim=WIDTH + 2 * WIDTH,
        attention_head_dim=(2, 4),
        norm_num_groups=8,
        addition_embed_type="text_time",
        addition_time_embed_dim=sizes,
        projection_class_embeddings_input_dim=6 * sizes + 2 * WIDTH,
        time_cond_proj_dim=16 if guidance_embedding else None,
    )
    if schedule == "turbo":
        scheduler = EulerAncestralDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", timestep_spacing="trailing"
        )
    else:
        scheduler = {"lcm": LCMScheduler, "ddim": DDIMScheduler}[schedule](**SCHEDULE)
    return StableDiffusionXLPipeline(
        vae=tiny_vae(tiny_decoder, **vae),
        text_encoder=CLIPTextModel(clip_config(tokenizer, layers=2)),
        text_encoder_2=CLIPTextModelWithProjection(clip_config(tokenizer, width=2 * WIDTH, layers=3)),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        unet=unet,
        scheduler=scheduler,
        add_watermarker=False,
    )


def tiny_t5_tokenizer() -> T5TokenizerFast:
    """A tokenizer of letters."""
    pieces = ["<pad>", "</s>", "<unk>", "▁", *"abcdefghijklmnopqrstuvwxyz"]
    return T5TokenizerFast(vocab=[(piece, -float(i)) for i, piece in enumerate(pieces)])


def tiny_t5(tokenizer: T5TokenizerFast, width: int) -> T5EncoderModel:
    return T5EncoderModel(
        T5Config(vocab_size=len(tokenizer), d_model=width, d_kv=8, d_ff=width, num_layers=1, num_heads=2)
    )


def tiny_3_pipeline(
    folder: Path, *, t5: bool = True, tiny_decoder: bool = True, newer: bool = False, **vae: object
) -> StableDiffusion3Pipeline:
    """A StableDiffusion3Pipeline of as few. newer: with what Stable Diffusion 3.5 added to its layers."""
    torch.manual_seed(0)
    tokenizer = make_tokenizer(folder / "made-tokenizer")
    tokenizer_3 = tiny_t5_tokenizer() if t5 else None
    width = 4 * WIDTH
    transformer = SD3Transformer2DModel(
        sample_size=8,
        patch_size=2,
        in_channels=16,
        out_channels=16,
        num_layers=3,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=width,
        caption_projection_dim=16,
        pooled_projection_dim=3 * WIDTH,
        pos_embed_max_size=32,
        dual_attention_layers=(0, 1) if newer else (),
        qk_norm="rms_norm" if newer else None,
    )
    reader = None if tokenizer_3 is None else tiny_t5(tokenizer_3, width)
    return StableDiffusion3Pipeline(
        transformer=transformer,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=tiny_vae(tiny_decoder, 16, **vae),
        text_encoder=CLIPTextModelWithProjection(clip_config(tokenizer, layers=2)),
        tokenizer=tokenizer,
        text_encoder_2=CLIPTextModelWithProjection(clip_config(tokenizer, width=2 * WIDTH, layers=3)),
        tokenizer_2=tokenizer,
        text_encoder_3=reader,
        tokenizer_3=tokenizer_3,
    )


def tiny_flux_pipeline(folder: Path, *, guidance_embedding: bool = False, tiny_decoder: bool = True) -> FluxPipeline:
    """A FluxPipeline of as few. guidance_embedding: as in FLUX.1 dev; schnell has none."""
    torch.manual_seed(0)
    tokenizer, tokenizer_2 = make_tokenizer(folder / "made-tokenizer"), tiny_t5_tokenizer()
    transformer = FluxTransformer2DModel(
        in_channels=4 * 16,
        num_layers=2,
        num_single_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=2 * WIDTH,
        pooled_projection_dim=WIDTH,
        guidance_embeds=guidance_embedding,
        axes_dims_rope=(4, 6, 6),
    )
    return FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=tiny_vae(tiny_decoder, 16),
        text_encoder=CLIPTextModel(clip_config(tokenizer)),
        tokenizer=tokenizer,
        text_encoder_2=tiny_t5(tokenizer_2, 2 * WIDTH),
        tokenizer_2=tokenizer_2,
        transformer=transformer,
    )


def saved(pipeline: DiffusionPipeline, folder: Path) -> Path:
    """``pipeline`` saved in ``folder``/model."""
    pipeline.save_pretrained(folder / "model")
    return folder / "model"


def tiny_folder(folder: Path, **options: object) -> Path:
    """A tiny Stable Diffusion, saved."""
    return saved(tiny_pipeline(folder, **options), folder)  # type: ignore[arg-type]


def tiny_xl_folder(folder: Path, **options: object) -> Path:
    """A tiny Stable Diffusion XL, saved."""
    return saved(tiny_xl_pipeline(folder, **options), folder)  # type: ignore[arg-type]


def tiny_flux_folder(folder: Path, **options: object) -> Path:
    """A tiny FLUX.1, saved."""
    return saved(tiny_flux_pipeline(folder, **options), folder)  # type: ignore[arg-type]


def tiny_3_folder(folder: Path, **options: object) -> Path:
    """A tiny Stable Diffusion 3, saved."""
    return saved(tiny_3_pipeline(folder, **options), folder)  # type: ignore[arg-type]


def in_the_cache(folder: Path, name: str, cache: Path) -> None:
    """``folder`` as the hub's cache keeps the repository ``name``."""
    place = cache / f"models--{name.replace('/', '--')}"
    shutil.copytree(folder, place / "snapshots" / "0123")
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text("0123")
