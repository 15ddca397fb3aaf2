"""Text encoders and the autoencoder's encoder off the device.

There is one device with numbers here. So the meta device, which has none, stands for the other place: a network that
is there cannot have been used where numbers come out right.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from semanticdraw_widget.engine import Engine, load_engine, offload
from semanticdraw_widget.scene import Region, Scene
from unit.tiny_models import tiny_3_folder, tiny_flux_folder, tiny_folder, tiny_xl_folder

META, CPU = torch.device("meta"), torch.device("cpu")
W, H = 96, 64
LEFT = np.arange(W) < 50
SCENE = Scene((W, H), "sky", [Region("sea", np.broadcast_to(LEFT, (H, W)).copy())], seed=2)
FOLDERS: dict[str, Callable[[Path], Path]] = {
    "sd": lambda folder: tiny_folder(folder, tiny_decoder=False),
    "sdxl": tiny_xl_folder,
    "sd3": lambda folder: tiny_3_folder(
        folder, tiny_decoder=False, latents_mean=[0.1] * 16, latents_std=[0.9] * 16, scaling_factor=1.3
    ),
    "flux": tiny_flux_folder,
}


@pytest.fixture(scope="module", params=FOLDERS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return FOLDERS[request.param](tmp_path_factory.mktemp(request.param))


def load(folder: Path, device: str = "cpu", **options: Any) -> Engine:
    return load_engine(folder, device=device, lora=None, decoder=None, **options)


def readers(engine: Engine) -> list[nn.Module]:
    """The text encoders."""
    values = [vars(engine._family).get(name) for name in ("text_encoder", "text_encoders", "clip", "t5")]
    flat = [one for value in values for one in (value if isinstance(value, tuple) else (value,))]
    return [one for one in flat if one is not None]


def network(engine: Engine) -> nn.Module:
    family: Any = engine._family
    return family.unet if hasattr(family, "unet") else family.transformer


def devices(*modules: nn.Module) -> set[torch.device]:
    return {p.device for module in modules for p in module.parameters()}


def text_of(engine: Engine, prompt: str) -> tuple[torch.Tensor, ...]:
    with torch.inference_mode():
        return engine._family.encode_text([prompt]).parts


def test_text_encoders_run_on_the_host(folder: Path) -> None:
    engine = load(folder, "meta", offload="text")
    assert devices(*readers(engine)) == {CPU}
    assert devices(network(engine), engine._family.vae) == {META}
    away, here = text_of(engine, "a red house"), text_of(load(folder), "a red house")
    assert [(part.device, part.shape, part.dtype) for part in away] == [(META, part.shape, part.dtype) for part in here]


def test_what_they_answer_is_the_same(folder: Path) -> None:
    latents = []
    for choice in ("none", "text", "auto"):
        *_, frame = load(folder, offload=choice).denoise(SCENE, steps=2)
        latents.append(frame.x0)
    assert torch.equal(latents[0], latents[1])
    assert torch.equal(latents[0], latents[2])


def test_a_family_can_do_without_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = load(folder)
    family: Any = engine._family
    assert not family.offload(), "on the host they are there already"
    *_, expected = engine.denoise(SCENE, steps=2, mode="exact")
    monkeypatch.setattr(offload, "HOST", META)
    assert family.offload()
    assert devices(*readers(engine), family.vae.encoder) == {META}
    assert devices(network(engine), family.vae.decoder) == {CPU}
    *_, frame = engine.denoise(SCENE, steps=2, mode="masked")  # its prompts and the white paper are kept
    *_, frame = engine.denoise(SCENE, steps=2, mode="exact")
    assert torch.equal(frame.x0, expected.x0)
    np.testing.assert_array_equal(frame.rgb(), expected.rgb())
    assert not family.offload()


def test_what_is_encoded_on_the_host_reaches_the_decoders_device(folder: Path) -> None:
    engine = load(folder, "meta")
    family: Any = engine._family
    for part in (family.vae.encoder, family.vae.quant_conv if hasattr(family.vae, "quant_conv") else None):
        if part is not None:
            part.to_empty(device=CPU)
    with torch.inference_mode():
        latent = family.encode_image(np.zeros((H, W, 3), np.uint8))
    assert (latent.device, latent.dtype) == (META, torch.float32)


def test_where_no_row_fits_they_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = load(tiny_folder(tmp_path))
    family: Any = engine._family
    *_, expected = engine.denoise(SCENE, steps=2)
    monkeypatch.setattr(offload, "HOST", META)

    def check(*_: object) -> None:
        if devices(family.text_encoder) != {META}:
            raise torch.OutOfMemoryError("CUDA out of memory")

    hook = family.unet.register_forward_pre_hook(check)
    *_, frame = engine.denoise(SCENE, steps=2)
    hook.remove()
    assert devices(family.text_encoder) == {META}
    torch.testing.assert_close(frame.x0, expected.x0, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("share", [0.5, 0.7])
def test_auto_counts_weights_against_free_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    folder = tiny_folder(tmp_path)
    family: Any = load(folder)._family
    parts = (family.unet, family.vae, family.text_encoder)
    weights = sum(4 * p.numel() for part in parts for p in part.parameters())
    monkeypatch.setattr(offload, "free_memory", lambda device: int(weights / share))
    engine = load(folder, "meta")
    too_large = share > 0.6
    assert devices(engine._family.text_encoder) == {CPU if too_large else META}
    told = engine.notices(SCENE)["background"] if too_large else []
    assert all("text encoders run on the CPU" in note["message"] for note in told)
    assert len(told) == too_large
    assert devices(load(folder, "meta", offload="none")._family.text_encoder) == {META}


def test_an_unknown_choice_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="offload is 'disk', it must be one of none, text, auto"):
        load(tmp_path, offload="disk")
