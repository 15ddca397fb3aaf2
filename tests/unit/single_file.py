"""A pipeline's weights in one .safetensors file under the names of the original Stable Diffusion release, the layout
that model sites hand out. Written from that release's module names; read by diffusers' own converter."""

from __future__ import annotations

import re
from pathlib import Path

import torch
from diffusers import DiffusionPipeline, StableDiffusion3Pipeline, StableDiffusionPipeline, StableDiffusionXLPipeline
from safetensors.torch import save_file

Weights = dict[str, torch.Tensor]
UNET_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
UNET_ENDS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "mid_block.resnets.0": "middle_block.0",
    "mid_block.attentions.0": "middle_block.1",
    "mid_block.resnets.1": "middle_block.2",
}
OPEN_CLIP = {
    "embeddings.position_embedding.weight": "positional_embedding",
    "embeddings.token_embedding.": "token_embedding.",
    "encoder.layers.": "transformer.resblocks.",
    "final_layer_norm.": "ln_final.",
    "layer_norm": "ln_",
    "self_attn.": "attn.",
    "mlp.fc1.": "mlp.c_fc.",
    "mlp.fc2.": "mlp.c_proj.",
}
MMDIT_ENDS = {
    "pos_embed.pos_embed": "pos_embed",
    "pos_embed.proj": "x_embedder.proj",
    "time_text_embed.timestep_embedder.linear_1": "t_embedder.mlp.0",
    "time_text_embed.timestep_embedder.linear_2": "t_embedder.mlp.2",
    "time_text_embed.text_embedder.linear_1": "y_embedder.mlp.0",
    "time_text_embed.text_embedder.linear_2": "y_embedder.mlp.2",
    "proj_out": "final_layer.linear",
    "norm_out.linear": "final_layer.adaLN_modulation.1",
}
MMDIT_BLOCK = {
    "attn.to_out.0": "x_block.attn.proj",
    "attn.to_add_out": "context_block.attn.proj",
    "attn.norm_q": "x_block.attn.ln_q",
    "attn.norm_k": "x_block.attn.ln_k",
    "attn.norm_added_q": "context_block.attn.ln_q",
    "attn.norm_added_k": "context_block.attn.ln_k",
    "attn2.to_out.0": "x_block.attn2.proj",
    "attn2.norm_q": "x_block.attn2.ln_q",
    "attn2.norm_k": "x_block.attn2.ln_k",
    "norm1.linear": "x_block.adaLN_modulation.1",
    "norm1_context.linear": "context_block.adaLN_modulation.1",
    "ff.net.0.proj": "x_block.mlp.fc1",
    "ff.net.2": "x_block.mlp.fc2",
    "ff_context.net.0.proj": "context_block.mlp.fc1",
    "ff_context.net.2": "context_block.mlp.fc2",
}
# Which matrices the release stacks, in this order.
MMDIT_STACKS = {
    "x_block.attn.qkv": ("attn.to_q", "attn.to_k", "attn.to_v"),
    "context_block.attn.qkv": ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"),
    "x_block.attn2.qkv": ("attn2.to_q", "attn2.to_k", "attn2.to_v"),
}
VAE_MIDDLE = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def starting(name: str, names: dict[str, str]) -> str:
    """``name`` with the module at its start renamed."""
    for old, new in names.items():
        if name.startswith(old + "."):
            return new + name[len(old) :]
    return name


def unet_name(name: str, layers: int) -> str:
    """diffusers' name of a UNet weight to the release's; ``layers`` is the UNet's layers_per_block."""
    for way, per_level, blocks in (("down", layers + 1, "input_blocks"), ("up", layers + 1, "output_blocks")):
        found = re.match(rf"{way}_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.*)", name)
        if found:
            level, kind, layer, rest = int(found[1]), found[2], int(found[3]), found[4]
            index = level * per_level + layer + (1 if way == "down" else 0)
            if kind == "resnets":
                return f"{blocks}.{index}.0.{starting(rest, UNET_RESNET)}"
            if kind == "attentions":
                return f"{blocks}.{index}.1.{rest}"
            if kind == "downsamplers":
                return f"input_blocks.{(level + 1) * per_level}.0.{rest.replace('conv', 'op')}"
            return f"output_blocks.{level * per_level + layers}.UP.{rest}"
    name = starting(name, UNET_ENDS)
    head, _, rest = name.partition(".")
    if head == "middle_block" and rest[0] in "02":
        return f"middle_block.{rest[0]}.{starting(rest[2:], UNET_RESNET)}"
    return name


def vae_name(name: str, levels: int) -> str:
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    if "mid_block.attentions.0." in name:
        head, rest = name.split("mid_block.attentions.0.")
        return f"{head}mid.attn_1.{starting(rest, VAE_MIDDLE)}"
    name = re.sub(r"down_blocks\.(\d)\.resnets\.", r"down.\1.block.", name)
    name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0\.", r"down.\1.downsample.", name)
    name = re.sub(r"up_blocks\.(\d)\.resnets\.", lambda m: f"up.{levels - 1 - int(m[1])}.block.", name)
    return re.sub(r"up_blocks\.(\d)\.upsamplers\.0\.", lambda m: f"up.{levels - 1 - int(m[1])}.upsample.", name)


