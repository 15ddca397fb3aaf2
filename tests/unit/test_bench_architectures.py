"""Random weights in the true architectures: their published sizes, and engines of shrunk ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import nn

from semanticdraw_widget.bench.__main__ import main
from semanticdraw_widget.bench.architectures import ARCHITECTURES
from semanticdraw_widget.bench.operations import operations
from semanticdraw_widget.bench.random_weights import random_engine
from semanticdraw_widget.bench.scenes import scene_with

META = torch.device("meta")
# As counted in the published weights.
PUBLISHED = {
    ("sd15", "unet"): 859_520_964,
    ("sd15", "text_encoder"): 123_060_480,
    ("sdxl", "unet"): 2_567_463_684,
    ("sdxl", "text_encoder"): 123_060_480,
    ("sdxl", "text_encoder_2"): 694_659_840,
    ("sd3", "text_encoder"): 123_650_304,
    ("sd3", "text_encoder_2"): 694_659_840,
    ("flux", "transformer"): 11_891_178_560,
    ("flux", "text_encoder"): 123_060_480,
    ("flux", "text_encoder_2"): 4_762_310_656,
}


def built(name: str, part: str) -> nn.Module:
    with META:
        return ARCHITECTURES[name].parts[part].build()


@pytest.mark.parametrize(("name", "part"), PUBLISHED)
def test_parameters_are_as_many_as_published(name: str, part: str) -> None:
    assert sum(weight.numel() for weight in built(name, part).parameters()) == PUBLISHED[name, part]


def test_the_transformer_of_sd3_has_two_billion() -> None:
    count = sum(weight.numel() for weight in built("sd3", "transformer").parameters())
    assert count == pytest.approx(2.0e9, rel=0.05)


def test_the_arithmetic_of_sd15_is_as_published() -> None:
    """339 G multiplications of weights a sample at 64 x 64 cells (Kim et al. 2023, arXiv 2305.15798); that
    figure leaves out what attention multiplies besides."""
    unet = built("sd15", "unet")
    with META:
        inputs = torch.empty(1, 4, 64, 64), torch.empty(1), torch.empty(1, 77, 768)
    count, _ = operations(META, unet, *inputs)
    assert 339e9 < count / 2 < 1.25 * 339e9


@pytest.fixture(autouse=True)
def default_dtype() -> Iterator[None]:
    """Building leaves torch's default as it was."""
    yield
    assert torch.get_default_dtype() == torch.float32
    assert torch.empty(1).device.type == "cpu"


@pytest.mark.parametrize(
    ("name", "sampler", "channels"),
    [("sd15", "lcm", 4), ("sdxl", "euler", 4), ("sd3", "flow", 16), ("flux", "flow", 16)],
)
def test_a_shrunk_engine_paints(name: str, sampler: str, channels: int) -> None:
    engine = random_engine(name, device="cpu", shrink=8)
    assert engine.name == f"{name} / 8 (random weights)"
    assert (engine.default_sampler, engine.default_steps, engine.default_guidance) == (sampler, 4, 1.0)
    assert engine.default_size == ((512, 512) if name == "sd15" else (1024, 1024))
    assert engine.dtype == torch.float32
    pictures = []
    for mode in ("exact", "masked"):
        *_, frame = engine.denoise(scene_with(2, (128, 128), 0), steps=2, mode=mode)
        assert frame.x0.shape == (channels, 16, 16)
        assert frame.rgb().shape == (128, 128, 3)
        pictures.append(frame.rgb())
    again = random_engine(name, device="cpu", shrink=8)
    *_, frame = again.denoise(scene_with(2, (128, 128), 0), steps=2, mode="exact")
    assert np.array_equal(frame.rgb(), pictures[0])  # the same seed, the same weights


def test_networks_are_built_in_the_dtype_that_was_asked_for() -> None:
    engine = random_engine("sd15", device="cpu", dtype="bfloat16", shrink=8)
    assert engine.dtype == torch.bfloat16
    *_, frame = engine.denoise(scene_with(1, (64, 64), 0), steps=1)
    assert frame.rgb().shape == (64, 64, 3)


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match=r"'sd9'.*sd15, sdxl, sd3, flux"):
        random_engine("sd9")
    with pytest.raises(ValueError, match=r"shrink is 3.*1, 2, 4, 8"):
        random_engine("sd15", shrink=3)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--arch", "sd15"], "add --random-weights"),
        (["--random-weights"], "one of sd15, sdxl, sd3, flux"),
        (["--shrink", "2"], "--shrink is for --arch"),
    ],
)
def test_contradicting_options_are_refused(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["speed", *options])
    assert said in capsys.readouterr().err


def test_speed_and_scale_run_on_random_weights() -> None:
    model = ["--arch", "sd15", "--random-weights", "--shrink", "8", "--device", "cpu", "--size", "64", "--steps", "2"]
    result = main(["speed", *model, "--edits", "2", "--regions", "1", "--modes", "masked"])
    assert (result["model"], result["canvas"]) == ("sd15 / 8 (random weights)", [64, 64])
    assert [row["mode"] for row in result["rows"]] == ["masked", "published"]
    series = ["--dirty-areas", "4", "--regions", "--sides", "--step-counts"]
    result = main(["scale", *model, "--rounds", "1", *series])
    assert [row["share"] for row in result["dirty_area"]] == [0.25]
