"""crayon's networks: the sizes of a Stable Diffusion pipeline, each much smaller.

Everything is a stock diffusers or transformers class, so crayon loads and runs as any SD 1.x folder does: same
noise schedule, same 1/8 latent grid, a CLIP text encoder, a UNet with the LCM guidance embedding.
"""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from diffusers import AutoencoderTiny, LCMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from .vocabulary import words

LATENT_CHANNELS = 8
TOKENS = 16
TEXT_WIDTH = 128
START, END = "<|startoftext|>", "<|endoftext|>"


@lru_cache(maxsize=2)
def byte_pairs(vocabulary: tuple[str, ...]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """A CLIP byte-pair vocabulary in which every word of ``vocabulary`` is a single token.

    Ordinary BPE on the word list itself, run until each word is one piece: by then no merge can break another word.
    """
    pieces = {word: [*word[:-1], word[-1] + "</w>"] for word in vocabulary}
    letters = sorted("abcdefghijklmnopqrstuvwxyz0123456789.,!?'-")
    tokens = letters + [letter + "</w>" for letter in letters]
    merges: list[tuple[str, str]] = []
    while any(len(p) > 1 for p in pieces.values()):
        counts: dict[tuple[str, str], int] = {}
        for word_pieces in pieces.values():
            for pair in pairwise(word_pieces):
                counts[pair] = counts.get(pair, 0) + 1
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        tokens.append(best[0] + best[1])
        for word, old in pieces.items():
            new: list[str] = []
            for piece in old:
                if new and (new[-1], piece) == best:
                    new[-1] += piece
                else:
                    new.append(piece)
            pieces[word] = new
    tokens += [START, END]
    return {token: index for index, token in enumerate(tokens)}, merges


def make_tokenizer(folder: Path) -> CLIPTokenizer:
    """Write crayon's tokenizer files into ``folder`` and load them."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary, merges = byte_pairs(words())
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "CLIPTokenizer",
                "model_max_length": TOKENS,
                "bos_token": START,
                "eos_token": END,
                "unk_token": END,
                "pad_token": END,
            },
            indent=2,
        )
    )
    return CLIPTokenizer.from_pretrained(str(folder))


def make_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=TEXT_WIDTH,
        intermediate_size=2 * TEXT_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=TOKENS,
        projection_dim=TEXT_WIDTH,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModel(config)


def make_unet() -> UNet2DConditionModel:
    """8.9 M parameters. At the finest grid attention sees the text alone: what regions need, and cheap."""
    return UNet2DConditionModel(
        sample_size=32,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        layers_per_block=1,
        block_out_channels=(64, 128, 160),
        down_block_types=("CrossAttnDownBlock2D",) * 3,
        up_block_types=("CrossAttnUpBlock2D",) * 3,
        only_cross_attention=(True, False, False),
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=(2, 4, 5),
        norm_num_groups=16,
        time_cond_proj_dim=64,
    )


def make_codec() -> AutoencoderTiny:
    """AutoencoderTiny with its work at the coarse grids: a decode at 256 pixels is a few rows of the UNet."""
    width = (32, 32, 32, 32)
    return AutoencoderTiny(
        latent_channels=LATENT_CHANNELS,
        encoder_block_out_channels=width,
        decoder_block_out_channels=width,
        num_encoder_blocks=(1, 2, 2, 3),
        num_decoder_blocks=(3, 3, 1, 0),
    )


def make_scheduler() -> LCMScheduler:
    """SD 1.5's schedule, so every number of the paper holds; the prediction is v, which is sound at high noise."""
    return LCMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        original_inference_steps=50,
        clip_sample=False,
        set_alpha_to_one=True,
        steps_offset=1,
    )