def mmdit(transformer: torch.nn.Module) -> Weights:
    """SD3's transformer by its release's names. In the layers that only shift and scale, the release has the shift
    first, and diffusers the scale."""
    weights: Weights = {}
    state = transformer.state_dict()
    last = f"transformer_blocks.{transformer.config.num_layers - 1}.norm1_context.linear."
    for name, value in state.items():
        if name.startswith(("norm_out.linear.", last)):
            value = torch.cat(value.chunk(2)[::-1])
        found = re.match(r"transformer_blocks\.(\d+)\.(.*)\.(weight|bias)$", name)
        if not found:
            weights[MMDIT_ENDS.get(name) or starting(name, MMDIT_ENDS)] = value
            continue
        block, layer, end = found.groups()
        stack = next((new for new, parts in MMDIT_STACKS.items() if layer in parts), None)
        if stack is None:
            weights[f"joint_blocks.{block}.{MMDIT_BLOCK[layer]}.{end}"] = value
        elif layer == MMDIT_STACKS[stack][0]:
            parts = [state[f"transformer_blocks.{block}.{part}.{end}"] for part in MMDIT_STACKS[stack]]
            weights[f"joint_blocks.{block}.{stack}.{end}"] = torch.cat(parts)
    return {f"model.diffusion_model.{name}": value for name, value in weights.items()}


def image_networks(pipeline: DiffusionPipeline) -> Weights:
    """The UNet's and the VAE's weights by the release's names, which SDXL kept."""
    weights: Weights = {}
    unet = {unet_name(k, pipeline.unet.config.layers_per_block): v for k, v in pipeline.unet.state_dict().items()}
    for name, value in unet.items():
        if ".UP." in name:  # after the resnet, and after the attention where the block has one
            block = name.split(".UP.")[0]
            name = name.replace("UP", "2" if any(n.startswith(f"{block}.1.") for n in unet) else "1")
        weights[f"model.diffusion_model.{name}"] = value
    return {**weights, **autoencoder(pipeline.vae)}


def autoencoder(vae: torch.nn.Module) -> Weights:
    weights: Weights = {}
    levels = len(vae.config.block_out_channels)
    for name, value in vae.state_dict().items():
        new = vae_name(name, levels)
        linear = ".attn_1." in new and new.endswith("weight") and value.ndim == 2
        weights[f"first_stage_model.{new}"] = value[..., None, None] if linear else value
    return weights


def clip_text(encoder: torch.nn.Module) -> Weights:
    """Every weight under text_model., whatever the installed transformers calls it."""
    return {
        name if name.startswith(("text_model.", "text_projection.")) else f"text_model.{name}": value
        for name, value in encoder.state_dict().items()
    }


def open_clip(weights: Weights) -> Weights:
    """CLIP weights by OpenCLIP's names: query, key and value in one matrix, the projection transposed."""
    renamed: Weights = {}
    for name, value in weights.items():
        if name == "text_projection.weight":
            renamed["text_projection"] = value.T
            continue
        name = name.removeprefix("text_model.")
        for old, new in OPEN_CLIP.items():
            name = name.replace(old, new)
        joint = re.sub(r"\.[qkv]_proj\.", ".in_proj_", name)
        renamed[joint] = torch.cat([renamed[joint], value]) if joint in renamed else value
    return renamed


def save_single_file(pipeline: StableDiffusionPipeline, path: Path) -> None:
    text = {f"cond_stage_model.transformer.{name}": value for name, value in clip_text(pipeline.text_encoder).items()}
    write({**image_networks(pipeline), **text}, path)


def save_xl_single_file(pipeline: StableDiffusionXLPipeline, path: Path, *, texts: int = 2) -> None:
    """texts: how many of the two text encoders go into the file."""
    weights = image_networks(pipeline)
    if texts > 0:
        first = clip_text(pipeline.text_encoder)
        weights |= {f"conditioner.embedders.0.transformer.{name}": value for name, value in first.items()}
    if texts > 1:
        # The release stacks query, key and value in this order.
        second = clip_text(pipeline.text_encoder_2)
        order = sorted(second, key=lambda name: next((i for i, p in enumerate("qkv") if f".{p}_proj." in name), -1))
        second = open_clip({name: second[name] for name in order})
        weights |= {f"conditioner.embedders.1.model.{name}": value for name, value in second.items()}
    write(weights, path)


def save_3_single_file(pipeline: StableDiffusion3Pipeline, path: Path) -> None:
    """Its first text encoder must have an identity for its projection, which the release leaves out."""
    weights = {**mmdit(pipeline.transformer), **autoencoder(pipeline.vae)}
    texts = {"clip_l": clip_text(pipeline.text_encoder), "clip_g": clip_text(pipeline.text_encoder_2)}
    if pipeline.text_encoder_3 is not None:
        texts["t5xxl"] = pipeline.text_encoder_3.state_dict()
    for name, text in texts.items():
        weights |= {f"text_encoders.{name}.transformer.{key}": value for key, value in text.items()}
    weights.pop("text_encoders.clip_l.transformer.text_projection.weight")
    write(weights, path)


def write(weights: Weights, path: Path) -> None:
    save_file({name: value.clone().contiguous() for name, value in weights.items()}, path)
